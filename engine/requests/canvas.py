"""One canvas on its way from noise to text, and the Frame it yields after each denoising step and each reading."""

import numpy as np
from numpy.typing import NDArray

from engine.core.params import Params
from engine.core.results import Frame


class Canvas:
    """The state of one canvas that is no tensor: its clock, what it showed last, what has settled. Pure numpy.

    step, readings: denoising steps and readings done. corrections: how often a settled token changed later.
    written: denoising is over; the canvas is committed, or read first. held: bool [C], places that nothing may touch.
    """

    def __init__(self, block: int, length: int, params: Params, held: NDArray[np.bool_] | None = None) -> None:
        self.block, self.params = block, params
        self.held = np.zeros(length, np.bool_) if held is None else held
        self.step = self.readings = self.corrections = 0
        self.written = False
        self.shown: NDArray[np.int32] | None = None
        self._unchanged = 0
        self._settled_as = np.full(length, -1, np.int32)  # the token a position settled with; -1: not settled

    def advance(self, argmax: NDArray[np.int32], accepted: NDArray[np.bool_], entropy: float, elapsed: float) -> Frame:
        """Take in a step's argmax canvas [C], its accepted positions [C] and mean entropy (nats)."""
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
        """Take in a reading: tokens [C] with the doubtful ones [C] replaced, mean entropy (nats). done: all is read."""
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
