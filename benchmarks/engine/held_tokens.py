"""Measure how the cost of a denoising step changes when most of its canvases is held.

Run it as `python -m benchmarks.engine.held_tokens`. Two groups of the same requests follow one prompt. One of them
holds its canvases except for a gap. They take their steps in turn, so that other load of the machine affects both
alike. Figures are median milliseconds of a step, of elapsed time and of processor time, and the ratios of these.
"""

import argparse
import json
import os
import random
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from tqdm import tqdm

from backend.machine import hardware, versions
from backend.settings import BUNDLED_MODEL
from engine.checkpoint.loader import load_defaults, load_model
from engine.core.noise import SeededNoise
from engine.core.params import Params
from engine.requests.request import Request
from engine.runners.eager import EagerRunner

PREFIX, GAP = 200, 64
"""Tokens of the prompt, and tokens of a canvas that are free."""

GROUPS = (1, 4)
"""Numbers of canvases that share a step."""


def measure(model: Path, steps: int) -> dict[str, Any]:
    """Time the steps of both groups, for every number of canvases.

    Args:
        model: Folder of the checkpoint.
        steps: Number of steps of each group.

    Returns:
        The figures as JSON takes them.
    """
    load = os.getloadavg()[0]
    runner, defaults = EagerRunner(load_model(model)), load_defaults(model)
    runner.settle()
    with tqdm(total=len(GROUPS) * steps, unit="step") as bar:
        found = {str(count): compared(runner, defaults, count, steps, bar) for count in GROUPS}
    return {
        "command": f"python -m benchmarks.engine.held_tokens --steps {steps}",
        "hardware": hardware(),
        "versions": versions(),
        "load": round(load, 1),
        "model": model.name,
        "prefix": PREFIX,
        "free": GAP,
        "canvases": found,
    }


def compared(runner: EagerRunner, defaults: Params, count: int, steps: int, bar: "tqdm[Any]") -> dict[str, Any]:
    """Time steps with nothing held and with all but the gap held, in turn.

    Args:
        runner: The runner.
        defaults: The checkpoint's parameters.
        count: Number of canvases a step.
        steps: Number of steps of each group.
        bar: Progress bar.

    Returns:
        The figures as JSON takes them.
    """
    groups = {kind: requests(runner, defaults, count, steps, kind == "held") for kind in ("free", "held")}
    took: dict[str, list[tuple[float, float]]] = {kind: [] for kind in groups}
    for _ in range(steps):
        for kind, group in groups.items():
            clock, processor = time.perf_counter(), time.process_time()
            runner.step(group)
            took[kind].append((time.perf_counter() - clock, time.process_time() - processor))
        bar.update()
    middle = {kind: [1000 * median(times) for times in zip(*rows, strict=True)] for kind, rows in took.items()}
    rounded = {kind: {"clock_ms": round(a, 2), "processor_ms": round(b, 2)} for kind, (a, b) in middle.items()}
    ratios = [held / free for held, free in zip(middle["held"], middle["free"], strict=True)]
    return rounded | {"clock_ratio": round(ratios[0], 3), "processor_ratio": round(ratios[1], 3)}


def requests(runner: EagerRunner, defaults: Params, count: int, steps: int, holds: bool) -> list[Request]:
    """Return requests whose prompts are encoded and that have taken one step.

    Args:
        runner: The runner.
        defaults: The checkpoint's parameters.
        count: Number of requests.
        steps: Number of steps that will follow.
        holds: Whether all but the gap is held.
    """
    config, draw = runner.config, random.Random(0)
    length = config.canvas_length
    params = replace(defaults, max_tokens=length, max_steps=steps + 2, confidence=0, doubt=None)
    params = replace(params, canvas=[draw.randrange(config.vocab_size) for _ in range(length)])
    start = (length - GAP) // 2
    params = replace(params, hold=((0, start), (start + GAP, length)) if holds else None)
    prompt = [draw.randrange(config.vocab_size) for _ in range(PREFIX)]
    group = [Request(prompt, params, SeededNoise(seed), config) for seed in range(count)]
    runner.encode(group)
    runner.step(group)
    return group


def main() -> int:
    """Run the measurement and print it as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", type=Path, default=BUNDLED_MODEL, help="a checkpoint (default: the bundled one)")
    options.add_argument("--steps", type=int, default=100, metavar="N", help="steps of each kind (default: 100)")
    options.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the figures there")
    args = options.parse_args()
    text = json.dumps(measure(args.model, args.steps), indent=1)
    if args.output:
        args.output.write_text(f"{text}\n", "utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
