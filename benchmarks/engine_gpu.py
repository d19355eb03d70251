"""The engine on a GPU: one page alone, many together, guided ones, where a step's milliseconds go, and transformers
beside it.

    python -m benchmarks.engine_gpu --shape diffusiongemma-26b --precision int4 --steps 16 -o int4.json

Steps are fixed unless it says "adaptive". Weights are random where the real ones are not at hand: routing is then
uniform, which is the worst case, and what a step costs does not depend on what the weights are. Each measurement may
fail alone; the file is written after every one. Nothing of the service is imported.
"""

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

from backend.machine import hardware, versions
from benchmarks import gpu_chip, gpu_peer
from benchmarks.engine_cpu import BUNDLED_SHAPE, random_ids
from benchmarks.gpu_errors import errors
from benchmarks.gpu_report import as_table, derived, pictures
from benchmarks.journal import Journal
from engine.checkpoint import read_config
from engine.config import ModelConfig, RopeConfig
from engine.engine import Engine
from engine.generation import Generation
from engine.graph_runner import GraphRunner
from engine.graphs import CudaGraphs, Direct
from engine.loader import load_packed, random_packed
from engine.packed import PRECISIONS, PackedModel
from engine.params import Params
from engine.results import Frame, Stats
from engine.tokenizer import ChatTokenizer

LARGE_SHAPE = ModelConfig(
    vocab_size=262_144, hidden_size=2816, intermediate_size=2112,
    layer_types=(*["sliding_attention"] * 5, "full_attention") * 5,  # type: ignore[arg-type]
    heads=16, kv_heads=8, head_dim=256, full_kv_heads=2, full_head_dim=512, window=1024, experts=128,
    experts_per_token=8, expert_size=704, canvas_length=256, sliding_rope=RopeConfig(1e4),
    full_rope=RopeConfig(1e6, 0.25, True), logit_cap=30.0,
)  # fmt: skip
SHAPES = {"diffusiongemma-26b": LARGE_SHAPE, "silverprint-s": BUNDLED_SHAPE}
COMPANY = (1, 2, 4, 8, 16)
CANVASES = 4
SHORT = 128
"""Tokens of a prompt that goes through the first step."""

NEVER = 10**6
"""Steps a canvas never stands still for: with this stability every canvas takes all its steps."""


@dataclass(frozen=True)
class Task:
    """What to measure. weights: "random", or a checkpoint folder; prompt: tokens of random ids before each page.

    Raises ValueError for what cannot be measured.
    """

    shape: str
    weights: str
    precision: str
    steps: int = 16
    prompt: int = 1024
    repeats: int = 5

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise ValueError(f"shape: expected {' or '.join(SHAPES)}, got {self.shape!r}")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision: expected {' or '.join(PRECISIONS)}, got {self.precision!r}")
        if self.steps < 2 or self.prompt < 1 or self.repeats < 1:
            raise ValueError(f"expected 2 steps or more, a prompt and a repeat, got {self}")

    @property
    def config(self) -> ModelConfig:
        return SHAPES[self.shape] if self.weights == "random" else read_config(Path(self.weights))


class NoWords(ChatTokenizer):
    """Prompts are ids here, and pages are not read."""

    def __init__(self) -> None:
        pass


class Bench:
    """A model loaded, and an engine over it. On a CPU, where it is only tried out, nothing is captured."""

    def __init__(self, task: Task, device: torch.device) -> None:
        self.task, self.cuda, begin = task, device.type == "cuda", time.perf_counter()
        self.model = load(task, device)
        self.loaded = round(time.perf_counter() - begin, 1)
        self.runner = GraphRunner(self.model, graphs=CudaGraphs() if self.cuda else Direct())
        self.engine = Engine(self.runner, NoWords(), Params(), self.runner.seats)
        length = self.model.config.canvas_length
        self.page = Params(max_tokens=CANVASES * length, max_steps=task.steps, stability=NEVER)
        self.canvas = replace(self.page, max_tokens=length)

    def measures(self) -> dict[str, Callable[[], Any]]:
        """By name, the most important first."""
        engine, task, page = self.engine, self.task, self.page
        guided = replace(page, guidance=2.0, unconditional=prompt_ids(engine.config, 16, -1))
        found: dict[str, Callable[[], Any]] = {"alone": lambda: alone(engine, task, page)}
        if self.cuda:
            found["chip"] = lambda: gpu_chip.step(self.model, self.runner, COMPANY)
            found["breakdown"] = lambda: gpu_chip.breakdown(self.runner)
        found |= {
            "one_canvas": lambda: alone(engine, task, self.canvas),
            "short_prompt": lambda: alone(engine, replace(task, prompt=SHORT), self.canvas),
            "adaptive": lambda: alone(engine, task, replace(page, max_steps=48, stability=1)),
            "guided": lambda: alone(engine, task, guided),
        }
        for count in (count for count in COMPANY if count <= self.runner.seats):
            found[f"together_{count}"] = lambda count=count: together(engine, task, page, count)  # type: ignore[misc]
        if self.cuda:
            found["memory"] = lambda: gpu_chip.memory(self.model)
        return found


