"""Compare the engine with transformers' `generate` on one checkpoint, with the same prompt, steps, weights and dtype.

    python -m benchmarks.engine.cpu                       a random checkpoint of the bundled model's shape
    python -m benchmarks.engine.cpu --checkpoint models/silverprint-s --steps 24 --repeats 5

Both run in one process. The number of steps is fixed (neither side stops early) and stated. Both sides run in turn, and
the median counts.
"""

import argparse
import importlib.util
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine.checkpoint.loader import load_model, save_checkpoint
from engine.core.config import LayerType, ModelConfig, RopeConfig
from engine.core.noise import SeededNoise
from engine.core.params import Params
from engine.model.diffusion_gemma import DiffusionGemma
from engine.requests.request import Request
from engine.runners import cpu_hardware
from engine.runners.eager import EagerRunner

LAYERS: tuple[LayerType, ...] = ("sliding_attention", "sliding_attention", "full_attention") * 2
BUNDLED_SHAPE = ModelConfig(
    vocab_size=6144,
    hidden_size=192,
    intermediate_size=384,
    layer_types=LAYERS,
    heads=4,
    kv_heads=2,
    head_dim=64,
    full_kv_heads=2,
    full_head_dim=64,
    window=1024,
    experts=1,
    experts_per_token=1,
    expert_size=192,
    canvas_length=256,
    sliding_rope=RopeConfig(1e4),
    full_rope=RopeConfig(1e6, 0.25, True),
    logit_cap=30.0,
    max_positions=8192,
)

Run = Callable[[int], None]
"""One side of the comparison: it takes so many denoising steps for the prompt."""


@dataclass(frozen=True)
class Task:
    """What both sides do: write one canvas for a prompt.

    Attributes:
        prompt: Token ids of the prompt.
        canvas: Tokens of the canvas.
        steps: Number of denoising steps.
        seed: Seed of the noise.
    """

    prompt: list[int]
    canvas: int
    steps: int
    seed: int


@dataclass(frozen=True)
class Side:
    """The times of one side.

    Attributes:
        seconds: Seconds of each run, which is the prompt and one canvas.
        median: Median of the seconds.
        step_ms: Milliseconds a step of the median run.
    """

    seconds: list[float]
    median: float
    step_ms: float


@dataclass(frozen=True)
class Comparison:
    """The times of both sides, and what they depend on.

    Attributes:
        prompt_tokens: Tokens of the prompt.
        canvas_tokens: Tokens of the canvas.
        steps: Number of denoising steps.
        seed: Seed of the noise.
        dtype: Dtype that both sides compute in.
        engine: The engine's times.
        transformers: Those of transformers; None if it is not installed.
        ratio: transformers' median seconds divided by the engine's; None if transformers is not installed.
        default_dtype: The dtype in which the checkpoint is stored, which `from_pretrained` picks by itself.
        transformers_default: Times of one run of transformers in default_dtype; None unless asked for.
        default_ratio: Seconds of that run divided by the engine's median; None unless asked for.
        machine: The machine and the versions.
    """

    prompt_tokens: int
    canvas_tokens: int
    steps: int
    seed: int
    dtype: str
    engine: Side
    transformers: Side | None
    ratio: float | None
    default_dtype: str | None
    transformers_default: Side | None
    default_ratio: float | None
    machine: dict[str, Any]


def compare(
    checkpoint: Path,
    prompt: list[int] | None = None,
    steps: int = 24,
    seed: int = 0,
    repeats: int = 3,
    dtype: torch.dtype = torch.float32,
    as_loaded: bool = False,
    threads: int | None = None,
) -> Comparison:
    """Write one canvas for a prompt on each side, in turn, on the CPU.

    Args:
        checkpoint: Folder of the checkpoint.
        prompt: Token ids; None takes 150 random ones.
        steps: Number of denoising steps.
        seed: Seed of the noise.
        repeats: How often each side runs.
        dtype: Dtype that both sides compute in.
        as_loaded: Whether to run transformers once more in the dtype that it picks by itself. This is slow on a CPU
            that has to emulate bf16.
        threads: Threads of both sides; None takes what the engine chooses for this model.

    Returns:
        The times of both sides.
    """
    model = load_model(checkpoint, "cpu", dtype)
    cpu_hardware.settle(model.config, threads)
    ids = prompt or random_ids(model.config.vocab_size, 150, seed)
    task = Task(ids, model.config.canvas_length, steps, seed)
    sides = [engine_side(model, task)]
    if importlib.util.find_spec("transformers"):
        sides.append(transformers_side(checkpoint, dtype, task)[0])
    ours, *theirs = alternately(sides, steps, repeats)
    other = theirs[0] if theirs else None
    default, default_dtype = transformers_as_loaded(checkpoint, task) if as_loaded and other else (None, None)
    return Comparison(
        prompt_tokens=len(ids), canvas_tokens=task.canvas, steps=steps, seed=seed, dtype=spelled(dtype),
        engine=ours, transformers=other, ratio=ratio(other, ours),
        default_dtype=default_dtype, transformers_default=default, default_ratio=ratio(default, ours),
        machine=machine(),
    )  # fmt: skip


