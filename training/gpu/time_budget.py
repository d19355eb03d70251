"""Training steps until a time of day: what a machine lent for minutes is worth, whatever else they are spent on.

training/train.py counts the seconds of its steps, so that a slow machine loses nothing; here the clock on the wall
decides, and compiling, checkpoints and a step that found no memory all count.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from training.dataset import CANVAS_COST
from training.noising import DRAWS
from training.optim import schedule
from training.train import Batches, Loss, Run, both_step, read_step

LEAST_BUDGET = 512
"""Tokens of a batch below which memory is not the reason."""

MOST_LOST = 50
"""Steps in a row whose loss is no number, after which training is over."""


@dataclass
class Watch:
    """What happened since the last row of the log."""

    since: float
    tokens: int = 0
    canvas: list[float] = field(default_factory=list)
    following: list[float] = field(default_factory=list)


@dataclass
class Timed:
    """Trains `run` until `end`, a time of `now`; run.config.minutes and .reading are how long that is, from the first
    step on.

    batches: makes endless batches within a budget of tokens. keep: called every `keep_every` seconds. After training,
    budget: what memory had room for; lost: steps left out because their loss was no number.
    """

    run: Run
    batches: Callable[[int], Batches]
    budget: int
    loss: Loss
    end: float
    keep: Callable[[], None]
    keep_every: float = 60.0
    watch_every: float = 5.0
    now: Callable[[], float] = time.monotonic
    lost: int = 0

    def train(self) -> None:
        """Raises FloatingPointError if losses stay no numbers, torch.OutOfMemoryError if not even a tiny batch fits."""
        run, begin = self.run, self.now()
        self._generator = torch.Generator().manual_seed(run.config.seed + run.step)
        self._drawn, self._in_a_row = self.batches(self.budget), 0
        kept, watch = begin, Watch(begin)
        moment = begin
        while True:  # one step at least, so that what comes back was trained
            run.spent = moment - begin
            self._step(watch)
            if (moment := self.now()) >= self.end:
                break
            if moment - watch.since >= self.watch_every:
                watch = self._noted(watch, moment, begin)
            if moment - kept >= self.keep_every:
                kept = moment
                self.keep()
        run.spent = moment - begin
        self._noted(watch, moment, begin)

    def _step(self, watch: Watch) -> None:
        run = self.run
        try:
            step = read_step if run.reads else both_step
            shape, canvas, following = step(run, self._drawn, self.loss, self._generator)
        except torch.OutOfMemoryError:
            if self.budget // 2 < LEAST_BUDGET:
                raise
            self.budget //= 2
            shape = ()
        if not shape:  # outside of the handler, whose traceback holds the step's tensors
            self._forget()
            self._drawn = self.batches(self.budget)
            return
        if not math.isfinite(canvas + following):
            self._lose()
            return
        self._in_a_row = 0
        run.optimizer.step(schedule(run.config.rates, run.step, run.progress))
        run.step += 1
        watch.tokens += tokens_of(shape, self.budget)
        watch.canvas.append(canvas)
        watch.following.append(following)

    def _lose(self) -> None:
        self._forget()
        self.lost += 1
        self._in_a_row += 1
        if self._in_a_row >= MOST_LOST:
            raise FloatingPointError(f"expected losses that are numbers, got {MOST_LOST} others in a row")

    def _forget(self) -> None:
        """Drop the gradients of a step that came to nothing."""
        for parameter in self.run.model.parameters():
            parameter.grad = None
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _noted(self, watch: Watch, moment: float, begin: float) -> Watch:
        """Add a row to the log, in the words of training/train.py; returns a watch that begins now."""
        if watch.canvas:
            row = {"step": self.run.step, "minutes": round((moment - begin) / 60, 3)}
            row |= {"canvas": round(_mean(watch.canvas), 4), "next": round(_mean(watch.following), 4)}
            row["tokens_per_second"] = round(watch.tokens / max(moment - watch.since, 1e-9))
            self.run.log.append(row)
            print(row, flush=True)
        return Watch(moment)


def tokens_of(shape: tuple[int, ...], budget: int) -> int:
    """Tokens that a step passed through the model with gradients: of prompts and pages, and of canvases once for each
    draw of noise. shape: as steps of training/train.py tell it."""
    length, canvas = shape[0], shape[1] if len(shape) > 1 else 0
    rows = max(1, budget // (length + CANVAS_COST * canvas))
    return rows * (length + DRAWS * canvas)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
