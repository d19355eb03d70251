"""The service as a process: killed and started again, ended by a signal, kept from starting."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend.protocol.messages import Act, Go, Hello, Prompt, Target
from backend.run import listen, serve
from backend.storage.embedded_valkey import answers, connect, socket_path
from engine.core.errors import DeviceLost
from tests.support.fakes import FakeEngine, page_for, settings_in
from tests.support.running_service import Service, free_port

MODULE = [sys.executable, "-W", "error", "-m", "tests.support.service_process"]


def start(folder: Path, port: int, pause: float = 0.0, store: str = "") -> "subprocess.Popen[str]":
    """A service that listens, or has ended."""
    command = [*MODULE, str(folder), str(port), str(pause), store]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    process.stdout.readline()
    return process


@contextmanager
def ended(process: "subprocess.Popen[str]") -> Iterator[None]:
    """At the end the service is ended by SIGTERM, in order."""
    try:
        yield
        process.terminate()
        _, errors = process.communicate(timeout=20)
        assert (process.returncode, without_progress(errors)) == (0, "")
    finally:
        process.kill()
        process.communicate()


def without_progress(errors: str) -> str:
    return "".join(
        line for line in errors.splitlines() if not line.startswith("\r") and "indexing facts" not in line
    ).strip()


@pytest.mark.redis
def test_kill_9_during_a_page_and_the_session_resumes_with_its_history(tmp_path: Path) -> None:
    port = free_port()
    service = Service(settings_in(tmp_path, port=port), None, None)  # type: ignore[arg-type]

    async def before() -> tuple[str, int, str, str]:
        async with service.client() as client:
            first = await client.page(Prompt("an encyclopedia article about volcanoes"))
            await client.send(Act(first.page, Target("a", "Lava", "/wiki")))
            await client.until(lambda: client.block == 1)
            os.kill(process.pid, signal.SIGKILL)
            await client.closed()
            return client.welcome.session, client.seq, first.html, client.started[1].prompt

    async def after(session: str, seq: int, first: str, prompt: str) -> None:
        async with service.client(hello=Hello(session, seq)) as client:
            assert client.welcome.resumed
            assert [item.url for item in client.welcome.history] == [
                "/an_encyclopedia_article_about_volcanoes", "/wiki/lava",
            ]  # fmt: skip
            assert client.welcome.index == 1
            page = await client.until(lambda: bool(client.final))
            assert page.html == page_for(prompt)
            assert client.seq > seq
            assert (await client.page(Go(-1))).html == first

    process = start(tmp_path, port, pause=0.01)
    kept = asyncio.run(before())
    process.communicate()
    assert answers(socket_path(tmp_path / "data" / "store"))
    process = start(tmp_path, port)
    with ended(process):
        asyncio.run(after(*kept))
    assert not answers(socket_path(tmp_path / "data" / "store"))


@pytest.mark.redis
def test_an_interrupt_ends_in_order(tmp_path: Path) -> None:
    process = start(tmp_path, free_port())
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, without_progress(errors)) == (0, "")
    assert not answers(socket_path(tmp_path / "data" / "store"))


def refusal(folder: Path, port: int, store: str = "") -> str:
    """What a service says that cannot start."""
    process = start(folder, port, store=store)
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output) == (2, "")
    assert errors.count("\n") == 1
    return errors


def test_small_messages_are_sent_at_once() -> None:
    """Without it, a frame waits until the client's machine has acknowledged the one before: up to 40 ms."""

    async def connected() -> int:
        there: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def told(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listen("127.0.0.1", 0, "--port") as listener:
            server = await asyncio.start_server(told, sock=listener)
            async with server:
                _, writer = await asyncio.open_connection(*listener.getsockname())
                writer.close()
                return await there

    assert asyncio.run(connected()) != 0


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        sentence = (
            f"silverprint: cannot listen on 127.0.0.1:{port}: Address already in use; choose another with --port\n"
        )
        assert refusal(tmp_path, port) == sentence


def test_a_redis_that_cannot_be_reached(tmp_path: Path) -> None:
    errors = refusal(tmp_path, free_port(), "redis://127.0.0.1:1")
    assert errors.startswith(
        "silverprint: expected a Redis or Valkey server at redis://127.0.0.1:1, but the store does not answer"
    )


@pytest.mark.redis
def test_data_in_use(tmp_path: Path) -> None:
    process = start(tmp_path, free_port())
    with ended(process):
        errors = refusal(tmp_path, free_port())
        assert f"is in use by another service (process {process.pid})" in errors


@pytest.mark.redis
def test_a_store_that_is_lost_while_serving(tmp_path: Path) -> None:
    port = free_port()
    service = Service(settings_in(tmp_path, port=port), None, None)  # type: ignore[arg-type]

    async def scene() -> None:
        async with service.client() as client:
            first = await client.page(Prompt("tides"))
            with connect(socket_path(tmp_path / "data" / "store")) as store:
                store.shutdown(nosave=True)
            await client.page(Prompt("moon"))
            assert (await client.page(Go(-1))).html == first.html
            await client.until(lambda: "store_unavailable" in client.errors)

    process = start(tmp_path, port)
    try:
        asyncio.run(scene())
    finally:
        process.kill()
        process.communicate()


@pytest.mark.redis
def test_a_lost_device_ends_the_service_in_order(tmp_path: Path) -> None:
    """The store is written and closed, so that the next process finds the sessions."""
    engine, listening = FakeEngine(dies=0.5), []
    settings = settings_in(tmp_path, port=free_port())
    with pytest.raises(DeviceLost, match="the GPU has failed"):
        serve(settings, lambda: engine, lambda: listening.append(True))  # type: ignore[arg-type,return-value]
    assert listening == [True]
    assert engine.closed
    assert not answers(socket_path(settings.data / "store"))
