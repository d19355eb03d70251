"""Measure what it costs that the encoder reads each canvas, in three ways.

Run it as `python -m benchmarks.engine.readings MODEL`.

whole    every reading covers the rest of the canvas, and a doubtful token is replaced
window   a few tokens behind a doubtful one are read first
moved    as the service does it: as in window, and text is moved if the canvas has it in another place

The pages are held-out ones of the model's corpus. Each is written in every way in turn, so that other load of the
machine affects all alike. likeness is the similarity to the page that was meant (see training.quality).
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import fmean, median
from typing import Any
from unittest.mock import patch

from tqdm import tqdm

from backend.machine import hardware, versions
from backend.settings import BUNDLED_MODEL
from engine.core.results import Result
from engine.engine import Engine
from engine.requests.realign import replaced
from engine.requests.request import LEAST
from training.dataset import build
from training.quality import ratio, shown

WAYS = {"whole": (10**6, False), "window": (LEAST, False), "moved": (LEAST, True)}
"""For each way: tokens that are read behind a doubtful one, and whether text is moved."""


@contextmanager
def reading(least: int, moves: bool) -> Iterator[None]:
    """Have canvases read in one way inside the block.

    Args:
        least: Tokens that are read behind a doubtful one.
        moves: Whether text is moved.
    """
    way = replaced if moves else lambda fresh, rest: min(len(fresh), len(rest))
    with patch("engine.requests.request.LEAST", least), patch("engine.requests.request.replaced", way):
        yield


def measure(model: Path, pages: int, kinds: bool, ways: Sequence[str]) -> dict[str, Any]:
    """Write every page in every way.

    Args:
        model: Folder of the checkpoint.
        pages: Number of pages.
        kinds: Whether the model's corpus consists of kinds.
        ways: Names of the ways.

    Returns:
        The figures as JSON takes them.
    """
    load = os.getloadavg()[0]
    corpus = build(model, pages, 0, "held", kinds=kinds)
    found: dict[str, list[tuple[Result, float]]] = {way: [] for way in ways}
    with closing(Engine.load(model)) as engine:
        for number in tqdm(range(pages), unit="page"):
            meant = shown(corpus.page(number).tolist(), engine.config.pad_id)
            for way in ways:
                with reading(*WAYS[way]):
                    params = replace(engine.defaults, seed=number)
                    result = engine.submit(corpus.prompt(number).tolist(), params).wait()
                found[way].append((result, ratio(shown(result.tokens, engine.config.pad_id), meant)))
    return {
        "command": f"python -m benchmarks.engine.readings {model} --pages {pages}" + (" --kinds" if kinds else ""),
        "hardware": hardware(),
        "versions": versions(),
        "load": round(load, 1),
        "model": model.name,
        "ways": {way: figures(results) for way, results in found.items()},
    }


def figures(results: Sequence[tuple[Result, float]]) -> dict[str, float]:
    """Return means over pages, and the seconds of a page at the median and the 95th percentile."""
    stats = [result.stats for result, _ in results]
    seconds = sorted(one.seconds for one in stats)
    return {
        "seconds": round(median(seconds), 3),
        "seconds_p95": round(seconds[int(0.95 * (len(seconds) - 1))], 3),
        "readings_per_page": round(fmean(sum(one.readings) for one in stats), 1),
        "tokens_per_page": round(fmean(one.tokens for one in stats), 1),
        "steps_per_canvas": round(fmean(step for one in stats for step in one.steps), 2),
        "likeness": round(fmean(like for _, like in results), 4),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurement, print it as JSON, and return 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path, default=BUNDLED_MODEL)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), help="all by default")
    parser.add_argument("--kinds", action="store_true", help="of a model of kinds")
    given = parser.parse_args(arguments)
    print(json.dumps(measure(given.model, given.pages, given.kinds, given.ways), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
