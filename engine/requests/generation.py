"""A submitted request as its caller sees it: a stream of frames, a result, and a way to cancel.

The worker's thread delivers; any event loop or thread may read. Only one reader should iterate, as each frame is given
once.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator

from engine.core.results import Frame, Result
from engine.requests.request import Request


class Generation:
    """Frames come by `async for` or by `frames()`, the result by `await result()` or `wait()`.

    Iteration ends after the last frame, also for a cancelled generation. Iteration, `result` and `wait` all raise the
    error of a failed generation.

    Attributes:
        request: The state of the request, which belongs to the worker.

    Raises:
        GenerationFailed: The model failed on this request.
        EngineClosed: The engine stopped for a reason of its own.
    """

    def __init__(self, request: Request, wake_worker: Callable[[], None]) -> None:
        """Create a generation for the worker to serve.

        Args:
            request: The request.
            wake_worker: Makes the worker notice that the generation was cancelled.
        """
        self.request = request
        self._wake_worker = wake_worker
        self._changed = threading.Condition()
        self._frames: deque[Frame] = deque()
        self._result: Result | None = None
        self._error: Exception | None = None
        self._wakers: list[Callable[[], None]] = []
        self._cancelled = False

    @property
    def cancelled(self) -> bool:
        """Tell whether `cancel` was called."""
        return self._cancelled

    @property
    def done(self) -> bool:
        """Tell whether the generation has ended, with a result or an error."""
        return self._result is not None or self._error is not None

    def cancel(self) -> None:
        """Stop before the next step; the result then holds the committed canvases.

        It has no effect once the generation is done.
        """
        self._cancelled = True
        self._wake_worker()

    async def result(self) -> Result:
        """Wait for the end and return the result."""
        while not self.done:
            await self._wait_async(lambda: self.done)
        return self._outcome()

    def wait(self) -> Result:
        """Block this thread until the end and return the result. Do not call it in an event loop."""
        with self._changed:
            self._changed.wait_for(lambda: self.done)
        return self._outcome()

    def frames(self) -> Iterator[Frame]:
        """Block this thread for each frame and yield it. Do not call it in an event loop."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._frames or self.done)
                frame = self._frames.popleft() if self._frames else None
            if frame is None:
                self._outcome()
                return
            yield frame

    def __aiter__(self) -> "Generation":
        return self

    async def __anext__(self) -> Frame:
        while True:
            done = self.done  # read before _frames, which then holds all frames that were delivered before the end
            if self._frames:
                return self._frames.popleft()
            if done:
                self._outcome()
                raise StopAsyncIteration
            await self._wait_async(lambda: bool(self._frames) or self.done)

    def deliver(self, frame: Frame) -> None:
        """Deliver the next frame; called by the worker."""
        with self._changed:
            self._frames.append(frame)
        self._announce()

    def finish(self, result: Result) -> None:
        """End the generation with a result; called by the worker."""
        with self._changed:
            self._result = result
        self._announce()

    def fail(self, error: Exception) -> None:
        """End the generation with an error; called by the worker."""
        with self._changed:
            self._error = error
        self._announce()

    def _outcome(self) -> Result:
        if self._error is not None:
            raise self._error
        assert self._result is not None
        return self._result

    async def _wait_async(self, ready: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        event = asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(event.set)

        with self._changed:
            if ready():
                return
            self._wakers.append(wake)
        try:
            await event.wait()
        finally:
            with self._changed:
                self._wakers = [other for other in self._wakers if other is not wake]

    def _announce(self) -> None:
        with self._changed:
            self._changed.notify_all()
            wakers, self._wakers = self._wakers, []
        for wake in wakers:
            try:
                wake()
            except RuntimeError:  # that reader's event loop is closed, so no one is left to wake
                continue
