"""One request as the worker sees it: what it asked, how far it is, and how it ends."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.core.config import ModelConfig
from engine.core.noise import Noise, pass_over
from engine.core.params import Committed, Params
from engine.core.results import Finish, Frame, Result, Stats
from engine.model.kv_cache import PrefixCache
from engine.requests.canvas import Canvas
from engine.requests.held_tokens import HeldTokens, share
from engine.requests.realign import new_tokens, replaced

LEAST = 16
"""Tokens of a first reading behind a doubt: on a CPU so many take hardly longer than one."""

GROWTH = 4
"""How much longer the next reading is when nothing was doubted."""

NEAR = 4
"""Tokens that must have been right since the last doubt before the next is a matter of its own."""


@dataclass(frozen=True)
class Reading:
    """What the encoder made of the next n tokens of a canvas that were still to be read.

    On the CPU: tokens int64 [n], with the likeliest in place of each doubtful one; doubtful bool [n]. right: tokens
    before the first doubtful one. entropy: nats, summed over the n. surprisal: nats, of each of the n as it stood.
    """

    tokens: Tensor
    doubtful: Tensor
    right: int
    entropy: float
    surprisal: tuple[float, ...] = ()


class Side:
    """A prefix that grows: what a request asks and has committed, or the same without what it asks.

    pending: ids to encode before the next step (the prompt, then each committed canvas). last: [hidden], what the
    encoder made of the last token that it took in, on the model's device.
    """

    def __init__(self, prompt: Sequence[int]) -> None:
        self.pending: list[int] = list(prompt)
        self.cache: PrefixCache | None = None
        self.last: Tensor | None = None


class Request(Side):
    """State of one generation between steps.

    unconditional: of a guided request, the side that its canvas is predicted from without the prompt.
    tokens: int64 [C], the canvas as noised for the next step. predicted: fp32 [C, V], the probabilities of the last
    step, which the next is conditioned on; None before a canvas's first step. read: tokens of the canvas that the
    encoder has read and found right. window: how many it reads next. The tensors are on the model's device. held: on
    the CPU, what is held of the canvas; holds: whether that is anything, or an end of the page would come too early
    there. replaced, surprisal: as of engine.core.results.Stats, of what this engine has read.
    """

    def __init__(
        self,
        prompt: Sequence[int],
        params: Params,
        noise: Noise,
        config: ModelConfig,
        unconditional: Sequence[int] | None = None,
        committed: Committed | None = None,
    ) -> None:
        done = committed or Committed()
        super().__init__([*prompt, *done.tokens])
        self.params, self.noise, self.config = params, noise, config
        self.unconditional = None if unconditional is None else Side([*unconditional, *done.tokens])
        self.predicted: Tensor | None = None
        self.committed: list[int] = list(done.tokens)
        self.steps: list[int] = list(done.steps)
        self.readings: list[int] = list(done.readings)
        pass_over(noise, config.canvas_length, config.vocab_size, done.steps)
        self.corrections = self.replaced = 0
        self.surprisal: list[float] = []
        self._written = list[int]()  # the canvas at work, before its first reading
        self._begun_elsewhere = bool(done.steps)
        self.submitted = time.perf_counter()
        self.first_frame = 0.0
        self.begin_canvas()

    @property
    def canvases(self) -> int:
        """How many canvases the page may have."""
        return self.params.canvases(self.config.canvas_length)

    @property
    def sides(self) -> tuple[Side, ...]:
        """The prefixes that its canvas is predicted from, its own first: as many as it takes seats."""
        return (self,) if self.unconditional is None else (self, self.unconditional)

    @property
    def weight(self) -> float:
        """Of guidance; 1 without."""
        return 1.0 if self.params.guidance is None else self.params.guidance

    @property
    def unencoded(self) -> list[Side]:
        """The sides that have ids to encode before the next step."""
        return [side for side in self.sides if side.pending]

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self.submitted

    def begin_canvas(self) -> None:
        """Start the next canvas from noise, or from the caller's tokens as far as they reach."""
        length = self.config.canvas_length
        start = len(self.steps) * length
        self.held = HeldTokens.of(self.params, start, length)
        self.holds = bool((self.held.places | self.held.early).any())
        self.canvas = Canvas(len(self.steps), length, self.params, self.held.places.numpy())
        self.tokens = self.noise.tokens(length, self.config.vocab_size)
        given = list(self.params.canvas or ())[start : start + length]
        self.tokens[: len(given)] = torch.tensor(given, dtype=torch.int64)
        self.predicted = None
        self.read, self.window = 0, length
        self._split, self._since, self._rest, self._moved = 0, -NEAR, list[int](), False

    def advance(self, argmax: Tensor, accepted: Tensor, entropy: float) -> Frame:
        """Take in a step: int64 [C] and bool [C] on the CPU, mean entropy in nats."""
        elapsed = self.elapsed
        self.first_frame = self.first_frame or elapsed
        return self.canvas.advance(argmax.numpy().astype(np.int32), accepted.numpy(), entropy, elapsed)

    @property
    def reading(self) -> bool:
        """Whether the canvas is written and now read."""
        return self.canvas.written and self.params.doubt is not None

    def unread(self) -> list[int]:
        """The tokens of a written canvas that are to be read next, up to the first EOS."""
        assert self.canvas.shown is not None
        tokens: list[int] = self.canvas.shown[self.read : self.read + self.window].tolist()
        ends = (i for i, token in enumerate(tokens, 1) if token in self.config.eos_ids)
        return tokens[: next(ends, None)]

    def judged(self, tokens: Tensor, doubtful: Tensor, entropy: Tensor, surprisal: Tensor) -> Reading:
        """What the encoder found of the unread tokens, each [n] on the CPU (see engine.runners.readings.Doubts), as far
        as it may have its way: nothing that is held is doubtful, and no page ends before that."""
        ids, held = torch.tensor(self.unread()), self.held.part(slice(self.read, self.read + len(tokens)))
        tokens = held.kept(tokens, self.config.eos_ids, self.config.pad_id)
        doubtful = doubtful & (tokens != ids)
        found = doubtful.nonzero()
        right = int(found[0]) if len(found) else len(tokens)
        entropy, surprisal = (column.masked_fill(held.places, 0) for column in (entropy, surprisal))
        return Reading(tokens, doubtful, right, float(entropy.sum()), tuple(surprisal.tolist()))

    def correct(self, reading: Reading) -> Frame:
        """Take in what a reading of the unread tokens gave."""
        assert self.canvas.shown is not None
        shown, doubtful = self.canvas.shown.copy(), np.zeros(len(self.canvas.shown), np.bool_)
        part = slice(self.read, self.read + len(reading.tokens))
        shown[part], doubtful[part] = reading.tokens.numpy(), reading.doubtful.numpy()
        wrong = reading.right < len(reading.tokens)
        if wrong:
            shown = self._realigned(shown, self.read + reading.right)
        self.window = LEAST if wrong else self.window * GROWTH
        self.read += reading.right
        entropy = reading.entropy / len(shown) * share(self.held)
        done = not wrong and (self.read == len(shown) or int(shown[self.read - 1]) in self.config.eos_ids)
        if not self.canvas.readings:
            self._written = self.canvas.shown.tolist()
        frame = self.canvas.correct(shown, doubtful, entropy, self.elapsed, done)
        self.surprisal += reading.surprisal[: None if frame.final else reading.right]
        if frame.final:
            self.replaced += new_tokens(self._written, frame.tokens.tolist())
        return frame

    def _realigned(self, corrected: NDArray[np.int32], at: int) -> NDArray[np.int32]:
        """The canvas, corrected token by token, whose first doubtful token was the one at a place: as it is, or with
        what follows moved there from where the canvas has it. Nothing is moved where anything is held."""
        assert self.canvas.shown is not None
        if self.holds:
            return corrected
        if at - self._since >= NEAR:
            self._split, self._rest, self._moved = at, self.canvas.shown[at:].tolist(), False
        self._since = at + 1
        fresh = corrected[self._split : at + 1].tolist()
        count = replaced(fresh, self._rest)
        moves = count != len(fresh)
        if not (moves or self._moved):
            return corrected
        self._moved = moves
        moved = [*corrected[: at + 1].tolist(), *self._rest[count:]][: len(corrected)]
        moved += [self.config.pad_id] * (len(corrected) - len(moved))
        return np.array(moved, np.int32)

    def commit(self, frame: Frame) -> Finish | None:
        """Keep a final frame's canvas. Returns how the page ends with it, or None after beginning the next canvas."""
        canvas = frame.tokens.tolist()
        self.committed += canvas
        self.steps.append(frame.step)
        self.readings.append(frame.reading)
        self.corrections += self.canvas.corrections
        if not set(self.config.eos_ids).isdisjoint(canvas):
            return "eos"
        if len(self.steps) == self.canvases:
            return "length"
        self.pending = canvas[self.read :]
        if self.unconditional:
            self.unconditional.pending = canvas
        self.begin_canvas()
        return None

    def result(self, finish: Finish) -> Result:
        ends = (i for i, token in enumerate(self.committed) if token in self.config.eos_ids)
        tokens = self.committed[: next(ends, None)]
        seconds, shown = self.elapsed, sum(token != self.config.pad_id for token in tokens)
        stats = Stats(
            shown,
            len(self.steps),
            list(self.steps),
            shown / seconds,
            self.first_frame,
            seconds,
            self.corrections,
            list(self.readings),
            self.replaced,
            [] if self._begun_elsewhere else list(self.surprisal),
        )
        return Result(tokens, finish, stats)
