"""Shells in other sites: which origins are let in, and what `--embed-token` asks of them."""

import asyncio
import json
from pathlib import Path

import pytest
from starlette.requests import HTTPConnection
from websockets.exceptions import InvalidStatus

from backend.auth.access import Access
from backend.auth.admission import Admission
from backend.auth.tickets import Tickets
from backend.protocol.messages import Error, Hello, Prompt
from backend.voice.routes import SpeechSocket
from tests.support.fakes import MemoryStore, settings_in
from tests.support.running_service import JSON, MSGPACK, Service, visit

SITE, OTHER = "https://site.example", "https://other.example"
TOKEN = "let shells in"


def test_without_a_token_a_listed_origin_is_enough(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client(hello=Hello(), origin=SITE) as client:
            assert client.welcome
            assert (await client.page(Prompt("tides"))).title == "Tides"

    visit(tmp_path, scene, origins=(SITE,))


@pytest.mark.parametrize("protocol", [MSGPACK, JSON], ids=["msgpack", "json"])
@pytest.mark.parametrize("token", [None, "wrong", TOKEN + " ", TOKEN[:-1], "é"])
def test_without_the_right_token_a_listed_origin_is_refused(tmp_path: Path, protocol: str, token: str | None) -> None:
    async def scene(service: Service) -> None:
        async with service.client(protocol, Hello(token=token), origin=SITE) as client:
            (error,) = client.all(Error)
            assert error.code == "unauthorized"
            assert error.message.startswith("expected a bearer token of this service, got none, another")
            assert await client.closed() == 4401
        assert service.store.sessions == {}

    visit(tmp_path, scene, origins=(SITE,), embed_token=TOKEN)


def test_with_the_right_token_it_is_let_in_and_comes_back(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client(hello=Hello(token=TOKEN), origin=SITE) as client:
            page = await client.page(Prompt("tides"))
        key = client.welcome.session
        async with service.client(hello=Hello(key), origin=SITE) as client:
            assert client.errors == ["unauthorized"]
        async with service.client(hello=Hello(key, token=TOKEN), origin=SITE) as client:
            assert client.welcome.resumed
            assert (await client.receive()).html == page.html

    visit(tmp_path, scene, origins=(SITE,), embed_token=TOKEN)


def test_the_token_opens_nothing_to_origins_that_are_not_listed(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        for origin in (OTHER, SITE + ".evil.example", SITE.replace("https", "http"), service.settings.frame_origin):
            with pytest.raises(InvalidStatus) as caught:
                async with service.client(hello=Hello(token=TOKEN), origin=origin):
                    pass
            assert caught.value.response.status_code == 403
            assert json.loads(caught.value.response.body or b"")["code"] == "foreign_origin"

    visit(tmp_path, scene, origins=(SITE,), embed_token=TOKEN)


def test_each_token_is_for_its_own_clients(tmp_path: Path) -> None:
    """The service's own shell needs none; programs without an Origin need the service's own, which no site can use."""

    async def scene(service: Service) -> None:
        async with service.client(hello=Hello()) as own:
            assert own.welcome
        program = (service.settings.data / "token").read_text()
        for origin, token, let_in in (
            (None, TOKEN, False), ("null", TOKEN, False), (SITE, program, False), (None, program, True),
        ):  # fmt: skip
            async with service.client(hello=Hello(token=token), origin=origin) as client:
                assert (client.errors == []) is let_in

    visit(tmp_path, scene, origins=(SITE,), embed_token=TOKEN)


@pytest.mark.parametrize(("token", "sites"), [(None, True), (TOKEN, False)])
def test_with_a_token_sound_is_taken_from_the_own_shell_alone(tmp_path: Path, token: str | None, sites: bool) -> None:
    settings = settings_in(tmp_path, origins=(SITE,), embed_token=token)
    access = Access("program", token)
    ear = SpeechSocket(settings, Admission(settings, access, Tickets(access, MemoryStore())))

    def trusted(**headers: str) -> bool:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "headers": raw, "query_string": b""}
        return asyncio.run(ear.trusts(HTTPConnection(scope))) is not None

    assert trusted(origin=settings.shell_origin)
    assert trusted(origin=SITE) is sites
    assert not trusted(origin=OTHER)
    assert not trusted(origin=OTHER, authorization="Bearer program")
    assert trusted(authorization="Bearer program")
    assert not trusted(authorization=f"Bearer {TOKEN}")
    assert not trusted()


def test_a_token_is_no_part_of_what_is_printed(tmp_path: Path) -> None:
    assert TOKEN not in repr(settings_in(tmp_path, origins=(SITE,), embed_token=TOKEN))
