"""Turn a text from an upstream model into the frames of canvases, as the engine makes them. The module does no I/O."""

import time
from dataclasses import dataclass, field

import numpy as np

from backend.models.text_tokens import BLANK, EOS, is_whole, split
from engine.core.results import Frame, Stats

CANVAS = 256
"""The number of pieces in a canvas of a text that only grows."""


@dataclass
class Canvases:
    """The common part of both kinds of text: the frames made so far, and what is committed.

    Attributes:
        began: When the text was asked for, by time.perf_counter.
        tokens: The committed pieces.
        steps: The steps of each committed canvas.
        first: The seconds until the first frame.
    """

    began: float = field(default_factory=time.perf_counter)
    tokens: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    first: float = 0.0

    def frame(self, ids: list[int], size: int, settled: int | list[bool], step: int, most: int) -> Frame:
        """Return the frame of a canvas that is not finished.

        Args:
            ids: The pieces so far.
            size: The number of pieces of the canvas.
            settled: How many pieces have settled from the left, or which.
            step: The step of the frame.
            most: The maximum number of steps.
        """
        return self._frame(ids + [BLANK] * (size - len(ids)), settled, step, most, False)

    def final(self, ids: list[int], size: int, step: int, most: int) -> Frame:
        """Return the frame of a canvas that is committed and filled up with EOS."""
        self.tokens += ids
        self.steps.append(step)
        return self._frame(ids + [EOS] * (size - len(ids)), size, step, most, True)

    def stats(self) -> Stats:
        """Return the statistics of the text."""
        seconds = time.perf_counter() - self.began
        speed = len(self.tokens) / seconds if seconds else 0.0
        return Stats(len(self.tokens), len(self.steps), self.steps, speed, self.first, seconds, 0)

    def _frame(self, ids: list[int], settled: int | list[bool], step: int, most: int, final: bool) -> Frame:
        """Return a frame of pieces that fill the canvas."""
        elapsed = time.perf_counter() - self.began
        self.first = self.first or elapsed
        flags = np.arange(len(ids)) < settled if isinstance(settled, int) else np.zeros(len(ids), np.bool_)
        if isinstance(settled, list):
            flags[: len(settled)] = settled
        block = len(self.steps) - final
        return Frame(block, step, max(step, most), np.array(ids, np.int32), flags, 0.0, elapsed, final)


class Growing(Canvases):
    """The frames of a text that only grows: all of it is settled, except a last piece that more characters may join."""

    _taken = 0

    def take(self, text: str) -> list[Frame]:
        """Return the frames for a text that begins with the text before."""
        frames, ids = self._filled(text)
        if ids:
            settled = len(ids) - (not is_whole(ids[-1]))
            frames.append(self.frame(ids, CANVAS, settled, len(ids), CANVAS))
        return frames

    def end(self, text: str) -> list[Frame]:
        """Return the last frames."""
        frames, ids = self._filled(text)
        return [*frames, self.final(ids, CANVAS, max(1, len(ids)), CANVAS)]

    def _filled(self, text: str) -> tuple[list[Frame], list[int]]:
        """Return the canvases that are full and followed by more, and the pieces behind them."""
        frames, ids = [], split(text)[self._taken :]
        full = max(0, len(ids) - 1) // CANVAS * CANVAS
        for at in range(0, full, CANVAS):
            frames.append(self.final(ids[at : at + CANVAS], CANVAS, CANVAS, CANVAS))
        self._taken += full
        return frames, ids[full:]


class Rewritten(Canvases):
    """The frames of a text that arrives whole each time, in one canvas; what is as it was before is settled.

    A text that outgrows the canvas is shown as far as the canvas reaches, and committed in several canvases.
    """

    def __init__(self, size: int, most: int) -> None:
        """Create an empty canvas.

        Args:
            size: The number of pieces of the canvas.
            most: The maximum number of steps.
        """
        super().__init__()
        self._size, self._most, self._step = size, most, 0
        self._before: list[int] = []

    def take(self, text: str) -> list[Frame]:
        """Return the frame for a new version of the text."""
        ids = split(text)[: self._size]
        settled = [new == old for new, old in zip(ids, self._before, strict=False)]
        self._before = ids
        self._step += 1
        return [self.frame(ids, self._size, settled, self._step, self._most)]

    def end(self, text: str) -> list[Frame]:
        """Return the last frames."""
        ids = split(text)
        starts = range(0, max(1, len(ids)), self._size)
        steps = [self._step + 1] + [1] * (len(starts) - 1)
        return [
            self.final(ids[at : at + self._size], self._size, step, self._most)
            for at, step in zip(starts, steps, strict=True)
        ]
