"""Websockets that flood, fall silent or read nothing: each is let go, and nobody who merely is slow."""

import asyncio
import logging
from pathlib import Path

import pytest

from backend import run
from backend.http import uvicorn_protocols
from backend.http.websocket import UNREAD
from tests.support.raw_client import (
    CONTINUED,
    LONG,
    PING,
    PONG,
    TEXT,
    frame,
    gone,
    long_page,
    narrow,
    refused,
    visiting,
)
from tests.support.running_service import Service, visit

PROMPT = frame(TEXT, b'{"type":"prompt","text":"a long page"}')


@pytest.mark.parametrize("opcode", [PING, PONG])
def test_a_flood_of_control_frames_ends(tmp_path: Path, opcode: int) -> None:
    async def scene(service: Service) -> None:
        async with visiting(service) as raw:
            await raw.send(frame(opcode, b"x") * (uvicorn_protocols.CONTROL + 200))
            assert await raw.closed() == 1008
        await gone(service)

    visit(tmp_path, scene)


def test_some_pings_are_answered_and_the_session_stands(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with visiting(service) as raw:
            await raw.send(frame(PING, b"here") * 50 + frame(PONG) * 50)
            for _ in range(50):
                assert await raw.next() == (PONG, b"here")
            await raw.send(frame(TEXT, b'{"type":"go","delta":1}'))
            assert (await raw.message("error"))["code"] == "no_history"

    visit(tmp_path, scene)


def test_answers_that_nobody_reads_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow(monkeypatch)
    monkeypatch.setattr(uvicorn_protocols, "CONTROL", 1_000_000)

    async def scene(service: Service) -> None:
        async with visiting(service, small=True) as raw:
            await refused(raw, frame(PING, bytes(125)) * 100)
            await gone(service)

    visit(tmp_path, scene)


@pytest.mark.parametrize(
    ("parts", "refused"),
    [
        ([b" "] * (uvicorn_protocols.FRAGMENTS - 1), False),
        ([b" "] * uvicorn_protocols.FRAGMENTS, True),
        ([b""] * uvicorn_protocols.EMPTY, False),
        ([b""] * (uvicorn_protocols.EMPTY + 1), True),
    ],
)
def test_a_message_comes_in_a_few_pieces(tmp_path: Path, parts: list[bytes], refused: bool) -> None:
    async def scene(service: Service) -> None:
        async with visiting(service) as raw:
            rest = b"".join(frame(CONTINUED, part, final=False) for part in parts[:-1])
            await raw.send(frame(TEXT, b'{"type":"go","delta":1}', final=False) + rest + frame(CONTINUED, parts[-1]))
            if refused:
                assert await raw.closed() == 1008
            else:
                assert (await raw.message("error"))["code"] == "no_history"

    visit(tmp_path, scene)


def test_text_that_is_none_closes_and_is_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scene(service: Service) -> None:
        async with visiting(service) as raw:
            await raw.send(frame(TEXT, b"\xff\xfe"))
            assert await raw.closed() == 1007
        async with visiting(service) as raw:
            await raw.send(frame(TEXT, b'{"type":"\xc3', final=False) + frame(CONTINUED, b'\xa9"}'))
            assert (await raw.message("error"))["code"] == "unknown_type"

    visit(tmp_path, scene)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_who_stops_reading_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow(monkeypatch)
    monkeypatch.setattr(run, "PING_SECONDS", 0.3)

    async def scene(service: Service) -> None:
        service.engine.page = long_page
        async with visiting(service, small=True) as raw:
            await raw.send(PROMPT)
            await raw.message("page.start")
            await gone(service)

    visit(tmp_path, scene)


def test_who_stops_reading_before_it_is_sent_away_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow(monkeypatch)
    monkeypatch.setattr(run, "PING_SECONDS", 0.3)
    ended: list[object] = []

    class Protocol(uvicorn_protocols.Protocol):
        close_timeout = property(lambda _: 0.2, lambda *_: None)  # type: ignore[assignment]

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            ended.append(self)

    monkeypatch.setattr(run, "Protocol", Protocol)

    async def scene(service: Service) -> None:
        service.engine.page = long_page
        async with visiting(service, small=True) as raw:
            await raw.send(PROMPT)
            await raw.message("page.start")
            await raw.send(frame(3))  # nobody knows this kind of frame: it closes, behind all that nobody reads
            async with asyncio.timeout(15):
                while not ended:
                    await asyncio.sleep(0.01)

    visit(tmp_path, scene)


def test_who_asks_and_does_not_read_is_heard_no_more_until_it_has_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow(monkeypatch)
    asked, most = 3000, 0

    async def scene(service: Service) -> None:
        nonlocal most
        async with visiting(service, small=True) as raw:
            (session,) = service.app.state.connections.registry._sessions.values()
            raw.writer.write(frame(TEXT, b'{"type":"go","delta":9}') * asked)
            for _ in range(300):
                await asyncio.sleep(0.01)
                most = max(most, session.telling.outbox.waiting)
            for _ in range(asked):
                assert (await raw.message("error"))["code"] == "no_history"
        await gone(service)

    visit(tmp_path, scene, actions_burst=2 * asked)
    assert most == UNREAD


def test_who_reads_slowly_gets_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow(monkeypatch)
    monkeypatch.setattr(run, "PING_SECONDS", 0.4)
    monkeypatch.setattr(uvicorn_protocols, "LEAST_BYTES", 1)

    async def scene(service: Service) -> None:
        service.engine.page = long_page
        async with visiting(service, small=True) as raw:
            await raw.send(PROMPT)
            raw.pause = 0.1
            assert (await raw.message("page.commit"))["html"].count("long ") == LONG // 5

    visit(tmp_path, scene)
