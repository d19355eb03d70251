"""The benchmark `silverprint bench shell`: how smoothly a page is shown while it is generated.

The service runs as visitors run it, in a process of its own, and a real Chromium asks for pages in its shell. Layout
shifts, and the time that each draft takes to be morphed in, are measured in the draft frame. A script does this that
the browser runs before the frame's own scripts, so the shell is measured exactly as it is served.
"""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, Frame, Page, WebSocket
from tqdm import tqdm

from backend.machine import hardware, versions
from backend.settings import Settings
from benchmarks.browser.stage import page_frame
from benchmarks.browser.websocket_tape import read
from benchmarks.service import service
from training.evaluation.browse import browser

PATIENCE_MS = 120_000
SIZE = {"width": 1280, "height": 800}
TARGETS = {"layout_shift": 0.1, "morph_p95_ms": 8.0, "alone_p95_ms": 8.0}
GAP_MS, WINDOW_MS = 1000, 5000
"""A session window of layout shifts, as Core Web Vitals define it.

Two shifts in it are less than GAP_MS apart, and the window is at most WINDOW_MS long.
"""

IN_FRAMES = """(() => {
  if (location.pathname !== "/frame/draft") return;
  const shifts = [], morphs = [], drafts = [];
  const note = list => {
    for (const { startTime, value, hadRecentInput } of list) if (!hadRecentInput) shifts.push([startTime, value]);
  };
  const observer = new PerformanceObserver(list => note(list.getEntries()));
  observer.observe({ type: "layout-shift", buffered: true });
  self.measured = () => {
    note(observer.takeRecords());
    return { shifts: shifts.splice(0), morphs: morphs.splice(0) };
  };
  const timed = draft => message => {
    const began = performance.now();
    const reply = draft(message);
    morphs.push(performance.now() - began);
    drafts.push(message);
    return reply;
  };
  let verbs;
  self.again = async pause => {
    verbs.reset();
    for (const message of drafts.splice(0)) {
      verbs.draft(message);
      await new Promise(done => setTimeout(done, pause));
    }
    drafts.length = 0;
    return self.measured().morphs;
  };
  const set = given => (verbs = { ...given, draft: timed(given.draft) });
  Object.defineProperty(self, "silverprintVerbs", { configurable: true, get: () => verbs, set });
})()"""
PAUSE_MS = 20
"""Milliseconds between two drafts when they are shown once more."""
IN_SHELL = """() => {
  window.seen = {};
  const note = name => () => (window.seen[name] ??= performance.now() / 1000);
  for (const name of ["action", "frame", "commit"]) document.addEventListener(`silverprint-${name}`, note(name));
}"""


@dataclass(frozen=True)
class Ask:
    """A page to ask for.

    Attributes:
        world: Name of the world in the shell.
        words: What is asked for.
        edit: Whether it is a change of the page before.
    """

    world: str
    words: str
    edit: bool = False


ASKS = (
    Ask("Web", "an encyclopedia article about volcanoes"),
    Ask("Web", "a forum thread about bicycles"),
    Ask("Web", "a shop that sells teapots"),
    Ask("App", "a to-do app with sorting and dark mode"),
    Ask("App", "add a filter", edit=True),
    Ask("Desktop", "a desktop with a calculator"),
)


@dataclass(frozen=True)
class Showing:
    """One page as it was generated and shown.

    Attributes:
        words: What was asked for.
        layout_shift: The largest session window of layout shifts, as Core Web Vitals define it.
        all_shifts: Sum of all layout shifts.
        morphs: Milliseconds that each draft took in the frame, parsing included, with the model on the same processor.
        alone: Milliseconds that the same drafts took when they were shown once more while the model was idle.
        made: Frames that the engine made.
        sent: Frames that the service sent.
        shown: Frames that were morphed in.
        acknowledged: Frames that the shell acknowledged.
        first_frame: Seconds from the press of Enter until the shell had its first draft.
        commit: Seconds from the press of Enter until the committed page had replaced the draft.
    """

    words: str
    layout_shift: float
    all_shifts: float
    morphs: tuple[float, ...]
    alone: tuple[float, ...]
    made: int
    sent: int
    shown: int
    acknowledged: int
    first_frame: float
    commit: float


