"""The wire protocol (docs/protocol.md) without any I/O: bytes or text to messages, and messages to bytes or text."""

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
        """Encode a map as MessagePack."""
        return bytes(msgpack.packb(data))

    def loads(self, data: bytes | str) -> Any:
        """Decode a binary message.

        Raises:
            ProtocolError: bad_message, if the data are text or not MessagePack.
        """
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
        """Encode a map as JSON, without white space."""
        return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    def loads(self, data: bytes | str) -> Any:
        """Decode a text message.

        Raises:
            ProtocolError: bad_message, if the data are binary or not JSON.
        """
        if isinstance(data, bytes):
            raise ProtocolError("bad_message", "expected a text message of JSON, got a binary one")
        try:
            return json.loads(data, parse_constant=lambda name: json.loads(""))
        except (ValueError, RecursionError) as error:
            raise ProtocolError("bad_message", f"expected one JSON object, got {brief(data)}") from error


Codec: TypeAlias = MsgpackCodec | JsonCodec
CODECS: Mapping[str, Codec] = {codec.subprotocol: codec for codec in (MsgpackCodec(), JsonCodec())}


def choose(offered: list[str]) -> Codec:
    """Return the codec of the first subprotocol offered that is known.

    Raises:
        ProtocolError: bad_subprotocol, if none is known.
    """
    for name in offered:
        if name in CODECS:
            return CODECS[name]
    got = ", ".join(offered) or "none"
    raise ProtocolError("bad_subprotocol", f"expected one of {', '.join(CODECS)}; got {brief(got)}", close=4406)


def decode(data: bytes | str, codec: Codec) -> ClientMessage:
    """Decode a client's message.

    Raises:
        ProtocolError: too_large, bad_message, unknown_type, empty_prompt and so on.
    """
    size = len(data if isinstance(data, bytes) else data.encode(errors="surrogatepass"))
    if size > MESSAGE_BYTES:
        raise ProtocolError("too_large", f"expected a message of at most {MESSAGE_BYTES:,} bytes, got {size:,}")
    return parse(codec.loads(data), CLIENT)


def parse(data: Any, known: Mapping[str, type[M]], nesting: int = NESTING) -> M:
    """Return a decoded map as the message that its `type` names.

    Args:
        data: The decoded message.
        known: The classes of messages by their type.
        nesting: The maximum number of levels of lists and maps.

    Raises:
        ProtocolError: bad_message or unknown_type, or the code of a field that is wrong.
    """
    if not isinstance(data, dict):
        raise ProtocolError("bad_message", f"expected a message to be a map, got {brief(data)}")
    if depth(data, nesting) > nesting:
        raise ProtocolError("bad_message", f"expected at most {nesting} levels of nesting, got more")
    name = data.get("type")
    if not isinstance(name, str) or name not in known:
        raise ProtocolError("unknown_type", f"expected type to be one of {', '.join(known)}; got {brief(name)}")
    return build(known[name], {key: value for key, value in data.items() if key != "type"})


def depth(value: Any, limit: int) -> int:
    """Return the levels of lists and maps in `value`, counted up to `limit` + 1."""
    if limit < 0 or not isinstance(value, dict | list):
        return 0
    items = value.values() if isinstance(value, dict) else value
    return 1 + max((depth(item, limit - 1) for item in items), default=0)


def encode(message: ServerMessage | ClientMessage, codec: Codec, seq: int | None = None) -> bytes | str:
    """Encode a message. Fields that are None are left out.

    Args:
        message: The message.
        codec: The codec of the connection.
        seq: The number of the message, for server messages.
    """
    head = {"type": message.type} if seq is None else {"type": message.type, "seq": seq}
    return codec.dumps(head | plain(message))


def plain(value: Any) -> Any:
    """Return dataclasses as maps, without fields that are None; also those inside maps and tuples of dataclasses."""
    if is_dataclass(value) and not isinstance(value, type):
        names = names_of(type(value))
        return {name: plain(v) for name in names if (v := getattr(value, name)) is not None}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple) and value and is_dataclass(value[0]) else value


@cache
def names_of(kind: "type[DataclassInstance]") -> tuple[str, ...]:
    """Return the names of the fields of a dataclass."""
    return tuple(field.name for field in fields(kind))
