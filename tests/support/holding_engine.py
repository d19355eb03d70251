"""An engine without a model that holds what it is told to hold, and writes one text into what is free."""

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
    """writes: what goes into the free places of a page that holds something or begins with something, then padding
    where something is held behind it and the end where not."""

    writes: str = ""
    canvas_length: int = CANVAS
    pad_id: int = PAD

    def submit(self, messages: list[dict[str, str]], params: Params, *, session: str = "") -> FakeGeneration:
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
    """Ends at its EOS or with its canvases."""

    def __init__(self, engine: FakeEngine, tokens: Sequence[int], params: Params) -> None:
        ends = -(-(tokens.index(EOS) + 1) // CANVAS) * CANVAS if EOS in tokens else len(tokens)
        super().__init__(engine, list(tokens[:ends]), params)
        self._held = {place for start, end in params.hold or () for place in range(start, end)}

    def _frame(self, block: int, step: int, canvas: "np.ndarray[tuple[int], np.dtype[np.int32]]") -> Frame:
        """What is held stands from the first step; all else settles from the left."""
        held = np.array([block * CANVAS + at in self._held for at in range(CANVAS)])
        settled = (np.arange(CANVAS) < CANVAS * step / STEPS) | held
        tokens = np.where(settled, canvas, np.int32(ord("#")))
        return Frame(block, step, STEPS, tokens, settled, 0.0, time.perf_counter() - self._began, step == STEPS)

    async def result(self) -> Result:
        seconds = time.perf_counter() - self._began
        done = self._tokens[: CANVAS * len(self._steps)]
        tokens = done[: done.index(EOS)] if EOS in done else done
        stats = Stats(len(tokens), len(self._steps), self._steps, 100.0, 0.01, seconds, 0)
        return Result(tokens, "cancelled" if self._stopped else "eos" if EOS in done else "length", stats)