@dataclass
class Wire:
    """The messages of a page's websocket since the last `take`.

    Attributes:
        drafts: Numbers of the messages with drafts.
        acknowledged: Numbers that the shell acknowledged.
        stats: Statistics of the last committed page.
    """

    drafts: list[int] = field(default_factory=list)
    acknowledged: set[int] = field(default_factory=set)
    stats: dict[str, Any] = field(default_factory=dict)

    def listen(self, socket: WebSocket) -> None:
        """Begin to record a websocket."""
        socket.on("framereceived", lambda data: self._received(read(data)))
        socket.on("framesent", lambda data: self._sent(read(data)))

    def take(self) -> "Wire":
        """Return what was recorded since the last call."""
        taken = Wire(self.drafts, self.acknowledged, self.stats)
        self.drafts, self.acknowledged, self.stats = [], set(), {}
        return taken

    def _received(self, message: dict[str, Any]) -> None:
        if message["type"] in ("keyframe", "frame"):
            self.drafts.append(message["seq"])
        elif message["type"] == "page.commit":
            self.stats = message["stats"]

    def _sent(self, message: dict[str, Any]) -> None:
        if message["type"] == "ack":
            self.acknowledged.add(message["seq"])


def measure(settings: Settings, repeats: int) -> dict[str, Any]:
    """Have every page of ASKS made several times, each time in a new session, after one page that does not count.

    Args:
        settings: Settings of the service.
        repeats: How often each page is made.

    Returns:
        The figures as JSON takes them. "load" is the number of processes that wanted a processor in the last minute.

    Raises:
        StartupError: The service did not start.
        NoBrowserError: There is no browser.
    """
    showings: list[Showing] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        service(settings, Path(folder)) as address,
        browser() as running,
        tqdm(total=repeats * len(ASKS), unit="page", desc="developing") as bar,
    ):
        version = running.version
        visit(running, address, ASKS[:1])
        for _ in range(repeats):
            showings += visit(running, address, ASKS)
            bar.update(len(ASKS))
    load, whole = os.getloadavg()[0], figures(showings)
    return {
        "command": f"silverprint bench shell --repeats {repeats}",
        "model": settings.model.name,
        "hardware": hardware(),
        "versions": {**versions(), "chromium": version},
        "load": round(load, 1),
        "window": SIZE,
        "targets": TARGETS,
        "met": {name: whole[name] <= target for name, target in TARGETS.items()},
        "whole": whole,
        "pages": {ask.words: figures([one for one in showings if one.words == ask.words]) for ask in ASKS},
        "showings": [rounded(one) for one in showings],
    }


def visit(running: Browser, address: str, asks: Sequence[Ask]) -> list[Showing]:
    """Ask for pages in a new session, one after the other."""
    context = running.new_context(viewport=SIZE)  # type: ignore[arg-type]
    try:
        page, wire = context.new_page(), Wire()
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(IN_FRAMES)
        page.on("websocket", wire.listen)
        page.goto(address)
        frame = draft_frame(page)
        page.evaluate(IN_SHELL)
        return [show(page, frame, wire, ask) for ask in asks]
    finally:
        context.close()


def draft_frame(page: Page) -> Frame:
    """Return the shell's draft frame, once its scripts and the measuring script have run."""
    frame = page_frame(page, ".stage iframe[src$='/frame/draft']")
    frame.wait_for_function("() => self.measured && self.silverprintVerbs", polling=50)
    return frame


def submit(page: Page, ask: Ask) -> None:
    """Ask for a page in a shell that runs IN_SHELL, and wait until it is committed."""
    page.evaluate("() => { window.seen = {}; }")
    page.get_by_role("radio", name=ask.world).check()
    if ask.edit:
        page.get_by_role("checkbox", name="Change this page").check()
    page.get_by_role("textbox", name="What should the page be?").fill(ask.words)
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.seen.commit")


