"""Whatever a client puts into a header or an address: no log, audit log, metric or error repeats it at length.

Nor is anything of it more than text there: control characters reach none of them.
"""

import asyncio
import base64
import io
import json
import logging
from pathlib import Path

import pytest

from backend.observability import audit_log, logs
from backend.observability.audit_log import FACT_CHARS, AuditLog
from backend.observability.logs import FIELD_CHARS, LINE_CHARS, TRACE_CHARS, TextLines, json_lines
from backend.text.log_line import cut_line
from tests.support.raw_client import connected, gone
from tests.support.running_service import JSON, Service, visit

LONG = "q" * 3_000
QUOTED = 120
HEADERS = (
    "Host", "Origin", "User-Agent", "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host",
    "X-Real-IP", "X-Request-Id", "traceparent", "tracestate", "baggage", "Authorization", "Cookie", "Referer", "Accept",
    "Accept-Encoding", "Accept-Language", "Content-Type", "Range", "If-None-Match", "If-Modified-Since",
    "Last-Event-ID", "Mcp-Session-Id", "Mcp-Protocol-Version", "Mcp-Method", "Mcp-Name", "Upgrade",
    "Sec-WebSocket-Protocol", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Extensions", "Connection",
    "Expect", "X-Anything",
)  # fmt: skip
QUERIES = ("ticket", "key", "url", "maxwidth", "format", "anything")
CHAT = b'{"model": "nobody", "messages": [{"role": "user", "content": "x"}]}'
ROUTES = [
    ("GET", "/"), ("GET", f"/p/{LONG}"), ("GET", f"/frame/live/{LONG}"), ("GET", f"/embed/{LONG}"), ("GET", "/oembed"),
    ("GET", "/healthz"), ("GET", "/metrics"), ("GET", f"/static/{LONG}"), ("GET", f"/{LONG}"), ("GET", f"/v1/{LONG}"),
    ("GET", f"/v1/models/{LONG}"), ("POST", "/v1/chat/completions"), ("POST", "/ag-ui"), ("POST", "/mcp"),
    ("GET", "/mcp"), ("DELETE", "/mcp"), ("POST", "/v1/tickets"), ("POST", "/v1/audio/transcriptions"), ("GET", "/ws"),
    ("GET", "/voice"), (LONG, "/"),
]  # fmt: skip
SOCKETS = ("/ws", "/voice")


