"""How many MCP sessions there are, and which of them ends for another one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from backend.api.mcp import server
from backend.api.mcp.session_limit import McpSession, McpSessions
from tests.support.running_service import Service, visit

ABOUT = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
HELLO = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": ABOUT}
PING = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
KEY = "mcp-session-id"


def opened(seats: McpSessions, address: str, key: str) -> McpSession:
    seat = McpSession(address)
    with seats.use(seat):
        seat.key = key
    return seat


def test_what_was_used_last_ends_last() -> None:
    seats = McpSessions(4, 2)
    first, second = opened(seats, "a", "1"), opened(seats, "a", "2")
    with seats.use(first):
        pass
    assert not seats.room("a")
    assert seats.room("b")
    assert seats.give_up("a") is second
    assert seats.room("a")
    assert seats.of("2") is None
    assert seats.of("1") is first


def test_what_is_at_work_does_not_end() -> None:
    seats = McpSessions(2, 1)
    first, other = opened(seats, "a", "1"), opened(seats, "b", "2")
    with seats.use(first):
        assert seats.give_up("a") is None
        assert not seats.room("c")
        assert seats.give_up("c") is other
        assert seats.give_up("c") is None


def test_what_never_opened_or_has_ended_takes_no_place() -> None:
    seats = McpSessions(1, 1)
    seat = McpSession("a")
    with seats.use(seat):
        assert not seats.room("b")
    assert seats.room("b")
    seat = opened(seats, "a", "1")
    with seats.use(seat), seats.use(seat):
        seat.key = ""
    assert seats.room("b")


class Visitor:
    """A client from some address."""

    def __init__(self, service: Service, http: httpx.AsyncClient, address: str) -> None:
        self.http, self.url = http, f"{service.settings.shell_origin}/mcp"
        self.headers = {
            "accept": "application/json, text/event-stream",
            "authorization": f"Bearer {(service.settings.data / 'token').read_text()}",
            "x-forwarded-for": address,
        }

    async def open(self) -> tuple[int, str]:
        """The status, and the new session's key."""
        answer = await self.http.post(self.url, json=HELLO, headers=self.headers)
        return answer.status_code, answer.headers.get(KEY, "")

    async def ask(self, key: str) -> int:
        answer = await self.http.post(self.url, json=PING, headers=self.headers | {KEY: key})
        return answer.status_code

    async def delete(self, key: str) -> int:
        return (await self.http.delete(self.url, headers=self.headers | {KEY: key})).status_code

    @contextlib.asynccontextmanager
    async def listening(self, key: str) -> AsyncIterator[None]:
        async with self.http.stream("GET", self.url, headers=self.headers | {KEY: key}) as answer:
            assert answer.status_code == 200
            yield


def test_one_address_leaves_room_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SESSIONS", 6)
    monkeypatch.setattr(server, "SHARE", 3)

    async def scene(service: Service) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            greedy, other = (Visitor(service, http, address) for address in ("10.0.0.1", "10.0.0.2"))
            keys = []
            for _ in range(6):
                status, key = await greedy.open()
                assert status == 200
                keys.append(key)
            assert [await greedy.ask(key) for key in keys] == [404] * 3 + [200] * 3
            assert (await other.open())[0] == 200
            assert await greedy.delete(keys[3]) == 200
            assert (await greedy.open())[0] == 200
            assert await greedy.ask(keys[4]) == 200

    visit(tmp_path, scene, proxy=("127.0.0.1",))


def test_sessions_at_work_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SHARE", 2)

    async def scene(service: Service) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            visitor = Visitor(service, http, "10.0.0.1")
            first, second = [(await visitor.open())[1] for _ in range(2)]
            async with visitor.listening(first):
                third = (await visitor.open())[1]
                assert [await visitor.ask(key) for key in (first, second, third)] == [200, 404, 200]
                async with visitor.listening(third):
                    assert (await visitor.open())[0] == 503
            async with asyncio.timeout(15):
                while (await visitor.open())[0] == 503:
                    await asyncio.sleep(0.01)

    visit(tmp_path, scene, proxy=("127.0.0.1",))
