"""Who sits where in a step of the graph runner, and a step under way."""

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
"""Numbers of canvases for which there is a graph."""


class Slot(NamedTuple):
    """Who sits: a request's canvas, behind one of its sides. A guided canvas takes a seat behind either."""

    request: Request
    canvas: Canvas
    side: Side

    @property
    def counts(self) -> bool:
        """Whether it is this seat's results that are looked at."""
        return self.side is self.request


class StepKind(NamedTuple):
    """What a graph is captured for (see Board.step)."""

    canvases: int
    committing: bool = False
    guiding: bool = False
    holding: bool = False


@dataclass(frozen=True)
class PendingStep:
    """A step under way: whose canvases it advances, by seat, and where its results arrive."""

    seats: tuple[Slot, ...]
    shown: Shown
    landed: "torch.cuda.Event | None"

    def wait(self) -> None:
        if self.landed:
            self.landed.synchronize()


class TimedStep(NamedTuple):
    """A step to be timed, what it shows, and the tokens that stand before each canvas."""

    step: Work
    shown: Shown
    prefix: int


def seats_for(model: FusedModel) -> int:
    """Canvases that may share a step: as many as half of the free memory holds logits of, with what is made of them."""
    if model.device.type != "cuda":
        return SIZES[-1]
    each = 3 * model.config.canvas_length * model.config.vocab_size * model.dtype.itemsize
    free = free_memory(model.device)
    return max(size for size in SIZES if size == 1 or size * each <= free // 2)
