"""Whatever JSON comes to a face: an answer in its protocol's shape, short where it refuses, and nothing left over."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.service.test_ag_ui import given_input
from tests.support.running_service import Service, visit

CHAT, RUN, MCP = "/v1/chat/completions", "/ag-ui", "/mcp"
HEADS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
SHORT = 1_000
"""Bytes of a refusal at most."""

RAW = "@raw@"
"""Before a string that stands in the body without quotes, and as often as the number behind it says."""

META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
CHATS: list[Any] = [
    {"model": "model", "messages": [{"role": "user", "content": "x"}], "max_tokens": 8, "seed": 1, "stop": ["</p>"],
     "temperature": 1, "stream": True, "stream_options": {"include_usage": True}, "max_steps": 3, "entropy_bound": 0.1,
     "stability": 1, "confidence": 0.1, "doubt": 1.0, "max_readings": 3, "tools": [], "n": 1, "logit_bias": {}},
    {"model": "silverprint-web", "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]},
]  # fmt: skip
RUNS: list[Any] = [given_input(forwardedProps={"world": "web", "edit": True}, state={"silverprint": {"page": "x"}})]


def call(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params | {"_meta": META | {"progressToken": 1}}}


CALLS: list[Any] = [
    call("tools/call", name="make_page", arguments={"prompt": "x", "world": "web"}),
    call("tools/call", name="edit_page", arguments={"page": "x", "instruction": "x"}),
    call("tools/call", name="follow_link", arguments={"page": "x", "text": "x", "href": "/", "form": {"a": "b"}}),
    call("resources/read", uri="silverprint://page/x"),
    call("prompts/get", name="x", arguments={}),
    call("tools/list", cursor="x"),
    call("server/discover"),
]
BASES = {CHAT: CHATS, RUN: RUNS, MCP: CALLS}

NASTY = st.sampled_from([
    None, True, False, 0, -1, 1.5, 2**53, 2**64, 10**400, -(10**400), "", "\0", "\ud800", "x\udfff",
    "é🌋", "x" * 50_000, "\0" * 20_000, [], {}, [[]], [{}], {"": None}, {"\ud800": 1}, {"x" * 50_000: 1},
    [None] * 2_000, {"role": []},
    f"{RAW}1e999", f"{RAW}NaN", f"{RAW}-Infinity", f"{RAW}1{'0' * 5_000}", f"{RAW}{'[' * 60}{']' * 60}",
    f"{RAW}{'[' * 300}{']' * 300}", f"{RAW}{'[' * 20_000}", '"', "$ref",
])  # fmt: skip
VALUES = st.recursive(
    NASTY | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


def places(value: Any) -> list[tuple[Any, ...]]:
    """The path to every value in a body, the body itself included."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((key, *path) for key, inner in items for path in places(inner))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A body with another value in one place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


@st.composite
def bodies(draw: Callable[..., Any], path: str) -> str:
    """JSON, more or less: a good body with something else in one or two places, or anything at all."""
    body = draw(st.sampled_from(BASES[path]))
    for _ in range(draw(st.integers(1, 2))):
        found = places(body)
        at, new = draw(st.sampled_from(found[1:] * 9 + found)), draw(VALUES)
        if at and isinstance(at[-1], str) and draw(st.integers(0, 4)) == 0:
            at, new = at[:-1], {draw(st.sampled_from(["more", "\ud800", "k" * 50_000, "_meta"])): new}
        body = put(body, at, new)
    return spelled(body)


def spelled(body: Any) -> str:
    text = json.dumps(body)
    for part in text.split(f'"{RAW}')[1:]:
        raw = part.partition('"')[0]
        text = text.replace(f'"{RAW}{raw}"', raw)
    return text


ASKED = st.sampled_from(sorted(BASES)).flatmap(lambda path: st.tuples(st.just(path), bodies(path)))


