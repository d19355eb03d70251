"""Clients that ask and do not read: their place goes to the next, and in the end their connection goes."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from backend.auth.client import ClientIdentity
from backend.errors import ProtocolError
from backend.prompts.render import Message
from tests.service.test_ag_ui import given_input
from tests.service.test_apis_wait_in_line import ask
from tests.support.fakes import held
from tests.support.running_service import Service, visit

TEXT, PAGE, RUN = "model", "silverprint-web", "ag-ui"
END = b"\r\n0\r\n\r\n"
"""Of a whole answer."""

ROOM = 4096
"""Bytes that such a client takes at most."""


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not done():
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def unread(service: Service, model: str) -> AsyncIterator[socket.socket]:
    """A stream that nobody reads, of a page that is longer than what its connection holds."""
    service.engine.pause = 0.001
    service.engine.page = lambda prompt: f"<p>{'x' * 40_000}</p>" if "long" in prompt else "<p>short</p>"
    asked = given_input(messages=[{"id": "1", "role": "user", "content": "long"}])
    chat = {"model": model, "stream": True, "diffusing": True, "messages": [{"role": "user", "content": "long"}]}
    path, body = ("/ag-ui", asked) if model == RUN else ("/v1/chat/completions", chat)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
        client.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(client, ("127.0.0.1", service.settings.port))
        await loop.sock_sendall(client, request(service, path, json.dumps(body)))
        yield client


def request(service: Service, path: str, body: str) -> bytes:
    root = service.settings.shell_origin
    lines = (f"POST {path} HTTP/1.1", f"Host: {root.partition('//')[2]}", f"Origin: {root}")
    return "\r\n".join((*lines, f"Content-Length: {len(body)}", "", body)).encode()


@pytest.mark.parametrize("model", [TEXT, PAGE, RUN])
def test_whoever_does_not_read_gives_its_place_up_when_its_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    monkeypatch.setattr("backend.api.visit.PACE_SECONDS", 0.0)

    async def scene(service: Service) -> None:
        line = service.app.state.house.maker.line
        async with unread(service, model):
            await until(lambda: bool(line.served))
            assert (await ask(service, TEXT, "short")).status_code == 200
            await until(lambda: not line.served)
            assert service.engine.cancelled

    visit(tmp_path, scene, max_pages=1, page_seconds=1.0)


@pytest.mark.parametrize("model", [TEXT, PAGE, RUN])
def test_the_connection_of_whoever_does_not_read_is_aborted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("backend.api.visit.PACE_SECONDS", 0.0)
    for name, value in {"HEAD_SECONDS": 0.1, "STALL_SECONDS": 0.5}.items():
        monkeypatch.setattr(f"backend.http.uvicorn_protocols.{name}", value)

    async def scene(service: Service) -> None:
        house = service.app.state.house
        async with unread(service, model) as client:
            await until(lambda: bool(house.maker.line.served))
            await until(lambda: not house.connections.open.total())
            await until(lambda: not house.maker.line.served and not house.connections.registry.count)
            assert not (await drained(client)).endswith(END)

    visit(tmp_path, scene)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_text_that_nobody_begins_gives_its_turn_up(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        maker, identity = service.app.state.house.maker, ClientIdentity()
        first, second = (maker.text([Message(role="user", content="x")], maker.params, identity) for _ in range(2))
        with held(service.engine):
            first.close()
            assert maker.line.served == {second}
            await second.task
            assert not maker.line.served
            with pytest.raises(ProtocolError, match="stopped before it was begun"):
                await second.writing()
            assert len(service.engine.submitted) == 1

    visit(tmp_path, scene, max_pages=1, page_seconds=0.2)


async def drained(client: socket.socket) -> bytes:
    """What came until the connection ended."""
    loop, found = asyncio.get_running_loop(), b""
    async with asyncio.timeout(20):
        while part := await loop.sock_recv(client, 2**16):
            found += part
    return found
