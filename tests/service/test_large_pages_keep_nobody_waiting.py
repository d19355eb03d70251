"""Work on a large page keeps nobody waiting: whatever it takes, the loop goes round meanwhile."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend import offload
from backend.api.ag_ui import run
from backend.api.openai import completion
from backend.composer import continuity
from backend.http import browser_files
from backend.jobs import page_job
from backend.markup.draft_html import Exposer
from backend.protocol.messages import Delta, Keyframe, Navigate, PageCommit, Prompt
from backend.protocol.outbox import Live, Outbox
from backend.sessions import session
from tests.support.fakes import held
from tests.support.running_service import Service, visit
from tests.support.scenes import House, click, play

TURNS, PARAGRAPHS = 20, 24
TITLE = "<!doctype html><title>Tides</title><h1>Tides</h1>"
PARAGRAPH = "<p>Tides rise and fall. <a href=/wiki>Moon</a></p>"
BODY, LONG = TITLE + PARAGRAPH * PARAGRAPHS, TITLE + PARAGRAPH * 160


class Loop:
    """Counts how often the loop goes round, for work that is not done before it has."""

    def __init__(self) -> None:
        self.waited = 0
        self.ended = False  # then what the thread has left to do waits for nobody, and holds up no other test
        self._turned = threading.Event()

    async def turn(self) -> None:
        while True:
            self._turned.clear()
            for _ in range(TURNS):
                await asyncio.sleep(0)
            self._turned.set()
            await asyncio.sleep(0.001)

    def slow(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Work that waits for the loop; on the loop's own thread it would wait in vain."""

        def waiting(*args: Any, **named: Any) -> Any:
            self._turned.clear()
            until = time.monotonic() + 20
            while not (self._turned.wait(0.05) or self.ended):
                assert time.monotonic() < until, "the loop stood still"
            self.waited += 1
            return work(*args, **named)

        return waiting


@contextmanager
def loop_turning() -> Iterator[Loop]:
    loop = Loop()
    turning = asyncio.get_running_loop().create_task(loop.turn())
    try:
        yield loop
    finally:
        turning.cancel()
        loop.ended = True


@pytest.fixture(autouse=True)
def _all_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offload, "LARGE", 500)


def large_only(work: Callable[..., Any], slow: Callable[..., Any], at: int) -> Callable[..., Any]:
    """Slow on large pages alone. at: which argument is the page."""
    return lambda *args, **named: (slow if offload.large(len(args[at])) else work)(*args, **named)


def test_the_loop_goes_round_while_a_large_draft_is_made_and_while_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(house: House) -> None:
        house.engine.page = lambda prompt: BODY
        with loop_turning() as loop:
            plain, kept = Exposer.html, page_job.kept
            monkeypatch.setattr(Exposer, "html", large_only(plain, loop.slow(plain), 1))
            monkeypatch.setattr(page_job, "kept", large_only(kept, loop.slow(kept), 0))
            visitor = await house.visitor()
            page = await visitor.page(Prompt("tides", "web"))
        assert (page.title, page.html) == ("Tides", BODY)
        assert loop.waited > 10
        shown = visitor.all(Keyframe, Delta)
        assert [(m.block, m.step) for m in shown] == sorted({(m.block, m.step) for m in shown})
        assert visitor.draft.count("<p>") >= PARAGRAPHS - 2

    play(tmp_path, scene)


def test_health_is_told_while_a_large_draft_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(service: Service) -> None:
        service.engine.page = lambda prompt: BODY
        asked, answered = threading.Event(), threading.Event()
        plain = Exposer.html

        def slow(self: Exposer, page: bytes, firm: bytes) -> str:
            if len(page) >= 2 * offload.LARGE:  # surely large, whatever part of it was measured
                asked.set()
                assert answered.wait(20), "nobody was answered"
            return plain(self, page, firm)

        monkeypatch.setattr(Exposer, "html", slow)
        async with service.client() as client, httpx.AsyncClient(trust_env=False) as web:
            await client.send(Prompt("tides", "web"))
            reading = asyncio.create_task(client.until(lambda: bool(client.final)))
            await asyncio.to_thread(asked.wait, 20)
            answer = await web.get(f"http://127.0.0.1:{service.settings.port}/healthz")
            assert answer.status_code == 200
            assert not client.final
            answered.set()
            await reading
            assert isinstance(client.final[-1], PageCommit)

    visit(tmp_path, scene)


