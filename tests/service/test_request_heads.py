"""Requests whose end two readers could see in different places are refused, whatever they ask for."""

import asyncio
import logging
from pathlib import Path

import pytest

from backend.http import request_heads
from backend.http.request_heads import fault, trailing
from tests.support.raw_client import connected
from tests.support.running_service import Service, visit

GET = ("/", "/healthz", "/frame/draft", "/static/shell/app.js", "/mcp", "/v1/models", "/nowhere", "/ws", "/voice")
POST = ("/v1/audio/transcriptions", "/v1/chat/completions", "/ag-ui", "/mcp", "/v1/tickets", "/nowhere")
ROUTES = [*(("GET", path) for path in GET), *(("POST", path) for path in POST)]
UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
UPGRADE += "AAAAAAAAAAAAAAAAAAAAAA==\r\n"
UNCERTAIN = {
    "both": "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "the other way round": "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    "no length beside chunks": "Transfer-Encoding: chunked\r\ncontent-length: 0\r\n",
    "twice the same": "Content-Length: 5\r\nContent-Length: 5\r\n",
    "differing": "Content-Length: 5\r\nContent-Length: 6\r\n",
    "a list": "Content-Length: 5, 5\r\n",
    "folded": "Content-Length:\r\n 5\r\n",
    "another field folded": "X-Note: a\r\n\tTransfer-Encoding: chunked\r\n",
    "folded coding": "Transfer-Encoding:\r\n chunked\r\n",
    "identity": "Transfer-Encoding: chunked, identity\r\n",
    "identity first": "Transfer-Encoding: identity, chunked\r\n",
    "coding twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "signed": "Content-Length: +5\r\n",
    "empty": "Content-Length:\r\n",
    "space before the colon": "Transfer-Encoding : chunked\r\n",
    "a control character": "X-Note: \x1b[2J\r\n",
    "a line that ends otherwise": "X-Note: a\nContent-Length: 5\r\n",
}


def begun(service: Service, method: str, path: str, more: str, version: str = "1.1") -> bytes:
    where = service.settings.shell_origin
    names = f"Host: {where.removeprefix('http://')}\r\nOrigin: {where}\r\n"
    return f"{method} {path} HTTP/{version}\r\n{names}{more}\r\n0\r\n\r\n".encode()


async def answer(service: Service, request: bytes) -> bytes:
    """Everything until the service closes."""
    async with connected(service) as raw:
        await raw.send(request)
        return await asyncio.wait_for(raw.reader.read(), 15)


