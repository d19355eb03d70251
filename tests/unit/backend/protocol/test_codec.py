"""Messages through both codecs, and what is refused with which words."""

import json
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import ProtocolError
from backend.protocol.codec import CODECS, MESSAGE_BYTES, Codec, JsonCodec, MsgpackCodec, choose, decode, encode, parse
from backend.protocol.messages import (
    CLIENT,
    SERVER,
    Ack,
    Act,
    Cancel,
    ClientMessage,
    Delta,
    Doubt,
    Error,
    Go,
    Hello,
    HistoryItem,
    Keep,
    Keyframe,
    Kind,
    Limits,
    Navigate,
    Open,
    PageCommit,
    PageQueued,
    PageStart,
    PageStopped,
    Prefetch,
    Prompt,
    ServerMessage,
    Stats,
    Style,
    Target,
    Welcome,
)

BOTH = pytest.mark.parametrize("codec", CODECS.values(), ids=["msgpack", "json"])
STATS = Stats(300, 2, (7, 9), 210.5, 0.12, 1.4, 3, "eos")
CLIENT_MESSAGES = [
    Hello(),
    Hello("s", 3, "t"),
    Navigate("/wiki/lava", fresh=True),
    Act("p", Target("a", "Lava", "/wiki")),
    Act("p", Target("form", "Go", "/search", "go", "1", {"q": "sea level", "é": "🌋"})),
    Prompt("tides", "web", edit=True),
    Prompt("make it red", edit=True, target=Target("button", "Add")),
    Keep("p", {"list": "milk"}),
    Prefetch("p", Target("a", "Lava")),
    Open("p"),
    Style("cards ocean round"),
    Go(-1),
    Cancel(),
    Ack(7),
]
SERVER_MESSAGES = [
    Welcome(
        "s",
        True,
        "m",
        "http://localhost:1",
        True,
        Limits(1, 2, 3, 4.5, 5, 6, 7, 8, 9, 10, 11.5),
        (HistoryItem("p", "/", "T", "web", "stopped", "b"),),
        0,
    ),
    PageStart("p", "/wiki/lava", "web", "web\nopen: /wiki Lava", "", False, False, 0, 1),
    PageQueued("p", 3),
    Keyframe("p", 0, 1, 48, "<h1>é🌋</h1>", 3, 2.5, ((0, "<h1>", 1), (1, "é", 0))),
    Delta("p", 0, 2, 48, 4, 2, "x", 4, 0.25, ()),
    PageCommit("p", "/wiki/lava", "web", "Lava", "<h1>", "k", STATS, False, "b", True, False, 0, 1),
    PageCommit(
        "p",
        "/app/x",
        "app",
        "X",
        "<h1>",
        "k",
        STATS,
        False,
        "",
        False,
        False,
        0,
        1,
        False,
        Doubt(0.9, (Kind("snake", "a snake game", "app"),)),
    ),
    PageStopped("p", "/wiki/lava", "web", "Lava", "", "k", "cancelled", "", False, True, 0, 1),
    Error("busy", "later"),
    Error("page_failed", "no", "p"),
]


def refusal(data: Any, codec: Codec | None = None) -> ProtocolError:
    codec = codec or JsonCodec()
    with pytest.raises(ProtocolError) as caught:
        decode(data if isinstance(data, str | bytes) else codec.dumps(data), codec)
    return caught.value


@BOTH
@pytest.mark.parametrize("message", CLIENT_MESSAGES, ids=lambda m: m.type)
def test_client_messages_come_back_as_sent(codec: Codec, message: ClientMessage) -> None:
    assert decode(encode(message, codec), codec) == message


@BOTH
@pytest.mark.parametrize("message", SERVER_MESSAGES, ids=lambda m: m.type)
def test_server_messages_come_back_as_sent(codec: Codec, message: ServerMessage) -> None:
    data = codec.loads(encode(message, codec, 9))
    assert data.pop("seq") == 9
    assert parse(data, SERVER, nesting=9) == message


def test_every_message_is_tried() -> None:
    assert {m.type for m in CLIENT_MESSAGES} == set(CLIENT)
    assert {m.type for m in SERVER_MESSAGES} == set(SERVER)


