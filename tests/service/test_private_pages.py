"""A page made from what a visitor filled in: whoever has its id and not its key finds nothing, by any way."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import MCPError
from starlette.requests import Request

from backend.api.mcp.session_limit import GUEST
from backend.api.mcp.tools import HTML, who
from backend.auth.client import ClientIdentity
from backend.pages.visibility import owns, sees
from backend.prompts.brief import Brief
from backend.protocol.messages import Act, Go, Keep, Open, Prefetch, Prompt, Target
from backend.storage.records import PageRecord
from tests.service.test_app import FRAMES, SHELL, Web, browse
from tests.service.test_mcp import client, talk
from tests.service.test_tickets import VISITOR, tokens
from tests.support.fakes import MemoryStore, held
from tests.support.running_service import Service, visit

FORM = Target("form", "Go", "/wiki", form={"q": "my own name"})


async def private_page(visitor: Any) -> Any:
    """A private page that keeps something."""
    page = await visitor.page(Prompt("tides"))
    page = await visitor.page(Act(page.page, FORM))
    assert page.private
    await visitor.send(Keep(page.page, {"name": "value"}))
    return page


@pytest.mark.parametrize("kept", ["in memory", "in the store"])
def test_a_private_page_is_shown_to_its_key_alone(tmp_path: Path, kept: str) -> None:
    async def scene(web: Web) -> None:
        visitor = await web.visitor()
        page = await private_page(visitor)
        if kept == "in the store":
            await visitor.own.archive.flush()
            visitor.own.archive.close()
            web.app.state.connections.registry._drop(visitor.own)
        url = f"{FRAMES}/frame/live/{page.page}"
        unknown = await web.get(f"{FRAMES}/frame/live/{'x' * 22}?key=")
        for wrong in ("", "?key=", "?key=x", f"?key={page.page}", f"?key={page.key[:-1]}", "?key=%ed%a0%80"):
            for method in ("GET", "HEAD"):
                answer = await web.get(url + wrong, method)
                assert (answer.status_code, answer.headers) == (404, unknown.headers)
                assert answer.text == (unknown.text if method == "GET" else "")
        assert "my own name" in (await web.get(f"{url}?key={page.key}")).text.lower()
        for link in (f"/p/{page.page}", f"{SHELL}/p/{page.page}"):
            told = await web.get(f"{SHELL}/oembed?url={link}")
            assert (told.status_code, told.text) == (404, "no such page")
        for path in ("/p/", "/embed/"):
            shown, nothing = [(await web.get(f"{SHELL}{path}{page}")).text for page in (page.page, "x" * 22)]
            assert shown.replace(page.page, "x" * 22) == nothing

    browse(tmp_path, scene)


def test_nothing_is_told_of_a_page_under_way(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        visitor = await web.visitor()
        await visitor.send(Prompt("tides"))
        await visitor.until(lambda: visitor.block == 1)
        with held(web.engine):
            page = visitor.started[0].page
            assert (await web.get(f"{FRAMES}/frame/live/{page}")).status_code == 404
            assert (await web.get(f"{SHELL}/oembed?url=/p/{page}")).status_code == 404

    browse(tmp_path, scene)


class CountingStore(MemoryStore):
    """Notes what it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def find_page(self, page: str) -> Any:
        self.asked.append(page)
        return await super().find_page(page)


