"""Tickets: from a site's server to its visitor's browser, good for one connection within a minute."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from backend.protocol.messages import Hello, Prompt
from tests.support.running_service import Service, visit

SITE, OTHER = "https://site.example", "https://other.example"
EMBED, VISITOR, ADMIN = "an embed token, long", "a visitor token, long", "an admin token, long"
STALE = "expected a ticket that is not used and not older than a minute; get a new one"


def tokens(folder: Path, **more: Any) -> Path:
    """A file with a token for each scope; more: fields of the one for embed."""
    file = folder / "tokens.json"
    entries = [{"name": f"{s}-1", "token": t, "scopes": [s]} for s, t in (("visitor", VISITOR), ("admin", ADMIN))]
    entries.append({"name": "blog", "token": EMBED, "scopes": ["embed"], **more})
    file.write_text(json.dumps({"token": entries}))
    return file


async def ticket(service: Service, token: str = EMBED, **headers: str) -> str:
    answer = await service.post("/v1/tickets", authorization=f"Bearer {token}", **headers)
    assert (answer.status_code, answer.json()["expires_in"]) == (201, 60)
    assert answer.headers["cache-control"] == "no-store"
    made: str = answer.json()["ticket"]
    return made


@pytest.mark.parametrize("in_address", [True, False])
def test_a_ticket_lets_one_visitor_in(tmp_path: Path, in_address: bool) -> None:
    async def scene(service: Service) -> None:
        one = await ticket(service)
        way: dict[str, Any] = {"query": f"?ticket={one}"} if in_address else {"hello": Hello(token=one)}
        async with service.client(origin=SITE, **way) as client:
            assert (await client.page(Prompt("tides"))).title == "Tides"
        async with service.client(origin=SITE, **way) as again:
            assert again.errors == ["unauthorized"]
            assert again.last.message == STALE
            assert await again.closed() == 4401
        assert len(service.store.sessions) == 1

    visit(tmp_path, scene, origins=(SITE,), tokens=tokens(tmp_path))


@pytest.mark.parametrize("left", ["nothing", "other", "less", "expired"])
def test_who_came_with_a_token_goes_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: str) -> None:
    monkeypatch.setattr("backend.http.connections.REVIEW_SECONDS", 0.02)

    async def scene(service: Service) -> None:
        one = Hello(token=await ticket(service))
        async with (
            service.client(hello=one, origin=SITE) as client,
            service.client(hello=Hello(token=VISITOR)) as other,
        ):
            await client.page(Prompt("tides"))
            changed = {"token": "another token, as long"} if left == "other" else {}
            changed |= {"expires": "2020-01-01"} if left == "expired" else {}
            changed |= {"scopes": ["visitor"]} if left == "less" else {}
            file = tokens(tmp_path, **changed)
            if left == "nothing":
                file.write_text(json.dumps({"token": json.loads(file.read_text())["token"][:2]}))
            assert await client.error() == "unauthorized"
            assert client.last.message == "the token or ticket that let you in is not valid any more"
            assert await client.closed() == 4401
            assert (await other.page(Prompt("moon"))).title == "Moon"
        assert not service.app.state.connections.grants

    visit(tmp_path, scene, origins=(SITE,), tokens=tokens(tmp_path))


def test_of_two_at_once_one_gets_in(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        hello = Hello(token=await ticket(service))

        async def come() -> list[str]:
            async with service.client(hello=hello, origin=SITE) as client:
                return client.errors

        assert sorted(await asyncio.gather(*(come() for _ in range(4)))) == [[], *[["unauthorized"]] * 3]

    visit(tmp_path, scene, origins=(SITE,), tokens=tokens(tmp_path))


def test_a_ticket_is_for_what_its_token_is(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        for token, origin, let_in in (
            (EMBED, SITE, True), (EMBED, None, False), (VISITOR, None, True), (VISITOR, SITE, False),
            ((service.settings.data / "token").read_text(), SITE, True),
            (EMBED, service.settings.shell_origin, True),
        ):  # fmt: skip
            hello = Hello(token=await ticket(service, token))
            async with service.client(hello=hello, origin=origin) as client:
                assert (client.errors == []) is let_in

    visit(tmp_path, scene, origins=(SITE,), tokens=tokens(tmp_path))


def test_what_makes_no_ticket(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        for token, origin, status, code in (
            (None, None, 401, "unauthorized"), ("wrong", None, 401, "unauthorized"), (ADMIN, None, 403, "forbidden"),
            (EMBED, OTHER, 403, "foreign_origin"), (EMBED, "null", 403, "foreign_origin"),
        ):  # fmt: skip
            headers = ({"authorization": f"Bearer {token}"} if token else {}) | ({"origin": origin} if origin else {})
            answer = await service.post("/v1/tickets", **headers)
            assert (answer.status_code, answer.json()["code"]) == (status, code)
            assert answer.json()["message"].startswith("expected ")
        assert service.store.lent == {}
        service.store.down = True
        answer = await service.post("/v1/tickets", authorization=f"Bearer {EMBED}")
        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        assert await ticket_refused(service) == ["store_unavailable"]

    visit(tmp_path, scene, origins=(SITE,), tokens=tokens(tmp_path))


async def ticket_refused(service: Service) -> list[str]:
    async with service.client(hello=Hello(token="spt_" + "x" * 43), origin=SITE) as client:
        assert await client.closed() == 1013
        return client.errors


def test_a_browser_of_a_listed_site_may_ask(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        assert await ticket(service, origin=SITE)

    visit(tmp_path, scene, origins=(SITE,), tokens=tokens(tmp_path))


def test_the_store_holds_no_ticket_and_no_token(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        made = await ticket(service)
        kept = repr(service.store.lent)
        assert made not in kept
        assert EMBED not in kept

    visit(tmp_path, scene, origins=(SITE,), tokens=tokens(tmp_path))


def test_a_ticket_ends_with_its_token(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        one = await ticket(service)
        tokens(tmp_path, expires="2020-01-01")
        async with service.client(hello=Hello(token=one), origin=SITE) as client:
            assert client.errors == ["unauthorized"]

    visit(tmp_path, scene, origins=(SITE,), tokens=tokens(tmp_path))


def test_the_limits_of_a_token_hold_for_its_tickets(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        first, second, third = [await ticket(service) for _ in range(3)]
        async with service.client(hello=Hello(token=first), origin=SITE) as client:
            assert client.welcome.limits.pages_per_minute == 1
            await client.page(Prompt("tides"))
            await client.send(Prompt("moon"))
            assert await client.error() == "rate_limited"
            async with service.client(hello=Hello(token=second), origin=SITE) as other:
                assert other.errors == ["busy"]
                assert await other.closed() == 4429
        async with service.client(hello=Hello(token=third), origin=SITE) as other:
            assert other.welcome

    visit(tmp_path, scene, origins=(SITE,), tokens=tokens(tmp_path, connections=1, pages_per_minute=1))


def test_a_token_of_the_file_lets_a_program_in_and_a_new_file_does_not(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client(hello=Hello(token=VISITOR), origin=None) as client:
            assert (await client.page(Prompt("tides"))).title == "Tides"
        (tmp_path / "tokens.json").write_text("{}")
        async with service.client(hello=Hello(token=VISITOR), origin=None) as client:
            assert client.errors == ["unauthorized"]
        async with service.client(origin=SITE) as client:
            assert client.errors == ["unauthorized"]

    visit(tmp_path, scene, origins=(SITE,), tokens=tokens(tmp_path))