def load(task: Task, device: torch.device) -> PackedModel:
    if task.weights == "random":
        return random_packed(SHAPES[task.shape], device, task.precision)
    return load_packed(Path(task.weights), device, task.precision)


def prompt_ids(config: ModelConfig, count: int, seed: int) -> list[int]:
    """Random ids, none of which ends a text."""
    return random_ids(config.vocab_size, count, seed, least=config.vocab_size // 2)


def alone(engine: Engine, task: Task, params: Params) -> dict[str, Any]:
    """Pages one after the other: medians. The first page is not counted, as kernels compile in it."""
    runs = []
    for seed in range(task.repeats + 1):
        generation = engine.submit(prompt_ids(engine.config, task.prompt, seed), replace(params, seed=seed))
        runs.append(written(generation, engine.config.canvas_length))
    return {name: round(statistics.median(run[name] for run in runs[1:]), 3) for name in runs[0]}


def written(generation: Generation, canvas: int) -> dict[str, float]:
    """Figures of a page: canvases count whole, as random weights may end a text anywhere."""
    frames: list[Frame] = list(generation.frames())
    stats: Stats = generation.wait().stats
    gaps = [b.elapsed - a.elapsed for a, b in pairwise(frames) if a.block == b.block]
    steps = sum(stats.steps) / stats.canvases
    return {
        "tokens_per_second": stats.canvases * canvas / stats.seconds,
        "step_ms": 1000 * statistics.median(gaps),
        "first_frame_ms": 1000 * stats.first_frame,
        "steps_per_canvas": steps,
    }


def together(engine: Engine, task: Task, params: Params, count: int) -> dict[str, float]:
    """`count` pages begun at once, after as many that are not counted. What all of them get, and what one waits."""
    for _ in range(2):
        begin = time.perf_counter()
        running = [
            engine.submit(prompt_ids(engine.config, task.prompt, seed), replace(params, seed=seed))
            for seed in range(count)
        ]
        pages = [one.wait().stats for one in running]
        seconds = time.perf_counter() - begin
    tokens = sum(page.canvases for page in pages) * engine.config.canvas_length
    return {
        "pages": count,
        "tokens_per_second": round(tokens / seconds, 1),
        "seconds_a_page": round(statistics.median(page.seconds for page in pages), 3),
        "first_frame_ms": round(1000 * statistics.median(page.first_frame for page in pages), 1),
    }


def served(task: Task, device: torch.device, journal: Journal) -> None:
    """Load a model and measure it."""
    made: list[Bench] = []

    def make() -> float:
        made.append(Bench(task, device))
        return made[0].loaded

    journal.keep("seconds_to_load", make)
    for bench in made:
        for name, measure in bench.measures().items():
            journal.keep(name, measure)
        bench.engine.close()


def whole(task: Task, device: torch.device, file: Path | None = None, limit: float = float("inf")) -> dict[str, Any]:
    """All measurements of a model, and of transformers in bf16 beside it. limit: seconds. Returns Journal.found."""
    about = {"hardware": hardware(), "versions": versions(), "command": " ".join(sys.argv), "task": asdict(task)}
    journal = Journal(about, file, limit)
    served(task, device, journal)
    gc.collect()  # the model is gone, and with it its graphs
    torch.cuda.empty_cache()
    if task.precision == "bf16":
        ids = prompt_ids(task.config, task.prompt, 0)
        journal.keep("transformers", lambda: gpu_peer.generated(task.config, task.weights, device, ids, task.steps))
    elif task.weights == "random":
        journal.keep("errors", lambda: errors(task.config, task.precision, device))
    journal.keep("derived", lambda: derived(journal.found))
    if file:
        journal.keep("pictures", lambda: pictures(journal.found, file))
    return journal.found


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 if all was measured, 1 if not, 2 for a wrong use."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shape", required=True, help=" or ".join(SHAPES))
    options.add_argument("--weights", default="random", help="a checkpoint folder (%(default)s)")
    options.add_argument("--precision", default="int4", help="bf16, fp8 or int4 (%(default)s)")
    options.add_argument("--steps", type=int, default=16, help="a canvas (%(default)s)")
    options.add_argument("--prompt", type=int, default=1024, help="tokens before each page (%(default)s)")
    options.add_argument("--repeats", type=int, default=5, help="pages a median is taken of (%(default)s)")
    options.add_argument("--seconds", type=float, default=float("inf"), help="after which nothing more is begun")
    options.add_argument("--device", default="cuda", help="cpu only tries it out (%(default)s)")
    options.add_argument("-o", "--output", type=Path, help="file for the figures, written after each measurement")
    given = options.parse_args(arguments)
    try:
        task = Task(given.shape, given.weights, given.precision, given.steps, given.prompt, given.repeats)
    except ValueError as error:
        options.error(str(error))
    if given.device == "cuda" and not torch.cuda.is_available():
        options.error("expected a CUDA device, got none")
    found = whole(task, torch.device(given.device), given.output, given.seconds)
    print(as_table(found))
    return int(bool(found["problems"]))


if __name__ == "__main__":
    sys.exit(main())
