"""The engine on a GPU: one page alone, many together, guided ones, where a step's milliseconds go, and transformers
beside it.

    python -m benchmarks.engine.gpu --shape diffusiongemma-26b --precision int4 --steps 16 -o int4.json

Steps are fixed, save for "adaptive" and for the pages that a checkpoint makes with its own parameters. No prompt begins
as another, so that encoding it counts everywhere, as it does in transformers' generate. Weights are random where the
real ones are not at hand: routing is then uniform, which is the worst case, and what a step costs does not depend on
what the weights are. Each measurement may fail alone; the file is written after every one. Of the service, nothing is
imported but what makes the prompts of a checkpoint's pages.
"""

import argparse
import gc
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from backend.machine import hardware, versions
from benchmarks.engine import step_profile, transformers_baseline
from benchmarks.engine.gpu_report import as_table, derived, pictures
from benchmarks.engine.gpu_runs import Prompts, alone, together
from benchmarks.engine.gpu_task import SHAPES, NoWords, Task, load
from benchmarks.engine.incremental_results import Journal
from benchmarks.engine.quantization_error import errors
from engine.core.params import Params
from engine.engine import Engine
from engine.runners.cuda_graph import CudaGraphRunner
from engine.runners.graph_capture import CudaGraphs, Direct

COMPANY = (1, 2, 4, 8, 16)
CANVASES = 4
SHORT = 128
"""Tokens of a prompt that goes through the first step."""

NEVER = 10**6
"""Steps a canvas never stands still for: with this stability every canvas takes all its steps."""

UNSETTLED = "random weights never settle: every canvas takes all 48 steps"
Measure = Callable[[], Any]


