"""The sampling parameters of one generation."""

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
"""The most characters of a wrong value that its error message shows."""

Prompt = str | list[Message] | list[int]
"""A user's text, a conversation, or token ids."""


@dataclass(frozen=True)
class Params:
    """How a page is denoised. The defaults are those that DiffusionGemma was published with.

    Attributes:
        max_tokens: Room for the page, in tokens; it is rounded up to whole canvases.
        max_steps: The most denoising steps that a canvas gets.
        temperature: The first step's temperature and the end of the schedule. It falls linearly; both are above 0.
        entropy_bound: How much joint uncertainty one step may accept, in nats.
        stability: How many steps the argmax canvas must stay unchanged before the canvas may stop early.
        confidence: The mean entropy below which a stable canvas stops early, in nats. With 0, every canvas takes
            max_steps.
        doubt: A limit in nats for reading. Before a finished canvas is committed, the encoder reads it from left to
            right. It replaces each token whose log-probability falls short of the likeliest token's by more than this.
            None commits canvases unread. Only models whose encoder was trained to predict the next token support it.
        max_readings: How often the encoder reads a canvas at most; each reading settles one token or more.
        guidance: The weight of classifier-free guidance (engine/model/guidance.py): how far to follow the prompt. 1
            leaves the model's prediction as it is; more than 1 follows the prompt further. With any weight but 1, a
            request takes two slots. None is the same as 1.
        unconditional: The prompt that guidance leads away from: text, messages or token ids, as for `Engine.submit`.
            None is the chat template around an empty message.
        seed: The seed of the request's own random numbers; None draws a fresh one.
        canvas: Token ids to start from in place of noise (edits in place). They are cut into successive canvases.
        hold: Parts of `canvas` that stay unchanged (infilling), as (start, end) pairs of positions, in order and
            disjoint. A held token is in every frame and settled there; it never becomes noise, and no reading replaces
            it. It counts as accepted with an entropy of zero. Only the other positions decide whether a canvas may stop
            early; a canvas without any takes one step. An end of the page before a held token becomes padding.

    Raises:
        InvalidParams: A value is out of range; the message names the field, what was expected and what came.
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
        """Return how many canvases of `length` tokens the page may have."""
        return -(-self.max_tokens // length)

    @property
    def guided(self) -> bool:
        """Tell whether a second canvas is needed; a weight of 1 changes nothing and needs none."""
        return self.guidance not in (None, 1)


@dataclass(frozen=True)
class Committed:
    """The finished part of a page that another engine began; the page continues behind it.

    Attributes:
        tokens: The tokens of all committed canvases, which are whole.
        steps: How many denoising steps each canvas took; the seed's random numbers continue after these.
        readings: How many readings each canvas took.
    """

    tokens: tuple[int, ...] = ()
    steps: tuple[int, ...] = ()
    readings: tuple[int, ...] = ()

    def check(self, length: int, canvases: int, eos_ids: Collection[int]) -> None:
        """Check that a page can continue behind these canvases.

        Args:
            length: Tokens in a canvas.
            canvases: The most canvases that the page may have.
            eos_ids: The tokens that end a page.

        Raises:
            InvalidParams: The counts do not match, or the page is complete or has ended.
        """
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
    """Return a value's repr, shortened for an error message."""
    text = repr(value)
    return text if len(text) <= QUOTED else f"{text[: QUOTED - 3]}..."
