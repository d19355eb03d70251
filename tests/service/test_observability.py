"""What operators see: readiness, log lines, traces, the port for metrics."""

import asyncio
import json
import logging
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import MCPError
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from backend import app as application
from backend.errors import StartupError, StoreError
from backend.observability import logs, tracing
from backend.observability.audit_log import mark
from backend.protocol.messages import Prompt
from backend.run import beside, listen
from engine.core.errors import DeviceLost
from tests.service.test_app import SHELL, Web, browse
from tests.service.test_bound_tokens import Caller
from tests.service.test_mcp import client as mcp_client
from tests.support.fakes import held
from tests.support.running_service import Service, free_port, visit


def test_a_service_that_can_take_visitors_is_ready(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        answer = await web.get("http://10.0.0.7:8017/readyz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ready", "reasons": []})

    browse(tmp_path, scene)


def test_a_service_that_cannot_says_why(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        web.store.down = True
        web.app.state.readiness.lost = DeviceLost("CUDA error: at 0x7f")
        web.app.state.readiness._maker.draining = True
        answer = await web.get(f"{SHELL}/readyz")
        assert answer.status_code == 503
        reasons = ["the service is about to end", "the model is lost", "the store does not answer"]
        assert answer.json() == {"status": "not ready", "reasons": reasons}
        assert (await web.get(f"{SHELL}/healthz")).status_code == 200

    browse(tmp_path, scene)


def test_metrics_have_a_port_of_their_own(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        port = free_port()
        with listen("127.0.0.1", port, "--metrics-port") as listener:
            with pytest.raises(StartupError, match="choose another with --metrics-port"):
                listen("127.0.0.1", port, "--metrics-port")
            async with beside(web.app, listener):
                text = await asyncio.to_thread(read, f"http://127.0.0.1:{port}/metrics")
        assert "silverprint_pages_running 0.0" in text

    browse(tmp_path, scene)


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


@pytest.fixture
def _logging() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield
    root.handlers[:], root.level = before
    for name in (*logs.QUIET, *logs.WORDY):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.mark.usefixtures("_logging")
@pytest.mark.parametrize("form", ["json", "text"])
def test_a_line_an_event(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    async def scene(service: Service) -> None:
        async with service.client() as client:
            page = await client.page(Prompt("quicksilver"))
            pages.append(mark(page.page))
            secrets.append(page.page)

    pages: list[str] = []
    secrets: list[str] = []
    logs.begin(form, "info")
    visit(tmp_path, scene)
    said = capsys.readouterr().err
    assert "quicksilver" not in said
    assert secrets[0] not in said
    lines = [line for line in said.splitlines() if "page ended" in line]
    assert len(lines) == 1
    if form == "text":
        assert " INFO page ended outcome=committed " in lines[0]
        assert f" page={pages[0]} world=web " in lines[0]
        return
    events = [json.loads(line) for line in said.splitlines()]
    assert [e["event"] for e in events if e.get("page") == pages[0]] == ["page asked for", "page ended"]
    assert [e["connection"] for e in events if "connection" in e] == [1, 1]
    ended = json.loads(lines[0])
    assert (ended["level"], ended["outcome"], ended["world"]) == ("INFO", "committed", "web")
    assert ended["tokens"] > 0
    assert "time" in ended


@pytest.mark.usefixtures("_logging")
def test_debugging_lines_hold_no_pages_and_no_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One that comes by MCP, whose libraries log what they send and receive; the client's here, too."""

    async def scene(service: Service) -> None:
        async with mcp_client(service) as mcp:
            await mcp.call_tool("make_page", {"prompt": "quicksilver"})

    logs.begin("text", "debug")
    visit(tmp_path, scene)
    said = capsys.readouterr().err
    assert "page ended" in said
    assert "quicksilver" not in said.lower()
    assert "<h1" not in said


@pytest.mark.usefixtures("_logging")
@pytest.mark.parametrize("form", ["json", "text"])
def test_no_line_gives_an_id_or_a_key_away(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    """Not one of the server's own either, nor of the libraries, nor the text of an exception."""
    secrets: list[str] = []

    async def scene(service: Service) -> None:
        token = (service.settings.data / "token").read_text()
        given = (await service.post("/v1/tickets", authorization=f"Bearer {token}")).json()["ticket"]
        async with service.client(query=f"?ticket={given}") as client:
            page = await client.page(Prompt("tides"))
            secrets.extend([token, given, client.welcome.session, page.page, page.key])
        frames = f"{service.settings.frame_origin}/frame/live/{page.page}?key={page.key}"
        async with httpx.AsyncClient(trust_env=False, headers={"sec-fetch-dest": "iframe"}) as http:
            for url in (frames, f"{service.settings.shell_origin}/p/{page.page}"):
                assert (await http.get(url)).status_code == 200
            caller = Caller(service, http, token)
            key = await caller.open()
            secrets.append(key)
            for name in (key, "0123456789abcdef" * 2):
                await caller.ask(name)
                await caller.ask(name, "DELETE")
        async with mcp_client(service) as mcp:
            await mcp.read_resource(f"silverprint://page/{page.page}")
            with pytest.raises(MCPError):
                await mcp.read_resource(f"silverprint://page/{page.key}")
        access = logging.getLogger("uvicorn.access")
        access.setLevel(logging.INFO)
        access.propagate = True
        access.info('%s - "%s %s HTTP/%s" %d', "::1", "GET", frames, "1.1", 200)
        try:
            raise StoreError(f"a record\n{page.page}\n{page.key}")
        except StoreError:
            logging.getLogger("backend.somewhere").exception("lost", extra={"where": page.page})

    logs.begin(form, "debug")
    visit(tmp_path, scene)
    said = capsys.readouterr().err
    assert not [secret for secret in secrets if secret in said]
    assert f"/frame/live/{mark(secrets[3])}?key={mark(secrets[4])}" in said
    assert "StoreError: a record" in said


def test_names_are_no_secrets() -> None:
    for name in ("streamable_http_managed", "a_name_of_22_characte", "x" * 22, "/frame/live/x", "mcp.server.lowlevel"):
        assert logs.told(name, 200) == name


@pytest.mark.usefixtures("_logging")
@pytest.mark.parametrize("form", ["json", "text"])
def test_an_exception_is_told_whole(capsys: pytest.CaptureFixture[str], form: str) -> None:
    logs.begin(form, "warning")
    log = logging.getLogger("backend.somewhere")
    log.info("not this")
    try:
        raise ValueError("two\nlines")
    except ValueError:
        log.exception("page %s failed", "p1")
    said = capsys.readouterr().err
    assert "not this" not in said
    assert "page p1 failed" in said.splitlines()[0]
    assert "ValueError: two" in said
    if form == "json":
        assert len(said.splitlines()) == 1


def test_traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(application, "open_traces", lambda: tracing.open_traces(exporter))

    async def scene(service: Service) -> None:
        async with service.client() as client:
            pages.append(await client.page(Prompt("quicksilver")))
            with held(service.engine):
                await client.page(Prompt("quicksilver"))
        await asyncio.sleep(0.05)

    pages: list[Any] = []
    visit(tmp_path, scene, traces=True)
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert set(spans) == {"connection", "action", "page"}
    page, connection = spans["page"], spans["connection"]
    actions = [span for span in exporter.get_finished_spans() if span.name == "action"]
    assert page.parent
    assert connection.context
    assert page.parent.span_id in {span.context.span_id for span in actions if span.context}
    assert all(span.parent and span.parent.span_id == connection.context.span_id for span in actions)
    assert [event.name for event in page.events][:2] == ["first frame", "commit"]
    assert page.attributes
    assert page.attributes["silverprint.outcome"] == "committed"
    whole = "".join(span.to_json() for span in exporter.get_finished_spans())
    assert "quicksilver" not in whole
    assert mark(pages[0].page) in whole
    assert not any(secret in whole for secret in (pages[0].page, pages[0].key))


def test_a_span_says_nothing_of_an_exception() -> None:
    exporter = InMemorySpanExporter()
    opened = tracing.open_traces(exporter)
    with pytest.raises(StoreError), opened.span("action"):
        raise StoreError("a record of quicksilver")
    opened.close()
    (span,) = exporter.get_finished_spans()
    assert "quicksilver" not in span.to_json()


def test_without_traces_nothing_of_it_is_loaded() -> None:
    heavy = "{'torch', 'opentelemetry.exporter'}"
    code = f"import sys, backend.run, benchmarks.load.serve_replay as _; print({heavy} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"


def test_traces_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(StartupError, match="expected the extra traces"):
        tracing.open_traces()
