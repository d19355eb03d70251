"""What a generation returns: a Frame after every denoising step or reading, and a Result at the end.

This module does not import torch.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Finish = Literal["eos", "length", "cancelled"]


@dataclass(frozen=True, eq=False)
class Frame:
    """The state of one canvas after a denoising step, or after a reading of the denoised canvas.

    Attributes:
        block: The index of the canvas within the page.
        step: How many denoising steps were done, from 1.
        steps: The most denoising steps that the canvas may take.
        tokens: The argmax canvas, int32 [C].
        settled: The settled positions, bool [C] (see design.md); all true in a final frame.
        entropy: The mean over the canvas without its held tokens, in nats.
        elapsed: Seconds since the request was submitted.
        final: Whether this canvas is committed as shown.
        reading: The number of the reading, from 1; 0 for a denoising step.
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
    """The figures of one generation.

    Attributes:
        tokens: Tokens of the result without padding, which adds no text.
        canvases: The number of committed canvases.
        steps: How many denoising steps each canvas took.
        tokens_per_second: `tokens` divided by `seconds`.
        first_frame: Seconds from submission to the first frame; 0 if there was none.
        seconds: Seconds from submission to the end.
        corrections: How often a settled token changed later.
        readings: How often each canvas was read.
        replaced: How many committed tokens differ from those that were denoised, because a reading replaced them.
        surprisal: For each token that was read, in order, minus its log-probability given all tokens before it, in
            nats. The encoder's last reading counts. It is 0 for held tokens. The list is empty for a page that another
            engine began, and for one that was not read.
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
    """The outcome of a generation.

    Attributes:
        tokens: The page's ids up to the end-of-page token, without it. For a cancelled generation, those of the
            committed canvases.
        finish: How the page ended.
        stats: The figures of the generation.
    """

    tokens: list[int]
    finish: Finish
    stats: Stats


@dataclass(frozen=True)
class TextResult(Result):
    """A result that also has its tokens as text.

    Attributes:
        text: The decoded tokens.
    """

    text: str = ""