def show(page: Page, frame: Frame, wire: Wire, ask: Ask) -> Showing:
    """Measure one page, from the press of Enter until it is committed and visible."""
    wire.take()
    frame.evaluate("() => measured()")
    submit(page, ask)
    seen, measured, heard = page.evaluate("() => seen"), frame.evaluate("() => measured()"), wire.take()
    alone = frame.evaluate("pause => again(pause)", PAUSE_MS)
    return Showing(
        ask.words,
        largest_window(measured["shifts"]),
        sum(value for _, value in measured["shifts"]),
        tuple(measured["morphs"]),
        tuple(alone),
        sum(heard.stats["steps"]) + sum(heard.stats["readings"]),
        len(heard.drafts),
        len(measured["morphs"]),
        len(heard.acknowledged.intersection(heard.drafts)),
        seen["frame"] - seen["action"],
        seen["commit"] - seen["action"],
    )


def largest_window(shifts: Sequence[tuple[float, float]]) -> float:
    """Return the cumulative layout shift: the sum of the largest session window.

    Args:
        shifts: Time in milliseconds and value of each shift, in order of time.
    """
    largest = total = began = last = 0.0
    for at, value in shifts:
        if not total or at - last >= GAP_MS or at - began >= WINDOW_MS:
            total, began = 0.0, at
        total, last = total + value, at
        largest = max(largest, total)
    return largest


def figures(showings: Sequence[Showing]) -> dict[str, float]:
    """Return medians over pages, the largest layout_shift, and percentiles over the morphs of all pages."""
    shares = quantiles([ms for one in showings for ms in one.morphs], n=100, method="inclusive")
    alone = quantiles([ms for one in showings for ms in one.alone], n=100, method="inclusive")
    return {
        "pages": len(showings),
        "layout_shift": round(max(one.layout_shift for one in showings), 4),
        "layout_shift_median": round(median(one.layout_shift for one in showings), 4),
        "morph_p50_ms": round(shares[49], 2),
        "morph_p95_ms": round(shares[94], 2),
        "alone_p95_ms": round(alone[94], 2),
        "made": median(one.made for one in showings),
        "sent": median(one.sent for one in showings),
        "shown": median(one.shown for one in showings),
        "acknowledged": median(one.acknowledged for one in showings),
        "first_frame": round(median(one.first_frame for one in showings), 3),
        "commit": round(median(one.commit for one in showings), 3),
    }


def rounded(showing: Showing) -> dict[str, Any]:
    """Return the fields of a page, with milliseconds to two places and other figures to four."""
    return {
        name: [round(ms, 2) for ms in value]
        if isinstance(value, tuple)
        else round(value, 4)
        if isinstance(value, float)
        else value
        for name, value in asdict(showing).items()
    }


def as_table(found: dict[str, Any]) -> str:
    """Return the figures as text: a line for each page, then all pages, then the targets."""
    lines = [f"{found['model']} on {found['hardware']['cpu']}, Chromium {found['versions']['chromium']}", ""]
    lines.append(f"{'':40}  layout shift  morph p50     p95   alone  frames: made  sent  shown  first   commit")
    for words, one in {**found["pages"], "all": found["whole"]}.items():
        lines.append(
            f"{words[:40]:40}  {one['layout_shift']:12.3f}  {one['morph_p50_ms']:6.1f} ms {one['morph_p95_ms']:4.1f} ms"
            f" {one['alone_p95_ms']:4.1f} ms"
            f"  {one['made']:12.0f}  {one['sent']:4.0f}  {one['shown']:5.0f}"
            f"  {one['first_frame']:3.2f} s  {one['commit']:5.2f} s"
        )
    lines.append("")
    for name, target in found["targets"].items():
        said = "met" if found["met"][name] else "missed"
        lines.append(f"{name.replace('_', ' ')}: {found['whole'][name]} for at most {target}, {said}")
    return "\n".join(lines)