class Bench:
    """A model loaded, and an engine over it. On a CPU, where it is only tried out, nothing is captured.

    peaks: GiB, the most that was allocated while it was loaded and in each measurement. copied: bytes a second that a
    large copy reaches, where it is known.
    """

    def __init__(self, task: Task, device: torch.device, copied: float | None = None) -> None:
        self.task, self.cuda, self.copied, begin = task, device.type == "cuda", copied, time.perf_counter()
        self.peaks: dict[str, float] = {}
        if self.cuda:
            torch.cuda.init()  # type: ignore[no-untyped-call]  # else there is no peak to reset
        self._peak()
        self.model = load(task, device)
        self.loaded = round(time.perf_counter() - begin, 1)
        self._peak("load")
        self.runner = CudaGraphRunner(self.model, graphs=CudaGraphs() if self.cuda else Direct(), reads=task.reads)
        self.engine = Engine(self.runner, NoWords(), Params(), self.runner.seats)
        self.prompts = Prompts(self.model.config)
        length = self.model.config.canvas_length
        self.page = Params(max_tokens=CANVASES * length, max_steps=task.steps, stability=NEVER)
        self.canvas = replace(self.page, max_tokens=length)

    def measures(self) -> dict[str, Measure]:
        """By name, the most important first."""
        found: dict[str, Measure] = {"alone": lambda: self._alone(self.page)}
        if self.task.weights != "random":
            found["pages"] = self._pages
        if self.copied is not None:
            found["chip"] = lambda: step_profile.step(self.model, self.runner, COMPANY, self.copied or 1.0)
        if self.cuda:
            found["breakdown"] = lambda: step_profile.breakdown(self.runner)
        found |= {
            "one_canvas": lambda: self._alone(self.canvas),
            "short_prompt": lambda: self._alone(self.canvas, SHORT),
            "guided": self._guided,
        }
        for count in (count for count in COMPANY if count <= self.runner.seats):
            found[f"together_{count}"] = lambda count=count: self._together(count)  # type: ignore[misc]
        if self.task.weights == "random":
            found["adaptive"] = self._adaptive
        if self.cuda:
            found["memory"] = lambda: step_profile.memory(self.model, self.peaks)
        return found

    def measured(self, name: str) -> Any:
        """A measurement, and beside its figures how many tokens of prompts were encoded for it, how many of them found
        to be there already, and the most GiB it took."""
        self.runner.forget()
        before = self.runner.prompts
        self._peak()
        result = self.measures()[name]()
        self._peak(name)
        if name in self.peaks and isinstance(result, dict) and name != "memory":
            result["peak_gib"] = self.peaks[name]
        encoded, cached = (now - then for now, then in zip(self.runner.prompts, before, strict=True))
        return {**result, "prompt_tokens_encoded": encoded, "prompt_tokens_cached": cached} if encoded else result

    def _alone(self, params: Params, tokens: int | None = None) -> dict[str, Any]:
        return alone(self.engine, self.prompts, tokens or self.task.prompt, params, self.task.repeats)

    def _guided(self) -> dict[str, Any]:
        unconditional, _ = self.prompts.fresh(16)
        return self._alone(replace(self.page, guidance=2.0, unconditional=unconditional))

    def _adaptive(self) -> dict[str, Any]:
        """On random weights: what all steps cost, and not how many a page takes."""
        return {**self._alone(replace(self.page, max_steps=48, stability=1)), "note": UNSETTLED}

    def _pages(self) -> dict[str, Any]:
        from benchmarks.engine.gpu_pages import pages  # for a checkpoint alone

        return pages(self.engine, Path(self.task.weights), self.task.repeats)

    def _together(self, count: int) -> dict[str, Any]:
        """Of fewer canvases where keys and values of whole pages have no room."""
        length, prompt = self.canvas.max_tokens, self.task.prompt
        room = ((self.model.rows - 2 * length) // count - prompt) // length
        page = replace(self.page, max_tokens=length * max(1, min(CANVASES, room)))
        return together(self.engine, self.prompts, prompt, page, count, self.runner.forget)

    def _peak(self, name: str = "") -> None:
        """Begin to watch the most memory that is allocated, or keep it under a name."""
        if self.cuda and name:
            self.peaks[name] = step_profile.gib(torch.cuda.max_memory_allocated())
        elif self.cuda:
            torch.cuda.reset_peak_memory_stats()


def served(task: Task, device: torch.device, journal: Journal) -> None:
    """Load a model and measure it."""
    made: list[Bench] = []
    ceilings = journal.keep("ceilings", step_profile.ceilings) if device.type == "cuda" else None
    copied = ceilings["bytes_per_second"] if ceilings else None

    def make() -> float:
        made.append(Bench(task, device, copied))
        return made[0].loaded

    journal.keep("seconds_to_load", make)
    for bench in made:
        for name in bench.measures():
            journal.keep(name, partial(bench.measured, name))
        bench.engine.close()


def whole(
    task: Task,
    device: torch.device,
    file: Path | None = None,
    limit: float = float("inf"),
    memory: float | None = None,
    beside: Task | None = None,
) -> dict[str, Any]:
    """All measurements of a model, and of transformers in bf16 after it, on the same GPU. Returns Journal.found.

    limit: seconds. memory: GiB of the GPU to make do with. beside: another model, measured last as "bundled".
    """
    about = {"hardware": hardware(), "versions": versions(), "command": " ".join(sys.argv), "task": asdict(task)}
    journal = Journal({**about, "memory_gib": memory} if memory else about, file, limit)
    if memory:
        step_profile.capped(memory)
    served(task, device, journal)
    emptied()
    journal.keep("transformers", lambda: peer(task, device))
    emptied()
    if task.precision != "bf16" and task.weights == "random":
        journal.keep("errors", lambda: errors(task.config, task.precision, device))
        emptied()
    journal.keep("derived", lambda: derived(journal.found))
    if beside:
        other = journal.keep("bundled", lambda: whole(beside, device, limit=journal.left)) or {"problems": {}}
        journal.found["problems"] |= {f"bundled: {name}": why for name, why in other["problems"].items()}
    if file:
        journal.keep("pictures", lambda: pictures(journal.found, file))
    return journal.found


def peer(task: Task, device: torch.device) -> dict[str, Any]:
    """transformers on the same shape or checkpoint, in bf16 whatever the engine's precision."""
    ids, _ = Prompts(task.config).fresh(task.prompt)
    return transformers_baseline.generated(task.config, task.weights, device, ids, task.steps)


def emptied() -> None:
    """A model is gone, and with it its graphs: the GPU has their memory back."""
    gc.collect()
    torch.cuda.empty_cache()


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
    options.add_argument(
        "--memory", type=float, metavar="GIB", help="make do with so much of the GPU (all that is free)"
    )
    options.add_argument("--device", default="cuda", help="cpu only tries it out (%(default)s)")
    options.add_argument("-o", "--output", type=Path, help="file for the figures, written after each measurement")
    given = options.parse_args(arguments)
    try:
        task = Task(given.shape, given.weights, given.precision, given.steps, given.prompt, given.repeats)
    except ValueError as error:
        options.error(str(error))
    if given.memory is not None and not given.memory > 0:
        options.error(f"expected --memory above 0, got {given.memory}")
    if given.device == "cuda" and not torch.cuda.is_available():
        options.error("expected a CUDA device, got none")
    found = whole(task, torch.device(given.device), given.output, given.seconds, given.memory)
    print(as_table(found))
    return int(bool(found["problems"]))


if __name__ == "__main__":
    sys.exit(main())
