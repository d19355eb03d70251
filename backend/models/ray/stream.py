"""A page that a replica writes, as the service sees it; if the replica is lost, another one continues the page."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from backend.models.ray.replica import Opened
from engine.core.errors import DeviceLost, EngineClosed, EngineError, GenerationFailed
from engine.core.params import Committed
from engine.core.results import Frame, Result, Stats

if TYPE_CHECKING:
    from backend.models.base import Prompt
    from engine.core.params import Params
    from engine.core.results import Finish

log = logging.getLogger(__name__)

TRIES = 2
"""How often a page is given to another replica before it counts as failed."""


class ReplicaLost(Exception):
    """The replica ended, or became unreachable, in the middle of a stream."""


class Stream(Protocol):
    """What a replica sends.

    Iterating raises ReplicaLost, or GenerationFailed for anything else that went wrong there.
    """

    def __aiter__(self) -> "AsyncIterator[Opened | Frame | Result | EngineError]": ...

    def cancel(self) -> None:
        """End the stream without raising and without blocking."""


@dataclass(frozen=True)
class StreamOrder:
    """What a replica is asked for.

    Attributes:
        prompt: The prompt of the page.
        params: The parameters, with a seed, so that another replica makes the same page.
        session: The session of the page, for routing.
        committed: What another replica has committed already.
    """

    prompt: "Prompt"
    params: "Params"
    session: str
    committed: Committed | None = None


class Newest:
    """A queue of frames that keeps every final frame but only the newest draft for a slow reader."""

    def __init__(self) -> None:
        self._frames: deque[Frame] = deque()

    def __bool__(self) -> bool:
        return bool(self._frames)

    def put(self, frame: Frame) -> None:
        """Append a frame; it replaces a waiting draft."""
        if self._frames and not self._frames[-1].final:
            self._frames.pop()
        self._frames.append(frame)

    def take(self) -> Frame:
        """Remove and return the oldest frame."""
        return self._frames.popleft()


@dataclass(frozen=True)
class Shape:
    """Facts about the pages of a model.

    Attributes:
        canvas: How many tokens a canvas has.
        eos_ids: The tokens that end a page.
        pad_id: The token that shows nothing.
    """

    canvas: int
    eos_ids: frozenset[int]
    pad_id: int


class Progress:
    """What is committed of a page.

    Attributes:
        committed: The committed canvases.
        first: Seconds until the first frame.
    """

    def __init__(self, params: "Params", shape: Shape) -> None:
        self.committed = Committed()
        self.first = 0.0
        self._shape = shape
        self._canvases = params.canvases(shape.canvas)
        self._submitted = time.perf_counter()

    @property
    def elapsed(self) -> float:
        """Seconds since the page was submitted."""
        return time.perf_counter() - self._submitted

    @property
    def finish(self) -> "Finish | None":
        """How the page ends with what is committed, or None if it goes on."""
        if not self._shape.eos_ids.isdisjoint(self.committed.tokens):
            return "eos"
        return "length" if len(self.committed.steps) >= self._canvases else None

    def take(self, frame: Frame) -> None:
        """Add the tokens of a final frame to what is committed."""
        self.first = self.first or frame.elapsed
        if frame.final:
            done = self.committed
            tokens = (*done.tokens, *map(int, frame.tokens))
            self.committed = Committed(tokens, (*done.steps, frame.step), (*done.readings, frame.reading))

    def result(self, finish: "Finish") -> Result:
        """Return the page as far as it is committed.

        Corrections are counted as 0, because only its replica knew them.
        """
        done, seconds = self.committed, self.elapsed
        ends = (i for i, token in enumerate(done.tokens) if token in self._shape.eos_ids)
        tokens = list(done.tokens[: next(ends, None)])
        shown, steps = sum(token != self._shape.pad_id for token in tokens), list(done.steps)
        stats = Stats(shown, len(steps), steps, shown / seconds, self.first, seconds, 0, list(done.readings))
        return Result(tokens, finish, stats)

    def timed(self, result: Result) -> Result:
        """Return a result with the times of the whole page, of which its replica may have seen only the last part."""
        seconds = self.elapsed
        rate = result.stats.tokens / seconds
        return replace(
            result, stats=replace(result.stats, seconds=seconds, first_frame=self.first, tokens_per_second=rate)
        )


class RayWriting:
    """A page being written, which reads streams from construction on in the running event loop.

    If a replica is lost, it asks another one for the rest of the page.

    Attributes:
        replica: The replica that writes the page, once one does.
    """

    def __init__(self, order: StreamOrder, open: Callable[[StreamOrder], Stream], shape: Shape) -> None:
        self.replica: Opened | None = None
        self._order, self._open = order, open
        self._progress = Progress(order.params, shape)
        self._frames = Newest()
        self._result: Result | None = None
        self._error: EngineError | None = None
        self._changed = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._written())
        self._task.add_done_callback(self._ended)

    @property
    def done(self) -> bool:
        """Whether the page has a result or an error."""
        return self._result is not None or self._error is not None

    def cancel(self) -> None:
        """Stop before the replica's next step; the result then holds the committed canvases.

        It has no effect once the page is done.
        """
        self._task.cancel()

    async def result(self) -> Result:
        """Wait for the end of the page and return its result.

        Raises:
            EngineError: The page failed.
        """
        await self._until(lambda: self.done)
        return self._outcome()

    def __aiter__(self) -> AsyncIterator[Frame]:
        return self

    async def __anext__(self) -> Frame:
        await self._until(lambda: bool(self._frames) or self.done)
        if self._frames:
            return self._frames.take()
        self._outcome()
        raise StopAsyncIteration

    async def _until(self, ready: Callable[[], bool]) -> None:
        while not ready():
            self._changed.clear()
            await self._changed.wait()

    def _outcome(self) -> Result:
        if self._error is not None:
            raise self._error
        assert self._result is not None
        return self._result

    def _ended(self, task: "asyncio.Task[Result]") -> None:
        """Keep the result or the error of the task that read the page."""
        if task.cancelled():
            self._result = self._progress.result("cancelled")
        elif (error := task.exception()) is None:
            self._result = task.result()
        elif isinstance(error, EngineError):
            self._error = error
        else:
            self._error = GenerationFailed(f"the page could not be read from its replica: {error}")
            self._error.__cause__ = error
        self._changed.set()

    async def _written(self) -> Result:
        """Return the result, from one replica or, if that is lost, from the next.

        Raises:
            EngineError: The page failed.
        """
        lost: Exception | None = None
        for _ in range(1 + TRIES):
            try:
                return await self._read()
            except (ReplicaLost, DeviceLost, EngineClosed) as error:
                log.warning("lost %s with a page of %d canvases", self.replica, len(self._progress.committed.steps))
                lost = error
            if finish := self._progress.finish:
                return self._progress.result(finish)
        raise GenerationFailed(f"{1 + TRIES} replicas were lost while they made this page") from lost

    async def _read(self) -> Result:
        """Read one replica's part of the page."""
        before, committed = self._progress.elapsed, self._progress.committed
        stream = self._open(replace(self._order, committed=committed if committed.steps else None))
        try:
            async for part in stream:
                if isinstance(part, Frame):
                    self._take(replace(part, elapsed=before + part.elapsed))
                elif isinstance(part, Opened):
                    self.replica = part
                elif isinstance(part, Result):
                    return self._progress.timed(part)
                else:
                    raise part
            raise ReplicaLost("the stream ended without a result")
        except BaseException:
            stream.cancel()
            raise

    def _take(self, frame: Frame) -> None:
        self._progress.take(frame)
        self._frames.put(frame)
        self._changed.set()
