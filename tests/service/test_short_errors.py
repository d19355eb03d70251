"""What clients send is refused in few words: errors quote at most 80 characters of it, on the socket and in faces."""

import json
import re
from typing import Any

import pytest

from backend.api.openai.chat_request import READERS, asked
from backend.errors import ProtocolError
from backend.http.api_requests import NESTING, Refused, parsed
from backend.protocol.codec import CODECS, decode
from backend.shape import brief
from engine.core.params import Params
from tests.support.running_service import JSON

HI = [{"role": "user", "content": "x"}]
QUOTED = 80
LONG = "q" * 9_000
HUGE = 10**4_000
LONGS: list[Any] = [LONG, HUGE, -HUGE, {LONG: LONG}, [LONG] * 9, "\0" * 9_000, [[HUGE]]]


def quoted(message: str) -> int:
    """How much of it may be the client's."""
    return max((len(found) for found in re.findall(r"q+|[0,]+|(?:\\x00)+", message)), default=0)


@pytest.mark.parametrize("value", LONGS, ids=lambda value: f"{value!r:.20}")
def test_errors_on_the_socket_are_short(value: Any) -> None:
    messages = [
        {"type": value},
        {"type": "ack", "seq": value},
        {"type": "go", "delta": value},
        {"type": "act", "page": value, "target": {}},
        {"type": "prompt", "text": "x", "world": value},
        {"type": "store", "page": value, "data": {}},
        {"type": "cancel", LONG: value},
    ]
    for message in messages:
        with pytest.raises(ProtocolError) as refused:
            decode(json.dumps(message), CODECS[JSON])
        assert quoted(refused.value.message) <= QUOTED
        assert len(refused.value.message) <= 300


@pytest.mark.parametrize("field", [*READERS, "max_steps", "entropy_bound", "doubt", "stability", "n", "unknown", LONG])
def test_errors_of_completions_are_short(field: str) -> None:
    for value in LONGS:
        if refused := refusal({"model": "model", "messages": HI, field: value}):
            assert refused.status == 400
            assert quoted(refused.message) <= QUOTED
            assert len(refused.message) + len(refused.param or "") <= 400


def refusal(body: dict[str, Any]) -> Refused | None:
    try:
        asked(body).params(Params())
    except Refused as refused:
        return refused
    return None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"a": "\\ud800"}', "expected Unicode text in the body, got a lone surrogate"),
        (b'{"a": [{"\\udc00": 1}]}', "expected Unicode text in the body, got a lone surrogate"),
        (b'{"a": "\xed\xa0\x80"}', "expected a JSON object in the body, got what is none: 'utf-8' codec"),
        (b'{"a": 1e999}', "expected a JSON object in the body, got what is none: 1e999 is no finite number"),
        (b'{"a": -Infinity}', "expected a JSON object in the body, got what is none: -Infinity is no finite number"),
        (b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}", f"expected at most {NESTING} levels in the body, got more"),
    ],
)
def test_bodies_that_cannot_be_sent_on_are_refused(body: bytes, message: str) -> None:
    with pytest.raises(Refused) as refused:
        parsed(body)
    assert (refused.value.status, refused.value.code) == (400, "bad_json")
    assert refused.value.message.startswith(message)


def test_bodies_that_can_are_taken() -> None:
    assert parsed(b'\xef\xbb\xbf{"a": "\\ud83c\\udf0b \\u0000", "b": 1.5}') == {"a": "🌋 \0", "b": 1.5}
    levels = NESTING - 1
    assert parsed(b'{"a": ' + b"[" * (levels - 1) + b"1" + b"]" * (levels - 1) + b"}")


def test_a_value_in_brief() -> None:
    assert brief("x" * 200_000) == f"'{'x' * 56}..."
    assert brief(b"x" * 200_000).endswith("...")
    assert (brief({}), brief([1, 2]), brief("é")) == ("a map", "a list of 2", "'\\xe9'")
