"""Other protocols at the same door, in the same line and within the same limits as websockets."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from backend.observability.audit_log import mark
from tests.support.fakes import held, page_for
from tests.support.running_service import Service, visit

BOT = "a-token-of-a-program"
TEXT, PAGE = "model", "silverprint-web"
WORDS = "a wedding in Ghent"


def tokens(**limits: int) -> str:
    return json.dumps({"token": [{"name": "bot", "token": BOT, "scopes": ["visitor"], **limits}]})


async def ask(service: Service, model: str, text: str = WORDS, token: str = "", **fields: Any) -> httpx.Response:
    """A completion. token: by default the service's own."""
    given = token or (service.settings.data / "token").read_text()
    body = {"model": model, "messages": [{"role": "user", "content": text}]} | fields
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        url = f"{service.settings.shell_origin}/v1/chat/completions"
        return await client.post(url, json=body, headers={"authorization": f"Bearer {given}"})


def failure(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not done():
            await asyncio.sleep(0.001)


async def queue(service: Service, *models: str, **fields: Any) -> list["asyncio.Task[httpx.Response]"]:
    """Ask one after the other; the first is made, the others stand in line."""
    line, asking = service.app.state.house.maker.line, []
    for number, model in enumerate(models, 1):
        asking.append(asyncio.create_task(ask(service, model, f"number {number}", **fields)))
        await until(lambda number=number: len(line.served) + len(line.waiting) == number)  # type: ignore[misc]
    return asking


def test_texts_and_pages_have_their_turn_in_one_line(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        with held(service.engine):
            asking = await queue(service, TEXT, PAGE, TEXT, PAGE)
            assert len(service.engine.submitted) == 1
        answers = await asyncio.gather(*asking)
        assert [answer.status_code for answer in answers] == [200] * 4
        assert answers[2].json()["choices"][0]["message"]["content"] == page_for("number 3")
        asked = [prompt for prompt, _ in service.engine.submitted]
        assert [next(n for n in range(1, 5) if f"number {n}" in prompt) for prompt in asked] == [1, 2, 3, 4]

    visit(tmp_path, scene, max_pages=1)


@pytest.mark.parametrize("model", [TEXT, PAGE])
def test_those_in_line_are_told_their_place(tmp_path: Path, model: str) -> None:
    async def scene(service: Service) -> None:
        with held(service.engine):
            asking = await queue(service, TEXT, model, model, stream=True)
            await asyncio.sleep(0.1)
        first, second, third = [answer.text for answer in await asyncio.gather(*asking)]
        assert "in line" not in first
        assert ": number 1 in line\n\n" in second
        assert third.index(": number 2 in line\n\n") < third.index(": number 1 in line\n\n")
        assert all(text.endswith("data: [DONE]\n\n") for text in (first, second, third))

    visit(tmp_path, scene, max_pages=1)


@pytest.mark.parametrize("stream", [False, True])
def test_whoever_waits_in_vain_is_told(tmp_path: Path, stream: bool) -> None:
    async def scene(service: Service) -> None:
        with held(service.engine):
            first, text, page = await queue(service, TEXT, TEXT, PAGE, stream=stream)
            late, stopped = await text, await page
            if stream:
                codes = [json.loads(one.text.split("data: ")[-2])["error"]["code"] for one in (late, stopped)]
                assert codes == ["busy", "page_stopped"]
            else:
                assert (failure(late), failure(stopped)) == ((429, "busy"), (503, "page_stopped"))
                assert "had no turn" in late.json()["error"]["message"]
            assert not service.app.state.house.maker.line.waiting
        assert (await first).status_code == 200

    visit(tmp_path, scene, max_pages=1, queue_seconds=1.5)  # so that all three are in line before one gives up


@pytest.mark.parametrize("model", [TEXT, PAGE])
def test_whoever_hangs_up_leaves_the_line(tmp_path: Path, model: str) -> None:
    async def scene(service: Service) -> None:
        line = service.app.state.house.maker.line
        with held(service.engine):
            first, second = await queue(service, TEXT, model)
            second.cancel()
            await until(lambda: not line.waiting)
        assert (await first).status_code == 200
        assert len(service.engine.submitted) == 1

    visit(tmp_path, scene, max_pages=1)


@pytest.mark.parametrize("model", [TEXT, PAGE])
def test_limits_of_a_token_hold(tmp_path: Path, model: str) -> None:
    async def scene(service: Service) -> None:
        with held(service.engine):
            first = asyncio.create_task(ask(service, model, token=BOT))
            await until(lambda: bool(service.engine.submitted))
            for other in (TEXT, PAGE):
                assert failure(await ask(service, other, token=BOT)) == (429, "busy")
            free = asyncio.create_task(ask(service, model))
            await until(lambda: len(service.engine.submitted) == 2)
        assert (await first).status_code == (await free).status_code == 200
        assert (await ask(service, model, token=BOT)).status_code == 200
        assert failure(await ask(service, model, token=BOT)) == (429, "rate_limited")

    visit(tmp_path, scene, tokens_json=tokens(pages=1, pages_per_minute=2))


def test_an_address_has_so_many_requests_at_once(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        with held(service.engine):
            first = asyncio.create_task(ask(service, TEXT))
            await until(lambda: bool(service.engine.submitted))
            refused = await ask(service, PAGE)
            assert failure(refused) == (429, "busy")
            assert "at most 1 connections from an address" in refused.json()["error"]["message"]
        assert (await first).status_code == 200
        assert (await ask(service, TEXT)).status_code == 200

    visit(tmp_path, scene, address_connections=1)


def test_a_ticket_opens_once(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        given = await service.post("/v1/tickets", authorization=f"Bearer {BOT}")
        ticket = given.json()["ticket"]
        assert (await ask(service, TEXT, token=ticket)).status_code == 200
        assert failure(await ask(service, TEXT, token=ticket)) == (401, "unauthorized")

    visit(tmp_path, scene, tokens_json=tokens())


def test_the_audit_log_tells_of_texts_and_pages_and_not_a_word(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        assert (await ask(service, TEXT, token=BOT)).status_code == 200
        assert (await ask(service, PAGE, token=BOT)).status_code == 200
        await ask(service, TEXT, token="guessed")
        ours.extend(service.store.sessions)

    file, ours = tmp_path / "audit.jsonl", list[str]()
    visit(tmp_path, scene, tokens_json=tokens(), audit=file)
    told = [json.loads(line) for line in file.read_text().splitlines()]
    events = ["text.started", "text.ended", "connect", "page.started", "page.ended", "refuse"]
    assert [line["event"] for line in told] == events
    assert all((line["token"], line["address"]) == ("bot", "127.0.0.1") for line in told[:-1])
    assert told[2]["session"] == told[3]["session"] == mark(ours[0])
    assert (told[-1]["code"], told[-1]["at"]) == ("unauthorized", "openai")
    assert not any(word in file.read_text().lower() for word in ("wedding", "ghent", BOT, "guessed", ours[0].lower()))


def test_a_session_is_let_go_of_when_its_page_is_made(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        registry = service.app.state.connections.registry
        answer = await ask(service, PAGE)
        await until(lambda: registry.count == 0)
        page = answer.json()["choices"][0]["message"]["content"].rpartition("page=")[2].removesuffix("-->")
        kept = await registry.page(page)
        assert (kept.state, len(service.store.sessions)) == ("committed", 1)

    visit(tmp_path, scene, grace_seconds=3600)


def test_one_that_ends_turns_those_who_wait_away(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        with held(service.engine):
            first, text, page = await queue(service, TEXT, TEXT, PAGE)
            ending = asyncio.create_task(service.app.state.connections.registry.drain())
            assert failure(await text) == failure(await page) == (429, "busy")
            assert failure(await ask(service, TEXT)) == (503, "busy")
            assert not first.done()
        assert (await first).status_code == 200
        await ending

    visit(tmp_path, scene, max_pages=1)


def test_a_conversation_goes_where_it_was_before(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        talk = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "1"}]
        await ask(service, TEXT, "one")
        await ask(service, TEXT, messages=[*talk, {"role": "user", "content": "two"}])
        await ask(service, TEXT, "another")
        first, second, other = service.engine.sessions
        assert first == second != other
        assert "" not in (first, other)

    visit(tmp_path, scene)


def test_every_face_knows_who_asks(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        root, headers = service.settings.shell_origin, {"authorization": f"Bearer {BOT}"}
        message = {"id": "1", "role": "user", "content": WORDS}
        run = {"threadId": "t", "runId": "r", "messages": [message], "tools": [], "context": [], "state": {}}
        async with httpx.AsyncClient(trust_env=False) as client:
            assert "RUN_FINISHED" in (await client.post(f"{root}/ag-ui", json=run, headers=headers)).text
            assert '"rate_limited"' in (await client.post(f"{root}/ag-ui", json=run, headers=headers)).text
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(f"{root}/mcp", http_client=http)) as mcp,
        ):
            refused = await mcp.call_tool("make_page", {"prompt": WORDS})
            assert refused.is_error
            assert "expected at most 1 pages a minute" in refused.content[0].text  # type: ignore[union-attr]

    visit(tmp_path, scene, tokens_json=tokens(pages_per_minute=1))