def alternately(sides: list[Run], steps: int, repeats: int) -> list[Side]:
    """Warm up all sides, then run them in turn, `repeats` times."""
    for side in sides:
        side(2)
    runs = [[timed(side, steps) for side in sides] for _ in range(repeats)]
    return [summary(list(seconds), steps) for seconds in zip(*runs, strict=True)]


def transformers_as_loaded(checkpoint: Path, task: Task) -> tuple[Side, str]:
    """Run transformers once in the dtype that it picks by itself; return its times and that dtype."""
    side, dtype = transformers_side(checkpoint, "auto", task)
    return summary([timed(side, task.steps)], task.steps), dtype


def random_ids(below: int, count: int, seed: int, least: int = 0) -> list[int]:
    """Return `count` random token ids, uniform from `least` to below `below`."""
    found: list[int] = torch.randint(least, below, (count,), generator=torch.Generator().manual_seed(seed)).tolist()
    return found


def ratio(theirs: Side | None, ours: Side) -> float | None:
    """Return the other side's median divided by ours, or None without another side."""
    return round(theirs.median / ours.median, 2) if theirs else None


def spelled(dtype: torch.dtype) -> str:
    """Return the name of a dtype without "torch."."""
    return str(dtype).removeprefix("torch.")


def engine_side(model: DiffusionGemma, task: Task) -> Run:
    """Return a function that takes so many steps with the engine."""
    runner = EagerRunner(model)

    def run(steps: int) -> None:
        params = Params(max_tokens=task.canvas, max_steps=steps, confidence=0)
        request = Request(task.prompt, params, SeededNoise(task.seed), model.config)
        runner.encode([request])
        for _ in range(steps):
            step = runner.step([request])
            request.advance(step.argmax[0], step.accepted[0], float(step.entropy[0]))

    return run


def transformers_side(checkpoint: Path, dtype: torch.dtype | str, task: Task) -> tuple[Run, str]:
    """Return a function that takes so many steps with transformers, and the dtype in which it computes."""
    from transformers import DiffusionGemmaForBlockDiffusion
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    model = DiffusionGemmaForBlockDiffusion.from_pretrained(checkpoint, dtype=dtype).eval()

    def run(steps: int) -> None:
        torch.manual_seed(task.seed)
        never = steps + 1  # a canvas cannot be stable for more steps than it takes
        lengths = {"max_new_tokens": task.canvas, "max_denoising_steps": steps, "stability_threshold": never}
        model.generate(torch.tensor([task.prompt]), **lengths)

    return run, spelled(model.dtype)


def timed(side: Run, steps: int) -> float:
    """Return the seconds that one run takes."""
    start = time.perf_counter()
    side(steps)
    return time.perf_counter() - start


def summary(seconds: list[float], steps: int) -> Side:
    """Return the times of one side, from the seconds of its runs."""
    median = statistics.median(seconds)
    return Side([round(s, 3) for s in seconds], round(median, 3), round(1000 * median / steps, 1))


def machine() -> dict[str, Any]:
    """Return what the figures depend on: processor, threads, load and versions."""
    return {
        "cpu": torch.cpu.get_capabilities().get("cpu_name", platform.processor()),
        "vector": torch.backends.cpu.get_cpu_capability(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load": round(os.getloadavg()[0], 2),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "omp_wait_policy": os.environ.get("OMP_WAIT_POLICY"),
    }


def write_random_checkpoint(folder: Path) -> None:
    """Save a checkpoint of the bundled model's shape with random weights."""
    torch.manual_seed(0)
    model = DiffusionGemma(BUNDLED_SHAPE)
    for parameter in model.parameters():
        if parameter.ndim > 1:
            nn.init.normal_(parameter, std=BUNDLED_SHAPE.initializer_range)
    save_checkpoint(model, folder)


def main() -> None:
    """Run the comparison and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, help="folder in Hugging Face layout (default: random weights)")
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, help="torch threads (default: what the engine takes)")
    parser.add_argument("--as-loaded", action="store_true", help="also run transformers in the dtype it picks itself")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        if options.checkpoint is None:
            write_random_checkpoint(Path(made))
        result = compare(
            options.checkpoint or Path(made),
            steps=options.steps,
            repeats=options.repeats,
            as_loaded=options.as_loaded,
            threads=options.threads,
        )
    print(json.dumps(asdict(result), indent=2))


if __name__ == "__main__":
    main()
