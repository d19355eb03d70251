"""Services as processes on one Redis, killed and started again in the middle of pages."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend.protocol.messages import Go, Hello, Keyframe, Prompt
from tests.support.fakes import page_for, settings_in
from tests.support.redis_servers import redis
from tests.support.running_service import Client, Service, free_port
from tests.system.test_serve import start

pytestmark = pytest.mark.redis
PAUSE = 0.1


@contextmanager
def services(
    folder: Path, store: str, count: int = 2, tokens: str = ""
) -> Iterator[list[tuple[Service, "subprocess.Popen[str]"]]]:
    """Processes with a client's view of each. tokens: the file of tokens, as JSON; "" for none."""
    running: list[tuple[Service, subprocess.Popen[str]]] = []
    try:
        for number in range(count):
            home, port = folder / f"service{number}", free_port()
            home.mkdir()
            if tokens:
                (home / "tokens.json").write_text(tokens)
            process = start(home, port, pause=PAUSE, store=store)
            settings = settings_in(home, port=port)
            running.append((Service(settings, None, None), process))  # type: ignore[arg-type]
        yield running
    finally:
        for _, process in running:
            process.kill()
            process.communicate()


def run(folder: Path, scene: Callable[..., Awaitable[None]], *options: str) -> None:
    """Play a scene with two services; it is given each with its process, and the store's process and port."""
    with redis(folder, *options) as (address, store), services(folder, address) as both:
        asyncio.run(scene(*both, store, int(address.rsplit(":", 1)[1])))


async def begun(client: Client) -> str:
    await client.send(Prompt("tides"))
    await client.until(lambda: client.block == 1)
    return client.started[0].prompt


def test_kill_9_in_the_middle_of_a_page_and_it_goes_on_elsewhere(tmp_path: Path) -> None:
    async def scene(first, second, *store) -> None:  # type: ignore[no-untyped-def]
        (a, process), (b, _) = first, second
        async with a.client() as old:
            prompt = await begun(old)
            os.kill(process.pid, signal.SIGKILL)
            await old.closed()
        began = time.monotonic()
        async with b.client(hello=Hello(old.welcome.session, old.seq)) as new:
            assert new.welcome.resumed
            await new.until(lambda: bool(new.all(Keyframe)))
            print(f"resumed {time.monotonic() - began:.2f} s after the kill")
            page = await new.until(lambda: bool(new.final))
            assert (page.page, page.html) == (old.started[0].page, page_for(prompt))
            assert new.seq > old.seq

    run(tmp_path, scene)


def test_a_visitor_who_moves_while_a_page_is_made_and_back(tmp_path: Path) -> None:
    async def scene(first, second, *store) -> None:  # type: ignore[no-untyped-def]
        (a, _), (b, _) = first, second
        async with a.client() as one:
            prompt = await begun(one)
            async with b.client(hello=Hello(one.welcome.session, one.seq)) as two:
                assert await one.closed() == 4409
                await two.until(lambda: bool(two.all(Keyframe)))
                async with a.client(hello=Hello(one.welcome.session, two.seq)) as three:
                    page = await three.until(lambda: bool(three.final))
                    assert page.html == page_for(prompt)
                    record = three.welcome.history[three.welcome.index]
                    assert (record.page, record.state) == (page.page, "running")

    run(tmp_path, scene)


def test_the_maker_is_killed_while_its_page_is_followed(tmp_path: Path) -> None:
    async def scene(first, second, *store) -> None:  # type: ignore[no-untyped-def]
        (a, process), (b, _) = first, second
        async with a.client() as old:
            prompt = await begun(old)
            async with b.client(hello=Hello(old.welcome.session, old.seq)) as new:
                await new.until(lambda: bool(new.all(Keyframe)))
                os.kill(process.pid, signal.SIGKILL)
                page = await new.until(lambda: bool(new.final))
                assert page.html == page_for(prompt)
                assert len(new.started) == 2

    run(tmp_path, scene)


@pytest.mark.parametrize("persistent", [True, False], ids=["what it had is there", "it has lost everything"])
def test_the_store_is_killed_and_comes_back_in_the_middle_of_a_page(tmp_path: Path, persistent: bool) -> None:
    keeps = ("--appendonly", "yes", "--appendfsync", "always") if persistent else ()

    async def scene(first, second, store, port) -> None:  # type: ignore[no-untyped-def]
        (a, _), (b, _) = first, second
        async with a.client() as old:
            one = await old.page(Prompt("one"))
            prompt = await begun_again(old)
            store.kill()
            store.wait()
            await old.until(lambda: "store_unavailable" in old.errors)
            page = await old.until(lambda: len(old.final) == 2)
            assert page.html == page_for(prompt)
            with redis(tmp_path, *keeps, port=port):
                async with asyncio.timeout(20):
                    await elsewhere(b, old, one.html, page.html)
            assert old.errors == ["store_unavailable"]

    async def begun_again(client: Client) -> str:
        await client.send(Prompt("two"))
        await client.until(lambda: len(client.started) == 2 and client.block == 1)
        return client.started[1].prompt

    async def elsewhere(service: Service, old: Client, one: str, two: str) -> None:
        """Without another action, what was missed is in the store: the other service has it all."""
        while True:
            async with service.client(hello=Hello(old.welcome.session)) as new:
                if new.errors:
                    await asyncio.sleep(0.1)
                    continue
                assert (await new.until(lambda: bool(new.final))).html == two
                assert (await new.page(Go(-1))).html == one
                return

    run(tmp_path, scene, *keeps)
