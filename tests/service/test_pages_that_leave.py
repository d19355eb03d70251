"""Pages leave the service with the kit inside wherever their reader shows them alone, and come back without it."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgpack
import pytest
from openai import AsyncOpenAI

from backend.api.ag_ui.generative_ui import content
from backend.api.mcp.tools import HTML, PAGE_URI
from backend.kit import bundle
from backend.kit.strip import undressed
from backend.pages.preamble import alone
from backend.protocol.messages import Prompt
from backend.storage.records import PageRecord, pack, unpack
from tests.service.test_ag_ui import applied, events, given_input, post
from tests.service.test_app import FRAMES, SHELL, Web, browse
from tests.service.test_chat_completions import talk
from tests.service.test_mcp import talk as talk_mcp
from tests.support.running_service import Service, visit
from tests.support.two_kits import gone, two_kits
from tests.unit.backend.storage.test_redis_store import PAGE as STORED

PAGE = (
    "<!doctype html><html lang=en class='cards mint'><head><title>Tides</title></head><body class=app><main>"
    f"<h1>Tides</h1><article class=card>{'a' * 300}</article></main><script>let x = 1</script></body></html>"
)
SIGN = "data-kit="


def over_the_kit(prompt: str) -> str:
    return PAGE


def canvas_of(service: Service) -> str:
    """The page that the model was given to start from."""
    return bytes(service.engine.submitted[-1][1].canvas or ()).decode()


@pytest.mark.parametrize("stream", [False, True])
def test_a_chat_client_gets_the_kit_behind_the_page_and_sends_none_of_it_back(tmp_path: Path, stream: bool) -> None:
    async def said(client: AsyncOpenAI, messages: list[Any]) -> str:
        model: Any = {"model": "silverprint-web", "messages": messages}
        if not stream:
            return (await client.chat.completions.create(**model)).choices[0].message.content or ""
        chunks = await client.chat.completions.create(**model, stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in chunks])

    async def scene(service: Service, client: AsyncOpenAI) -> None:
        service.engine.page = over_the_kit
        ask = {"role": "user", "content": "a page about tides"}
        page = await said(client, [ask])
        html, _, mark = page.rpartition("<!--silverprint page=")
        assert html == PAGE + bundle.element(PAGE)
        assert html.count(SIGN) == 1
        record = await service.app.state.connections.registry.page(mark.removesuffix("-->"))
        assert record
        assert record.html == undressed(html) == PAGE
        changed = await said(
            client, [ask, {"role": "assistant", "content": page}, {"role": "user", "content": "make it dark"}]
        )
        assert changed.count(SIGN) == 1
        assert "edit: make it dark" in service.engine.submitted[-1][0]
        assert canvas_of(service) == PAGE

    talk(tmp_path, scene)


def test_what_a_chat_client_has_written_into_its_page_stays(tmp_path: Path) -> None:
    async def scene(service: Service, client: AsyncOpenAI) -> None:
        service.engine.page = over_the_kit
        ask = {"role": "user", "content": "a page about tides"}
        model: Any = {"model": "silverprint-web"}
        made = (await client.chat.completions.create(messages=[ask], **model)).choices[0].message.content or ""
        mine = made.replace("<h1>Tides</h1>", "<h1>My tides</h1><iframe src=//elsewhere></iframe>")
        change = [ask, {"role": "assistant", "content": mine}, {"role": "user", "content": "make it dark"}]
        await client.chat.completions.create(messages=change, **model)
        assert canvas_of(service) == PAGE.replace("<h1>Tides</h1>", "<h1>My tides</h1>")
        # What is more than a page does not tell how the page is now.
        change[1] = {"role": "assistant", "content": f"Here it is: {mine}"}
        await client.chat.completions.create(messages=change, **model)
        assert canvas_of(service) == PAGE

    talk(tmp_path, scene)


def test_drafts_of_a_chat_client_have_the_kit_in_front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.api.visit.PACE_SECONDS", 0.0)

    async def scene(service: Service, client: AsyncOpenAI) -> None:
        service.engine.page, service.engine.pause = over_the_kit, 0.01
        ask: Any = {"messages": [{"role": "user", "content": "tides"}], "model": "silverprint-web", "stream": True}
        stream = await client.chat.completions.create(**ask, extra_body={"diffusing": True})
        texts = [chunk.choices[0].delta.content or "" async for chunk in stream]
        drafts = [text for text in texts if "class=" in text][:-1]
        assert len(drafts) > 2
        assert all(text.startswith("<style data-kit=v1>") and text.count(SIGN) == 1 for text in drafts)

    talk(tmp_path, scene)


def test_no_prompt_has_a_kit_in_it(tmp_path: Path) -> None:
    dressed = bundle.dressed(PAGE)
    assert len(dressed) > 5_000

    async def scene(service: Service, client: AsyncOpenAI) -> None:
        words: Any = [
            {"role": "assistant", "content": dressed},
            {"role": "user", "content": f"What is this? {dressed}"},
        ]
        for model in ("model", "silverprint-app"):
            await client.chat.completions.create(model=model, messages=words)
            assert SIGN not in service.engine.submitted[-1][0]
            assert "<h1>Tides</h1>" in service.engine.submitted[-1][0].replace("&lt;", "<").replace("&gt;", ">")
        told = events(await post(service, given_input(messages=[{"id": "1", "role": "user", "content": dressed}])))
        assert told[-1]["type"] == "RUN_FINISHED"
        assert SIGN not in service.engine.submitted[-1][0]

    talk(tmp_path, scene)


def test_an_mcp_host_gets_the_kit_in_drafts_pages_and_documents(tmp_path: Path) -> None:
    async def scene(service: Service, mcp: Any) -> None:
        service.engine.page, service.engine.pause = over_the_kit, 0.05
        job = asyncio.create_task(mcp.call_tool("make_page", {"prompt": "tides", "world": "app"}))
        seen, drafts = 0, []
        while not job.done():
            found = await mcp.call_tool("watch_page", {"of": "app", "text": "tides", "seen": seen})
            seen = found.structured_content["number"]
            drafts.append((found.meta or {}).get(HTML, ""))
        over = [html for html in drafts if "class=" in html]
        assert over
        assert all(html.startswith("<style data-kit=v1>") for html in over)
        made = await job
        assert made.meta[HTML] == bundle.dressed(PAGE)
        assert made.content[1].annotations.audience == ["user"]
        page = made.structured_content["page"]
        assert (await mcp.read_resource(PAGE_URI.format(page=page))).contents[0].text == bundle.dressed(PAGE)
        await mcp.call_tool("edit_page", {"page": page, "instruction": "make it dark"})
        assert canvas_of(service) == PAGE

    talk_mcp(tmp_path, scene)


def test_an_agents_client_gets_the_kit_as_the_beginning_of_the_style(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.api.visit.PACE_SECONDS", 0.0)

    async def scene(service: Service) -> None:
        service.engine.page, service.engine.pause = over_the_kit, 0.01
        told = events(await post(service, given_input()))
        shown, drafts = told[1]["content"], []
        for event in told[2:-2]:
            shown = applied(shown, event["patch"])
            drafts.append(shown["css"])
        assert shown == content(PAGE, done=True)
        assert shown["css"] == bundle.styles_for(PAGE)
        assert SIGN not in json.dumps(told)
        over = [css for css in drafts[:-1] if css]
        assert over
        assert all(":where(html)" in css and "html[class]" not in css for css in over)
        events(await post(service, given_input(state=told[-2]["snapshot"])))
        assert canvas_of(service) == PAGE

    visit(tmp_path, scene)


def test_a_kit_that_a_model_copies_is_not_kept(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        web.engine.page = lambda prompt: PAGE.replace("<html", "<style data-kit=v1>@layer kit{p{}}</style><html")
        page = await (await web.visitor()).page(Prompt("tides"))
        assert page.html == PAGE
        assert (await web.get(f"{SHELL}/p/{page.page}.html")).text == alone(PAGE)
        assert (await web.get(f"{FRAMES}/frame/live/{page.page}")).text.count("@layer kit{:where") == 1

    browse(tmp_path, scene)


def test_a_private_page_is_downloaded_with_its_key_alone(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        web.engine.page = over_the_kit
        page = await (await web.visitor()).page(Prompt("tides"))
        (archive,) = (session.archive for session in web.app.state.connections.registry._sessions.values())
        archive.put(replace(archive.holds(page.page), private=True))
        link = f"{SHELL}/p/{page.page}.html"
        for wrong in ("", "?key=", "?key=x", f"?key={page.page}"):
            assert (await web.get(link + wrong)).status_code == 404
        assert (await web.get(f"{link}?key={page.key}")).text == alone(PAGE)

    browse(tmp_path, scene)


def test_shells_in_listed_sites_alone_may_read_the_file(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        page = await (await web.visitor()).page(Prompt("tides"))
        for path, status in ((page.page, 200), ("nobody", 404)):
            for origin, reads in (("https://site.example", True), ("https://other.example", False), ("null", False)):
                answer = await web.get(f"{SHELL}/p/{path}.html", origin=origin)
                assert answer.status_code == status
                assert answer.headers["vary"] == "origin"
                assert answer.headers.get("access-control-allow-origin") == (origin if reads else None)
                assert ("access-control-expose-headers" in answer.headers) is reads

    browse(tmp_path, scene, origins=("https://site.example",))


def test_a_page_keeps_the_kit_that_it_was_made_with(tmp_path: Path) -> None:
    """Also when there is a newer one, wherever the page is shown or goes; and gets the newest once its own is gone."""

    async def scene(web: Web) -> None:
        web.engine.page = over_the_kit
        visitor = await web.visitor()
        old = await visitor.page(Prompt("tides"))
        first, link, address = alone(PAGE), f"{SHELL}/p/{old.page}.html", bundle.address()
        registry = web.app.state.connections.registry
        with two_kits(tmp_path):
            new = await visitor.page(Prompt("moons"))
            second = (await web.get(f"{SHELL}/p/{new.page}.html")).text
            assert (await web.get(link)).text == first
            assert "<style data-kit=v2>" in second
            assert "2px dotted red" in second
            frames = [(await web.get(f"{FRAMES}/frame/live/{page.page}")).text for page in (old, new)]
            assert ["2px dotted red" in frame for frame in frames] == [False, True]
            assert [(await registry.page(page.page)).kit for page in (old, new)] == ["v1", "v2"]
            changed = await visitor.page(Prompt("make it dark", edit=True))
            assert (await registry.page(changed.page)).kit == "v2"
            assert undressed(second) == undressed(first)
            await served(web, address)
            with gone("v1"):
                assert (await web.get(link)).text == second
                assert "2px dotted red" in (await web.get(f"{FRAMES}/frame/live/{old.page}")).text
                assert "2px dotted red" in (await web.get(f"{FRAMES}{address}")).text

    browse(tmp_path, scene)


async def served(web: Web, first: str) -> None:
    """What is served of two versions. first: the address of the older one."""
    for address, kept, newest in (
        (first, True, False), (bundle.address("v2"), True, True), (bundle.address(), True, True),
        ("/kit/v1/kit.0123456789abcdef.css", False, False), ("/kit/v2/kit.0123456789abcdef.css", False, True),
        ("/kit/v9/kit.0123456789abcdef.css", False, True),
    ):  # fmt: skip
        answer = await web.get(f"{FRAMES}{address}")
        assert ("immutable" in answer.headers["cache-control"]) is kept, address
        assert ("2px dotted red" in answer.text) is newest, address
    assert f'href="{bundle.address("v2")}"' in (await web.get(f"{FRAMES}/frame/draft")).text


def test_versions_that_strangers_name_are_not_remembered(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        await web.get(f"{FRAMES}/kit/v1/kit.css")
        read = bundle.sheets.cache_info().misses
        for number in range(2, 20):
            await web.get(f"{FRAMES}/kit/v{number}/kit.css")
        assert bundle.sheets.cache_info().misses == read

    browse(tmp_path, scene)


def test_a_face_shows_a_page_of_before_with_the_kit_of_before(tmp_path: Path) -> None:
    async def scene(service: Service, mcp: Any) -> None:
        service.engine.page = over_the_kit
        old = (await mcp.call_tool("make_page", {"prompt": "tides"})).structured_content["page"]
        with two_kits(tmp_path):
            document = (await mcp.read_resource(PAGE_URI.format(page=old))).contents[0].text
            assert "<style data-kit=v1>" in document
            made = await mcp.call_tool("make_page", {"prompt": "moons"})
            assert "<style data-kit=v2>" in made.meta[HTML]

    talk_mcp(tmp_path, scene)


def test_records_tell_of_the_kit_and_those_of_before_are_of_the_first() -> None:
    assert unpack(PageRecord, pack(replace(STORED, kit="v2"))) == replace(STORED, kit="v2")
    before = msgpack.unpackb(pack(STORED))
    assert before.pop("kit") == "v1"
    assert unpack(PageRecord, msgpack.packb(before)) == STORED
