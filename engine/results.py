"""What a generation gives back: a Frame after every denoising step, a Result at the end. No torch in here."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Finish = Literal["eos", "length", "cancelled"]


@dataclass(frozen=True, eq=False)
class Frame:
    """One denoising step of one canvas.

    block: index of the canvas within the page. step: 1-based, of at most `steps`.
    tokens: int32 [C], the argmax canvas. settled: bool [C], see design.md; all true in a final frame.
    entropy: nats, mean over the canvas. elapsed: seconds since the request was submitted.
    final: this canvas is committed as shown.
    """

    block: int
    step: int
    steps: int
    tokens: NDArray[np.int32]
    settled: NDArray[np.bool_]
    entropy: float
    elapsed: float
    final: bool


@dataclass(frozen=True)
class Stats:
    """Figures of one generation.

    tokens: of the result, without padding, which shows nothing. steps: denoising steps each canvas took.
    tokens_per_second: tokens over seconds.
    first_frame, seconds: since submission (first_frame is 0 when none was made).
    corrections: how often a settled token changed later.
    """

    tokens: int
    canvases: int
    steps: list[int]
    tokens_per_second: float
    first_frame: float
    seconds: float
    corrections: int


@dataclass(frozen=True)
class Result:
    """tokens: the page's ids up to EOS, without it; of a cancelled generation the committed canvases."""

    tokens: list[int]
    finish: Finish
    stats: Stats