def request(service: Service, method: str, path: str, name: str, value: str) -> bytes:
    where = service.settings.shell_origin
    fields = {"host": where.removeprefix("http://"), "origin": where, "connection": "close", "sec-fetch-dest": "iframe"}
    if path.startswith("/mcp"):
        fields |= {"accept": "application/json, text/event-stream", "content-type": "application/json"}
    if path.startswith(SOCKETS):
        key = base64.b64encode(bytes(16)).decode()
        fields |= {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
        fields |= {"sec-websocket-key": key, "sec-websocket-protocol": JSON}
    body = CHAT if method == "POST" else b""
    fields |= {"content-length": str(len(body))} if body else {}
    if name:
        fields[name.lower()] = value
    lines = "".join(f"{field}: {said}\r\n" for field, said in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body


async def answer(service: Service, data: bytes) -> bytes:
    """What comes at first; where nothing more is said, as on an open websocket, that is enough."""
    async with connected(service) as raw:
        await raw.send(data)
        return await asyncio.wait_for(raw.reader.read(2**16), 30)


def at_length(text: str) -> bool:
    return "q" * (QUOTED + 1) in text


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=[f"{a:.9} {b:.20}" for a, b in ROUTES])
def test_no_value_of_a_client_is_repeated_at_length(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, method: str, path: str
) -> None:
    file = tmp_path / "audit.jsonl"
    page = path.startswith(("/p/", "/embed/"))  # the shell, about to open what the address names

    async def scene(service: Service) -> None:
        tries = [
            ("", ""),
            *((name, f"{LONG}\x9b2J") for name in HEADERS),
            ("Origin", "null"),
            ("Authorization", f"Bearer {LONG}"),
        ]
        for name, value in tries:
            said = await answer(service, request(service, method, path, name, value))
            assert said.startswith(b"HTTP/1.1 "), name
            assert page or not at_length(said.decode("latin-1")), (name, said[:400])
            assert b"\x9b" not in said, name
        for name in QUERIES:
            said = await answer(service, request(service, method, f"{path}?{name}={LONG}", "", ""))
            assert page or not at_length(said.decode("latin-1")), (name, said[:400])
        shown = service.app.state.connections.observer.metrics.exposition().decode()
        assert "qq" not in shown
        await gone(service)

    caplog.set_level(logging.INFO)
    form = TextLines()
    visit(tmp_path, scene, audit=file)
    for record in caplog.records:
        assert record.levelno < logging.ERROR, record.getMessage()[:400]
        if record.name not in logs.QUIET or record.levelno >= logging.WARNING:
            assert not at_length(form.format(record))
    assert "qq" not in file.read_text()


def test_a_head_that_is_too_much_for_a_websocket_is_answered_and_ends(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        for name, value in (("X-Anything", "q" * 9_000), ("Content-Length", "5")):
            async with connected(service) as raw:
                await raw.send(request(service, "GET", "/ws", name, value))
                said = await asyncio.wait_for(raw.reader.read(), 15)
                assert said.startswith(b"HTTP/1.1 4"), name
                assert not at_length(said.decode())
        many = "".join(f"X-{number}: q\r\n" for number in range(200))
        async with connected(service) as raw:
            await raw.send(request(service, "GET", "/ws", "", "").replace(b"\r\n\r\n", f"\r\n{many}\r\n".encode()))
            assert (await asyncio.wait_for(raw.reader.read(), 15)).startswith(b"HTTP/1.1 431")

    visit(tmp_path, scene)


def test_a_refused_websocket_is_no_error_of_ours(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scene(service: Service) -> None:
        for path in SOCKETS:
            said = await answer(service, request(service, "GET", path, "Origin", "https://evil.example"))
            assert said.startswith(b"HTTP/1.1 403")

    visit(tmp_path, scene)
    assert not [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


NASTY = "a\nb\r\x1b[2Jc\u202ed\u2028e\x00f\x7f\x85g\ud800"
PLAIN = "a b  [2Jc d e f  g "


def test_one_line() -> None:
    assert cut_line(NASTY, 99) == PLAIN
    assert cut_line("é🌋", 2) == "é🌋"
    assert cut_line("x" * 9, 8) == "xxxxx..."
    assert cut_line("\n" * 9, 8) == "     ..."


def test_every_fact_of_the_audit_log_is_cut_and_plain(tmp_path: Path) -> None:
    book = AuditLog(file := tmp_path / "audit.jsonl")
    audit_log.tell("refuse", **dict.fromkeys(("code", "address", "at", "token", "anything"), f"{NASTY}{'x' * 999}"))
    audit_log.tell("page.ended", seconds=1.5, edit=False, count=3)
    book.close()
    first, second = (json.loads(line) for line in file.read_text().splitlines())
    for name in ("code", "address", "at", "token", "anything"):
        assert first[name].startswith(PLAIN)
        assert len(first[name]) == FACT_CHARS
    assert (second["seconds"], second["edit"], second["count"]) == (1.5, False, 3)


@pytest.mark.parametrize("form", ["text", "json"])
def test_every_log_line_is_cut_and_plain(form: str) -> None:
    """Libraries log names that clients chose, and raise what quotes them."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(json_lines() if form == "json" else TextLines())
    log = logging.Logger("somebody's")
    log.addHandler(handler)
    log.warning("dropped %s", NASTY + LONG * 9, extra={"method": NASTY + LONG})
    first = stream.getvalue()
    try:
        raise ValueError(f"{NASTY}{LONG * 99}")
    except ValueError:
        log.exception("handler raised")
    second = stream.getvalue().removeprefix(first)
    assert len(first) < LINE_CHARS + FIELD_CHARS + 200
    assert len(second) < 2 * TRACE_CHARS
    assert "ValueError" in second
    assert first.count("\n") == 1
    for text in (first, second):
        said = json.loads(text) if form == "json" else {"text": text}
        assert not [c for value in said.values() for c in value if not (c.isprintable() or c == "\n")]


def test_a_page_is_looked_for_by_what_may_be_a_page(tmp_path: Path) -> None:
    asked: list[str] = []

    async def scene(service: Service) -> None:
        find = service.store.find_page

        async def watched(page: str) -> object:
            asked.append(page)
            return await find(page)

        service.store.find_page = watched
        for page in (LONG, "a%3Ab", "a%20b", "%00", "known"):
            address = f"127.0.0.1:{service.settings.port}"
            frame = service.settings.frame_origin.removeprefix("http://")
            data = request(service, "GET", f"/frame/live/{page}", "Host", frame)
            assert (await answer(service, data)).startswith(b"HTTP/1.1 404"), address

    visit(tmp_path, scene)
    assert asked == ["known"]
