"""What a generation gives back: a Frame after every step or reading, a Result at the end. No torch in here."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Finish = Literal["eos", "length", "cancelled"]


@dataclass(frozen=True, eq=False)
class Frame:
    """One denoising step of one canvas, or, once these are done, one reading of it.

    block: index of the canvas within the page. step: denoising steps so far, from 1, of at most `steps`.
    reading: which reading this is, from 1; 0 for a denoising step.
    tokens: int32 [C], the argmax canvas. settled: bool [C], see design.md; all true in a final frame.
    entropy: nats, mean over the canvas, without what is held of it. elapsed: seconds since the request was submitted.
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
    reading: int = 0


@dataclass(frozen=True)
class Stats:
    """Figures of one generation.

    tokens: of the result, without padding, which shows nothing. steps: denoising steps each canvas took.
    tokens_per_second: tokens over seconds.
    first_frame, seconds: since submission (first_frame is 0 when none was made).
    corrections: how often a settled token changed later. readings: how often each canvas was read.
    replaced: tokens that were committed otherwise than they had been written, because a reading replaced them.
    surprisal: nats, of each token that was read, in order, as the encoder read it last: how unlikely it held the token
    for behind all before it. 0 for what was held; nothing for a page that another engine began, or that nobody read.
    """

    tokens: int
    canvases: int
    steps: list[int]
    tokens_per_second: float
    first_frame: float
    seconds: float
    corrections: int
    readings: list[int] = field(default_factory=list)
    replaced: int = 0
    surprisal: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """tokens: the page's ids up to EOS, without it; of a cancelled generation the committed canvases."""

    tokens: list[int]
    finish: Finish
    stats: Stats


@dataclass(frozen=True)
class TextResult(Result):
    """A result with its tokens as text."""

    text: str = ""
