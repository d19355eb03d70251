"""The parts of training/on_gpu.py, in order: what travels, the model, timed training, and the check."""

import argparse
import json
import os
import shutil
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch

from training import dataset
from training.gpu import final_check, fused_losses, gemma, initial_model, luggage, parcel
from training.gpu.initial_model import Begun
from training.gpu.luggage import Luggage
from training.gpu.time_budget import Timed
from training.losses import losses
from training.optim import Rates
from training.train import Batches, Run, TrainConfig, prepare_tokenizer

TO_END, LEAST_SHARE = 10.0, 0.05
"""Seconds for the last checkpoint and for the start and end of processes; short runs reserve a share instead."""

LEAST_MEMORY = "expandable_segments:True"
"""Batches have some sixty shapes; without this setting, memory that one shape has freed cannot serve the next."""


def has_gpu() -> bool:
    """Return whether torch can use a CUDA device."""
    return torch.cuda.is_available()


def prepare(given: argparse.Namespace) -> None:
    """Write tokenizer and corpus into --data, and print how large they are."""
    folder, workers = given.data, os.cpu_count() or 2
    if given.start[0] == "gemma":
        corpora = gemma.prepared(Path(given.start[1]), folder, given.examples, given.probe, given.seed, workers)
    else:
        if given.start[0] != "scratch":
            luggage.copy_tokenizer(Path(given.start[0]), folder)
        prepare_tokenizer(folder, kinds=True)
        build = partial(dataset.build, folder, seed=given.seed, workers=workers, kinds=True)
        corpora = build(given.examples, split="train"), build(given.probe, split="held")
    size = luggage.pack(folder, *corpora)
    print(f"{folder}: {len(corpora[0]):,} examples, {corpora[0].tokens.size:,} tokens, {size / 2**20:.1f} MiB")


@dataclass
class Report:
    """The file report.json, which is complete at any time.

    Attributes:
        path: The file.
        facts: What it says.
        began: Begin of the run on time.monotonic's clock.
        times: Seconds of each part.
    """

    path: Path
    facts: dict[str, Any]
    began: float
    times: dict[str, float] = field(default_factory=dict)

    def write(self, **more: Any) -> None:
        """Add facts, and replace the file atomically."""
        self.facts |= more
        seconds = {"seconds": self.times | {"so_far": round(time.monotonic() - self.began, 1)}}
        fresh = self.path.with_name("report.json.new")
        fresh.write_text(json.dumps(self.facts | seconds, indent=1, default=str) + "\n", "utf-8")
        fresh.replace(self.path)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Record the seconds that the block takes under a name."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.times[name] = round(time.monotonic() - start, 1)


def run(given: argparse.Namespace, began: float, machine: Mapping[str, Any]) -> int:
    """Run everything from reading the corpus to the check.

    Args:
        given: Parsed options.
        began: Begin of the run on time.monotonic's clock.
        machine: What the report says of the machine.

    Returns:
        The exit code.

    Raises:
        CheckpointError: Something is wrong before training begins.
    """
    os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", LEAST_MEMORY)
    torch.set_float32_matmul_precision("high")
    torch.manual_seed(given.seed)
    seconds = 60 * given.minutes
    device, end = torch.device(given.device), began + seconds - min(TO_END, LEAST_SHARE * seconds)
    given.out.mkdir(parents=True, exist_ok=True)
    report = Report(given.out / "report.json", {**machine, "finished": False}, began)
    with report.timed("set_up"):
        with_gemma = given.start[0] == "gemma"
        packed = luggage.unpack(given.data, gemma.tokenizer_of(Path(given.start[1])) if with_gemma else None)
        started = model_of(given, packed)
        started.model.to(device)
        report.write(model=told(started), corpus={"examples": len(packed.corpus), "tokens": packed.corpus.tokens.size})
        compiled = "as asked" if given.plain else fused_losses.tried(device)
        report.write(not_compiled=compiled)
    with tempfile.TemporaryDirectory() as work:
        training = Training(given, started, packed, report, Path(work) / "checkpoint")
        problem = training.train(end - given.check_seconds, plain=bool(compiled))
        return checked(training, device, end, problem)


def model_of(given: argparse.Namespace, packed: Luggage) -> Begun:
    """Return the model with which the options want to begin."""
    limit = int(given.limit * 2**20)
    if given.start[0] == "scratch":
        return initial_model.from_scratch(packed.words, packed.folder, given.width, given.layers, given.seed, limit)
    if given.start[0] == "gemma":
        return gemma.begun(Path(given.start[1]), packed.folder, given.seed, limit)
    return initial_model.from_checkpoint(Path(given.start[0]), packed.words, packed.folder, given.seed, limit)


