"""Measure how well a checkpoint's doubt separates strange requests from those that it knows.

    python -m benchmarks.doubt MODEL

The benchmark writes pages for requests that the checkpoint knows, which are held-out ones drawn from its own corpus.
It also writes pages for strange requests. All are written as the service would for a visitor who typed these words and
chose no world. No facts are given, because a checkpoint with facts is more certain.

A logistic regression is fitted to the signals that the encoder gives of these pages (backend/models/doubt.py,
signals). Precision and recall are computed from scores that each come from a fit to all other pages
(benchmarks/gauge.py). Half of the pages are strange here, which is more than a service will see; with fewer of them,
precision is lower.

With --write, the model card of the checkpoint (silverprint.json beside its weights) says how doubt is measured.
"""

import argparse
import json
import os
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from backend.composer.compose import Composer
from backend.composer.intent import prompted
from backend.machine import hardware, versions
from backend.models.doubt import SIGNALS, signals
from backend.models.model_card import FILE, ModelCard, read_card
from backend.prompts.nearest_kinds import Nearest
from backend.prompts.render import messages
from benchmarks.gauge import Cut, cut, fit, left_out, table
from engine.core.results import Stats
from engine.engine import Engine
from training.corpus import FAMILIES, sample
from training.kinds.examples import example
from training.kinds.kind import kinds
from training.texts.source import Source

REQUESTS = Path(__file__).with_name("requests") / "strange.txt"
RESULTS = Path(__file__).with_name("results")
SEED = 2026
LEAST = 3
"""The fewest requests of each kind that a fit needs."""


@dataclass(frozen=True)
class Tried:
    """One page that was written for a request.

    Attributes:
        request: What was asked for.
        strange: Whether the request is a strange one.
        signals: What the encoder made of the page, by the name of the signal.
    """

    request: str
    strange: bool
    signals: dict[str, float]


def known(card: ModelCard, source: Source, count: int) -> list[str]:
    """Draw held-out requests in words from the corpus, over as many kinds of page as possible.

    Args:
        card: The model card, which says whether the corpus has kinds or families.
        source: Texts for the corpus.
        count: Number of requests. They are all of different kinds if there are that many kinds.

    Returns:
        The requests.
    """
    rng = random.Random(f"{SEED} known")
    names = sorted(kinds() if card.dialect == "kinds" else FAMILIES)
    rng.shuffle(names)
    draws = [_kinds(name, rng, source) if card.dialect == "kinds" else _families(name, rng, source) for name in names]
    return [next(draws[at % len(draws)]) for at in range(count)]


def _families(name: str, rng: random.Random, source: Source) -> Iterator[str]:
    while True:
        brief = sample(FAMILIES[name], rng, source, "held").brief
        if brief.ask and not brief.edit:
            yield brief.ask


def _kinds(name: str, rng: random.Random, source: Source) -> Iterator[str]:
    while True:
        pair = example(kinds()[name], rng, source, "held")
        if pair.ask and not pair.edit:
            yield pair.ask


def strange(path: Path, count: int | None) -> list[str]:
    """Read requests from a file with one request a line; lines that begin with `#` are comments.

    Args:
        path: The file.
        count: Read at most so many requests; None reads all.

    Returns:
        The requests.

    Raises:
        OSError: The file cannot be read.
        ValueError: The file holds fewer than LEAST requests.
    """
    lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    found = [line for line in lines if line and not line.startswith("#")][:count]
    if len(found) < LEAST:
        raise ValueError(f"expected {LEAST} strange requests or more in {path}, got {len(found)}")
    return found


def write(engine: Engine, composer: Composer, request: str, seed: int) -> Stats:
    """Write a page for a request that no visitor sees, and return what the engine reports of it."""
    brief = composer.compose(prompted(request), f"seed {seed}")
    params = replace(engine.defaults, seed=seed)
    return engine.submit([*messages(brief, composer.card.dialect)], params).wait().stats


def tried(engine: Engine, card: ModelCard, asked: Sequence[tuple[str, bool]]) -> list[Tried]:
    """Write a page for every request and return its signals; a progress bar is shown.

    Args:
        engine: The engine with the checkpoint.
        card: The checkpoint's model card.
        asked: Each request, and whether it is strange.

    Returns:
        The pages, in the order of the requests.

    Raises:
        ValueError: The checkpoint does not read its pages.
    """
    composer, found = Composer(card), list[Tried]()
    for seed, (request, is_strange) in enumerate(tqdm(asked, unit="page")):
        told = signals(write(engine, composer, request, seed))
        if not told:
            raise ValueError(f"expected a checkpoint that reads its pages (reading_config.json), got {card.name}")
        found.append(Tried(request, is_strange, told))
    return found


