"""Real sockets: who may connect, what comes over the wire, and what bad input gets."""

import asyncio
import json
import socket as plain_socket
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from backend.protocol.messages import Ack, Act, Go, Hello, Keyframe, Navigate, PageCommit, Prompt, Target, Welcome
from tests.support.fakes import held, page_for
from tests.support.running_service import JSON, MSGPACK, Service, visit

BOTH = pytest.mark.parametrize("protocol", [MSGPACK, JSON], ids=["msgpack", "json"])


@BOTH
def test_from_a_prompt_to_a_click_and_back(tmp_path: Path, protocol: str) -> None:
    async def scene(service: Service) -> None:
        async with service.client(protocol) as client:
            assert client.socket.subprotocol == protocol
            first = await client.page(Prompt("an encyclopedia article about volcanoes", "web"))
            assert first.html == page_for(client.started[0].prompt)
            assert len(set(client.drafts)) >= 5
            second = await client.page(Act(first.page, Target("a", "Lava", "/wiki")))
            assert second.url == "/wiki/lava"
            back = await client.page(Go(-1))
            assert back.html == first.html

    visit(tmp_path, scene)


def test_the_welcome_says_what_holds(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client() as client:
            welcome = client.welcome
            assert (welcome.resumed, welcome.model, welcome.index, welcome.history) == (False, "model", -1, ())
            assert welcome.frames == service.settings.frame_origin
            assert (welcome.limits.message_bytes, welcome.limits.prompt_chars) == (65_536, 4_000)
            assert len(welcome.session) >= 32

    visit(tmp_path, scene)


def test_a_page_goes_on_over_a_lost_connection(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        service.engine.pause = 0.02
        async with service.client() as client:
            await client.send(Prompt("tides"))
            await client.until(lambda: client.block >= 0)
            service.engine.gate.clear()
            prompt = client.started[0].prompt
            client.socket.transport.abort()
        hello = Hello(client.welcome.session, client.seq)
        async with service.client(JSON, hello) as again:
            assert again.welcome.resumed
            assert [item.state for item in again.welcome.history] == ["running"]
            assert isinstance(await again.receive(), Keyframe)
            service.engine.gate.set()
            page = await again.until(lambda: bool(again.final))
            assert page.html == page_for(prompt)
            assert again.started == []
            assert again.seq > client.seq

    visit(tmp_path, scene)


def test_a_reloaded_tab_gets_the_page_again(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client() as client:
            page = await client.page(Prompt("tides"))
        async with service.client(hello=Hello(client.welcome.session)) as again:
            assert (await again.receive()).html == page.html
        async with service.client(hello=Hello(client.welcome.session, again.seq)) as third:
            await third.send(Go(-5))
            assert await third.error() == "no_history"
            assert [type(m) for m in third.messages[:-1]] == [Welcome]

    visit(tmp_path, scene)


@BOTH
def test_frames_are_dropped_for_a_client_that_is_behind(tmp_path: Path, protocol: str) -> None:
    async def scene(service: Service) -> None:
        async with service.client(protocol) as client:
            await client.send(Ack(client.seq))
            page = await client.page(Prompt("tides"))
            behind = len(client.drafts)
            assert page.html == page_for(client.started[0].prompt)
        async with service.client(protocol) as other:
            await other.page(Prompt("tides"))
            assert len(other.drafts) > behind

    visit(tmp_path, scene)


def test_a_foreign_origin_is_refused(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        for origin in ("http://evil.example", f"{service.settings.shell_origin}.evil", service.settings.frame_origin):
            with pytest.raises(InvalidStatus) as caught:
                async with service.client(origin=origin):
                    pass
            assert caught.value.response.status_code == 403
            body = json.loads(caught.value.response.body or b"")
            assert (body["type"], body["code"]) == ("error", "foreign_origin")
            assert body["message"] == "expected an allowed Origin, got a foreign one"

    visit(tmp_path, scene)


@pytest.mark.parametrize("origin", [None, "null"])
def test_without_an_origin_a_token_is_needed(tmp_path: Path, origin: str | None) -> None:
    async def scene(service: Service) -> None:
        for hello in (Hello(), Hello(token="wrong")):
            async with service.client(hello=hello, origin=origin) as client:
                assert client.errors == ["unauthorized"]
                assert await client.closed() == 4401
        token = (service.settings.data / "token").read_text()
        async with service.client(hello=Hello(token=token), origin=origin) as client:
            assert client.welcome

    visit(tmp_path, scene)


@pytest.mark.parametrize("protocol", ["chat", "silverprint.v2.json"])
def test_a_bad_subprotocol(tmp_path: Path, protocol: str) -> None:
    async def scene(service: Service) -> None:
        async with service.client(protocol, None) as client:
            data = json.loads(await client.socket.recv())
            assert (data["type"], data["seq"], data["code"]) == ("error", 0, "bad_subprotocol")
            assert data["message"].endswith(f"got '{protocol}'")
            assert await client.closed() == 4406

    visit(tmp_path, scene)


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ('{"type":"go","delta":1}', "expected_hello"),
        ('{"type":"dance"}', "unknown_type"),
        ("garbage", "bad_message"),
        ('{"type":"hello","session":1}', "bad_message"),
        (b"\x80", "bad_message"),
    ],
)
def test_hello_comes_first(tmp_path: Path, first: str | bytes, code: str) -> None:
    async def scene(service: Service) -> None:
        async with service.client(JSON, None) as client:
            await client.socket.send(first)
            assert await client.error() == code
            assert await client.closed() == 4400

    visit(tmp_path, scene)


def test_a_silent_client_is_sent_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.http.websocket.HELLO_SECONDS", 0.05)

    async def scene(service: Service) -> None:
        async with service.client(JSON, None) as client:
            assert await client.error() == "expected_hello"
            assert await client.closed() == 4400

    visit(tmp_path, scene)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("{", "bad_message"),
        ("[]", "bad_message"),
        (b"{}", "bad_message"),
        ('{"type":"dance"}', "unknown_type"),
        ('{"type":"hello"}', "expected_hello"),
        ('{"type":"prompt"}', "bad_message"),
        ('{"type":"prompt","text":""}', "empty_prompt"),
        (json.dumps({"type": "prompt", "text": "x" * 10_000}), "prompt_too_long"),
        (json.dumps({"type": "prompt", "text": "x" * 70_000}), "too_large"),
        ('{"type":"act","page":"nope","target":{"tag":"a","text":"x"}}', "unknown_page"),
        ('{"type":"navigate","url":"///"}', "bad_address"),
        ('{"type":"go","delta":7}', "no_history"),
    ],
)
def test_bad_input_gets_one_error_and_the_session_stands(tmp_path: Path, data: str | bytes, code: str) -> None:
    async def scene(service: Service) -> None:
        async with service.client(JSON) as client:
            page = await client.page(Prompt("tides"))
            await client.socket.send(data)
            assert await client.error() == code
            assert (await client.page(Go(0))).html == page.html
            assert client.errors == [code]

    visit(tmp_path, scene)


