"""Check what a newly trained model writes for held-out requests, without a browser and within a time limit.

The packages of the service's tests may be absent. Titles are found with a pattern, and parse errors are reported only
if html5lib is installed. The pages are kept, so that everything else can be judged elsewhere.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from engine.checkpoint.loader import load_model
from engine.core.results import Result
from engine.tokenizer.tokenizer import ChatTokenizer
from training.dataset import Corpus
from training.quality import SAMPLING, ratio, shown, written

TOGETHER = 8
"""Pages that are written at once; the time is checked between such groups."""

Outcome = dict[str, Any]
HEADING = re.compile(r"<(title|h1)\b[^>]*>(.*?)</\1>", re.DOTALL)
TAG = re.compile(r"<[^<>]*>")


def headings(page: str) -> dict[str, list[str]]:
    """Return the texts of <title> and <h1> elements that are closed, with white space folded.

    Python's HTMLParser is not used: it raises AssertionError for some of what an untrained model writes ("<![ x").
    """
    found: dict[str, list[str]] = {"title": [], "h1": []}
    for tag, text in HEADING.findall(page):
        found[tag].append(" ".join(TAG.sub("", text).split()))
    return found


def parse_errors(page: str) -> tuple[str, ...] | None:
    """Return the parse errors of the HTML standard, or None if html5lib is not installed."""
    try:
        from training.evaluation.checks.markup import parse
    except ModuleNotFoundError:
        return None
    return parse(page).errors


@dataclass(frozen=True)
class Answer:
    """A page as it was written and as it should be.

    Attributes:
        kind: Name of the kind.
        prompt: The prompt.
        page: The page as text.
        wanted: The true page as text.
        likeness: Similarity of both, in tokens without padding.
        result: What the engine returned.
    """

    kind: str
    prompt: str
    page: str
    wanted: str
    likeness: float
    result: Result

    def told(self) -> Outcome:
        """Return whether <title> and <h1> are right, whether the page ended, and the errors in its markup."""
        own, true = headings(self.page), headings(self.wanted)
        errors, stats = parse_errors(self.page), self.result.stats
        return {
            "kind": self.kind, "likeness": round(self.likeness, 4), "title": own["title"] == true["title"],
            "heading": own["h1"] == true["h1"], "ended": self.result.finish == "eos",
            "html": None if errors is None else not errors, "errors": list(errors or ())[:3],
            "steps": stats.steps, "readings": stats.readings, "seconds": round(stats.seconds, 2),
            "prompt": self.prompt, "page": self.page, "wanted": self.wanted,
        }  # fmt: skip


def check(folder: Path, probe: Corpus, device: torch.device, end: float) -> tuple[dict[str, float], list[Outcome]]:
    """Write held-out pages until a time, and judge them.

    Args:
        folder: Folder of the checkpoint.
        probe: Held-out examples.
        device: Where the model runs.
        end: Time of time.monotonic after which no page is begun.

    Returns:
        Means over the pages that were written, and each page.
    """
    model, words = load_model(folder, device), ChatTokenizer.load(folder)
    params = replace(SAMPLING, max_tokens=int(probe.lengths()[1].max()) + 1)  # an untrained model writes no end
    outcomes: list[Outcome] = []
    for start in range(0, len(probe), TOGETHER):
        if (left := end - time.monotonic()) <= 0:
            break
        numbers = range(start, min(start + TOGETHER, len(probe)))
        results = zip(numbers, written(model, folder, probe, numbers, params, left), strict=True)
        whole = [(number, result) for number, result in results if result.finish != "cancelled"]
        outcomes += [answer(probe, number, result, words, model.config.pad_id).told() for number, result in whole]
    return means(outcomes), outcomes


def answer(probe: Corpus, number: int, result: Result, words: ChatTokenizer, pad: int) -> Answer:
    """Return a page with the true page of its example."""
    own, true = shown(result.tokens, pad), shown(probe.page(number).tolist(), pad)
    prompt = words.decode(probe.prompt(number).tolist())
    return Answer(
        str(probe.families[number]), prompt, words.decode(own), words.decode(true), ratio(own, true), result
    )  # fmt: skip


def means(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the figures of all pages: shares from 0 to 1, steps and readings a canvas, seconds a page."""
    found: dict[str, float] = {"pages": len(outcomes)}
    for name in ("likeness", "title", "heading", "ended", "html", "seconds"):
        values = [float(one[name]) for one in outcomes if one[name] is not None]
        if values:
            found[name] = round(fmean(values), 4)
    for name in ("steps", "readings"):
        if counts := [float(count) for one in outcomes for count in one[name]]:
            found[name] = round(fmean(counts), 2)
    return found
