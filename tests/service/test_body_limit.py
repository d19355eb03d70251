"""Bodies end at their limit on every route, whatever their headers say; what is kept of them is counted."""

import asyncio
import contextlib
import tempfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.formparsers import MultiPartParser
from starlette.types import Message

from backend import app as application
from backend.http.api_requests import BODY_BYTES, Refused
from backend.http.body_limit import CountedBody
from backend.http.uvicorn_protocols import Http
from backend.voice import routes
from tests.support.raw_client import Raw, connected, gone
from tests.support.running_service import Service, visit
from tests.unit.backend.api.test_mcp_session_limit import KEY, Visitor

PIECE = 2**16
READ = 2**18
"""What is read from a socket at once."""
FORM = "Content-Type: multipart/form-data; boundary=x\r\n"
KINDS = f"Accept: application/json, text/event-stream\r\n{FORM}"
FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
VOICE = "/v1/audio/transcriptions"
READERS = [("POST", VOICE), ("POST", "/v1/chat/completions"), ("POST", "/ag-ui"), ("POST", "/mcp")]
OTHERS = [("GET", "/"), ("GET", "/healthz"), ("POST", "/v1/tickets"), ("GET", "/v1/models"), ("POST", "/nowhere")]


class Kept:
    """The most that the wire kept of a body, and all that a form wrote."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wire = self.form = self.disk = 0
        taken, write = Http.data_received, routes.UploadFile.write

        def received(protocol: Any, data: bytes) -> None:
            taken(protocol, data)
            body = len(protocol.cycle.body) if protocol.cycle else 0
            self.wire = max(self.wire, body + len(protocol.conn._receive_buffer))

        async def wrote(file: Any, data: bytes) -> None:
            self.form += len(data)
            await write(file, data)

        monkeypatch.setattr(Http, "data_received", received)
        monkeypatch.setattr(routes.UploadFile, "write", wrote)


def head(service: Service, method: str, path: str, more: str) -> bytes:
    where = service.settings.shell_origin
    names = f"Host: {where.removeprefix('http://')}\r\nOrigin: {where}\r\n"
    return f"{method} {path} HTTP/1.1\r\n{names}{KINDS}{more}\r\n".encode()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def flood(raw: Raw, piece: bytes, most: int) -> bytes:
    """Send pieces until the first line of an answer is there, or the service has closed."""
    answer = asyncio.create_task(raw.reader.readline())
    with contextlib.suppress(OSError):
        for _ in range(most // len(piece)):
            if answer.done():
                break
            await raw.send(piece)
    return await asyncio.wait_for(answer, 30)


@pytest.mark.parametrize(("method", "path"), READERS)
def test_a_body_in_chunks_ends_at_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    monkeypatch.setattr(application, "MOST_BYTES", 2**21)
    kept = Kept(monkeypatch)
    most = 2**21 if path == VOICE else BODY_BYTES

    async def scene(service: Service) -> None:
        async with connected(service) as raw:
            await raw.send(head(service, method, path, "Transfer-Encoding: chunked\r\n") + chunk(FILE))
            assert (await flood(raw, chunk(bytes(PIECE)), 64 * most)).startswith(b"HTTP/1.1 413")
            said = await asyncio.wait_for(raw.reader.readuntil(b"}"), 15)
            assert f"expected a body of at most {most:,} bytes, got more".encode() in said
        await gone(service)

    visit(tmp_path, scene)
    assert kept.wire <= 2 * READ
    assert kept.form <= most


def test_both_headers_beside_a_recording_take_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept(monkeypatch)

    async def scene(service: Service) -> None:
        async with connected(service) as raw:
            await raw.send(head(service, "POST", VOICE, "Content-Length: 100\r\nTransfer-Encoding: chunked\r\n"))
            assert (await flood(raw, chunk(bytes(PIECE)), 2**26)).startswith(b"HTTP/1.1 400")
        await gone(service)

    visit(tmp_path, scene)
    assert kept.form == 0
    assert kept.wire <= 2 * READ


@pytest.mark.parametrize(("method", "path"), READERS)
def test_a_body_that_says_it_is_too_large_is_not_begun(tmp_path: Path, method: str, path: str) -> None:
    async def scene(service: Service) -> None:
        async with connected(service) as raw:
            await raw.send(head(service, method, path, "Expect: 100-continue\r\nContent-Length: 99999999999\r\n"))
            assert (await asyncio.wait_for(raw.reader.readline(), 15)).startswith(b"HTTP/1.1 413")

    visit(tmp_path, scene)


@pytest.mark.parametrize(("method", "path"), OTHERS)
def test_a_body_that_nobody_reads_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    kept = Kept(monkeypatch)

    async def scene(service: Service) -> None:
        async with connected(service) as raw:
            await raw.send(head(service, method, path, "Transfer-Encoding: chunked\r\n"))
            assert (await asyncio.wait_for(raw.reader.readline(), 15)).startswith(b"HTTP/1.1 ")
            with contextlib.suppress(OSError):
                for _ in range(64):
                    await raw.send(chunk(bytes(PIECE)))

    visit(tmp_path, scene)
    assert kept.wire <= 2 * READ


def test_a_listener_who_sends_a_body_is_refused(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            _, key = await Visitor(service, http, "").open()
        async with connected(service) as raw:
            await raw.send(head(service, "GET", "/mcp", f"{KEY}: {key}\r\nTransfer-Encoding: chunked\r\n"))
            assert (await flood(raw, chunk(bytes(PIECE)), 2**24)).startswith(b"HTTP/1.1 413")
        await gone(service)

    visit(tmp_path, scene)


def part(name: str, data: bytes, more: str = "") -> bytes:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n{more}\r\n'.encode() + data + b"\r\n"


FORMS = {
    "too many fields": part("a", b"") * 17,
    "too many files": FILE + b"\r\n" + FILE + b"\r\n",
    "a field too long": part("prompt", bytes(routes.FIELD_BYTES + 1)),
    "too many headers": part("a", b"", "X: y\r\n" * 20),
    "a header too long": part("a", b"", f"X: {'y' * 9_000}\r\n"),
    "a name too long": part("n" * 9_000, b""),
    "no name": b"--x\r\nX: y\r\n\r\n\r\n",
    "urlencoded": b"a=" + b"b" * (routes.FIELD_BYTES + 1),
}


@pytest.mark.parametrize("kind", FORMS)
def test_parts_have_limits_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    opened: list[Any] = []
    make = tempfile.SpooledTemporaryFile

    def opening(*given: Any, **options: Any) -> Any:
        opened.append(make(*given, **options))
        return opened[-1]

    monkeypatch.setattr("starlette.formparsers.SpooledTemporaryFile", opening)

    async def scene(service: Service) -> None:
        body = FORMS[kind] + (b"--x--\r\n" if kind != "urlencoded" else b"")
        request = head(service, "POST", VOICE, f"Connection: close\r\nContent-Length: {len(body)}\r\n")
        if kind == "urlencoded":
            request = request.replace(FORM.encode(), b"Content-Type: application/x-www-form-urlencoded\r\n")
        async with connected(service) as raw:
            await raw.send(request + body)
            said = await asyncio.wait_for(raw.reader.read(), 15)
        assert said.startswith(b"HTTP/1.1 400")
        assert b'"code":"bad_form"' in said
        assert (b"exceeded maximum size of 64KB" in said) == (kind in ("a field too long", "urlencoded"))
        assert len(said) < 1_000

    visit(tmp_path, scene)
    assert all(file.closed for file in opened)


def test_a_recording_that_grows_too_large_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "MOST_BYTES", 2**20)
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 2**16)
    opened: list[Any] = []
    make = tempfile.SpooledTemporaryFile

    def opening(*given: Any, **options: Any) -> Any:
        opened.append(make(*given, **options))
        return opened[-1]

    monkeypatch.setattr("starlette.formparsers.SpooledTemporaryFile", opening)

    async def scene(service: Service) -> None:
        async with connected(service) as raw:
            await raw.send(head(service, "POST", VOICE, "Transfer-Encoding: chunked\r\n") + chunk(FILE))
            assert b" 413 " in await flood(raw, chunk(bytes(PIECE)), 2**26)
        await gone(service)

    visit(tmp_path, scene)
    assert [file.closed for file in opened] == [True]


def test_a_body_is_counted_piece_by_piece() -> None:
    parts: list[Message] = [{"type": "http.request", "body": bytes(4), "more_body": True} for _ in range(9)]

    async def receive() -> Message:
        return parts.pop()

    async def send(_: Message) -> None: ...

    async def scene() -> None:
        body = CountedBody(10, receive, send)
        assert len((await body.receive())["body"]) == 4
        await body.receive()
        for _ in range(3):
            with pytest.raises(Refused, match="expected a body of at most 10 bytes, got more"):
                await body.receive()
        assert len(parts) == 6
        await body.send({"type": "http.response.start"})
        assert await body.receive() == {"type": "http.disconnect"}

    asyncio.run(scene())
