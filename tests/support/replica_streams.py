"""Replicas without Ray: streams whose parts a test gives."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import numpy as np

from backend.models.ray.replica import Opened
from backend.models.ray.stream import RayWriting, ReplicaLost, Shape, StreamOrder
from engine.core.params import Params
from engine.core.results import Frame, Result, Stats

CANVAS, EOS, PAD = 4, 9, 8
SHAPE = Shape(CANVAS, frozenset({EOS}), PAD)
PARAMS = Params(max_tokens=3 * CANVAS, seed=1)
STATS = Stats(1, 1, [2], 1.0, 0.5, 1.0, 3, [0])


def frame(block: int, step: int, final: bool = False, token: int = 1) -> Frame:
    """Return a frame whose positions all have the same token."""
    tokens = np.full(CANVAS, token, np.int32)
    return Frame(block, step, 2, tokens, np.full(CANVAS, final), 0.0, 0.01 * step, final)


def result(*tokens: int) -> Result:
    """Return a result with these tokens."""
    return Result(list(tokens), "eos", STATS)


class Script:
    """A stream of given parts: an exception is raised, and None waits until it is cancelled."""

    def __init__(self, *parts: Any) -> None:
        self._parts = iter(parts)
        self.cancelled = False

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        await asyncio.sleep(0)
        part = next(self._parts, StopAsyncIteration())
        if part is None:
            await asyncio.Event().wait()
        if isinstance(part, ReplicaLost | StopAsyncIteration):
            raise part
        return part

    def cancel(self) -> None:
        """Record that the stream was cancelled."""
        self.cancelled = True


class Scripts:
    """Hands out streams in turn, and records what was asked for.

    Attributes:
        streams: The streams.
        orders: What was asked for.
    """

    def __init__(self, *scripts: Sequence[Any]) -> None:
        self.streams = [Script(Opened(f"replica {n}", n), *parts) for n, parts in enumerate(scripts)]
        self.orders: list[StreamOrder] = []

    def open(self, order: StreamOrder) -> Script:
        """Return the next stream."""
        self.orders.append(order)
        return self.streams[len(self.orders) - 1]

    def writing(self, params: Params = PARAMS) -> RayWriting:
        """Return a page that is read from the streams."""
        return RayWriting(StreamOrder("lava", params, "ann"), self.open, SHAPE)


def read(scripts: Scripts, then: Callable[[RayWriting, Frame], None] = lambda *_: None) -> tuple[list[Frame], Result]:
    """Return all frames and the result.

    Args:
        scripts: The streams.
        then: Called after each frame.
    """

    async def whole() -> tuple[list[Frame], Result]:
        writing, frames = scripts.writing(), []
        async for one in writing:
            frames.append(one)
            then(writing, one)
        return frames, await writing.result()

    return asyncio.run(whole())
