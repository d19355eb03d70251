"""Training steps until a point in time, for a machine that is lent for minutes.

training/train.py counts only the seconds of its steps, so that a slow machine loses nothing. Here elapsed time decides:
compiling, checkpoints and a step that ran out of memory all count.
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
"""If a batch of fewer tokens than this fails, memory is not the reason."""

MOST_LOST = 50
"""Consecutive steps with a loss that is not finite, after which training ends."""


@dataclass
class Watch:
    """What happened since the last row of the log.

    Attributes:
        since: Time of that row.
        tokens: Tokens of the steps since then.
        canvas: Canvas losses of these steps.
        following: Next-token losses of these steps.
    """

    since: float
    tokens: int = 0
    canvas: list[float] = field(default_factory=list)
    following: list[float] = field(default_factory=list)


@dataclass
class Timed:
    """Trains a run until a point in time.

    Attributes:
        run: The run. Its configuration's minutes and reading are counted from the first step on.
        batches: Makes endless batches within a budget of tokens.
        budget: Tokens of a batch; after training, what fitted into memory.
        loss: Returns the losses of a batch.
        end: When training ends, as a time of `now`.
        keep: Called every `keep_every` seconds.
        keep_every: Seconds.
        watch_every: Seconds between two rows of the log.
        now: The clock.
        lost: Steps that were left out because their loss was not finite.
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
        """Train until the end, with at least one step.

        Raises:
            FloatingPointError: Losses stay not finite.
            torch.OutOfMemoryError: Not even a very small batch fits.
        """
        run, begin = self.run, self.now()
        self._generator = torch.Generator().manual_seed(run.config.seed + run.step)
        self._drawn, self._in_a_row = self.batches(self.budget), 0
        kept, watch = begin, Watch(begin)
        moment = begin
        while True:  # at least one step, so that the model was trained
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
        if not shape:  # not in the handler, because its traceback keeps the step's tensors alive
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
        """Drop the gradients of a step that failed."""
        for parameter in self.run.model.parameters():
            parameter.grad = None
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _noted(self, watch: Watch, moment: float, begin: float) -> Watch:
        """Add a row to the log, with the names of training/train.py; return a watch that begins now."""
        if watch.canvas:
            row = {"step": self.run.step, "minutes": round((moment - begin) / 60, 3)}
            row |= {"canvas": round(_mean(watch.canvas), 4), "next": round(_mean(watch.following), 4)}
            row["tokens_per_second"] = round(watch.tokens / max(moment - watch.since, 1e-9))
            self.run.log.append(row)
            print(row, flush=True)
        return Watch(moment)


def tokens_of(shape: tuple[int, ...], budget: int) -> int:
    """Return the tokens that a step passed through the model with gradients.

    These are prompts and pages, and canvases once for each draw of noise.

    Args:
        shape: Shape of the step, as in training/train.py.
        budget: Tokens of a batch.
    """
    length, canvas = shape[0], shape[1] if len(shape) > 1 else 0
    rows = max(1, budget // (length + CANVAS_COST * canvas))
    return rows * (length + DRAWS * canvas)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
