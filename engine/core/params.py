"""What a caller may ask of one generation."""

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from engine.core.errors import InvalidParams


class Message(TypedDict):
    """One turn of a conversation."""

    role: str
    content: str


QUOTED = 60
"""Characters of a wrong value that its error shows at most."""

Prompt = str | list[Message] | list[int]
"""A user's words, a conversation, or token ids."""


@dataclass(frozen=True)
class Params:
    """How a page is denoised. The defaults are those DiffusionGemma was published with.

    max_tokens: room for the page, in tokens, rounded up to whole canvases.
    max_steps: denoising steps a canvas gets at most.
    temperature: (first step, end of the schedule); falls linearly, both above 0.
    entropy_bound: nats; how much joint uncertainty one step may accept.
    stability: steps the argmax canvas must have stood still before the canvas may stop early.
    confidence: nats; mean entropy below which a stable canvas stops early. 0: every canvas takes max_steps.
    doubt: nats; the encoder reads a finished canvas from left to right before it is committed, and replaces each token
    that it holds for less likely than another by more than this. None: canvases are committed unread. Only for models
    whose encoder was trained to predict the next token.
    max_readings: how often it reads a canvas at most; each reading settles one token or more.
    guidance: how far to follow the prompt, as a weight of classifier-free guidance (engine/model/guidance.py): 1 as the
    model does anyway, more than 1 further. Such a request takes two seats. None: 1, without the second canvas.
    unconditional: the prompt that guidance leads away from, as `Engine.submit` takes one: text, messages or token ids.
    None: the chat template around nothing.
    seed: of the request's own random numbers; None draws a fresh one.
    canvas: token ids to start from instead of noise, cut into successive canvases (edits in place).
    hold: parts of `canvas` that stay as they are (infilling), as (start, end) pairs of positions in it, in order and
    apart from each other. A held token is in every frame and settled in it, never becomes noise, counts as accepted
    with an entropy of zero, and is replaced by no reading; that a canvas may stop early is decided by its other places
    alone, and one without any takes a single step. An end of the page before a held token becomes padding.

    Raises InvalidParams, naming the field, what was expected and what came.
    """

    max_tokens: int = 1024
    max_steps: int = 48
    temperature: tuple[float, float] = (0.8, 0.4)
    entropy_bound: float = 0.1
    stability: int = 1
    confidence: float = 0.005
    doubt: float | None = None
    max_readings: int = 256
    guidance: float | None = None
    unconditional: Prompt | None = None
    seed: int | None = None
    canvas: Sequence[int] | None = None
    hold: Sequence[tuple[int, int]] | None = None

    def __post_init__(self) -> None:
        _whole("max_tokens", self.max_tokens, 1)
        _whole("max_steps", self.max_steps, 1)
        _whole("stability", self.stability, 0)
        _number("entropy_bound", self.entropy_bound)
        _number("confidence", self.confidence)
        if self.doubt is not None:
            _number("doubt", self.doubt)
        _whole("max_readings", self.max_readings, 1)
        if self.guidance is not None:
            _number("guidance", self.guidance)
        elif self.unconditional is not None:
            raise InvalidParams("unconditional: expected guidance beside it, got none")
        _check_temperature(self.temperature)
        if self.seed is not None:
            _whole("seed", self.seed, 0)
        if self.canvas is not None:
            _check_canvas(self.canvas)
        if self.hold is not None:
            _check_hold(self.hold, self.canvas)

    def canvases(self, length: int) -> int:
        """How many canvases of `length` tokens the page may have."""
        return -(-self.max_tokens // length)

    @property
    def guided(self) -> bool:
        """Whether a second canvas is needed: a weight of 1 leaves everything as it is."""
        return self.guidance not in (None, 1)


@dataclass(frozen=True)
class Committed:
    """What is done of a page that another engine began: the page goes on behind it.

    tokens: of its canvases, whole ones. steps, readings: how many each of them took; the seed's random numbers go on
    where these leave them.
    """

    tokens: tuple[int, ...] = ()
    steps: tuple[int, ...] = ()
    readings: tuple[int, ...] = ()

    def check(self, length: int, canvases: int, eos_ids: Collection[int]) -> None:
        """Raises InvalidParams unless a page of so many canvases of such a length can go on behind it."""
        if len(self.steps) >= canvases:
            raise InvalidParams(f"committed: expected fewer than {canvases} canvases, got {len(self.steps)}")
        if len(self.tokens) != length * len(self.steps) or len(self.readings) != len(self.steps):
            raise InvalidParams(
                f"committed: expected {length} tokens and one reading count for each of {len(self.steps)} canvases, "
                f"got {len(self.tokens)} and {len(self.readings)}"
            )
        if ends := sorted(set(eos_ids).intersection(self.tokens)):
            raise InvalidParams(f"committed: expected a page that has not ended, got token {ends[0]}, which ends it")


def _whole(name: str, value: object, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise InvalidParams(f"{name}: expected a whole number >= {least}, got {_brief(value)}")


def _number(name: str, value: object) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= sys.float_info.max:
        raise InvalidParams(f"{name}: expected a number >= 0, got {_brief(value)}")


def _check_temperature(value: object) -> None:
    pair = isinstance(value, tuple) and len(value) == 2 and all(isinstance(t, int | float) for t in value)
    if not pair or not sys.float_info.max >= value[0] >= value[1] > 0:  # type: ignore[index]
        raise InvalidParams(f"temperature: expected (first, last) with first >= last > 0, got {_brief(value)}")


def _check_canvas(value: Sequence[int]) -> None:
    if not value:
        raise InvalidParams("canvas: expected at least one token id, got none")
    if bad := [token for token in value if not isinstance(token, int) or token < 0]:
        raise InvalidParams(f"canvas: expected token ids >= 0, got {_brief(bad[0])}")


def _check_hold(value: object, canvas: Sequence[int] | None) -> None:
    if canvas is None:
        raise InvalidParams("hold: expected canvas beside it, got none")
    last, most = 0, len(canvas)
    pairs: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
    for pair in pairs:
        whole = isinstance(pair, list | tuple) and len(pair) == 2 and all(type(place) is int for place in pair)
        if not whole or not last <= pair[0] < pair[1] <= most:
            expected = f"(start, end) pairs in order with 0 <= start < end <= {most}, the length of canvas"
            raise InvalidParams(f"hold: expected {expected}, got {_brief(pair)}")
        last = pair[1]


def _brief(value: object) -> str:
    """A value as an error can hold it."""
    text = repr(value)
    return text if len(text) <= QUOTED else f"{text[: QUOTED - 3]}..."