def test_every_field_of_every_message_is_specified() -> None:
    specification = Path("docs/protocol.md").read_text("utf-8")
    for message in (*CLIENT.values(), *SERVER.values(), Target, Stats, Limits, HistoryItem):
        assert [f.name for f in fields(message) if f.name not in specification] == []


def test_a_frame_takes_these_bytes() -> None:
    text = encode(Delta("p", 0, 2, 48, 4, 2, "é", 4, 0.5, ((1, "é", 2),)), JsonCodec(), 5)
    assert text == (
        '{"type":"frame","seq":5,"page":"p","block":0,"step":2,"steps":48,"at":4,"cut":2,"text":"é","settled":4,'
        '"entropy":0.5,"tokens":[[1,"é",2]],"reading":0}'
    )


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        ("{", "bad_message", "expected one JSON object, got '{'"),
        ("[1]", "bad_message", "expected a message to be a map, got a list of 1"),
        ("null", "bad_message", "expected a message to be a map, got None"),
        ('{"type":"go","delta":NaN}', "bad_message", "expected one JSON object"),
        (b"{}", "bad_message", "expected a text message of JSON, got a binary one"),
        (
            {}, "unknown_type",
            "one of hello, navigate, act, store, prefetch, open, prompt, style, go, cancel, ack; got None",
        ),
        ({"type": "dance"}, "unknown_type", "got 'dance'"),
        ({"type": ["go"]}, "unknown_type", "got a list of 1"),
        ({"type": "go"}, "bad_message", "expected message with the fields delta; delta is missing"),
        ({"type": "go", "delta": None}, "bad_message", "delta is missing"),
        ({"type": "go", "delta": "1"}, "bad_message", "expected delta to be an integer, got '1'"),
        ({"type": "go", "delta": True}, "bad_message", "expected delta to be an integer, got True"),
        ({"type": "go", "delta": 101}, "bad_message", "expected delta of -100 to 100, got 101"),
        ({"type": "go", "delta": 1, "by": 2}, "bad_message", "got the unknown field 'by'"),
        ({"type": "cancel", "now": 1}, "bad_message", "expected message with no fields; got the unknown field 'now'"),
        ({"type": "ack", "seq": -1}, "bad_message", "expected seq of 0 to 9,007,199,254,740,991, got -1"),
        ({"type": "prompt", "text": ""}, "empty_prompt", "expected text of 1 to 4,000 characters, got 0 characters"),
        ({"type": "prompt", "text": " \n\t"}, "empty_prompt", "got 0 characters"),
        ({"type": "prompt", "text": "x" * 10_000}, "prompt_too_long", "got 10,000 characters"),
        ({"type": "prompt", "text": "x", "world": "mars"}, "bad_message", "expected world to be one of any, web, os"),
        ({"type": "prompt", "text": "x", "edit": 1}, "bad_message", "expected edit to be true or false, got 1"),
        (
            {"type": "prompt", "text": "x", "target": {"tag": "p", "text": ""}},
            "bad_message", "expected target only together with edit, got it without",
        ),
        (
            {"type": "prompt", "text": "x", "edit": True, "target": {"tag": "p", "text": "x" * 1_001}},
            "bad_message", "expected target.text of 0 to 1,000 characters, got 1,001 characters",
        ),
        ({"type": "navigate", "url": ""}, "bad_address", "expected url of 1 to 2,000 characters, got 0 characters"),
        ({"type": "navigate", "url": "/" * 2_001}, "bad_address", "got 2,001 characters"),
        ({"type": "act", "page": "p", "target": "a"}, "bad_message", "expected target to be a map, got 'a'"),
        ({"type": "act", "page": "p", "target": {"tag": "a"}}, "bad_message", "text is missing"),
        (
            {"type": "act", "page": "p", "target": {"tag": "a", "text": "", "form": {"q": 1}}},
            "bad_message", "expected target.form['q'] to be a string, got 1",
        ),
        (
            {"type": "act", "page": "p", "target": {"tag": "a", "text": "", "form": {str(i): "" for i in range(33)}}},
            "bad_message", "expected target.form of 0 to 32 entries, got 33 entries",
        ),
        (
            {"type": "act", "page": "p", "target": {"tag": "a", "text": "", "form": {"q": [["deep"]]}}},
            "bad_message", "expected at most 4 levels of nesting, got more",
        ),
        ('{"type":"prompt","text":"\\ud800"}', "bad_message", "expected text to be Unicode text, got a lone surrogate"),
        ("x" * (MESSAGE_BYTES + 1), "too_large", "expected a message of at most 65,536 bytes, got 65,537"),
        ("[" * 60_000, "bad_message", "expected one JSON object"),
    ],
)  # fmt: skip
def test_json_that_is_refused(data: Any, code: str, message: str) -> None:
    error = refusal(data)
    assert error.code == code
    assert message in error.message


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        ("{}", "bad_message", "expected a binary message of MessagePack, got text"),
        (b"", "bad_message", "expected one MessagePack map"),
        (b"\xc1", "bad_message", "expected one MessagePack map"),
        (b"\x80\x80", "bad_message", "expected one MessagePack map"),
        (b"\x91" * 60_000 + b"\x01", "bad_message", "expected one MessagePack map"),
        (msgpack.packb({1: 2}), "bad_message", "expected one MessagePack map"),
        (msgpack.packb({"type": "go", "delta": msgpack.ExtType(5, b"x")}), "bad_message", "expected delta to be"),
        (msgpack.packb({"type": "go", "delta": b"x"}), "bad_message", "expected delta to be an integer, got b'x'"),
        (msgpack.packb({"type": "go", "delta": msgpack.Timestamp(1)}), "bad_message", "expected delta to be"),
        (msgpack.packb("x" * 70_000), "too_large", "got 70,005"),
    ],
)  # fmt: skip
def test_msgpack_that_is_refused(data: Any, code: str, message: str) -> None:
    error = refusal(data, MsgpackCodec())
    assert error.code == code
    assert message in error.message


