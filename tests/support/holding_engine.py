"""An engine without a model that holds the positions it is told to hold, and writes one text into the free ones."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.core.params import Params
from engine.core.results import Frame, Result, Stats
from tests.support.fakes import CANVAS, EOS, STEPS, FakeEngine, FakeGeneration

PAD = 257


@dataclass
class HoldingEngine(FakeEngine):
    """An engine that can hold positions of a page.

    Attributes:
        writes: Text for the free positions. Padding follows it if a held position comes later, and otherwise the end.
        canvas_length: Tokens of a canvas.
        pad_id: The padding token.
    """

    writes: str = ""
    canvas_length: int = CANVAS
    pad_id: int = PAD

    def submit(self, messages: list[dict[str, str]], params: Params, *, session: str = "") -> FakeGeneration:
        """Begin a page whose held positions keep their tokens."""
        if params.hold is None:
            return super().submit(messages, params, session=session)
        self.submitted.append((messages[-1]["content"], params))
        self.sessions.append(session)
        return HeldGeneration(self, self._page(params), params)

    def _page(self, params: Params) -> list[int]:
        assert params.canvas is not None
        assert params.hold is not None
        held = {place for start, end in params.hold for place in range(start, end)}
        text = iter(self.writes.encode())
        last = max(held)
        size = params.canvases(CANVAS) * CANVAS
        return [params.canvas[at] if at in held else next(text, PAD if at < last else EOS) for at in range(size)]


class HeldGeneration(FakeGeneration):
    """A page with held positions; it ends at its EOS or with its canvases."""

    def __init__(self, engine: FakeEngine, tokens: Sequence[int], params: Params) -> None:
        ends = -(-(tokens.index(EOS) + 1) // CANVAS) * CANVAS if EOS in tokens else len(tokens)
        super().__init__(engine, list(tokens[:ends]), params)
        self._held = {place for start, end in params.hold or () for place in range(start, end)}

    def _frame(self, block: int, step: int, canvas: "np.ndarray[tuple[int], np.dtype[np.int32]]") -> Frame:
        """Return a frame; held positions are settled from the first step, and all others settle from the left."""
        held = np.array([block * CANVAS + at in self._held for at in range(CANVAS)])
        settled = (np.arange(CANVAS) < CANVAS * step / STEPS) | held
        tokens = np.where(settled, canvas, np.int32(ord("#")))
        return Frame(block, step, STEPS, tokens, settled, 0.0, time.perf_counter() - self._began, step == STEPS)

    async def result(self) -> Result:
        """Return the page and its statistics."""
        seconds = time.perf_counter() - self._began
        done = self._tokens[: CANVAS * len(self._steps)]
        tokens = done[: done.index(EOS)] if EOS in done else done
        stats = Stats(len(tokens), len(self._steps), self._steps, 100.0, 0.01, seconds, 0)
        return Result(tokens, "cancelled" if self._stopped else "eos" if EOS in done else "length", stats)