class Hostile:
    """One service, and a client in another thread that asks it whatever it likes."""

    def __init__(self, service: Service) -> None:
        self.service, self.root = service, service.settings.shell_origin
        limits = httpx.Limits(max_keepalive_connections=0)
        self.http = httpx.Client(trust_env=False, limits=limits, timeout=20, headers=HEADS | {"origin": self.root})
        about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
        hello = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about})
        self.old = {"mcp-session-id": self.http.post(f"{self.root}{MCP}", content=hello).headers["mcp-session-id"]}

    def ask(self, path: str, body: str, old: bool = False) -> httpx.Response:
        method = "".join(one for one in str(method_of(body)) if one.isascii() and one.isprintable())[:40].strip()
        modern = {"mcp-protocol-version": "2026-07-28", "mcp-method": method or "x", "mcp-name": name_of(body)}
        headers = (self.old if old else modern) if path == MCP else {}
        return self.http.post(f"{self.root}{path}", content=body.encode(), headers=headers)

    def check(self, path: str, body: str) -> None:
        for old in (False, True)[: 1 + (path == MCP)]:
            answer = self.ask(path, body, old)
            about = (path, body[:400], answer.status_code, answer.text[:400])
            assert answer.status_code < 500, about
            if answer.status_code >= 400:
                assert len(answer.content) <= SHORT, about
                assert refused(path, answer.json()), about
            elif answer.headers["content-type"].startswith("text/event-stream"):
                events = [line for line in answer.text.splitlines() if line.startswith("data: ")]
                assert ended(path, events[-1].removeprefix("data: ")), about

    def rest(self) -> None:
        """Nothing is left over, and all faces work."""
        house = self.service.app.state.house
        line, left = house.maker.line, {1}
        for _ in range(2_000):
            if not (
                left := {
                    len(line.served),
                    len(line.waiting),
                    house.connections.registry.count,
                    house.connections.open.total(),
                }
                - {0}
            ):
                break
            self.http.get(f"{self.root}/healthz")
        assert not left
        assert "[DONE]" in self.ask(CHAT, json.dumps(CHATS[0])).text
        assert "silverprint page=" in self.ask(CHAT, json.dumps(CHATS[1])).text
        assert "RUN_FINISHED" in self.ask(RUN, json.dumps(given_input())).text
        assert '"link"' in self.ask(MCP, json.dumps(CALLS[0])).text


def method_of(body: str) -> Any:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return found.get("method") if isinstance(found, dict) else ""


def name_of(body: str) -> str:
    """What the header of MCP's routing says: what is called."""
    try:
        params = json.loads(body)["params"]
        name = params.get("name") or params.get("uri")
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return "x"
    return name if isinstance(name, str) and name.isascii() and name.isprintable() and 0 < len(name) < 80 else "x"


def refused(path: str, told: Any) -> bool:
    """Whether it is an error as the protocol of the face has it."""
    if path == CHAT:
        return set(told) == {"error"} and set(told["error"]) == {"message", "type", "param", "code"}
    if path == RUN:
        return set(told) == {"type", "message", "code"} and told["type"] == "RUN_ERROR"
    return told["jsonrpc"] == "2.0" and "id" in told and {"code", "message"} <= set(told["error"])


def ended(path: str, last: str) -> bool:
    """Whether a stream came to its end, and its error, if it is one, is short."""
    if path == CHAT:
        return last == "[DONE]"
    told = json.loads(last)
    if path == RUN:
        return told["type"] == "RUN_FINISHED" or (told["type"] == "RUN_ERROR" and len(last) <= SHORT)
    return "result" in told or len(last) <= SHORT


def test_no_body_does_harm(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scene(service: Service) -> None:
        await asyncio.to_thread(tried, service)

    def tried(service: Service) -> None:
        hostile = Hostile(service)

        @settings(max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @example((CHAT, spelled(put(CHATS[0], ("messages", 0, "role"), []))))
        @example((CHAT, spelled(put(CHATS[0], ("messages", 0, "role"), {}))))
        @example((CHAT, spelled(put(CHATS[0], ("temperature",), 10**400))))
        @example((CHAT, spelled(put(CHATS[0], ("entropy_bound",), 10**400))))
        @example((CHAT, spelled(put(CHATS[0], ("doubt",), 10**400))))
        @example((CHAT, spelled(put(CHATS[0], ("max_steps",), "x" * 200_000))))
        @example((CHAT, spelled(CHATS[0] | {"\ud800": 1})))
        @example((RUN, spelled(RUNS[0] | {"threadId": "\ud800"})))
        @example((RUN, spelled(RUNS[0] | {"state": {"x": ["\ud800"]}})))
        @example((RUN, spelled(RUNS[0] | {"state": {"x": f"{RAW}{'[' * 300}{']' * 300}"}})))
        @example((MCP, spelled(CALLS[0] | {"id": "x" * 100_000})))
        @example((MCP, spelled(put(CALLS[2], ("params", "arguments", "form"), {"x" * 100_000: 1}))))
        @example((MCP, spelled(put(CALLS[3], ("params", "uri"), "x" * 100_000))))
        @given(ASKED)
        def whatever(asked: tuple[str, str]) -> None:
            hostile.check(*asked)

        with contextlib.closing(hostile.http):
            whatever()
            hostile.rest()

    visit(tmp_path, scene, page_tokens=64)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
