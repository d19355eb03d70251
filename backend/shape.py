"""Turns untrusted maps into frozen dataclasses.

Every value is checked against its annotation; no value is coerced, and no extra field is accepted. The annotations may
be str, int, float, bool, Literal, X | None, tuple[X, ...], tuple[A, B], dict[str, X], dataclasses, and Annotated[X,
Span] for limits.
"""

from collections.abc import Hashable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from backend.errors import ProtocolError

T = TypeVar("T")
QUOTED = 60
"""The most characters of a client's value that an error message shows."""

NAMES: dict[Any, str] = {str: "a string", int: "an integer", float: "a number", bool: "true or false"}


@dataclass(frozen=True)
class Span:
    """Limits of a value: of its size if it has a length (strings in code points), else of the number itself.

    Attributes:
        low: The smallest size or number.
        high: The largest size or number.
        low_code: The error code for less.
        high_code: The error code for more.
        blank: Whether a string of white space counts as filled.
    """

    low: int
    high: int
    low_code: str = "bad_message"
    high_code: str = "bad_message"
    blank: bool = True


def build(cls: type[T], data: object, path: str = "message") -> T:
    """Build an instance of a dataclass from a map.

    Args:
        cls: The dataclass.
        data: The untrusted map.
        path: What error messages call the map.

    Raises:
        ProtocolError: A field is missing, unknown or misshapen.
    """
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
    """Map each field name to its annotation and whether it must be given."""
    resolved = get_type_hints(cls, include_extras=True)
    return {f.name: (resolved[f.name], required(f)) for f in fields(cls)}


def required(field: "Field[Any]") -> bool:
    """Return whether a field of a dataclass has no default."""
    return field.default is MISSING and field.default_factory is MISSING


def checked(value: Any, hint: Any, path: str) -> Any:
    """Return a value in the form that its annotation asks for; lists become tuples.

    Raises:
        ProtocolError: The value does not fit the annotation.
    """
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
    """Return a string, number or truth value of the given kind; an integer also passes as a float.

    Raises:
        ProtocolError: The value is of another type, or is a string with a lone surrogate.
    """
    fits = isinstance(value, kind) or (kind is float and isinstance(value, int))
    if not fits or (isinstance(value, bool) and kind is not bool):
        raise wrong(path, NAMES[kind], value)
    if kind is str and any("\ud800" <= c <= "\udfff" for c in value):
        raise ProtocolError("bad_message", f"expected {path} to be Unicode text, got a lone surrogate")
    return value


def sequence(value: Any, args: tuple[Any, ...], path: str) -> tuple[Any, ...]:
    """Return a list as a tuple whose items are checked.

    Raises:
        ProtocolError: The value is no list, is of the wrong length, or has an item that does not fit.
    """
    if not isinstance(value, list | tuple):
        raise wrong(path, "a list", value)
    kinds = [args[0]] * len(value) if args[-1] is Ellipsis else list(args)
    if len(kinds) != len(value):
        raise wrong(path, f"a list of {len(kinds)}", value)
    return tuple(checked(item, kind, f"{path}[{i}]") for i, (item, kind) in enumerate(zip(value, kinds, strict=True)))


def mapping(value: Any, args: tuple[Any, ...], path: str) -> dict[str, Any]:
    """Return a map whose keys and values are checked.

    Raises:
        ProtocolError: The value is no map, or has a key or value that does not fit.
    """
    if not isinstance(value, Mapping):
        raise wrong(path, "a map", value)
    return {
        checked(k, args[0], f"a key of {path}"): checked(v, args[1], f"{path}[{brief(k)}]") for k, v in value.items()
    }


def within(value: Any, span: Span, path: str) -> Any:
    """Return a value that is within its limits.

    Raises:
        ProtocolError: The value is beyond the limits; the code is that of the Span.
    """
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
    """Build the error for a value of another form than expected."""
    return ProtocolError("bad_message", f"expected {path} to be {expected}, got {brief(got)}")


def listing(known: Mapping[str, Any]) -> str:
    """List the fields of a dataclass for an error message."""
    return f"the fields {', '.join(known)}" if known else "no fields"


def brief(value: object) -> str:
    """Return a value as an error message can hold it: short and printable."""
    if isinstance(value, Mapping | list | tuple):
        return "a map" if isinstance(value, Mapping) else f"a list of {len(value)}"
    return clipped(ascii(value[:QUOTED] if isinstance(value, str | bytes) else value))


def clipped(text: str, most: int = QUOTED) -> str:
    """Return the beginning of a text that a client may have made as long as it liked."""
    return text if len(text) <= most else f"{text[: most - 3]}..."
