"""The thread that owns the model: between steps it lets requests join and leave, then runs one for all seated."""

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
"""In what CUDA, its libraries and Triton say of an error that every later call to the device will meet again."""


OUT_OF_MEMORY = "out of memory"


def lasting(error: BaseException) -> bool:
    """Whether the device is of no more use to this process; lack of memory is not of that kind."""
    return isinstance(error, RuntimeError) and OUT_OF_MEMORY not in str(error) and bool(LASTING.search(str(error)))


def lost(error: BaseException) -> DeviceLost:
    return DeviceLost(f"the GPU has failed: {error}")


def unsettled(error: Exception) -> Exception:
    """Why a model that was loaded cannot be served."""
    if lasting(error):
        return lost(error)
    if OUT_OF_MEMORY in str(error):
        return NotEnoughMemory(f"expected room for a denoising step beside the weights: {error}")
    return error


class Worker:
    """Serves generations until closed. `seats`: how many canvases share a step; a guided one takes two.

    Raises what keeps the runner from being set up: DeviceLost, NotEnoughMemory, or a defect as it is.
    """

    def __init__(self, runner: EagerRunner | CudaGraphRunner, seats: int) -> None:
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
        with self._changed:
            if self._closing:
                raise EngineClosed("the engine is closed")
            self._scheduler.add(generation)
            self._changed.notify()

    def wake(self) -> None:
        with self._changed:
            self._changed.notify()

    def when_lost(self, call: Callable[[DeviceLost], None]) -> None:
        """What to do when the device is lost and everything on it has failed: in the worker's thread, or at once."""
        with self._changed:
            self._when_lost, failure = call, self._failure
        if isinstance(failure, DeviceLost):
            call(failure)

    def close(self) -> None:
        """Finish the step under way, end every generation as cancelled, and join the thread. May be called twice."""
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
        """Wait for work; returns the seated generations, or none when closing."""
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
        """Do work for a group. If it fails, do it for each alone, so that only those fail who cannot be served."""
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
                    self._scheduler.give_way(group[0])  # waits for their end, and not on a seat that they need
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
        """Deliver a frame; after a final one, go on to the next canvas or end."""
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
        """The thread ends: nobody may wait for it in vain. failure: the reason, unless it was asked to."""
        self._failure, self._closing = failure, True
        for generation in self._scheduler.items():
            if failure is None:
                self._end(generation, "cancelled")
            else:
                self._scheduler.remove(generation)
                stopped = EngineClosed(f"the engine has stopped: {failure}")
                stopped.__cause__ = failure
                generation.fail(stopped)
