"""Untrusted maps -> frozen dataclasses: every value checked against its annotation, nothing coerced, nothing extra.

Understands str, int, float, bool, Literal, X | None, tuple[X, ...], tuple[A, B], dict[str, X], dataclasses, and
Annotated[X, Span] for limits.
"""

from collections.abc import Hashable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from backend.errors import ProtocolError

T = TypeVar("T")
QUOTED = 60
"""Characters of a client's value that an error shows at most."""

NAMES: dict[Any, str] = {str: "a string", int: "an integer", float: "a number", bool: "true or false"}


@dataclass(frozen=True)
class Span:
    """Limits of a value: its size if it has a length (strings in code points), else the number itself.

    low_code, high_code: error codes for less and for more. blank: whether a string of white space counts as filled.
    """

    low: int
    high: int
    low_code: str = "bad_message"
    high_code: str = "bad_message"
    blank: bool = True


def build(cls: type[T], data: object, path: str = "message") -> T:
    """An instance of dataclass cls from a map. Raises ProtocolError for a missing, unknown or misshapen field."""
    if not isinstance(data, Mapping):
        raise wrong(path, "a map", data)
    known = hints(cast(Hashable, cls))
    if unknown := [key for key in data if key not in known]:
        raise ProtocolError(
            "bad_message", f"expected {path} with {listing(known)}; got the unknown field {brief(unknown[0])}"
        )
    values: dict[str, Any] = {}
    for name, (hint, required) in known.items():
        if data.get(name) is not None:
            values[name] = checked(data[name], hint, name if path == "message" else f"{path}.{name}")
        elif required:
            raise ProtocolError("bad_message", f"expected {path} with {listing(known)}; {name} is missing")
    return cls(**values)


@lru_cache(maxsize=64)
def hints(cls: Any) -> dict[str, tuple[Any, bool]]:
    """Field name -> (annotation, whether it must be given)."""
    resolved = get_type_hints(cls, include_extras=True)
    return {f.name: (resolved[f.name], required(f)) for f in fields(cls)}


def required(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def checked(value: Any, hint: Any, path: str) -> Any:
    """value in the form the annotation asks for (lists become tuples); ProtocolError if it does not fit."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return within(checked(value, args[0], path), args[1], path)
    if origin in (Union, UnionType):
        return checked(value, next(a for a in args if a is not type(None)), path)
    if origin is Literal:
        if value not in args:
            raise wrong(path, f"one of {', '.join(map(str, args))}", value)
        return value
    if origin is tuple:
        return sequence(value, args, path)
    if origin is dict:
        return mapping(value, args, path)
    if is_dataclass(hint):
        return build(cast(type[Any], hint), value, path)
    return scalar(value, hint, path)


def scalar(value: Any, kind: Any, path: str) -> Any:
    fits = isinstance(value, kind) or (kind is float and isinstance(value, int))
    if not fits or (isinstance(value, bool) and kind is not bool):
        raise wrong(path, NAMES[kind], value)
    if kind is str and any("\ud800" <= c <= "\udfff" for c in value):
        raise ProtocolError("bad_message", f"expected {path} to be Unicode text, got a lone surrogate")
    return value


def sequence(value: Any, args: tuple[Any, ...], path: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise wrong(path, "a list", value)
    kinds = [args[0]] * len(value) if args[-1] is Ellipsis else list(args)
    if len(kinds) != len(value):
        raise wrong(path, f"a list of {len(kinds)}", value)
    return tuple(checked(item, kind, f"{path}[{i}]") for i, (item, kind) in enumerate(zip(value, kinds, strict=True)))


def mapping(value: Any, args: tuple[Any, ...], path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise wrong(path, "a map", value)
    return {
        checked(k, args[0], f"a key of {path}"): checked(v, args[1], f"{path}[{brief(k)}]") for k, v in value.items()
    }


def within(value: Any, span: Span, path: str) -> Any:
    number = isinstance(value, int | float)
    size = value if number else len(value)
    if isinstance(value, str) and not span.blank and not value.strip():
        size = 0
    if span.low <= size <= span.high:
        return value
    unit = "" if number else " characters" if isinstance(value, str) else " entries"
    text = f"expected {path} of {span.low:,} to {span.high:,}{unit}, got {clipped(f'{size:,}')}{unit}"
    raise ProtocolError(span.low_code if size < span.low else span.high_code, text)


def wrong(path: str, expected: str, got: object) -> ProtocolError:
    return ProtocolError("bad_message", f"expected {path} to be {expected}, got {brief(got)}")


def listing(known: Mapping[str, Any]) -> str:
    return f"the fields {', '.join(known)}" if known else "no fields"


def brief(value: object) -> str:
    """A value as an error message can hold it: short, printable."""
    if isinstance(value, Mapping | list | tuple):
        return "a map" if isinstance(value, Mapping) else f"a list of {len(value)}"
    return clipped(ascii(value[:QUOTED] if isinstance(value, str | bytes) else value))


def clipped(text: str, most: int = QUOTED) -> str:
    """The beginning of a text that a client may have made as long as it liked."""
    return text if len(text) <= most else f"{text[: most - 3]}..."
