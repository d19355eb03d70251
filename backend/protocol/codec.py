"""The wire protocol (docs/protocol.md) without any I/O: bytes or text -> messages -> bytes or text."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar

import msgpack

from backend.errors import ProtocolError
from backend.protocol.messages import CLIENT, ClientMessage, ServerMessage
from backend.shape import brief, build

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MESSAGE_BYTES = 65_536
NESTING = 4
M = TypeVar("M")


class MsgpackCodec:
    """Subprotocol silverprint.v1.msgpack: one map per binary message."""

    subprotocol: ClassVar[str] = "silverprint.v1.msgpack"

    def dumps(self, data: Mapping[str, Any]) -> bytes:
        return bytes(msgpack.packb(data))

    def loads(self, data: bytes | str) -> Any:
        if isinstance(data, str):
            raise ProtocolError("bad_message", "expected a binary message of MessagePack, got text")
        try:
            return msgpack.unpackb(data, strict_map_key=True)
        except (ValueError, msgpack.UnpackException, RecursionError) as error:
            raise ProtocolError("bad_message", f"expected one MessagePack map, got {brief(data)}") from error


class JsonCodec:
    """Subprotocol silverprint.v1.json: one object per text message."""

    subprotocol: ClassVar[str] = "silverprint.v1.json"

    def dumps(self, data: Mapping[str, Any]) -> str:
        return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    def loads(self, data: bytes | str) -> Any:
        if isinstance(data, bytes):
            raise ProtocolError("bad_message", "expected a text message of JSON, got a binary one")
        try:
            return json.loads(data, parse_constant=lambda name: json.loads(""))
        except (ValueError, RecursionError) as error:
            raise ProtocolError("bad_message", f"expected one JSON object, got {brief(data)}") from error


Codec: TypeAlias = MsgpackCodec | JsonCodec
CODECS: Mapping[str, Codec] = {codec.subprotocol: codec for codec in (MsgpackCodec(), JsonCodec())}


def choose(offered: list[str]) -> Codec:
    """The codec of the first subprotocol offered that is known. Raises ProtocolError bad_subprotocol."""
    for name in offered:
        if name in CODECS:
            return CODECS[name]
    got = ", ".join(offered) or "none"
    raise ProtocolError("bad_subprotocol", f"expected one of {', '.join(CODECS)}; got {brief(got)}", close=4406)


def decode(data: bytes | str, codec: Codec) -> ClientMessage:
    """A client's message. Raises ProtocolError: too_large, bad_message, unknown_type, empty_prompt and so on."""
    size = len(data if isinstance(data, bytes) else data.encode(errors="surrogatepass"))
    if size > MESSAGE_BYTES:
        raise ProtocolError("too_large", f"expected a message of at most {MESSAGE_BYTES:,} bytes, got {size:,}")
    return parse(codec.loads(data), CLIENT)


def parse(data: Any, known: Mapping[str, type[M]], nesting: int = NESTING) -> M:
    """A decoded map as the message its `type` names, out of `known`. Raises ProtocolError."""
    if not isinstance(data, dict):
        raise ProtocolError("bad_message", f"expected a message to be a map, got {brief(data)}")
    if depth(data, nesting) > nesting:
        raise ProtocolError("bad_message", f"expected at most {nesting} levels of nesting, got more")
    name = data.get("type")
    if not isinstance(name, str) or name not in known:
        raise ProtocolError("unknown_type", f"expected type to be one of {', '.join(known)}; got {brief(name)}")
    return build(known[name], {key: value for key, value in data.items() if key != "type"})


def depth(value: Any, limit: int) -> int:
    """Levels of lists and maps in value, counted up to limit + 1."""
    if limit < 0 or not isinstance(value, dict | list):
        return 0
    items = value.values() if isinstance(value, dict) else value
    return 1 + max((depth(item, limit - 1) for item in items), default=0)


def encode(message: ServerMessage | ClientMessage, codec: Codec, seq: int | None = None) -> bytes | str:
    """A message in a codec's form; seq: its number, for server messages. Fields that are None are left out."""
    head = {"type": message.type} if seq is None else {"type": message.type, "seq": seq}
    return codec.dumps(head | plain(message))


def plain(value: Any) -> Any:
    """Dataclasses as maps, without fields that are None; also those inside maps and tuples of dataclasses."""
    if is_dataclass(value) and not isinstance(value, type):
        names = names_of(type(value))
        return {name: plain(v) for name in names if (v := getattr(value, name)) is not None}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple) and value and is_dataclass(value[0]) else value


@cache
def names_of(kind: "type[DataclassInstance]") -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
