"""silverprint bench: which benchmark, and its figures as a table or as JSON."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.errors import StartupError
from backend.settings import Settings

if TYPE_CHECKING:
    from engine.engine import Engine

Load = Callable[[Settings], "Engine"]
RESULTS = Path("benchmarks/results")
"""Where figures go that took a GPU to get, from the folder the command was given in."""


def run(args: argparse.Namespace, settings: Settings, load: Load) -> int:
    """Measure, and print what was found. load: gives the engine. Returns the exit code. Raises StartupError."""
    if args.repeats < 1:
        raise StartupError(f"expected --repeats of 1 or more, got {args.repeats}")
    if args.shape:
        return on_gpu(args, settings)
    if args.what == "pages":
        return pages(args, settings, load)
    return {"voice": in_browser, "shell": in_browser, "load": under_load}[args.what](args, settings)


def on_gpu(args: argparse.Namespace, settings: Settings) -> int:
    """Measure the engine alone on a GPU, with transformers and the bundled checkpoint after it."""
    import torch

    from benchmarks.engine.gpu import whole
    from benchmarks.engine.gpu_report import as_table
    from benchmarks.engine.gpu_task import Task

    try:
        task = Task(args.shape, args.weights, args.precision or "int4", args.steps, repeats=args.repeats)
    except ValueError as error:
        raise StartupError(str(error)) from error
    if args.memory is not None and not args.memory > 0:
        raise StartupError(f"expected --memory above 0, got {args.memory}")
    if not torch.cuda.is_available():
        raise StartupError("expected a CUDA device for --shape, got none; without it, pages are measured")
    bundled = Task("silverprint-s", str(settings.model), "bf16", args.steps, repeats=args.repeats)
    file = args.output or RESULTS / f"engine-{task.shape}-{task.precision}-{task.steps}.json"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    except OSError as error:
        raise StartupError(f"expected a file that can be written, got {file}: {error.strerror}") from error
    found = whole(task, torch.device("cuda"), file, memory=args.memory, beside=bundled)
    print(json.dumps(found, indent=1) if args.json else as_table(found))
    print(f"written to {file}", file=sys.stderr)
    return int(bool(found["problems"]))


def in_browser(args: argparse.Namespace, settings: Settings) -> int:
    """Measure in a real browser, by speaking or by typing."""
    from backend.voice.recognition import hears
    from benchmarks.browser import shell
    from benchmarks.speech import voice
    from training.evaluation.browse import NoBrowserError

    if args.what == "voice" and not hears(settings.voice_model):
        raise StartupError("expected the extra voice (pip install 'silverprint[voice]'), got a deaf service")
    bench = voice if args.what == "voice" else shell
    try:
        found = bench.measure(settings, args.repeats)
    except NoBrowserError as error:
        raise StartupError(str(error)) from error
    print(json.dumps(found, indent=1) if args.json else bench.as_table(found))
    return 0


def under_load(args: argparse.Namespace, settings: Settings) -> int:
    """Measure a service under many visitors."""
    from benchmarks.load import report
    from benchmarks.load.command import measure

    found = measure(args, settings)
    if args.picture:
        report.picture(found, args.picture)
    print(json.dumps(found, indent=1) if args.json else report.as_table(found))
    return 0


def pages(args: argparse.Namespace, settings: Settings, load: Load) -> int:
    from benchmarks.engine.cpu import compare
    from benchmarks.page_speed import as_table, measure

    engine = load(settings)

    def peer(ids: list[int], steps: int) -> dict[str, Any]:
        return asdict(compare(settings.model, ids, steps=steps, repeats=args.repeats, as_loaded=True))

    try:
        found = measure(engine, settings, args.repeats, peer)
    finally:
        engine.close()
    print(json.dumps(found, indent=1) if args.json else as_table(found))
    return 0
