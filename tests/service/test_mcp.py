"""The MCP face: the protocol's own Python client against the real application, over HTTP and over stdio."""

import asyncio
import contextlib
import json
import logging
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.apps import APP_MIME_TYPE
from mcp_types import INVALID_PARAMS

from backend.api.mcp.developing_pages import Asked, DevelopingPages
from backend.api.mcp.tools import HTML, server
from backend.api.mcp.view import VIEW, view
from backend.protocol.messages import Prompt
from tests.support.fakes import held
from tests.support.repository import ROOT
from tests.support.running_service import Service, free_port, visit


@contextlib.asynccontextmanager
async def client(service: Service, token: str = "") -> AsyncIterator[Client]:
    token = token or (service.settings.data / "token").read_text()
    headers = {"authorization": f"Bearer {token}"}
    url = f"{service.settings.shell_origin}/mcp"
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        Client(streamable_http_client(url, http_client=http)) as connected,
    ):
        yield connected


def talk(folder: Path, scene: Callable[[Service, Client], Awaitable[None]], **options: Any) -> None:
    async def whole(service: Service) -> None:
        async with client(service) as connected:
            await scene(service, connected)

    visit(folder, whole, **options)


def test_tools_and_their_view_are_listed(tmp_path: Path) -> None:
    async def scene(service: Service, mcp: Client) -> None:
        tools = {tool.name: tool for tool in (await mcp.list_tools()).tools}
        assert set(tools) == {"make_page", "edit_page", "follow_link", "watch_page"}
        for name, visible in (("make_page", ["model", "app"]), ("watch_page", ["app"])):
            assert tools[name].meta == {"ui": {"resourceUri": VIEW, "visibility": visible}}
            assert tools[name].description
        assert set(tools["make_page"].input_schema["properties"]) == {"prompt", "world"}
        (document,) = (await mcp.read_resource(VIEW)).contents
        assert document.mime_type == APP_MIME_TYPE
        assert document.text == view()  # type: ignore[union-attr]

    talk(tmp_path, scene)


def test_a_page_is_made_and_changed_and_followed_and_read(tmp_path: Path) -> None:
    async def scene(service: Service, mcp: Client) -> None:
        service.engine.pause = 0.01
        progress: list[str] = []

        async def told(_: float, __: float | None, message: str | None) -> None:
            progress.append(message or "")

        made = await mcp.call_tool("make_page", {"prompt": "a page about tides"}, progress_callback=told)
        assert not made.is_error
        page = made.structured_content
        assert page["link"] == f"{service.settings.shell_origin}/p/{page['page']}"
        assert "ask: a page about tides" in made.meta[HTML]
        assert "<p>" not in str(made.content)
        assert page["title"] in made.content[0].text  # type: ignore[union-attr]
        assert progress[0].startswith("canvas 1, step ")
        (read,) = (await mcp.read_resource(f"silverprint://page/{page['page']}")).contents
        assert (read.text, read.mime_type) == (made.meta[HTML], "text/html")  # type: ignore[union-attr]
        changed = await mcp.call_tool("edit_page", {"page": page["page"], "instruction": "make it dark"})
        assert "edit: make it dark" in changed.meta[HTML]
        assert changed.structured_content["page"] != page["page"]
        link = {"page": page["page"], "text": "Lava", "href": "/wiki"}
        led = await mcp.call_tool("follow_link", link)
        assert led.structured_content["url"] == "/wiki/lava"

    talk(tmp_path, scene)


def test_the_services_logging_is_left_alone(tmp_path: Path) -> None:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    server(None, "http://127.0.0.1:8017")  # type: ignore[arg-type]
    assert (root.handlers, root.level) == before


def test_a_view_sees_the_page_develop(tmp_path: Path) -> None:
    async def scene(service: Service, mcp: Client) -> None:
        service.engine.pause = 0.05
        job = asyncio.create_task(mcp.call_tool("make_page", {"prompt": "tides", "world": "app"}))
        while not service.engine.submitted:
            await asyncio.sleep(0.001)
        seen, drafts = 0, []
        while True:
            told = await mcp.call_tool("watch_page", {"of": "app", "text": "tides", "seen": seen})
            if not told.structured_content["making"]:
                break
            assert told.structured_content["number"] > seen
            seen = told.structured_content["number"]
            drafts.append((told.meta or {}).get(HTML, ""))
        assert any(drafts)
        assert not any("<script" in draft for draft in drafts)
        assert not (await job).is_error

    talk(tmp_path, scene)


def test_waiting_for_a_draft_ends_when_there_is_none() -> None:
    async def scene() -> None:
        developing, asked = DevelopingPages(), Asked((), "web", "tides")
        assert await developing.after(asked, 0) is None
        await developing.show(asked, "one")
        assert await developing.after(asked, 0) == (1, "one")
        waiting = asyncio.create_task(developing.after(asked, 1))
        await asyncio.sleep(0)
        await developing.show(asked, "two")
        assert await waiting == (2, "two")
        waiting = asyncio.create_task(developing.after(asked, 2))
        await asyncio.sleep(0)
        await developing.forget(asked)
        assert await waiting is None

    asyncio.run(scene())


def test_what_cannot_be_done_is_an_error_of_the_tool(tmp_path: Path) -> None:
    async def scene(service: Service, mcp: Client) -> None:
        for name, arguments, message in (
            ("make_page", {"prompt": " "}, "expected prompt.text of 1 to 4,000 characters"),
            ("make_page", {"prompt": "x", "world": "moon"}, "world"),
            ("edit_page", {"page": "nobody", "instruction": "x"}, "expected a page that was shared, got none"),
            ("follow_link", {"page": "nobody", "text": "x"}, "expected a page that was shared, got none"),
        ):
            result = await mcp.call_tool(name, arguments)
            assert result.is_error, name
            assert message in result.content[0].text  # type: ignore[union-attr]
        with pytest.raises(MCPError, match=r"expected the id of a page, got 'nobody'|not found"):
            await mcp.read_resource("silverprint://page/nobody")
        service.engine.fail = True
        failed = await mcp.call_tool("make_page", {"prompt": "x"})
        assert failed.is_error
        assert "the model failed on this page" in failed.content[0].text  # type: ignore[union-attr]
        assert not service.app.state.house.maker.running

    talk(tmp_path, scene)