def test_a_message_beyond_all_limits_closes_and_the_session_stands(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client(JSON) as client:
            page = await client.page(Prompt("tides"))
            await client.socket.send("x" * 300_000)
            assert await client.closed() == 1009
        async with service.client(JSON, Hello(client.welcome.session)) as again:
            assert (await again.receive()).html == page.html

    visit(tmp_path, scene)


def test_an_unknown_session_gets_an_error_and_a_new_one(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client(hello=Hello("nobody", 5)) as client:
            assert client.errors == ["unknown_session"]
            await client.receive()
            assert not client.welcome.resumed
            assert (await client.page(Prompt("tides"))).title == "Tides"

    visit(tmp_path, scene)


def test_a_second_connection_closes_the_first(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client() as first, service.client(hello=Hello(first.welcome.session)) as second:
            assert await first.error() == "replaced"
            assert await first.closed() == 4409
            assert (await second.page(Prompt("tides"))).title == "Tides"

    visit(tmp_path, scene)


def test_actions_are_limited_and_a_flood_ends(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client(JSON) as client:
            for _ in range(25):
                await client.socket.send('{"type":"cancel"}')
            assert await client.error() == "rate_limited"
            for _ in range(200):
                await client.socket.send('{"type":"cancel"}')
            assert await client.closed() == 4429
        async with service.client(JSON, Hello(client.welcome.session)) as again:
            assert again.welcome.resumed

    visit(tmp_path, scene)


def test_an_address_has_only_so_many_connections(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client(), service.client(), service.client(hello=None) as third:
            assert await third.error() == "busy"
            assert await third.closed() == 4429
        async with service.client() as fourth:
            assert fourth.welcome

    visit(tmp_path, scene, address_connections=2)


def test_a_defect_is_told_and_the_session_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    async def scene(service: Service) -> None:
        async with service.client() as client:
            with monkeypatch.context() as patch:
                patch.setattr("backend.composer.intent.typed", broken)
                await client.send(Navigate("/wiki/lava"))
                assert await client.error() == "internal"
            assert (await client.page(Prompt("tides"))).title == "Tides"

    visit(tmp_path, scene)
    assert "defect while handling a message" in caplog.text


def test_a_lost_store_over_the_wire(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client() as client:
            await client.page(Prompt("tides"))
            service.store.down = True
            await client.page(Prompt("moon"))
            assert "store_unavailable" in client.errors
            assert isinstance(await client.page(Go(-1)), PageCommit)
        async with service.client(hello=Hello("x" * 32)) as stranger:
            assert stranger.errors == ["store_unavailable"]
            assert await stranger.closed() == 1013

    visit(tmp_path, scene)


def test_pings_are_answered_while_a_page_is_held(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client() as client:
            with held(service.engine):
                await client.send(Prompt("tides"))
                pong = await client.socket.ping()
                await asyncio.wait_for(pong, 1)

    visit(tmp_path, scene)


def test_a_handshake_that_is_no_websocket(tmp_path: Path) -> None:
    def get(port: int) -> bytes:
        with plain_socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
            raw.sendall(f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
            return raw.recv(1000)

    async def scene(service: Service) -> None:
        answer = await asyncio.to_thread(get, service.settings.port)
        assert answer.startswith(b"HTTP/1.1 404 ")

    visit(tmp_path, scene)
