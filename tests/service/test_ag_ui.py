"""The AG-UI face: its events by the protocol's validator, its runs by the protocol's own client under node."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from ag_ui_validate.pytest_plugin import assert_valid_agui
from hypothesis import given
from hypothesis import strategies as st

from backend.api.ag_ui.generative_ui import content, parted, patch
from tests.support.fakes import held
from tests.support.repository import ROOT
from tests.support.running_service import Service, visit

SCRIPTS = ROOT / "tests" / "protocol_clients"
ASK = {"id": "1", "role": "user", "content": "a page about tides"}
PAGE = "<!doctype html><style>h1{color:red}</style><title>T</title><h1>T</h1><style>p{}</style><script>let x=1</script>"


def given_input(**more: Any) -> dict[str, Any]:
    return {"threadId": "t", "runId": "r", "messages": [ASK], "tools": [], "context": [], "state": {}} | more


async def post(service: Service, body: Any, **headers: str) -> httpx.Response:
    token = (service.settings.data / "token").read_text()
    headers = {"authorization": f"Bearer {token}"} | headers
    async with httpx.AsyncClient(follow_redirects=False) as client:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await client.post(f"{service.settings.shell_origin}/ag-ui", content=data, headers=headers)


async def begun(service: Service) -> asyncio.Task[httpx.Response]:
    """A run that waits for the engine, which is held."""
    asking = asyncio.create_task(post(service, given_input()))
    async with asyncio.timeout(10):
        while not service.engine.submitted:
            await asyncio.sleep(0.001)
    return asking


def events(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    return [json.loads(line.removeprefix("data: ")) for line in answer.text.splitlines() if line]


def applied(document: Any, changes: list[dict[str, Any]]) -> Any:
    return document | {change["path"][1:]: change["value"] for change in changes}


def test_a_page_is_parted_into_style_markup_and_scripts() -> None:
    parts = parted(PAGE)
    assert parts.css == "h1{color:red}p{}"
    assert parts.html == "<!doctype html><title>T</title><h1>T</h1>"
    assert parts.scripts == ["let x=1"]
    data = "<script type=application/json>{}</script><script src=x></script>"
    assert parted(data).html == data


@given(st.lists(st.sampled_from(["<style>", "</style>", "<script>", "</script>", "a", "<p>", "<style", "<!--", "-->"])))
def test_any_page_is_parted_and_patched(pieces: list[str]) -> None:
    page = "".join(pieces)
    old, new = content(page[: len(page) // 2], done=False), content(page, done=True)
    assert applied(old, patch(old, new)) == new
    assert patch(new, new) == []
    assert not old["jsExpressions"]


def test_a_run_is_valid_and_its_deltas_make_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.api.visit.PACE_SECONDS", 0.0)

    async def scene(service: Service) -> None:
        service.engine.pause = 0.01
        told = events(await post(service, given_input(state={"mine": 1})))
        assert_valid_agui(told, max_warnings=0)
        kinds = [event["type"] for event in told]
        assert kinds[:2] == ["RUN_STARTED", "ACTIVITY_SNAPSHOT"]
        assert kinds[-2:] == ["STATE_SNAPSHOT", "RUN_FINISHED"]
        assert kinds.count("ACTIVITY_DELTA") > 2
        shown = told[1]["content"]
        assert shown == content("", done=False)
        assert list(shown)[:4] == ["initialHeight", "generating", "css", "cssComplete"]
        assert list(shown)[4:] == ["html", "htmlComplete", "jsFunctions", "jsExpressions"]
        for event in told[2:-2]:
            assert event["messageId"] == told[1]["messageId"]
            shown = applied(shown, event["patch"])
            assert shown["cssComplete"] or not shown["html"]
            assert shown["htmlComplete"] or not shown["jsExpressions"]
        result = told[-1]["result"]
        page = await service.app.state.connections.registry.page(result["page"])
        assert shown == content(page.html, done=True)
        assert shown["jsExpressions"] == ["let x=1"]
        assert result["link"] == f"{service.settings.shell_origin}/p/{page.id}"
        assert told[-2]["snapshot"] == {"mine": 1, "silverprint": result}

    visit(tmp_path, scene)


def test_the_state_says_which_page_to_change(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        first = events(await post(service, given_input()))
        state = first[-2]["snapshot"]
        change = [{**ASK, "content": [{"type": "text", "text": "make it dark"}]}]
        events(await post(service, given_input(messages=change, state=state)))
        assert "ask: a page about tides\nedit: make it dark" in service.engine.submitted[-1][0]
        props = {"edit": False, "world": "app"}
        events(await post(service, given_input(messages=change, state=state, forwardedProps=props)))
        assert service.engine.submitted[-1][0].startswith("app\nask: make it dark")
        lost = events(await post(service, given_input(state={"silverprint": {"page": "nobody"}})))
        assert_valid_agui(lost)
        assert [event["type"] for event in lost] == ["RUN_STARTED", "RUN_ERROR"]
        assert lost[-1]["code"] == "unknown_page"

    visit(tmp_path, scene)


def test_what_is_no_input_is_refused(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        for body, status, code, message in (
            (b"{", 400, "bad_json", "expected a JSON object"),
            ({}, 400, "bad_input", "expected a RunAgentInput, got threadId: Field required"),
            (given_input(messages=[]), 400, "bad_input", "expected a last message of the user, got none"),
            (given_input(messages=[{"role": "x"}]), 400, "bad_input", "expected a RunAgentInput, got messages.0"),
            (given_input(forwardedProps={"world": "moon"}), 400, "bad_input", "expected forwardedProps.world"),
            (given_input(forwardedProps={"edit": 1}), 400, "bad_input", "expected forwardedProps.edit"),
            (b" " * 300_000, 413, "too_large", "expected a body of at most 262,144 bytes"),
        ):  # fmt: skip
            answer = await post(service, body)
            assert answer.status_code == status
            error = answer.json()
            assert (error["type"], error["code"]) == ("RUN_ERROR", code)
            assert error["message"].startswith(message)
        for headers, status in (
            ({"authorization": "Bearer no"}, 401),
            ({"origin": "https://evil.example"}, 403),
            ({"origin": service.settings.shell_origin, "authorization": ""}, 200),
        ):
            assert (await post(service, given_input(), **headers)).status_code == status
        empty = events(await post(service, given_input(messages=[{**ASK, "content": " "}])))
        assert empty[-1]["code"] == "empty_prompt"

    visit(tmp_path, scene)


def test_failures_and_full_houses_end_the_run(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        with held(service.engine):
            first = await begun(service)
            busy = events(await post(service, given_input()))
            assert_valid_agui(busy)
            assert (busy[-1]["type"], busy[-1]["code"]) == ("RUN_ERROR", "busy")
        events(await first)
        service.engine.fail = True
        failed = events(await post(service, given_input()))
        assert_valid_agui(failed)
        assert (failed[-1]["type"], failed[-1]["code"]) == ("RUN_ERROR", "page_failed")

    visit(tmp_path, scene, max_pages=1, max_queue=0)


def test_a_run_that_waits_tells_its_place(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        with held(service.engine):
            first = await begun(service)
            second = asyncio.create_task(post(service, given_input()))
            while not service.app.state.house.maker.line.waiting:
                await asyncio.sleep(0.001)
        told = events(await second)
        assert_valid_agui(told)
        places = [event["value"] for event in told if event["type"] == "CUSTOM"]
        assert (places, told[-1]["type"]) == ([{"position": 1}], "RUN_FINISHED")
        assert "CUSTOM" not in {event["type"] for event in events(await first)}

    visit(tmp_path, scene, max_pages=1)


def test_a_client_that_hangs_up_cancels(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        with held(service.engine):
            (await begun(service)).cancel()
            async with asyncio.timeout(5):
                while service.app.state.house.maker.running:
                    await asyncio.sleep(0.005)
        assert service.engine.cancelled

    visit(tmp_path, scene)


def test_ag_uis_own_client_has_a_page_made_and_changed(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        token = (service.settings.data / "token").read_text()
        command = ("node", str(SCRIPTS / "ag_ui.mjs"), f"{service.settings.shell_origin}/ag-ui", token)
        process = await asyncio.create_subprocess_exec(*command, stdout=-1, stderr=-1)
        out, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        first, second = json.loads(out)
        assert (first["failure"], second["failure"]) == ("", "")
        assert first["events"][0] == "RUN_STARTED"
        assert first["events"][-1] == "RUN_FINISHED"
        activity = first["messages"][1]
        assert (activity["role"], activity["activityType"]) == ("activity", "open-generative-ui")
        page = await service.app.state.connections.registry.page(first["state"]["silverprint"]["page"])
        assert activity["content"] == content(page.html, done=True)
        assert second["state"]["mine"] == 1
        assert [message["role"] for message in second["messages"]] == ["user", "activity"] * 2
        assert "edit: make it dark" in second["messages"][3]["content"]["html"][0]

    visit(tmp_path, scene)