def test_a_page_that_is_not_shown_is_looked_for_like_one_that_is_not_there(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        page = await private_page(await web.visitor())
        store = web.app.state.connections.registry._store = CountingStore()
        for name in (page.page, "x" * 22):
            await web.get(f"{FRAMES}/frame/live/{name}")
        assert store.asked == [page.page, "x" * 22]

    browse(tmp_path, scene)


def test_no_other_face_has_a_private_page(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client() as visitor, service.client() as other, client(service) as mcp:
            page = await private_page(visitor)
            await other.send(Open(page.page))
            assert await other.error() == "unknown_page"
            with pytest.raises(MCPError, match="expected the id of a page, got"):
                await mcp.read_resource(f"silverprint://page/{page.page}")
            for tool, more in (("edit_page", {"instruction": "x"}), ("follow_link", {"text": "Lava"})):
                result = await mcp.call_tool(tool, {"page": page.page, **more})
                assert result.is_error
                assert "got none" in result.content[0].text  # type: ignore[union-attr]
            before = len(service.engine.submitted)
            messages = [
                {"role": "assistant", "content": f"<!--silverprint page={page.page}-->"},
                {"role": "user", "content": "make it dark"},
            ]
            run = {"threadId": "t", "runId": "r", "tools": [], "context": [], "forwardedProps": {}}
            run |= {"messages": [messages[1] | {"id": "1"}], "state": {"silverprint": {"page": page.page}}}
            origin = {"origin": service.settings.shell_origin}
            async with httpx.AsyncClient(base_url=service.settings.shell_origin, headers=origin) as http:
                asked = {"model": "silverprint-web", "messages": messages}
                assert (await http.post("/v1/chat/completions", json=asked)).status_code == 404
                assert '"code":"unknown_page"' in (await http.post("/ag-ui", json=run)).text
            assert len(service.engine.submitted) == before

    visit(tmp_path, scene)


def record(**more: Any) -> PageRecord:
    return PageRecord("p", "/x", "web", Brief("web", "x"), "", 0, 0.0, **more)


def test_who_sees_a_page() -> None:
    private = record(state="committed", html="<p>x", key="k" * 22, private=True)
    assert [sees(private, key) for key in ("k" * 22, "", "k", "\udc80", "k" * 23)] == [True, *[False] * 4]
    assert not sees(None, "")
    assert not owns(record(state="committed", html="<p>x"), "")
    assert not sees(record(state="running", html="<p>x", key="k"), "k")
    assert sees(record(state="stopped", html="<p>x"))
    assert not sees(record(state="stopped", html="", key="k"))
    assert sees(record(state="stopped", html="", key="k"), "k")


def test_a_page_under_way_is_watched_by_who_asked_for_it_in_the_same_words(tmp_path: Path) -> None:
    async def scene(service: Service, mcp: Any) -> None:
        base = (await mcp.call_tool("make_page", {"prompt": "tides"})).structured_content["page"]
        link = {"text": "Go", "href": "/wiki", "form": {"q": "my own name"}}

        async def drafts(of: Any, **asked: Any) -> str:
            told = await of.call_tool("watch_page", {"of": base, "seen": 0, **asked})
            return str((told.meta or {}).get(HTML, "")) if told.structured_content["making"] else "nothing"

        job = asyncio.create_task(mcp.call_tool("follow_link", {"page": base, **link}))
        with held(service.engine):
            while len(service.engine.submitted) < 2:
                await asyncio.sleep(0.001)
            for less in ({"text": "Go"}, link | {"form": {"q": "another"}}, link | {"href": "/shop"}):
                assert await drafts(mcp, **less) == "nothing"
            async with client(service, VISITOR) as other:
                assert await drafts(other, **link) == "nothing"
            assert await drafts(mcp, **link) != "nothing"
        assert not (await job).is_error

    talk(tmp_path, scene, tokens=tokens(tmp_path))


def test_a_client_is_told_from_others() -> None:
    """Without a session, by its token and where it comes from."""

    class Context:
        def __init__(self, identity: ClientIdentity, **headers: str) -> None:
            raw = [(name.encode(), value.encode()) for name, value in headers.items()]
            scope = {"type": "http", "headers": raw, GUEST: identity}
            self.request_context = type("", (), {"request": Request(scope)})

    clients: list[Any] = [
        *(Context(ClientIdentity(*one)) for one in (("blog", "10.0.0.1"), ("blog", "10.0.0.2"), ("shop", "10.0.0.1"))),
        Context(ClientIdentity("blog", "10.0.0.1"), origin="https://a.example"),
        Context(ClientIdentity("blog", "10.0.0.1"), **{"mcp-session-id": "x"}),
    ]  # fmt: skip
    assert len({who(one) for one in clients}) == len(clients)
    assert who(clients[0]) == who(Context(ClientIdentity("blog", "10.0.0.1")))  # type: ignore[arg-type]


def test_what_the_id_in_a_share_link_opens(tmp_path: Path) -> None:
    """The page to read and to copy; nothing that changes it, and nothing that is kept for it."""

    async def scene(service: Service) -> None:
        async with service.client() as visitor, service.client() as other, client(service) as mcp:
            page = await visitor.page(Prompt("tides"))
            await visitor.send(Keep(page.page, {"name": "a secret"}))
            link = Target("a", "Lava", "/wiki")
            for unasked in (Keep(page.page, {"name": "x"}), Prefetch(page.page, link)):
                await other.send(unasked)
            await other.send(Act(page.page, link))
            assert await other.error() == "unknown_page"
            changed = await mcp.call_tool("edit_page", {"page": page.page, "instruction": "make it dark"})
            assert changed.structured_content["page"] != page.page
            copy = await other.page(Open(page.page))
            assert copy.html == page.html
            assert copy.page != page.page
            assert copy.key != page.key
            again = await visitor.page(Go(0))
            assert (again.page, again.html, again.length) == (page.page, page.html, 1)
            async with httpx.AsyncClient(headers={"sec-fetch-dest": "iframe"}) as http:
                read = (await http.get(f"{service.settings.frame_origin}/frame/live/{page.page}")).text
            assert "a secret" not in read

    visit(tmp_path, scene)
