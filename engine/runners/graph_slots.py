"""The slots of a graph runner's step, and a step that is still running."""

from dataclasses import dataclass
from typing import NamedTuple

import torch

from engine.checkpoint.memory import free_memory
from engine.model.fused_model import FusedModel
from engine.requests.canvas import Canvas
from engine.requests.request import Request, Side
from engine.runners.graph_capture import Work
from engine.runners.graph_state import Shown

SIZES = (1, 2, 4, 8, 16)
"""The numbers of canvases for which there is a graph."""


class Slot(NamedTuple):
    """The occupant of one slot: a request's canvas behind one of the request's sides.

    A guided canvas takes two slots, one behind each side.
    """

    request: Request
    canvas: Canvas
    side: Side

    @property
    def counts(self) -> bool:
        """Tell whether this slot's results are used; only those of a request's own side are."""
        return self.side is self.request


class StepKind(NamedTuple):
    """The properties of a step that its graph is captured for (see GraphState.step)."""

    canvases: int
    committing: bool = False
    guiding: bool = False
    holding: bool = False


@dataclass(frozen=True)
class PendingStep:
    """A step that was launched and may still be running.

    Attributes:
        seats: The occupants of the slots that it advances, in order.
        shown: The host buffers in which its results arrive.
        landed: An event that is recorded behind the copy of the results; None where nothing runs asynchronously.
    """

    seats: tuple[Slot, ...]
    shown: Shown
    landed: "torch.cuda.Event | None"

    def wait(self) -> None:
        """Block until the results have arrived."""
        if self.landed:
            self.landed.synchronize()


class TimedStep(NamedTuple):
    """A step to be timed.

    Attributes:
        step: Launches the step.
        shown: The device buffers that the step writes its results to.
        prefix: The number of tokens before each canvas.
    """

    step: Work
    shown: Shown
    prefix: int


def seats_for(model: FusedModel) -> int:
    """Return how many canvases may share a step.

    The logits of all canvases, and what is computed from them, may take half of the free memory.
    """
    if model.device.type != "cuda":
        return SIZES[-1]
    each = 3 * model.config.canvas_length * model.config.vocab_size * model.dtype.itemsize
    free = free_memory(model.device)
    return max(size for size in SIZES if size == 1 or size * each <= free // 2)
