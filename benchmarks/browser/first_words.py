"""Measure how soon a visitor reads styled text of a page that a slow model writes.

Run it as `python -m benchmarks.browser.first_words`. The model is a server that sends one article at a fixed number of
tokens a second, in three forms. The first has its own style sheet in front, as models write by themselves. The two
others have the same words over the kit, with and without what a head usually holds. The service runs as visitors run
it, in a process of its own, and a real Chromium asks for the page in its shell. Seconds are counted from the model's
first token.
"""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page
from tqdm import tqdm

from backend.machine import hardware, versions
from backend.settings import Settings
from benchmarks.browser.chat import TOKEN, Talk, chatting
from benchmarks.browser.stage import page_frame
from benchmarks.service import service
from training.corpus.page import page as with_styles
from training.corpus.web_parts import BUY, NAMES, TALK
from training.corpus.web_style import style
from training.corpus.web_subject import Subject
from training.corpus.web_wiki import article_body
from training.evaluation.browse import browser

PATIENCE_MS = 300_000
SIZE = {"width": 1280, "height": 800}
TARGET = 1.0
"""Most seconds until some text of a page over the kit can be read."""

FACTS = (
    "A volcano is a rupture in the crust of a planet, through which hot lava, ash and gases escape from a chamber of "
    "magma below the surface. On Earth, volcanoes are most often found where tectonic plates are drifting apart or "
    "towards each other, and most of them lie under water."
)
IN_FRAMES = """(() => {
  if (location.pathname !== "/frame/draft") return;
  const seen = (self.seen = {});
  const said = parts => [...document.querySelectorAll(parts)].some(part => part.textContent.trim());
  setInterval(() => {
    if (!document.body || !(document.documentElement.className || said("style:not(#sp-style)"))) return;
    const note = name => (seen[name] ??= performance.timeOrigin + performance.now());
    if (document.body.innerText.trim()) note("text");
    if (said("h1:not([aria-hidden])")) note("heading");
    if (said("main p")) note("paragraph");
  }, 10);
})()"""
IN_SHELL = """() => {
  const stage = document.querySelector("silverprint-shell").shadowRoot.querySelector(".stage");
  window.shown = 0;
  const look = () => {
    if (stage.classList.contains("developing")) window.shown ||= performance.timeOrigin + performance.now();
    else requestAnimationFrame(look);
  };
  look();
}"""
"""Records when the draft becomes visible; before that, its content cannot be read."""

SEEN = ("text", "heading", "paragraph")
"""The first words of any kind, the page's own heading, and its first paragraph."""


@dataclass(frozen=True)
class Form:
    """One way to write the page.

    Attributes:
        name: Name in the figures.
        head: Everything before the page's body.
        body: The rest of the page.
    """

    name: str
    head: str
    body: str

    @property
    def page(self) -> str:
        """The whole page."""
        return self.head + self.body


def forms() -> list[Form]:
    """Return the article in three forms with the same body."""
    subject = Subject("Volcano", FACTS, ("Lava", "Magma", "Crater", "Mount Etna"))
    rules = style("cards", "sky", NAMES, TALK, BUY)
    whole = with_styles(rules, "Volcano", article_body(subject, ("miro",)))
    head, mark, body = whole.partition("<body>")
    meta = '<meta charset=utf-8><meta name=viewport content="width=device-width,initial-scale=1">'
    usual = f'<!doctype html><html lang=en class="cards sky"><head>{meta}<title>Volcano</title></head>'
    return [
        Form("own styles", head, mark + body),
        Form("kit, usual head", usual, mark + body),
        Form("kit", '<html lang=en class="cards sky"><title>Volcano</title>', mark + body),
    ]


def measure(repeats: int, rate: float) -> dict[str, Any]:
    """Show all forms in turn, several times each.

    Args:
        repeats: How often each form is shown.
        rate: Tokens a second of the model.

    Returns:
        The figures as JSON takes them.
    """
    talk, runs = Talk(lambda _: "", rate), {form.name: list[dict[str, float]]() for form in forms()}
    load = os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory() as folder,
        chatting(talk) as url,
        service(Settings(facts=None), Path(folder), "--engine", url, "--engine-model", "scripted") as address,
        browser() as running,
        tqdm(total=repeats * len(runs), unit="page") as bar,
    ):
        for _ in range(repeats):
            for form in forms():
                runs[form.name].append(visit(running, address, talk, form))
                bar.update()
        version = running.version
    found = {form.name: {**sizes(form), **figures(runs[form.name])} for form in forms()}
    return {
        "command": f"python -m benchmarks.browser.first_words --repeats {repeats} --rate {rate:g}",
        "hardware": hardware(),
        "versions": {**versions(), "chromium": version},
        "load": round(load, 1),
        "tokens_per_second": rate,
        "target": TARGET,
        "met": found["kit"]["text"] <= TARGET,
        "forms": found,
    }


def visit(running: Browser, address: str, talk: Talk, form: Form) -> dict[str, float]:
    """Ask for the page in a new session; return the seconds from the model's first token until each part is seen."""
    talk.said = lambda _: form.page
    context = running.new_context(viewport=SIZE)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(IN_FRAMES)
        page.goto(address)
        return watch(page, talk)
    finally:
        context.close()


def watch(page: Page, talk: Talk) -> dict[str, float]:
    """Ask for the page in an open shell; return the seconds from the model's first token until each part is seen."""
    frame = page_frame(page, ".stage iframe[src$='/frame/draft']")
    frame.wait_for_function("() => self.seen", polling=50)
    page.evaluate(IN_SHELL)
    page.get_by_role("textbox", name="What should the page be?").fill("an article about volcanoes")
    page.keyboard.press("Enter")
    frame.wait_for_function("() => seen.paragraph", polling=50)
    seen, shown, began = frame.evaluate("() => seen"), page.evaluate("() => shown"), talk.began[-1]
    return {name: round(max(seen[name], shown) / 1000 - began, 3) for name in SEEN}


def sizes(form: Form) -> dict[str, int]:
    """Return the bytes of the page and of everything before its body, and about how many tokens they are."""
    tokens = {"tokens": len(TOKEN.findall(form.page)), "head_tokens": len(TOKEN.findall(form.head))}
    return {"bytes": len(form.page.encode()), "head_bytes": len(form.head.encode()), **tokens}


def figures(runs: list[dict[str, float]]) -> dict[str, Any]:
    """Return the medians in seconds, and every run."""
    return {**{name: median(run[name] for run in runs) for name in SEEN}, "runs": runs}


def main() -> int:
    """Print the figures; return 1 if the target is missed, otherwise 0."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeats", type=int, default=3, metavar="N", help="times each form is shown (default: 3)")
    options.add_argument("--rate", type=float, default=14.0, metavar="HZ", help="tokens a second (default: 14)")
    args = options.parse_args()
    found = measure(args.repeats, args.rate)
    print(json.dumps(found, indent=1))
    return 0 if found["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
