"""One request as the worker sees it: its parameters, its progress, and its end."""

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
"""The first reading behind a doubtful token takes this many tokens. On a CPU, so many take hardly longer than one."""

GROWTH = 4
"""The factor by which the next reading grows if nothing was doubtful."""

NEAR = 4
"""How many tokens after a doubtful one must be right for the next doubtful one to count as unrelated."""


@dataclass(frozen=True)
class Reading:
    """The encoder's verdict on the next n unread tokens of a canvas, on the CPU.

    Attributes:
        tokens: int64 [n], the tokens, with the likeliest one in place of each doubtful one.
        doubtful: bool [n], whether a token is doubtful.
        right: How many tokens precede the first doubtful one.
        entropy: The sum over the n tokens, in nats.
        surprisal: Minus the log-probability of each of the n tokens before any replacement, in nats.
    """

    tokens: Tensor
    doubtful: Tensor
    right: int
    entropy: float
    surprisal: tuple[float, ...] = ()


class Side:
    """A growing prefix: a request's prompt and committed canvases, or the same without the prompt.

    Attributes:
        pending: Ids to encode before the next step: the prompt, then each committed canvas.
        cache: The prefix's keys and values, if the eager runner serves it.
        last: [hidden], the encoder's hidden state of its last encoded token, on the model's device.
    """

    def __init__(self, prompt: Sequence[int]) -> None:
        self.pending: list[int] = list(prompt)
        self.cache: PrefixCache | None = None
        self.last: Tensor | None = None


class Request(Side):
    """The state of one generation between steps. Tensors are on the model's device unless stated otherwise.

    Attributes:
        params: The sampling parameters.
        noise: The random numbers.
        config: The model's configuration.
        unconditional: For a guided request, the side that its canvas is predicted from without the prompt; else None.
        tokens: int64 [C], the canvas as noised for the next step.
        predicted: fp32 [C, V], the last step's probabilities, which condition the next step. None before a canvas's
            first step.
        committed: The tokens of all committed canvases.
        steps: How many denoising steps each committed canvas took.
        readings: How many readings each committed canvas took.
        corrections: How often a settled token changed later, in committed canvases.
        replaced: As in engine.core.results.Stats, for what this engine has read.
        surprisal: As in engine.core.results.Stats, for what this engine has read.
        submitted: When the request was submitted, by time.perf_counter.
        first_frame: Seconds from submission to the first frame; 0 before it.
        canvas: The canvas in progress.
        held: The canvas's held tokens, on the CPU.
        holds: Whether any position is held, or is one where the page would end too early.
        read: How many tokens of the canvas the encoder has read and found right.
        window: How many tokens it reads next.
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
        """Start a request with its first canvas.

        Args:
            prompt: The prompt's token ids.
            params: The sampling parameters.
            noise: The random numbers.
            config: The model's configuration.
            unconditional: The token ids of the prompt that guidance leads away from; None without guidance.
            committed: Canvases that another engine has committed.
        """
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
        self._written = list[int]()  # the canvas in progress, before its first reading
        self._begun_elsewhere = bool(done.steps)
        self.submitted = time.perf_counter()
        self.first_frame = 0.0
        self.begin_canvas()

    @property
    def canvases(self) -> int:
        """Return how many canvases the page may have."""
        return self.params.canvases(self.config.canvas_length)

    @property
    def sides(self) -> tuple[Side, ...]:
        """Return the prefixes that its canvas is predicted from, its own first; each takes a slot."""
        return (self,) if self.unconditional is None else (self, self.unconditional)

    @property
    def weight(self) -> float:
        """Return the weight of guidance; 1 without guidance."""
        return 1.0 if self.params.guidance is None else self.params.guidance

    @property
    def unencoded(self) -> list[Side]:
        """Return the sides that have ids to encode before the next step."""
        return [side for side in self.sides if side.pending]

    @property
    def elapsed(self) -> float:
        """Return the seconds since submission."""
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
        """Take in a denoising step, and return its frame.

        Args:
            argmax: int [C], on the CPU, the argmax canvas.
            accepted: bool [C], on the CPU, the accepted positions.
            entropy: The mean entropy, in nats.
        """
        elapsed = self.elapsed
        self.first_frame = self.first_frame or elapsed
        return self.canvas.advance(argmax.numpy().astype(np.int32), accepted.numpy(), entropy, elapsed)

    @property
    def reading(self) -> bool:
        """Tell whether the canvas is denoised and is now being read."""
        return self.canvas.written and self.params.doubt is not None

    def unread(self) -> list[int]:
        """Return the tokens of a denoised canvas that are to be read next, up to the first end-of-page token."""
        assert self.canvas.shown is not None
        tokens: list[int] = self.canvas.shown[self.read : self.read + self.window].tolist()
        ends = (i for i, token in enumerate(tokens, 1) if token in self.config.eos_ids)
        return tokens[: next(ends, None)]

    def judged(self, tokens: Tensor, doubtful: Tensor, entropy: Tensor, surprisal: Tensor) -> Reading:
        """Return a reading from the encoder's predictions for the n unread tokens.

        Held tokens are never doubtful, and no prediction may end the page before one. See
        engine.runners.readings.Doubts.

        Args:
            tokens: int64 [n], on the CPU, with the likeliest token in place of each doubtful one.
            doubtful: bool [n], on the CPU.
            entropy: fp32 [n], on the CPU, in nats.
            surprisal: fp32 [n], on the CPU, in nats.
        """
        ids, held = torch.tensor(self.unread()), self.held.part(slice(self.read, self.read + len(tokens)))
        tokens = held.kept(tokens, self.config.eos_ids, self.config.pad_id)
        doubtful = doubtful & (tokens != ids)
        found = doubtful.nonzero()
        right = int(found[0]) if len(found) else len(tokens)
        entropy, surprisal = (column.masked_fill(held.places, 0) for column in (entropy, surprisal))
        return Reading(tokens, doubtful, right, float(entropy.sum()), tuple(surprisal.tolist()))

    def correct(self, reading: Reading) -> Frame:
        """Take in a reading of the unread tokens, and return its frame."""
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
        """Return the corrected canvas, with its continuation moved to where it belongs.

        The continuation moves if the corrections since a first doubtful token shift the text. Nothing moves if any
        token is held.

        Args:
            corrected: int32 [C], the canvas with its doubtful tokens replaced.
            at: The position of the first doubtful token.
        """
        assert self.canvas.shown is not None
        if self.holds:
            return corrected
        # Doubts close to each other belong to one shift. It is measured from the first of them, on the text then shown.
        if at - self._since >= NEAR:
            self._split, self._rest, self._moved = at, self.canvas.shown[at:].tolist(), False
        self._since = at + 1
        fresh = corrected[self._split : at + 1].tolist()
        count = replaced(fresh, self._rest)
        moves = count != len(fresh)
        # After an earlier move the canvas is rebuilt even if nothing moves now: that move has turned out to be wrong.
        if not (moves or self._moved):
            return corrected
        self._moved = moves
        moved = [*corrected[: at + 1].tolist(), *self._rest[count:]][: len(corrected)]
        moved += [self.config.pad_id] * (len(corrected) - len(moved))
        return np.array(moved, np.int32)

    def commit(self, frame: Frame) -> Finish | None:
        """Commit a final frame's canvas, and begin the next one unless the page ends.

        Returns:
            How the page ends with this canvas; None if another canvas begins.
        """
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
        """Return the result of a page that ended in the way of `finish`."""
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
