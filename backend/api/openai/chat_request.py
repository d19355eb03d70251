"""What a chat completion request asks for, in OpenAI's fields and ours.

The fields are checked one by one, and none is ignored in silence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from backend.http.api_requests import Refused
from backend.kit.strip import undressed
from backend.prompts.render import Message
from backend.shape import brief, clipped
from engine.core.errors import InvalidParams
from engine.core.params import Params

MESSAGES, STOPS, STOP_CHARS = 256, 4, 256
COLDEST = 0.01
"""The factor that OpenAI's temperature 0 stands for, because a schedule must stay above 0."""

ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
DIFFUSION = ("max_steps", "entropy_bound", "stability", "confidence", "doubt", "max_readings")
UNUSED = ("user", "metadata", "safety_identifier", "prompt_cache_key", "service_tier", "store")
"""Fields that say nothing about the text; they are accepted and not used."""

NEUTRAL: dict[str, tuple[Any, ...]] = {
    "n": (1,),
    "top_p": (1,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "functions": ([],),
    "function_call": ("none",),
    "parallel_tool_calls": (False, True),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
}
"""Fields that this model cannot act on, and the values that ask nothing of it."""


Readers = dict[str, tuple[str, Callable[[str, object], Any]]]
"""Maps a field to the field of Asked that it fills and to its reader. If two fill the same one, the later wins."""


@dataclass(frozen=True)
class Asked:
    """What a request asks for.

    Attributes:
        model: The model, as the client names it.
        messages: The conversation.
        stream: Whether the answer is sent as server-sent events.
        usage: Whether a last event of its own counts the tokens.
        diffusing: Whether every event holds the whole text as it is.
        stops: Strings that end the text.
        tokens: The most tokens, or None for the service's own limit.
        temperature: A factor on the checkpoint's own schedule, a schedule (first, last), or None for the checkpoint's
            own.
        seed: The seed of the random draws.
        sampling: Fields that Params get as they are.
    """

    model: str
    messages: list[Message]
    stream: bool = False
    usage: bool = False
    diffusing: bool = False
    stops: tuple[str, ...] = ()
    tokens: int | None = None
    temperature: float | tuple[float, float] | None = None
    seed: int | None = None
    sampling: dict[str, Any] = field(default_factory=dict)

    def params(self, most: Params) -> Params:
        """Return what the engine is asked for, within what the service allows.

        Raises:
            Refused: A value is not allowed.
        """
        tokens = min(self.tokens or most.max_tokens, most.max_tokens)
        if (steps := self.sampling.get("max_steps", 1)) and isinstance(steps, int) and steps > most.max_steps:
            raise wrong("max_steps", f"a number of at most {most.max_steps}", steps)
        heat = self.temperature
        if isinstance(heat, float):
            heat = (most.temperature[0] * heat, most.temperature[1] * heat)
        try:
            params = replace(most, max_tokens=tokens, seed=self.seed, **self.sampling)
            return replace(params, temperature=heat) if heat else params
        except InvalidParams as error:
            raise Refused(400, "invalid_value", str(error), str(error).partition(":")[0]) from error


def asked(data: dict[str, Any]) -> Asked:
    """Return what a chat completion request asks for.

    Raises:
        Refused: A field cannot be used; the error names it.
    """
    return Asked(**fields_of(data, READERS, NEUTRAL, ("model", "messages")))


def fields_of(
    data: dict[str, Any], readers: Readers, neutral_values: dict[str, tuple[Any, ...]], required: Sequence[str]
) -> dict[str, Any]:
    """Return the values of a request, by the fields of Asked that they fill.

    Args:
        data: The request.
        readers: The fields that are read, and their readers.
        neutral_values: The fields that must be absent or have one of these values.
        required: The fields that must be given.

    Raises:
        Refused: A field cannot be used; the error names it.
    """
    data = {name: value for name, value in data.items() if value is not None}
    for name in data:
        if name in neutral_values and data[name] not in neutral_values[name]:
            neutral = " or ".join(map(repr, neutral_values[name]))
            raise Refused(
                400,
                "unsupported_value",
                f"expected {name} to be absent or {neutral}: this model has no use for it",
                name,
            )
        if name not in readers and name not in (*neutral_values, *DIFFUSION, *UNUSED):
            raise Refused(400, "unknown_parameter", f"expected no field {brief(name)}", clipped(name))
    for name in required:
        if name not in data:
            raise Refused(400, "missing_required_parameter", f"expected a field {name}", name)
    values: dict[str, Any] = {}
    for name, (target, read) in readers.items():
        if name in data:
            values[target] = read(name, data[name])
    return values | {"sampling": {name: data[name] for name in DIFFUSION if name in data}}


def wrong(name: str, expected: str, got: object) -> Refused:
    """Build the refusal of a field's value."""
    return Refused(400, "invalid_value", f"expected {name} to be {expected}, got {brief(got)}", name)


def text_of(name: str, value: object) -> str:
    """Read a string."""
    if not isinstance(value, str):
        raise wrong(name, "a string", value)
    return value


def switch(name: str, value: object) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise wrong(name, "true or false", value)
    return value


def whole(name: str, value: object) -> int:
    """Read a whole number of 1 or more."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise wrong(name, "a whole number of 1 or more", value)
    return value


def seed_of(name: str, value: object) -> int:
    """Read a seed, a whole number of 64 bits, as a non-negative number of 63 bits."""
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63:
        raise wrong(name, "a whole number of 64 bits", value)
    return value % 2**63


def temperature_of(name: str, value: object) -> float | tuple[float, float]:
    """Read a factor on the checkpoint's own schedule, or a schedule [first, last]."""
    numbers: list[Any] = value if isinstance(value, list) else [value]
    good = all(isinstance(n, int | float) and not isinstance(n, bool) and 0 <= n <= 2 for n in numbers)
    if not good or len(numbers) not in (1, 2):
        raise wrong(name, "a number from 0 to 2 (1: the model's own schedule) or a schedule [first, last]", value)
    return (float(numbers[0]), float(numbers[1])) if len(numbers) == 2 else max(float(numbers[0]), COLDEST)


def stops_of(name: str, value: object) -> tuple[str, ...]:
    """Read a string that ends the text, or a list of at most STOPS of them."""
    stops = [value] if isinstance(value, str) else value
    fits = isinstance(stops, list) and len(stops) <= STOPS
    if not fits or not all(isinstance(s, str) and 0 < len(s) <= STOP_CHARS for s in stops):  # type: ignore[attr-defined]
        raise wrong(name, f"a string or a list of at most {STOPS}, each of 1 to {STOP_CHARS} characters", value)
    return tuple(stops)  # type: ignore[arg-type]


def usage_of(name: str, value: object) -> bool:
    """Read from the stream options whether tokens are counted at the end."""
    if not isinstance(value, dict) or set(value) - {"include_usage", "include_obfuscation"}:
        raise wrong(name, "an object with include_usage", value)
    return switch("stream_options.include_usage", value.get("include_usage", False))


def messages_of(name: str, value: object) -> list[Message]:
    """Read a list of 1 to MESSAGES messages."""
    if not isinstance(value, list) or not 0 < len(value) <= MESSAGES:
        raise wrong(name, f"a list of 1 to {MESSAGES} messages", value)
    return [message_of(f"{name}[{at}]", message) for at, message in enumerate(value)]


def message_of(name: str, value: object) -> Message:
    """Read a message of text, without tool calls; a kit that was copied into it is removed."""
    if not isinstance(value, dict):
        raise wrong(name, "a message", value)
    role = value.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise wrong(f"{name}.role", f"one of {', '.join(ROLES)}", role)
    if value.get("tool_calls"):
        raise Refused(400, "unsupported_value", f"expected {name} without tool calls", f"{name}.tool_calls")
    content = value.get("content")
    if isinstance(content, list):
        content = "".join(part_of(f"{name}.content[{at}]", part) for at, part in enumerate(content))
    if not isinstance(content, str):
        raise wrong(f"{name}.content", "a string or a list of text parts", content)
    return Message(role=ROLES[role], content=undressed(content))


def part_of(name: str, part: object) -> str:
    """Read a text part of a message."""
    if not isinstance(part, dict) or part.get("type") != "text" or not isinstance(part.get("text"), str):
        raise wrong(name, 'a part {"type": "text", "text": ...}: this model only reads', part)
    return str(part["text"])


READERS: Readers = {
    "model": ("model", text_of),
    "messages": ("messages", messages_of),
    "stream": ("stream", switch),
    "stream_options": ("usage", usage_of),
    "diffusing": ("diffusing", switch),
    "stop": ("stops", stops_of),
    "max_tokens": ("tokens", whole),
    "max_completion_tokens": ("tokens", whole),
    "temperature": ("temperature", temperature_of),
    "seed": ("seed", seed_of),
}