def test_the_loop_goes_round_while_a_large_page_is_read_for_the_next_and_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(service: Service) -> None:
        service.engine.page = lambda prompt: BODY
        async with service.client() as client, httpx.AsyncClient(trust_env=False) as web:
            page = await client.page(Navigate("/wiki/tides"))
            with loop_turning() as loop:
                monkeypatch.setattr(browser_files, "live_frame", loop.slow(browser_files.live_frame))
                monkeypatch.setattr(continuity, "carried", loop.slow(continuity.carried))
                headers = {"host": f"localhost:{service.settings.port}", "sec-fetch-dest": "iframe"}
                address = f"http://127.0.0.1:{service.settings.port}/frame/live/{page.page}"
                answer = await web.get(address, headers=headers)
                assert BODY[15:] in answer.text
                await client.page(click(page, "Moon", "/wiki"))
                await client.page(Navigate("/wiki/moons"))
            assert loop.waited == 3

    monkeypatch.setattr(session.Composer, "carries", True)
    visit(tmp_path, scene)


def test_the_loop_goes_round_while_faces_take_a_large_page_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(service: Service) -> None:
        service.engine.page = lambda prompt: LONG
        root, token = f"http://127.0.0.1:{service.settings.port}", service.settings.token or ""
        async with httpx.AsyncClient(trust_env=False, headers={"authorization": f"Bearer {token}"}, timeout=60) as web:
            with loop_turning() as loop:
                stable, content = completion.stable, run.content
                monkeypatch.setattr(completion, "stable", large_only(stable, loop.slow(stable), 0))
                monkeypatch.setattr(run, "content", large_only(content, loop.slow(content), 0))
                said = {"model": "silverprint-web", "messages": [{"role": "user", "content": "tides"}]}
                answer = await web.post(f"{root}/v1/chat/completions", json=said)
                assert LONG in answer.json()["choices"][0]["message"]["content"]
                asked = loop.waited
                message = {"id": "m", "role": "user", "content": "tides"}
                given = {"threadId": "t", "runId": "r", "state": {}, "messages": [message], "tools": [], "context": []}
                answer = await web.post(f"{root}/ag-ui", json={**given, "forwardedProps": {}})
                assert "RUN_FINISHED" in answer.text
            assert 0 < asked < loop.waited

    visit(tmp_path, scene, token="secret")


def test_who_waits_for_a_large_draft_gets_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(house: House) -> None:
        house.engine.page = lambda prompt: BODY
        plain, begun, go_on = Exposer.html, threading.Event(), threading.Event()

        def slow(self: Exposer, page: bytes, firm: bytes) -> str:
            if len(page) >= 2 * offload.LARGE:  # surely large, whatever part of it was measured
                begun.set()
                assert go_on.wait(20)
            return plain(self, page, firm)

        monkeypatch.setattr(Exposer, "html", slow)
        visitor = await house.visitor()
        await visitor.send(Prompt("tides", "web"))
        await visitor.until(begun.is_set)
        assert visitor.own.job
        live, at = visitor.own.job.live, len(visitor.all(Keyframe, Delta))
        stands = (live.block, live.step)
        for _ in range(TURNS):
            await asyncio.sleep(0)
            visitor.pump()
        assert (live.block, live.step) == stands
        assert len(visitor.all(Keyframe, Delta)) == at
        with held(house.engine):
            go_on.set()
            await live.drawn()
            visitor.pump()
            shown = visitor.all(Keyframe, Delta)[-1]
            assert (shown.block, shown.step) == stands
            assert visitor.draft == live.html
        await visitor.until(lambda: bool(visitor.final))
        steps = [(m.block, m.step) for m in visitor.all(Keyframe, Delta)]
        assert steps == sorted(set(steps))

    play(tmp_path, scene)


def test_a_small_page_is_worked_on_at_once() -> None:
    async def scene() -> None:
        here = threading.get_ident()
        assert await offload.beside(offload.LARGE - 1, threading.get_ident) == here
        assert await offload.beside(offload.LARGE, threading.get_ident) != here

    asyncio.run(scene())


def test_what_goes_wrong_beside_the_loop_is_raised_to_who_looks() -> None:
    async def scene() -> None:
        async def fails() -> None:
            raise ValueError("no draft")

        live, changes = Live("p", 0, 1, 9), list[int]()
        box = Outbox(lambda: changes.append(1))
        live.step_to(Keyframe("p", 0, 1, 9, "", 0, 0.5, ()), lambda: asyncio.ensure_future(fails()))
        box.draft(live)
        assert box.pop() is None
        with pytest.raises(ValueError, match=r"^no draft$"):
            await live.drawn()
        with pytest.raises(ValueError, match=r"^no draft$"):
            box.pop()
        assert len(changes) == 2

    asyncio.run(scene())