def judged(pages: Sequence[Tried], precision: float | None, nearest: Nearest) -> dict[str, Any]:
    """Compute the figures of each signal and of all together, and how the model card is to measure doubt.

    Args:
        pages: The pages that were written.
        precision: Least precision of the threshold; None chooses the best F1.
        nearest: Finds how many words a request shares with the kinds.

    Returns:
        The figures as JSON takes them.
    """
    rows = np.array([[page.signals[name] for name in SIGNALS] for page in pages])
    truth = np.array([page.strange for page in pages])
    scores = left_out(rows, truth)
    found: Cut = cut(scores, truth, precision)
    bias, weights = fit(rows, truth)
    near = np.array([[1 - nearest.nearness(page.request)] for page in pages])
    return {
        "signals": table(rows, truth, SIGNALS),
        "beside": table(near, truth, ("words in common with no kind",)),
        "together": table(scores[:, None], truth, ("score",))["score"],
        "cut": {name: round(value, 3) for name, value in (asdict(found) | {"f1": found.f1}).items()},
        "doubt": {
            "bias": round(bias, 4),
            "weights": {name: round(float(weight), 5) for name, weight in zip(SIGNALS, weights, strict=True)},
            "threshold": round(found.threshold, 3),
        },
        "pages": [
            {"request": page.request, "strange": page.strange, "score": round(float(score), 3)}
            | {name: round(value, 4) for name, value in page.signals.items()}
            for page, score in zip(pages, scores, strict=True)
        ],
    }


def measure(
    model: Path, count: int, requests: Sequence[str], precision: float | None, source: Source
) -> dict[str, Any]:
    """Write a page for each request and judge all of them.

    Args:
        model: Folder of the checkpoint.
        count: Number of known requests.
        requests: The strange requests.
        precision: Least precision of the threshold; None chooses the best F1.
        source: Texts for the corpus.

    Returns:
        The figures as JSON takes them.

    Raises:
        ValueError: The checkpoint does not read its pages.
        StartupError: The model card cannot be read.
        CheckpointError: The checkpoint cannot be loaded.
    """
    load, card = os.getloadavg()[0], read_card(model)
    asked = [(request, False) for request in known(card, source, count)] + [(request, True) for request in requests]
    engine = Engine.load(model)
    try:
        pages = tried(engine, card, asked)
    finally:
        engine.close()
    about = {"model": model.name, "hardware": hardware(), "versions": versions(), "load": round(load, 1)}
    counts = {"known": count, "strange": len(requests), "wanted_precision": precision}
    return about | counts | judged(pages, precision, card.nearest)


def install(model: Path, doubt: dict[str, Any]) -> None:
    """Write into the model card of a checkpoint how its doubt is measured."""
    path = model / FILE
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "doubt": doubt}, indent=1) + "\n", "utf-8")


def options() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("model", type=Path, metavar="MODEL", help="a checkpoint's folder, models/silverprint-s")
    found.add_argument("--known", type=int, default=40, metavar="N", help="requests that it knows (default: 40)")
    found.add_argument("--strange", type=Path, default=REQUESTS, metavar="FILE", help="strange ones (default: our own)")
    found.add_argument("--first", type=int, metavar="N", help="only so many of the strange ones (default: all)")
    found.add_argument("--precision", type=float, metavar="P", help="the threshold's, instead of the best F1")
    found.add_argument("--write", action="store_true", help="write what was found into the checkpoint's card")
    found.add_argument("-o", "--output", type=Path, metavar="FILE", help="of figures (default: in benchmarks/results)")
    return found


def command(args: argparse.Namespace) -> str:
    """Return the command that reproduces the figures."""
    said = {"known": args.known, "first": args.first, "precision": args.precision}
    chosen = [f"--{name} {value}" for name, value in said.items() if value is not None]
    own = [] if args.strange == REQUESTS else [f"--strange {args.strange}"]
    return " ".join(["python -m benchmarks.doubt", str(args.model), *chosen, *own])


def main(given: Sequence[str] | None = None) -> int:
    """Run the benchmark, write its figures to a file, and return the exit code."""
    args = options().parse_args(given)
    if args.known < LEAST:
        options().error(f"expected --known of {LEAST} or more, got {args.known}")
    try:
        requests = strange(args.strange, args.first)
    except (OSError, ValueError) as error:
        options().error(str(error))
    found = measure(args.model, args.known, requests, args.precision, Source.load())
    found = {"command": command(args), **found}
    output = args.output or RESULTS / f"doubt-{args.model.name}.json"
    output.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    if args.write:
        install(args.model, found["doubt"])
    print(json.dumps({name: value for name, value in found.items() if name != "pages"}, indent=1))
    print(f"precision {found['cut']['precision']:.0%}, recall {found['cut']['recall']:.0%}; written to {output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