def test_size_is_counted_in_bytes() -> None:
    assert refusal({"type": "prompt", "text": "漢" * 30_000}).code == "too_large"


@BOTH
@given(data=st.binary(max_size=200))
def test_garbage_is_refused_and_nothing_else(codec: Codec, data: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(data if isinstance(codec, MsgpackCodec) else data.decode("latin-1"), codec)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted({f.name for m in CLIENT.values() for f in fields(m)})


@given(st.sampled_from(sorted(CLIENT)), st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4))
def test_any_map_is_a_message_or_refused(kind: str, values: dict[str, Any]) -> None:
    for codec in CODECS.values():
        with suppress(ProtocolError):
            assert isinstance(decode(codec.dumps(values | {"type": kind}), codec), CLIENT[kind])


TEXT = st.text(max_size=30)
TOKENS = st.lists(st.tuples(st.integers(0, 255), TEXT, st.integers(0, 2)), max_size=5).map(tuple)


@BOTH
@given(html=TEXT, tokens=TOKENS, numbers=st.tuples(*[st.integers(0, 2**40)] * 4))
def test_keyframes_come_back_as_sent(codec: Codec, html: str, tokens: Any, numbers: tuple[int, ...]) -> None:
    message = Keyframe("p", *numbers[:3], html, numbers[3], 0.5, tokens)
    data = codec.loads(encode(message, codec, 1))
    assert parse({k: v for k, v in data.items() if k != "seq"}, SERVER, nesting=9) == message


def test_the_first_known_subprotocol_is_taken() -> None:
    assert choose(["x", "silverprint.v1.json", "silverprint.v1.msgpack"]).subprotocol == "silverprint.v1.json"


@pytest.mark.parametrize("offered", [[], ["chat"], ["silverprint.v2.json"]])
def test_a_subprotocol_that_is_unknown(offered: list[str]) -> None:
    with pytest.raises(ProtocolError, match=r"expected one of silverprint\.v1\.msgpack, ") as caught:
        choose(offered)
    assert (caught.value.code, caught.value.close) == ("bad_subprotocol", 4406)


def test_json_stays_json() -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        JsonCodec().dumps({"x": float("nan")})
    assert json.loads(JsonCodec().dumps({"x": "é"})) == {"x": "é"}