def told(started: Begun) -> dict[str, Any]:
    """Return what the report says of a model."""
    parameters, config = list(started.model.parameters()), started.model.config
    return {
        "parameters": sum(parameter.numel() for parameter in parameters),
        "trained": sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
        "width": config.hidden_size, "layers": config.layers, "vocabulary": config.vocab_size, "kept": started.kept,
    }  # fmt: skip


@dataclass
class Training:
    """The training run, and what it brings back.

    Attributes:
        given: Parsed options.
        started: The model.
        luggage: What it is trained on.
        report: The report.
        folder: Folder of the newest checkpoint.
        brought: Number of checkpoints that were packed.
    """

    given: argparse.Namespace
    started: Begun
    luggage: Luggage
    report: Report
    folder: Path
    brought: int = 0

    def train(self, end: float, plain: bool) -> str:
        """Train until a time, and pack the last checkpoint.

        Args:
            end: The time on time.monotonic's clock.
            plain: Whether nothing is compiled.

        Returns:
            What went wrong, or an empty string. A run that failed has its checkpoint of the minute before.
        """
        given, model = self.given, self.started.model
        device = model.embed_tokens.weight.device
        memory = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else None
        budget = given.budget or initial_model.budget_for(model.config, memory)
        rates = initial_model.scaled(Rates(muon=0.02 * given.rate, adam=2e-3 * given.rate), budget)
        minutes = max(1e-3, (end - time.monotonic()) / 60)
        config = TrainConfig(
            out=self.folder, kinds=True, minutes=minutes, reading=given.reading * minutes, budget=budget,
            seed=given.seed, rates=rates,
        )  # fmt: skip
        self.run = Run(config, model, self.started.optimizer(rates), 0, 0.0, [])
        self.timed = Timed(self.run, self._batches, budget, losses, end, self.bring)
        problem = ""
        with self.report.timed("training"), nullcontext() if plain else fused_losses.fused():
            try:
                self.timed.train()
            except Exception as error:  # e.g. a lost GPU: earlier checkpoints stay, and the report says why
                traceback.print_exc()
                problem = f"{type(error).__name__}: {error}"
        if not problem or not self.brought:
            self.bring()
        return problem

    def bring(self) -> None:
        """Write the checkpoint, pack it, and update the report."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.started.save(self.run.model, self.folder)
        facts = {"steps": self.run.step, "minutes": round(self.run.spent / 60, 2), "log": self.run.log}
        (self.folder / "training.json").write_text(json.dumps(facts, indent=1) + "\n")
        self.brought += 1
        pieces = parcel.bring(self.folder, self.given.out, self.brought)
        size = sum(file.stat().st_size for file in self.folder.glob("*.safetensors"))
        self.report.write(pieces=[piece.name for piece in pieces], weights_bytes=size, **self._figures())

    def _batches(self, budget: int) -> Batches:
        config = TrainConfig(out=self.folder, kinds=True, budget=budget)
        return Batches.of(self.luggage.corpus, self.luggage.words, config, self.given.seed + self.run.step)

    def _figures(self) -> dict[str, Any]:
        run, log = self.run, self.run.log
        rates = [row["tokens_per_second"] for row in log]
        return {
            "steps": run.step, "trained_seconds": round(run.spent, 1), "budget": self.timed.budget,
            "lost_steps": self.timed.lost, "rates": {"muon": run.config.rates.muon, "adam": run.config.rates.adam},
            "tokens_per_second": round(sum(rates) / len(rates)) if rates else None,
            "peak_memory_gib": round(torch.cuda.max_memory_allocated() / 2**30, 1) if has_gpu() else None, "log": log,
        }  # fmt: skip


def checked(training: Training, device: torch.device, end: float, problem: str) -> int:
    """Write pages with the checkpoint as it came back, and finish the report; a check that fails loses no weights."""
    report, given = training.report, training.given
    try:
        with report.timed("check"):
            folder = gemma.servable(training.folder, given.start)
            found, pages = final_check.check(folder, training.luggage.probe, device, end)
        (given.out / "pages.json").write_text(json.dumps(pages, indent=1, ensure_ascii=False) + "\n", "utf-8")
        report.write(check=found)
        print(json.dumps(found), flush=True)
    except Exception as error:
        traceback.print_exc()
        problem = "; ".join(filter(None, [problem, f"check: {type(error).__name__}: {error}"]))
    report.write(finished=not problem, problem=problem)
    print(f"{given.out}: {training.run.step} steps, {training.started.kept}{f'; {problem}' if problem else ''}")
    return int(bool(problem))
