"""The benchmark `silverprint bench`: how fast this machine makes pages, one at a time, as the service does."""

from collections.abc import Callable
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

from backend.composer.intent import prompted
from backend.machine import hardware, versions
from backend.offline import Page, PageGenerator, PageRequest
from backend.prompts.brief import World
from backend.prompts.render import messages
from backend.settings import Settings
from benchmarks.bench_pages import PAGES

if TYPE_CHECKING:
    from engine.engine import Engine

Peer = Callable[[list[int], int], dict[str, Any]]
"""Does the same work with other software, from prompt ids and steps a canvas; returns figures that include a ratio."""


def measure(engine: "Engine", settings: Settings, repeats: int, peer: Peer) -> dict[str, Any]:
    """Make every page of PAGES several times, with seeds from 0, after one page that does not count.

    Seconds are counted from the submission of the prompt, inside this process.

    Args:
        engine: The engine that is measured.
        settings: Settings of the service.
        repeats: How often each page is made.
        peer: The comparison. It runs last, after the engine is idle, with the first page's prompt and its mean number
            of steps.

    Returns:
        The figures as JSON takes them.
    """
    with PageGenerator.open(settings, engine) as studio:
        make(studio, *PAGES[0], seed=0)
        runs = [(world, words, make(studio, world, words, seed)) for world, words in PAGES for seed in range(repeats)]
        brief = studio.composer.compose(prompted(PAGES[0][1], "web"), "seed 0")
        ids = engine.encode([*map(dict, messages(brief, studio.composer.card.dialect))])  # type: ignore[list-item]
    pages = [page for _, _, page in runs]
    steps = max(1, round(fmean(count for page in pages[:repeats] for count in page.stats.steps)))
    return {
        "command": f"silverprint bench --repeats {repeats}",
        "model": settings.model.name,
        "hardware": hardware(),
        "versions": versions(),
        "whole": figures(pages),
        "pages": {words: figures([page for _, said, page in runs if said == words]) for _, words in PAGES},
        "transformers": peer(ids, steps),
    }


def make(studio: PageGenerator, world: World, words: str, seed: int) -> Page:
    """Make one page and ignore its drafts."""
    return studio.make(PageRequest(words, world, seed=seed), lambda frame, draft: None)


def figures(pages: list[Page]) -> dict[str, float]:
    """Return medians over pages, with seconds rounded to milliseconds.

    Figures a canvas are means, and tokens_per_second is that of all pages together.
    """
    stats = [page.stats for page in pages]
    return {
        "pages": len(pages),
        "tokens": round(median(one.tokens for one in stats)),
        "canvases": median(one.canvases for one in stats),
        "steps_per_canvas": round(fmean(count for one in stats for count in one.steps), 2),
        "readings_per_canvas": round(fmean(count for one in stats for count in one.readings or (0,)), 2),
        "first_frame": round(median(one.first_frame for one in stats), 3),
        "seconds": round(median(one.seconds for one in stats), 3),
        "tokens_per_second": round(sum(one.tokens for one in stats) / sum(one.seconds for one in stats), 1),
    }


def as_table(found: dict[str, Any]) -> str:
    """Return the figures as text: a line for each page, then all pages, then the ratio to transformers."""
    machine = found["hardware"]
    lines = [f"{found['model']} on {machine.get('gpu') or machine['cpu']}", ""]
    lines.append(f"{'':40}  tokens  steps a canvas  readings  first frame  page      tokens/s")
    for words, figure in {**found["pages"], "all": found["whole"]}.items():
        lines.append(
            f"{words[:40]:40}  {figure['tokens']:6}  {figure['steps_per_canvas']:14.1f}"
            f"  {figure['readings_per_canvas']:8.1f}  {figure['first_frame']:9.2f} s"
            f"  {figure['seconds']:6.2f} s  {figure['tokens_per_second']:8.0f}"
        )
    peer = found["transformers"]
    same = f"for one canvas of {peer['canvas_tokens']} tokens in {peer['steps']} steps, {peer['dtype']}"
    said = "is not installed" if peer["ratio"] is None else f"takes {peer['ratio']:.1f} times as long {same}"
    lines += ["", f"transformers' generate {said}"]
    if peer.get("default_ratio"):
        ratio, dtype = peer["default_ratio"], peer["default_dtype"]
        lines.append(f"and {ratio:.1f} times in {dtype}, as it loads the checkpoint by itself")
    return "\n".join(lines)
