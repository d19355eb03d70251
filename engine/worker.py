"""The thread that owns the model.

Between denoising steps it lets requests join and leave; then it runs one step for all that have slots.
"""

import re
import threading
from collections.abc import Callable, Sequence

from engine.core.errors import DeviceLost, EngineClosed, GenerationFailed, NotEnoughMemory, OutOfRows
from engine.core.results import Finish, Frame
from engine.requests.generation import Generation
from engine.runners.cuda_graph import CudaGraphRunner
from engine.runners.eager import EagerRunner, Step
from engine.scheduler import Scheduler

LASTING = re.compile(r"CUDA error|\[CUDA\]|cuDNN error|CUBLAS_STATUS|device-side assert")
"""Matches messages of CUDA, its libraries and Triton about errors that every later call to the device will repeat."""


OUT_OF_MEMORY = "out of memory"


def lasting(error: BaseException) -> bool:
    """Tell whether an error makes the device useless to this process; lack of memory does not."""
    return isinstance(error, RuntimeError) and OUT_OF_MEMORY not in str(error) and bool(LASTING.search(str(error)))


def lost(error: BaseException) -> DeviceLost:
    """Return the DeviceLost error that reports `error`."""
    return DeviceLost(f"the GPU has failed: {error}")


def unsettled(error: Exception) -> Exception:
    """Return the error that explains why a model that was loaded cannot be served."""
    if lasting(error):
        return lost(error)
    if OUT_OF_MEMORY in str(error):
        return NotEnoughMemory(f"expected room for a denoising step beside the weights: {error}")
    return error