def test_names_that_nobody_has_are_errors_of_the_protocol(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scene(service: Service, mcp: Client) -> None:
        with pytest.raises(MCPError, match="expected the name of a tool, got 'nothing'") as tool:
            await mcp.call_tool("nothing", {})
        with pytest.raises(MCPError, match="expected the name of a prompt, of which there are none, got 'x'") as prompt:
            await mcp.get_prompt("x")
        assert tool.value.error.code == prompt.value.error.code == INVALID_PARAMS

    talk(tmp_path, scene)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_nothing_that_is_listed_is_said_to_change(tmp_path: Path) -> None:
    async def scene(service: Service, mcp: Client) -> None:
        can = mcp.server_capabilities
        for listed in (can.tools, can.resources, can.prompts):
            assert listed
            assert not listed.list_changed

    talk(tmp_path, scene)


def test_a_call_that_is_cancelled_stops_the_page(tmp_path: Path) -> None:
    async def scene(service: Service, mcp: Client) -> None:
        with held(service.engine):
            job = asyncio.create_task(mcp.call_tool("make_page", {"prompt": "tides"}))
            while not service.engine.submitted:
                await asyncio.sleep(0.001)
            job.cancel()
            async with asyncio.timeout(5):
                while service.app.state.house.maker.running:
                    await asyncio.sleep(0.005)
        assert service.engine.cancelled

    talk(tmp_path, scene)


def test_only_those_who_may_come_in_are_let_in(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        hello = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        accept = {"accept": "application/json, text/event-stream"}
        token = (service.settings.data / "token").read_text()
        async with httpx.AsyncClient() as http:
            for headers, status in (
                ({}, 401),
                ({"authorization": "Bearer no"}, 401),
                ({"authorization": f"Bearer {token}", "origin": "https://evil.example"}, 403),
            ):
                answer = await http.post(f"{service.settings.shell_origin}/mcp", json=hello, headers=accept | headers)
                assert answer.status_code == status
                assert set(answer.json()) == {"jsonrpc", "id", "error"}
            big = await http.post(
                f"{service.settings.shell_origin}/mcp",
                content=b" " * 300_000,
                headers=accept | {"authorization": f"Bearer {token}", "content-type": "application/json"},
            )
            assert big.status_code == 413

    visit(tmp_path, scene)


def test_a_service_with_another_name_is_found_under_it_alone(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
        hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about}
        accept = {"accept": "application/json, text/event-stream"}
        async with httpx.AsyncClient() as http:
            for host, origin, status in (
                ("pages.example", "https://site.example", 200),
                ("pages.example", "http://pages.example", 200),
                ("pages.example", "https://evil.example", 403),
                (f"127.0.0.1:{service.settings.port}", "http://pages.example", 421),
            ):
                headers = accept | {"host": host, "origin": origin}
                url = f"http://127.0.0.1:{service.settings.port}/mcp"
                assert (await http.post(url, json=hello, headers=headers)).status_code == status

    names = {"shell_origin": "http://pages.example", "frame_origin": "http://frames.example"}
    visit(tmp_path, scene, origins=("https://site.example",), **names)


def test_the_view_is_one_document_with_its_script() -> None:
    document = view()
    assert "{{script" not in document
    scripts = re.findall(r"(?m)^<script[^>]*>", document)
    assert scripts == ['<script type="text/plain" id="ours">', '<script type="module">']
    assert not re.search(r"^\s*(?:import|export) ", document, re.MULTILINE)
    assert not re.search(r"https?://", document)
    assert "ui/initialize" in document
    assert sys.getsizeof(document) < 40_000
    assert json.dumps(document)


def test_the_command_serves_one_client_on_stdin_and_stdout(tmp_path: Path) -> None:
    """The real command with the bundled model, as a host starts it."""

    async def scene() -> None:
        root = str(ROOT)
        data, port = str(tmp_path / "data"), str(free_port())
        options = ["--data", data, "--port", port, "--page-tokens", "128", "--page-steps", "4"]
        started = StdioServerParameters(
            command=sys.executable,
            args=["-m", "backend.cli", "mcp", *options],
            env={**os.environ, "PYTHONPATH": root},
        )
        async with Client(stdio_client(started)) as connected:
            assert len((await connected.list_tools()).tools) == 4
            made = await connected.call_tool("make_page", {"prompt": "a to-do list", "world": "app"})
            assert not made.is_error
            assert "<title>" in made.meta[HTML]

    asyncio.run(scene())


def test_a_tool_that_waits_tells_its_place(tmp_path: Path) -> None:
    async def scene(service: Service, mcp: Client) -> None:
        progress: list[str] = []

        async def told(_: float, __: float | None, message: str | None) -> None:
            progress.append(message or "")

        with held(service.engine):
            async with service.client() as other:
                await other.send(Prompt("moon"))
                await other.until(lambda: bool(other.started))
                job = asyncio.create_task(mcp.call_tool("make_page", {"prompt": "tides"}, progress_callback=told))
                async with asyncio.timeout(5):
                    while not progress:
                        await asyncio.sleep(0.001)
        assert not (await job).is_error
        assert progress[0] == "number 1 in line"

    talk(tmp_path, scene, max_pages=1)
