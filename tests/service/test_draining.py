"""A service that is told to end: pages are finished, nobody new comes in, and visitors are told to connect again."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from backend.protocol.messages import Hello, PageCommit, Prompt
from backend.run import Server, config
from tests.support.fakes import held, settings_in
from tests.support.running_service import Service, free_port, visit
from tests.support.scenes import House, play, refused
from tests.system.test_serve import ended, start


def test_running_pages_are_finished_and_others_wait_for_the_next_service(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        running, waiting, idle = [await house.visitor() for _ in range(3)]
        with held(house.engine):
            await running.send(Prompt("one"))
            await waiting.send(Prompt("two"))
            assert not house.registry.draining
            draining = asyncio.create_task(house.registry.drain())
            await asyncio.sleep(0)
            assert house.registry.draining
            with refused("busy", "the service is about to start again; connect anew in a moment"):
                await idle.send(Prompt("three"))
            await asyncio.sleep(0)
            assert [one.outbox.closing for one in (running, waiting, idle)] == [None, 1012, 1012]
        await draining
        running.pump()
        assert isinstance(running.final[0], PageCommit)
        assert running.outbox.closing == 1012
        waiting.pump()
        assert waiting.final == []
        await house.registry.close()
        house.reopened()
        back = await house.visitor(waiting.key, waiting.seq)
        await back.until(lambda: bool(back.final))
        assert back.final[0].title == "Two"
        assert len(house.engine.submitted) == 2

    play(tmp_path, scene, max_pages=1)


def test_a_page_that_takes_longer_is_made_again(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        house.engine.gate.clear()
        await visitor.send(Prompt("one"))
        await house.registry.drain()
        assert visitor.outbox.closing == 1012
        await house.registry.close()
        house.engine.gate.set()
        house.reopened()
        back = await house.visitor(visitor.key, visitor.seq)
        await back.until(lambda: bool(back.final))
        assert isinstance(back.final[0], PageCommit)
        assert house.engine.submitted[0] == house.engine.submitted[1]

    play(tmp_path, scene, drain_seconds=0.02)


def test_nobody_new_comes_in(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client() as client:
            with held(service.engine):
                await client.send(Prompt("tides"))
                await client.until(lambda: bool(client.started))
                draining = asyncio.create_task(service.app.state.connections.registry.drain())
                await asyncio.sleep(0)
                with pytest.raises(InvalidStatus) as caught:
                    async with service.client():
                        pass
                assert caught.value.response.status_code == 503
                assert b'"code": "busy"' in (caught.value.response.body or b"")
            await client.until(lambda: bool(client.final))
            assert await client.closed() == 1012
            await draining

    visit(tmp_path, scene)


def test_a_second_signal_ends_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # What the MCP library streams by keeps for the whole process that a service has ended.
    monkeypatch.setattr("sse_starlette.sse.AppStatus.should_exit", False)

    async def scene() -> None:
        never = asyncio.Event()
        server = Server(config(None), lambda: None)
        server.drain = never.wait  # type: ignore[assignment]
        server.terminate()
        await asyncio.sleep(0)
        assert not server.should_exit
        server.terminate()
        assert server.should_exit
        never.set()
        await asyncio.sleep(0)

    asyncio.run(scene())


@pytest.mark.redis
def test_sigterm_lets_a_page_be_finished_and_sighup_ends_nothing(tmp_path: Path) -> None:
    port = free_port()
    service = Service(settings_in(tmp_path, port=port), None, None)  # type: ignore[arg-type]

    async def scene() -> str:
        async with service.client() as client:
            await client.send(Prompt("tides"))
            await client.until(lambda: client.block == 0)
            os.kill(process.pid, signal.SIGHUP)
            os.kill(process.pid, signal.SIGTERM)
            page = await client.until(lambda: bool(client.final))
            assert isinstance(page, PageCommit)
            assert await client.closed() == 1012
            return client.welcome.session

    process = start(tmp_path, port, pause=0.02)
    session = asyncio.run(scene())
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    process = start(tmp_path, port)

    async def again() -> None:
        async with service.client(hello=Hello(session)) as client:
            assert client.welcome.resumed
            assert [item.state for item in client.welcome.history] == ["committed"]

    with ended(process):
        asyncio.run(again())
