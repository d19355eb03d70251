"""Every error that a client is told counts once, under its code, wherever it is told."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import MCPError
from websockets.exceptions import InvalidStatus

from backend.protocol.messages import Go, Hello, Prompt
from tests.service.test_ag_ui import given_input
from tests.service.test_mcp import client as mcp_client
from tests.service.test_metrics import figures
from tests.support.running_service import JSON, Service, visit

HI = [{"role": "user", "content": "hello"}]
CHAT, RUN, MCP = "/v1/chat/completions", "/ag-ui", "/mcp"
HEADS = {"accept": "application/json, text/event-stream"}


def told(service: Service) -> Counter[str]:
    """What the service's own metrics say."""
    found = figures(service.app.state.connections.observer.metrics.exposition().decode())
    start = "silverprint_errors_total{code="
    return Counter({name.removeprefix(start)[:-1]: int(n) for name, n in found.items() if name.startswith(start)})


async def post(service: Service, path: str, body: Any, **headers: str) -> httpx.Response:
    root = service.settings.shell_origin
    async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
        return await http.post(f"{root}{path}", json=body, headers=HEADS | {"origin": root} | headers)


def test_errors_on_the_socket(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client() as client:
            await client.send(Go(3))
            assert await client.error() == "no_history"
            service.engine.fail = True
            await client.page(Prompt("lava"))
            assert client.errors == ["no_history", "page_failed"]
            async with service.client(hello=Hello(client.welcome.session)):
                assert await client.error() == "replaced"
        with pytest.raises(InvalidStatus):
            async with service.client(origin="https://evil.example"):
                pass
        async with service.client("other", None) as client:
            await client.closed()
        codes = ("no_history", "page_failed", "replaced", "foreign_origin", "bad_subprotocol")
        async with asyncio.timeout(5):
            while told(service) != Counter(codes):
                await asyncio.sleep(0.005)

    visit(tmp_path, scene)


def test_an_outage_of_the_store(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client(JSON) as client:
            service.store.down = True
            await client.send(Prompt("lava"))
            await client.until(lambda: client.errors == ["store_unavailable"])
            answer = await post(service, "/v1/tickets", {}, authorization="Bearer no")
            assert answer.json()["code"] == "unauthorized"
            assert told(service) == Counter(("store_unavailable", "unauthorized"))
            await client.until(lambda: bool(client.final))
        service.store.down = False

    visit(tmp_path, scene)


def test_errors_of_faces(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        chat = {"model": "model", "messages": HI}
        expected: Counter[str] = Counter()

        async def says(code: str, path: str, body: Any, **headers: str) -> None:
            answer = await post(service, path, body, **headers)
            assert code in answer.text, answer.text
            expected[code] += 1
            assert told(service) == expected

        for path in (CHAT, RUN, MCP):
            await says("foreign_origin", path, {}, origin="https://evil.example")
            await says("bad_json", path, [])
        await says("unknown_parameter", CHAT, chat | {"frobnicate": 1})
        await says("model_not_found", CHAT, chat | {"model": "gpt-4o"})
        await says("bad_input", RUN, {})
        await says("empty_prompt", RUN, given_input(messages=[{"id": "1", "role": "user", "content": " "}]))
        await says("empty_prompt", CHAT, {"model": "silverprint-web", "messages": [{"role": "user", "content": " "}]})
        await says("unknown_url", "/v1/embeddings", {})
        service.engine.fail = True
        for more in ({}, {"stream": True}, {"model": "silverprint-web"}, {"model": "silverprint-web", "stream": True}):
            await says("page_failed", CHAT, chat | more)
        await says("page_failed", RUN, given_input())

    visit(tmp_path, scene)


def test_errors_of_mcp(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with mcp_client(service) as mcp:
            for call, arguments in (
                ("make_page", {"prompt": " "}),
                ("make_page", {"prompt": 3}),
                ("edit_page", {"page": "nobody", "instruction": "x"}),
            ):
                assert (await mcp.call_tool(call, arguments)).is_error
            with pytest.raises(MCPError, match="expected the name of a tool"):
                await mcp.call_tool("nothing", {})
            with pytest.raises(MCPError, match="got 'nobody'"):
                await mcp.read_resource("silverprint://page/nobody")
            service.engine.fail = True
            assert (await mcp.call_tool("make_page", {"prompt": "x"})).is_error
        expected = Counter({"empty_prompt": 1, "bad_input": 2, "unknown_page": 2, "page_failed": 1})
        assert told(service) == expected
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        gone = await post(service, MCP, ping, **{"mcp-session-id": "gone"})
        assert (gone.status_code, gone.json()["error"]["message"]) == (404, "Session not found")
        unacceptable = await post(service, MCP, ping, accept="text/plain", **{"mcp-protocol-version": "2026-07-28"})
        assert (unacceptable.status_code, set(unacceptable.json())) == (406, {"jsonrpc", "id", "error"})
        assert told(service) == expected + Counter(("unknown_session", "bad_input"))

    visit(tmp_path, scene)
