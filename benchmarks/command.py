"""The command `silverprint bench`: it chooses a benchmark and prints its figures as a table or as JSON."""

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
"""The folder for figures that need a GPU, relative to the folder in which the command was started."""


def run(args: argparse.Namespace, settings: Settings, load: Load) -> int:
    """Measure what the options ask for, and print the figures.

    Args:
        args: Parsed options of the command.
        settings: Settings of the service that is measured.
        load: Returns the engine for some settings.

    Returns:
        The exit code.

    Raises:
        StartupError: An option is wrong, or the benchmark cannot start.
    """
    if args.repeats < 1:
        raise StartupError(f"expected --repeats of 1 or more, got {args.repeats}")
    if args.shape:
        return on_gpu(args, settings)
    if args.what == "pages":
        return pages(args, settings, load)
    return {"voice": in_browser, "shell": in_browser, "load": under_load}[args.what](args, settings)


def on_gpu(args: argparse.Namespace, settings: Settings) -> int:
    """Measure the engine alone on a GPU, then transformers and the bundled checkpoint.

    Args:
        args: Parsed options of the command.
        settings: Settings, of which the bundled model's folder is used.

    Returns:
        The exit code: 1 if a measurement failed, otherwise 0.

    Raises:
        StartupError: An option is wrong, there is no CUDA device, or the output file cannot be written.
    """
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
    """Measure in a real browser, either with spoken or with typed requests.

    Args:
        args: Parsed options of the command.
        settings: Settings of the service that is measured.

    Returns:
        The exit code.

    Raises:
        StartupError: The extra "voice" is missing, or there is no browser.
    """
    from backend.voice.recognition import hears
    from benchmarks.browser import shell
    from benchmarks.speech import voice
    from training.evaluation.browse import NoBrowserError

    if args.what == "voice" and not hears(settings.voice_model):
        raise StartupError(
            "expected the extra voice (pip install 'silverprint[voice]'), got a service without speech recognition"
        )
    bench = voice if args.what == "voice" else shell
    try:
        found = bench.measure(settings, args.repeats)
    except NoBrowserError as error:
        raise StartupError(str(error)) from error
    print(json.dumps(found, indent=1) if args.json else bench.as_table(found))
    return 0


def under_load(args: argparse.Namespace, settings: Settings) -> int:
    """Measure a service that many visitors use at once, and return the exit code."""
    from benchmarks.load import report
    from benchmarks.load.command import measure

    found = measure(args, settings)
    if args.picture:
        report.picture(found, args.picture)
    print(json.dumps(found, indent=1) if args.json else report.as_table(found))
    return 0


def pages(args: argparse.Namespace, settings: Settings, load: Load) -> int:
    """Measure how fast the engine makes pages on this machine, and how long transformers takes for the same work.

    Args:
        args: Parsed options of the command.
        settings: Settings of the service that is measured.
        load: Returns the engine for some settings.

    Returns:
        The exit code.
    """
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
