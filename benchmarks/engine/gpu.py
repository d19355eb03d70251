"""Measure the engine on a GPU, and transformers on the same GPU.

    python -m benchmarks.engine.gpu --shape diffusiongemma-26b --precision int4 --steps 16 -o int4.json

Measured are one page alone, many pages together, guided pages, and what a step's milliseconds are spent on. The number
of steps is fixed, except in "adaptive" and for the pages that a checkpoint makes with its own parameters. No two
prompts begin alike, so each has to be encoded in full, as in transformers' generate.

Weights are random where the real ones are not at hand. Routing is then uniform, which is the worst case; the cost of a
step does not depend on the weights' values. Each measurement may fail alone, and the file is written after every one.
Of the service, only the modules that make the prompts of a checkpoint's pages are imported.
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
"""Tokens of a prompt short enough to be encoded in the first step."""

NEVER = 10**6
"""A stability, in steps, that no canvas reaches; with it, every canvas takes all its steps."""

UNSETTLED = "random weights never settle: every canvas takes all 48 steps"
Measure = Callable[[], Any]


class Bench:
    """A loaded model, and an engine with it. On a CPU, which is only for trying it out, no graph is captured.

    Attributes:
        task: What is measured.
        cuda: Whether the device is a CUDA device.
        copied: Bytes a second that a large copy reaches, if known.
        peaks: Most GiB that were allocated while the model was loaded, and in each measurement.
        model: The model.
        loaded: Seconds that it took to load the model.
        runner: The runner of its steps.
        engine: The engine.
        prompts: Makes the prompts.
        page: Parameters of a page of CANVASES canvases.
        canvas: Parameters of a page of one canvas.
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
        """Return the measurements by name, the most important first."""
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
        """Take one measurement.

        Args:
            name: Its name.

        Returns:
            Its figures. They include the prompt tokens that were encoded and those found in the prefix cache, and the
            most GiB that were allocated.
        """
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
        """On random weights this measures the cost of all steps, not how many steps a page takes."""
        return {**self._alone(replace(self.page, max_steps=48, stability=1)), "note": UNSETTLED}

    def _pages(self) -> dict[str, Any]:
        from benchmarks.engine.gpu_pages import pages  # only a checkpoint needs it

        return pages(self.engine, Path(self.task.weights), self.task.repeats)

    def _together(self, count: int) -> dict[str, Any]:
        """Pages have fewer canvases if there is no memory for the keys and values of whole ones."""
        length, prompt = self.canvas.max_tokens, self.task.prompt
        room = ((self.model.rows - 2 * length) // count - prompt) // length
        page = replace(self.page, max_tokens=length * max(1, min(CANVASES, room)))
        return together(self.engine, self.prompts, prompt, page, count, self.runner.forget)

    def _peak(self, name: str = "") -> None:
        """Begin to watch the most memory that is allocated, or store it under a name."""
        if self.cuda and name:
            self.peaks[name] = step_profile.gib(torch.cuda.max_memory_allocated())
        elif self.cuda:
            torch.cuda.reset_peak_memory_stats()


def served(task: Task, device: torch.device, journal: Journal) -> None:
    """Load a model and take all its measurements.

    Args:
        task: What to measure.
        device: Where the model runs.
        journal: Keeps the results.
    """
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
    """Take all measurements of a model, and then those of transformers in bf16, on the same GPU.

    Args:
        task: What to measure.
        device: Where the model runs.
        file: Where results are written after each measurement; None writes none.
        limit: Seconds after which no further measurement is begun.
        memory: Most GiB of the GPU to use; None sets no limit.
        beside: Another model, which is measured last and stored as "bundled".

    Returns:
        Journal.found.
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
    """Measure transformers on the same shape or checkpoint, in bf16 whatever the engine's precision is."""
    ids, _ = Prompts(task.config).fresh(task.prompt)
    return transformers_baseline.generated(task.config, task.weights, device, ids, task.steps)


def emptied() -> None:
    """Give the memory of a deleted model and of its graphs back to the GPU."""
    gc.collect()
    torch.cuda.empty_cache()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurements and print a table.

    Returns:
        The exit code: 0 if all was measured, 1 if not, and 2 for wrong options.
    """
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
