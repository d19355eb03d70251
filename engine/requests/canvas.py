"""One canvas on its way from noise to text, and the Frame of each denoising step and each reading."""

import numpy as np
from numpy.typing import NDArray

from engine.core.params import Params
from engine.core.results import Frame


class Canvas:
    """The state of one canvas apart from its tensors: its step counter, what it showed last, and what has settled.

    It is pure numpy.

    Attributes:
        block: The index of the canvas within the page.
        params: The request's sampling parameters.
        held: bool [C], the positions of held tokens.
        step: Denoising steps done.
        readings: Readings done.
        corrections: How often a settled token changed later.
        written: Whether denoising is over; the canvas is then committed, or read first.
        shown: int32 [C], the canvas as last shown; None before the first step.
    """

    def __init__(self, block: int, length: int, params: Params, held: NDArray[np.bool_] | None = None) -> None:
        self.block, self.params = block, params
        self.held = np.zeros(length, np.bool_) if held is None else held
        self.step = self.readings = self.corrections = 0
        self.written = False
        self.shown: NDArray[np.int32] | None = None
        self._unchanged = 0
        self._settled_as = np.full(
            length, -1, np.int32
        )  # the token each position settled with; -1 if it is not settled

    def advance(self, argmax: NDArray[np.int32], accepted: NDArray[np.bool_], entropy: float, elapsed: float) -> Frame:
        """Take in the results of a denoising step, and return its frame.

        Args:
            argmax: int32 [C], the argmax canvas.
            accepted: bool [C], the accepted positions.
            entropy: The mean entropy, in nats.
            elapsed: Seconds since the request was submitted.
        """
        self.step += 1
        same = np.zeros_like(accepted) if self.shown is None else argmax == self.shown
        self._unchanged = self._unchanged + 1 if same.all() else 0
        self.shown = argmax
        self.written = self.step == self.params.max_steps or self._still(entropy)
        final = self.written and self.params.doubt is None
        settled = np.ones_like(accepted) if final else (accepted & same) | self.held
        return self._frame(argmax, settled, entropy, elapsed, final)

    def correct(
        self, tokens: NDArray[np.int32], doubtful: NDArray[np.bool_], entropy: float, elapsed: float, done: bool
    ) -> Frame:
        """Take in the results of a reading, and return its frame.

        Args:
            tokens: int32 [C], the canvas with its doubtful tokens replaced.
            doubtful: bool [C], the positions of doubtful tokens.
            entropy: The mean entropy, in nats.
            elapsed: Seconds since the request was submitted.
            done: Whether the whole canvas is read.
        """
        self.readings += 1
        self.shown = tokens
        final = self.readings == self.params.max_readings or done
        return self._frame(tokens, np.ones_like(doubtful) if final else ~doubtful, entropy, elapsed, final)

    def _frame(
        self, tokens: NDArray[np.int32], settled: NDArray[np.bool_], entropy: float, elapsed: float, final: bool
    ) -> Frame:
        self._settle(tokens, settled)
        steps = self.params.max_steps
        return Frame(self.block, self.step, steps, tokens, settled, entropy, elapsed, final, self.readings)

    def _still(self, entropy: float) -> bool:
        calm = self._unchanged >= self.params.stability and entropy < self.params.confidence
        return calm or bool(self.held.all())

    def _settle(self, argmax: NDArray[np.int32], settled: NDArray[np.bool_]) -> None:
        changed = (self._settled_as >= 0) & (self._settled_as != argmax)
        self.corrections += int(changed.sum())
        self._settled_as[changed] = -1
        self._settled_as[settled] = argmax[settled]
