"""Requests that never come, come slowly or are not read: each connection ends, and nobody's who merely is slow."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from backend.api.mcp import server
from backend.http import api_requests, uvicorn_protocols
from backend.voice import routes
from tests.support.raw_client import Raw, connected, gone, long_page, narrow, refused
from tests.support.running_service import Service, visit

HEAD = "GET /healthz HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize("said", ["", HEAD, f"{HEAD}\r\n", f"{HEAD}\r\n{HEAD}"], ids=["none", "half", "one", "second"])
def test_a_request_has_to_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setattr(uvicorn_protocols, "HEAD_SECONDS", 0.3)

    async def scene(service: Service) -> None:
        async with connected(service) as raw:
            await raw.send(said.encode())
            async with asyncio.timeout(15):
                answer = await raw.reader.read()
            assert answer.startswith(b"HTTP/1.1 200") is (f"{HEAD}\r\n" in said)

    visit(tmp_path, scene)


def test_a_body_that_drips_after_the_answer_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvicorn_protocols, "HEAD_SECONDS", 0.3)

    async def scene(service: Service) -> None:
        async with connected(service) as raw:
            await raw.send(f"{HEAD}Content-Length: 9999\r\n\r\n".encode())
            assert (await raw.reader.readline()).startswith(b"HTTP/1.1 200")
            await refused(raw, b"x")

    visit(tmp_path, scene)


def test_an_answer_may_take_longer_than_a_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvicorn_protocols, "HEAD_SECONDS", 0.2)

    async def scene(service: Service) -> None:
        service.engine.pause = 0.05
        body = {"model": "silverprint-web", "messages": [{"role": "user", "content": "tides"}]}
        answer = await ask(service, body)
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"<h1>" in answer

    visit(tmp_path, scene)


async def ask(service: Service, body: dict[str, Any], read: Callable[[Raw], Awaitable[bytes]] | None = None) -> bytes:
    """The answer to a chat completion."""
    data, where = json.dumps(body), service.settings.shell_origin
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {where.removeprefix('http://')}\r\nOrigin: {where}\r\n"
    async with connected(service, small=read is not None) as raw:
        await raw.send(f"{head}Connection: close\r\nContent-Length: {len(data)}\r\n\r\n{data}".encode())
        return await asyncio.wait_for((read or whole)(raw), 60)


async def whole(raw: Raw) -> bytes:
    return await raw.reader.read()


@pytest.mark.parametrize("reads", [True, False], ids=["slowly", "nothing"])
def test_an_answer_has_to_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: bool) -> None:
    narrow(monkeypatch)
    for name, value in {"HEAD_SECONDS": 0.1, "STALL_SECONDS": 0.5, "LEAST_BYTES": 1}.items():
        monkeypatch.setattr(uvicorn_protocols, name, value)

    async def scene(service: Service) -> None:
        async def read(raw: Raw) -> bytes:
            if not reads:
                await raw.reader.readline()
                await gone(service)
            found = b""
            while part := await raw.reader.read(2**14):
                found += part
                await asyncio.sleep(0.05 * reads)
            return found

        service.engine.page = long_page
        body = {"model": "silverprint-web", "stream": True, "messages": [{"role": "user", "content": "tides"}]}
        assert (b"[DONE]" in await ask(service, body, read)) is reads

    visit(tmp_path, scene)


PATHS = ("/v1/chat/completions", "/ag-ui", "/mcp", "/v1/audio/transcriptions")


def begun(service: Service, path: str) -> bytes:
    """A request whose body has begun."""
    where = service.settings.shell_origin
    names = f"Host: {where.removeprefix('http://')}\r\nOrigin: {where}\r\n"
    kinds = "Accept: application/json, text/event-stream\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    return f"POST {path} HTTP/1.1\r\n{names}{kinds}Content-Length: 999\r\n\r\n--x\r\n".encode()


@pytest.mark.parametrize("path", PATHS)
def test_a_body_has_to_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(uvicorn_protocols, "HEAD_SECONDS", 0.5)
    for module, name in ((api_requests, "BODY_SECONDS"), (server, "BODY_SECONDS"), (routes, "UPLOAD_SECONDS")):
        monkeypatch.setattr(module, name, 0.3)

    async def scene(service: Service) -> None:
        async with connected(service) as raw:
            await raw.send(begun(service, path))
            assert (await asyncio.wait_for(raw.reader.readline(), 15)).startswith(b"HTTP/1.1 408")
            assert b"expected a whole body within 0.3 seconds" in await asyncio.wait_for(raw.reader.read(), 15)
            await gone(service)

    visit(tmp_path, scene)


@pytest.mark.parametrize("path", PATHS)
def test_who_leaves_before_the_body_is_there(tmp_path: Path, caplog: pytest.LogCaptureFixture, path: str) -> None:
    async def scene(service: Service) -> None:
        async with connected(service) as raw:
            await raw.send(begun(service, path))
            await asyncio.sleep(0.1)
        await gone(service)

    visit(tmp_path, scene)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
