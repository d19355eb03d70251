"""Pages with random prompts, one after the other and together, which benchmarks/engine/gpu.py measures."""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from benchmarks.engine.cpu import random_ids
from engine.core.config import ModelConfig
from engine.core.params import Params
from engine.core.results import Frame, Stats
from engine.engine import Engine
from engine.requests.generation import Generation


class Prompts:
    """Makes prompts of random ids, none of which ends a text.

    Each prompt is new, so nothing of it was encoded before, and each has a seed of its own.
    """

    def __init__(self, config: ModelConfig) -> None:
        self._config, self._next = config, 0

    def fresh(self, tokens: int) -> tuple[list[int], int]:
        """Return the ids of a new prompt, and the seed with which they were drawn."""
        seed, self._next = self._next, self._next + 1
        size = self._config.vocab_size
        return random_ids(size, tokens, seed, least=size // 2), seed

    def submitted(self, engine: Engine, tokens: int, params: Params) -> Generation:
        """Submit a page behind a new prompt."""
        ids, seed = self.fresh(tokens)
        return engine.submit(ids, replace(params, seed=seed))


def alone(engine: Engine, prompts: Prompts, tokens: int, params: Params, repeats: int) -> dict[str, Any]:
    """Write pages one after the other; the first is not counted, because kernels are compiled for it.

    Args:
        engine: The engine.
        prompts: Makes the prompts.
        tokens: Tokens of each prompt.
        params: Parameters of the pages.
        repeats: Number of pages that count.

    Returns:
        Medians over pages.
    """
    length = engine.config.canvas_length
    runs = [written(prompts.submitted(engine, tokens, params), length) for _ in range(repeats + 1)]
    return {name: round(statistics.median(run[name] for run in runs[1:]), 3) for name in runs[0]}


def written(generation: Generation, canvas: int) -> dict[str, float]:
    """Return the figures of a page. Canvases count in full, because random weights may end a text anywhere."""
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


def together(
    engine: Engine, prompts: Prompts, tokens: int, params: Params, count: int, forget: Callable[[], None]
) -> dict[str, Any]:
    """Write pages that are all begun at once, after as many that are not counted.

    Args:
        engine: The engine.
        prompts: Makes the prompts.
        tokens: Tokens of each prompt.
        params: Parameters of the pages.
        count: Number of pages.
        forget: Empties the prefix cache. What it keeps of earlier pages would leave only scattered free memory.

    Returns:
        Throughput of all pages, and how long one page takes.
    """
    for _ in range(2):
        forget()
        asked = [prompts.fresh(tokens) for _ in range(count)]
        begin = time.perf_counter()
        running = [engine.submit(ids, replace(params, seed=seed)) for ids, seed in asked]
        pages = [one.wait().stats for one in running]
        seconds = time.perf_counter() - begin
    total = sum(page.canvases for page in pages) * engine.config.canvas_length
    return {
        "pages": count,
        "canvases": params.canvases(engine.config.canvas_length),
        "tokens_per_second": round(total / seconds, 1),
        "seconds_a_page": round(statistics.median(page.seconds for page in pages), 3),
        "first_frame_ms": round(1000 * statistics.median(page.first_frame for page in pages), 1),
    }