class Worker:
    """A worker serves generations in a thread of its own until it is closed.

    Attributes:
        seats: The number of canvases that share a step; a guided request takes two slots.
    """

    def __init__(self, runner: EagerRunner | CudaGraphRunner, seats: int) -> None:
        """Start the thread and wait until it has set up the runner.

        Args:
            runner: Runs the model.
            seats: The number of canvases that share a step.

        Raises:
            DeviceLost: The GPU failed during the setup.
            NotEnoughMemory: There is no room for a denoising step beside the weights.
            Exception: Any other defect of the setup, unchanged.
        """
        self._runner, self.seats = runner, seats
        self._scheduler: Scheduler[Generation] = Scheduler(seats, lambda generation: len(generation.request.sides))
        self._changed = threading.Condition()
        self._closing = False
        self._when_lost: Callable[[DeviceLost], None] = lambda _: None
        self._settled, self._failure = threading.Event(), None  # type: threading.Event, Exception | None
        self._thread = threading.Thread(target=self._serve, name="silverprint-engine", daemon=True)
        self._thread.start()
        self._settled.wait()
        if self._failure:
            raise unsettled(self._failure) from self._failure

    def submit(self, generation: Generation) -> None:
        """Queue a generation.

        Raises:
            EngineClosed: The engine is closed.
        """
        with self._changed:
            if self._closing:
                raise EngineClosed("the engine is closed")
            self._scheduler.add(generation)
            self._changed.notify()

    def wake(self) -> None:
        """Wake the thread, so that it notices what has changed, such as a cancelled generation."""
        with self._changed:
            self._changed.notify()

    def when_lost(self, call: Callable[[DeviceLost], None]) -> None:
        """Set what to call once the device is lost and all its generations have failed.

        The call comes from the worker's thread, or at once if the device is already lost.
        """
        with self._changed:
            self._when_lost, failure = call, self._failure
        if isinstance(failure, DeviceLost):
            call(failure)

    def close(self) -> None:
        """Finish the step that runs, end every generation as cancelled, and join the thread.

        It may be called more than once.
        """
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _serve(self) -> None:
        try:
            self._runner.settle()
        except Exception as error:
            self._failure = error
            return
        finally:
            self._settled.set()
        failure: Exception | None = None
        try:
            while live := self._next_step():
                self._tick(live)
        except Exception as error:
            failure = error
        with self._changed:
            self._abandon(failure)
            tell = self._when_lost
        if isinstance(failure, DeviceLost):
            tell(failure)
        elif failure:
            raise failure

    def _next_step(self) -> list[Generation]:
        """Wait for work; return the generations that have slots, or an empty list when closing."""
        with self._changed:
            while not self._closing:
                self._drop_cancelled()
                if live := self._scheduler.next_step():
                    return live
                self._changed.wait()
            return []

    def _drop_cancelled(self) -> None:
        for generation in self._scheduler.items():
            if generation.cancelled:
                self._end(generation, "cancelled")

    def _tick(self, live: Sequence[Generation]) -> None:
        if pending := [g for g in live if g.request.unencoded]:
            self._attempt(self._encode, pending)
        ready = [g for g in live if not g.done and not g.request.unencoded]
        if written := [g for g in ready if g.request.reading]:
            self._attempt(self._read, written)
        if unwritten := [g for g in ready if g not in written]:
            self._attempt(self._step, unwritten)

    def _attempt(self, work: Callable[[Sequence[Generation]], None], group: Sequence[Generation]) -> None:
        """Run `work` for a group; if it fails, run it for each generation alone.

        So only those generations fail that cannot be served.
        """
        try:
            work(group)
        except Exception as error:
            if lasting(error):
                raise lost(error) from error
            if len(group) > 1:
                for generation in group:
                    self._attempt(work, [generation])
            elif isinstance(error, OutOfRows) and any(self._runner.holds(g.request) for g in self._scheduler.items()):
                with self._changed:
                    # It waits in the queue until one of them ends, so that it blocks no slot that they need.
                    self._scheduler.give_way(group[0])
            else:
                self._fail(group[0], error)

    def _encode(self, group: Sequence[Generation]) -> None:
        self._runner.encode([generation.request for generation in group])

    def _step(self, group: Sequence[Generation]) -> None:
        step = self._runner.step([generation.request for generation in group])
        owners = {generation.request: generation for generation in group}
        for row, request in enumerate(step.requests):
            self._deliver(owners[request], step, row)

    def _deliver(self, generation: Generation, step: Step, row: int) -> None:
        frame = generation.request.advance(step.argmax[row], step.accepted[row], float(step.entropy[row]))
        self._hand_out(generation, frame)

    def _read(self, group: Sequence[Generation]) -> None:
        readings = self._runner.read([generation.request for generation in group])
        for generation, reading in zip(group, readings, strict=True):
            self._hand_out(generation, generation.request.correct(reading))

    def _hand_out(self, generation: Generation, frame: Frame) -> None:
        """Deliver a frame; after a final one, begin the next canvas or end the generation."""
        generation.deliver(frame)
        if not frame.final:
            return
        finish = generation.request.commit(frame)
        with self._changed:
            if finish is None:
                self._scheduler.give_way(generation)
            else:
                self._end(generation, finish)

    def _end(self, generation: Generation, finish: Finish) -> None:
        self._scheduler.remove(generation)
        self._runner.release(generation.request)
        generation.finish(generation.request.result(finish))

    def _fail(self, generation: Generation, error: Exception) -> None:
        with self._changed:
            self._scheduler.remove(generation)
        self._runner.release(generation.request)
        failure = GenerationFailed(f"the model failed on this request: {error}")
        failure.__cause__ = error
        generation.fail(failure)

    def _abandon(self, failure: Exception | None) -> None:
        """End all generations as the thread ends, so that nobody waits for it in vain.

        Args:
            failure: Why the thread ends; None if it was asked to close.
        """
        self._failure, self._closing = failure, True
        for generation in self._scheduler.items():
            if failure is None:
                self._end(generation, "cancelled")
            else:
                self._scheduler.remove(generation)
                stopped = EngineClosed(f"the engine has stopped: {failure}")
                stopped.__cause__ = failure
                generation.fail(stopped)