def test_a_request_whose_end_is_not_certain_is_refused_on_every_route(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        for method, path in ROUTES:
            for more in UNCERTAIN.values():
                upgrade = UPGRADE if path in ("/ws", "/voice") else ""
                said = await answer(service, begun(service, method, path, upgrade + more))
                assert said.startswith(b"HTTP/1.1 400"), (path, more)
                assert said.count(b"HTTP/1.1") == 1, (path, more)
        for version in ("1.0", "0.9", "1.2", "2.0"):
            old = begun(service, "POST", "/v1/tickets", "Transfer-Encoding: chunked\r\n", version)
            assert (await answer(service, old)).startswith(b"HTTP/1.1 400"), version
        assert not service.engine.submitted

    visit(tmp_path, scene)


def test_what_follows_a_body_names_no_length(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        for after in ("Content-Length: 5", "transfer-encoding: chunked", "X-Note: a\r\n b", "X-Note: a\nX: b"):
            head = begun(service, "POST", "/v1/chat/completions", "Transfer-Encoding: chunked\r\n")
            async with connected(service) as raw:
                await raw.send(head.removesuffix(b"\r\n") + f"{after}\r\n\r\n".encode())
                said = await asyncio.wait_for(raw.reader.read(), 15)
            assert said.startswith(b"HTTP/1.1 400 "), after
            assert b"Invalid HTTP request" in said, after

    visit(tmp_path, scene)


def test_a_body_comes_in_so_many_chunks_with_short_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_heads, "MOST_CHUNKS", 50)
    head = "Transfer-Encoding: chunked\r\nConnection: close\r\n"

    async def scene(service: Service) -> None:
        for chunks, known in (
            (b"1\r\n{\r\n" * 49, True),
            (b"1\r\n{\r\n" * 50, False),
            (b"1;%s\r\n{\r\n" % (b"x" * 300), False),
        ):
            request = begun(service, "POST", "/v1/chat/completions", head).removesuffix(b"0\r\n\r\n")
            said = await answer(service, request + chunks + b"0\r\n\r\n")
            assert (b"bad_json" in said, b"Invalid HTTP request" in said) == (known, not known)

    visit(tmp_path, scene)


@pytest.mark.parametrize("size", ["10000000", "ffffffff", "100000005", "ffffffffffffffff", "10000000000000005"])
def test_no_chunk_is_so_large_that_its_size_is_another_number_to_some(tmp_path: Path, size: str) -> None:
    async def scene(service: Service) -> None:
        head = begun(service, "POST", "/v1/chat/completions", "Transfer-Encoding: chunked\r\n")
        request = head.removesuffix(b"0\r\n\r\n")
        said = await answer(service, request + f"{size}\r\n{{}}\r\n".encode())
        assert said.startswith(b"HTTP/1.1 400 ")
        assert b"Invalid HTTP request" in said
        async with connected(service) as raw:
            await raw.send(request + b"0000000000000002;x=ffffffffff\r\n[]\r\n0000000000000000\r\n\r\n")
            assert b"bad_json" in await asyncio.wait_for(raw.reader.readuntil(b"}}"), 15)

    visit(tmp_path, scene)


def test_chunks_are_counted_anew_for_each_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_heads, "MOST_CHUNKS", 50)

    async def scene(service: Service) -> None:
        request = begun(service, "POST", "/v1/chat/completions", "Transfer-Encoding: chunked\r\n")
        async with connected(service) as raw:
            for _ in range(4):
                await raw.send(request.removesuffix(b"0\r\n\r\n") + b"1\r\n{\r\n" * 40 + b"0\r\n\r\n")
                said = await asyncio.wait_for(raw.reader.readuntil(b"}}"), 15)
                assert b"bad_json" in said

    visit(tmp_path, scene)


def test_a_fault_after_the_answer_ends_the_connection_and_is_no_defect(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(service: Service) -> None:
        async with connected(service) as raw:
            request = begun(service, "GET", "/healthz", "Transfer-Encoding: chunked\r\n")
            await raw.send(request.removesuffix(b"0\r\n\r\n"))
            await raw.reader.readuntil(b"}")
            await raw.send(b"what is no chunk\r\n")
            assert not await asyncio.wait_for(raw.reader.read(), 15)

    visit(tmp_path, scene)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def lines(head: str) -> list[bytes]:
    return head.encode().split(b"\n")


@pytest.mark.parametrize(
    "head",
    [
        "GET / HTTP/1.1\nHost: x",
        "POST / HTTP/1.1\nHost: x\nContent-Length:  5 ",
        "POST / HTTP/1.1\nTransfer-Encoding: chunked\nX-Content-Length: 5",
        "POST / HTTP/1.0\nContent-Length: 0",
        "",
    ],
)
def test_heads_with_one_meaning(head: str) -> None:
    assert fault(lines(head)) is None


def test_faults_are_named() -> None:
    first = "POST / HTTP/1.1\n"
    assert fault(lines(f"{first}CONTENT-LENGTH: 5\ntransfer-encoding: x")) == (
        "expected one Content-Length or one Transfer-Encoding"
    )
    assert fault(lines(f"{first} X: 5")) == "expected header fields on a line each"
    assert fault(lines(f"{first}Content-Length: 5_0")) == "expected a Content-Length of digits"
    assert trailing([b"Digest: x"]) is None
