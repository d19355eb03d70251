"""The benchmark `silverprint bench voice`: speech recognition, and the time from speech to a page that works.

The service runs as visitors run it, in a process of its own. First it recognizes recordings of people (`hearing.py`).
Then a synthetic voice (espeak-ng) speaks into the fake microphone of a real Chromium. The clock starts at the end of
the last word. It includes the pause that ends an utterance, recognition, the time for corrections, and the generation
of the page. Each committed page is then opened again and used.
"""

import tempfile
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page
from tqdm import tqdm

from backend.machine import hardware, versions
from backend.pages.documents import ONLY_FRAMED
from backend.prompts.brief import Brief
from backend.settings import Settings
from backend.voice.recognition import RATE
from benchmarks.browser.stage import document
from benchmarks.service import service
from benchmarks.speech import hearing
from benchmarks.speech.synthesis import silence, spoken, write_wav
from benchmarks.speech.words import mistakes
from training.corpus.design import Checks, Example
from training.evaluation.browse import browser, opened
from training.evaluation.judge import behaviour

LEAD = 0.5
"""Seconds of silence before the first word."""

TAIL = 4.0
PATIENCE_MS = 120_000
WATCH = """() => {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async wanted => {
    const stream = await open(wanted);
    window.opened = performance.now();
    return stream;
  };
  const root = document.querySelector("silverprint-shell").shadowRoot;
  const status = root.querySelector("[role=status]");
  const seen = () => {
    const said = status.textContent;
    if (said.startsWith("You said: ")) [window.words, window.heard] = [said.slice(10), performance.now()];
  };
  document.addEventListener("silverprint-commit", () => (window.ready = performance.now()));
  new MutationObserver(seen).observe(status, {childList: true, characterData: true, subtree: true});
}"""


@dataclass(frozen=True)
class Line:
    """One request to speak, and what its page has to do.

    Attributes:
        words: What is said.
        features: Names of behavioural checks.
    """

    words: str
    features: tuple[str, ...]


SCENE = (
    Line("make me a to do app with sorting and dark mode", ("sorting", "dark mode")),
    Line("add a filter", ("sorting", "dark mode", "filter")),
)


@dataclass(frozen=True)
class Take:
    """One spoken request and its page.

    Attributes:
        words: What was said.
        heard: What was recognized.
        wrong: Words that were not recognized, or not correctly.
        heard_after: Seconds from the end of speech until the words were in the field.
        page_after: Seconds from the end of speech until the page was committed and live.
        features: For each feature, an empty string if it works, otherwise why not.
    """

    words: str
    heard: str
    wrong: int
    heard_after: float
    page_after: float
    features: dict[str, str]

    @property
    def works(self) -> bool:
        """Whether all features work."""
        return not any(self.features.values())


@dataclass(frozen=True)
class Served:
    """A live page as the service serves it."""

    body: str
    headers: dict[str, str]


def measure(settings: Settings, repeats: int) -> dict[str, Any]:
    """Send the recordings, then speak all requests several times, each time in a new session.

    Args:
        settings: Settings of the service.
        repeats: How often the requests are spoken.

    Returns:
        The figures as JSON takes them.

    Raises:
        StartupError: For example, espeak-ng or the recordings are missing.
    """
    takes: list[Take] = []
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "microphone.wav"
        options = (
            "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-audio-capture={sound}%noloop",
        )  # fmt: skip
        with (
            service(settings, Path(folder)) as address,
            browser(*options) as running,
        ):
            heard = hearing.measure(address)
            bar = tqdm(total=repeats * len(SCENE), unit="line", desc="speaking")
            for _ in range(repeats):
                takes += play(running, address, sound, bar)
    return {
        "command": f"silverprint bench voice --repeats {repeats}",
        "model": settings.model.name,
        "voice": "whisper-tiny.en int8, silero, espeak-ng en-us at 150 words a minute",
        "hardware": hardware(),
        "versions": versions(),
        "recordings": heard,
        "lines": {line.words: figures([take for take in takes if take.words == line.words]) for line in SCENE},
        "takes": [asdict(take) for take in takes],
    }


def figures(takes: list[Take]) -> dict[str, float]:
    """Return medians of seconds, and shares of requests.

    The shares are those that were recognized without a mistake, and those whose page does everything that was asked.
    """
    return {
        "takes": len(takes),
        "heard_after": round(median(take.heard_after for take in takes), 2),
        "page_after": round(median(take.page_after for take in takes), 2),
        "longest": round(max(take.page_after for take in takes), 2),
        "heard_right": round(sum(not take.wrong for take in takes) / len(takes), 3),
        "works": round(sum(take.works for take in takes) / len(takes), 3),
    }


def play(running: Browser, address: str, sound: Path, bar: "tqdm[Any]") -> list[Take]:
    """Speak all requests in a new session."""
    takes = []
    context = running.new_context()
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(address)
        page.get_by_role("radio", name="App").check()
        page.get_by_role("button", name="Speak").wait_for()
        page.evaluate(WATCH)
        for line in SCENE:
            takes.append(take(running, page, sound, line))
            bar.update()
    finally:
        context.close()
    return takes


def take(running: Browser, page: Page, sound: Path, line: Line) -> Take:
    """Speak one request, wait for its page, and check its features."""
    voice = spoken(line.words)
    write_wav(sound, silence(LEAD), voice, silence(TAIL))
    page.evaluate("() => { window.words = window.heard = window.ready = null; }")
    page.get_by_role("button", name="Speak").click()
    page.wait_for_function("() => window.ready")
    opened_at, heard_at, ready_at, heard = page.evaluate("() => [opened, heard, ready, words]")
    ended = opened_at / 1000 + LEAD + len(voice) / RATE
    frame = page.locator(".stage iframe:not(.waiting)").get_attribute("src") or ""
    asking = urllib.request.Request(document(frame), headers={"sec-fetch-dest": "iframe"})
    with urllib.request.urlopen(asking, timeout=30) as answer:
        body = answer.read().decode().replace(ONLY_FRAMED, "", 1)
        live = Served(body, {"content-security-policy": answer.headers["content-security-policy"]})
    example = Example("todo", Brief("app", ask=line.words), "", Checks("", features=line.features))
    with opened(running, live) as seen:
        outcome = behaviour(seen, example)
    wrong = mistakes(line.words, heard)
    return Take(line.words, heard, wrong, heard_at / 1000 - ended, ready_at / 1000 - ended, outcome)


def as_table(found: dict[str, Any]) -> str:
    """Return the figures as text."""
    lines = [f"{found['model']}, {found['voice']}, on {found['hardware']['cpu']}", "from the end of speech:", ""]
    lines.append(f"{'':48}  words    page    longest  heard right  works")
    for words, one in found["lines"].items():
        lines.append(
            f"{words[:48]:48}  {one['heard_after']:4.1f} s  {one['page_after']:5.1f} s  {one['longest']:5.1f} s"
            f"  {one['heard_right']:11.0%}  {one['works']:5.0%}"
        )
    return "\n".join((*lines, "", hearing.as_table(found["recordings"])))
