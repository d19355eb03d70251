"""What a token opened is used by that token alone, and who shows a token is judged by it alone."""

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from backend.auth.access import Access, Grant, Unauthorized
from backend.auth.admission import Admission
from backend.auth.tickets import STALE, Tickets
from backend.auth.token_file import digest
from backend.http.connections import Connections
from backend.protocol.messages import Hello, Prompt
from tests.service.test_tickets import ADMIN, EMBED, SITE, VISITOR, ticket, tokens
from tests.support.fakes import MemoryStore, settings_in
from tests.support.running_service import Service, visit
from tests.unit.backend.api.test_mcp_session_limit import HELLO, KEY, PING

OTHER = "another token, as long"
ACCEPT = {"accept": "application/json, text/event-stream"}


def two_tokens(folder: Path, **more: Any) -> Path:
    """A file with two tokens for programs. more: fields of the first."""
    file = folder / "tokens.json"
    one = {"name": "one", "token": VISITOR, "scopes": ["visitor"], **more}
    two = {"name": "two", "token": OTHER, "scopes": ["visitor"]}
    file.write_text(json.dumps({"token": [one, two]}))
    return file


class Caller:
    """A client of the MCP door. token: "" for the service's own shell."""

    def __init__(self, service: Service, http: httpx.AsyncClient, token: str, **headers: str) -> None:
        who = {"authorization": f"Bearer {token}"} if token else {"origin": service.settings.shell_origin}
        self.http, self.url = http, f"{service.settings.shell_origin}/mcp"
        self.headers = ACCEPT | who | headers

    async def open(self) -> str:
        answer = await self.http.post(self.url, json=HELLO, headers=self.headers)
        assert answer.status_code == 200
        return answer.headers[KEY]

    async def ask(self, key: str, method: str = "POST") -> httpx.Response:
        body = PING if method == "POST" else None
        return await self.http.request(method, self.url, json=body, headers=self.headers | {KEY: key})


def test_an_mcp_session_is_used_by_its_own_token_alone(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            one, two, shell = (Caller(service, http, token) for token in (VISITOR, OTHER, ""))
            for owner, others in ((one, (two, shell)), (shell, (one, two))):
                key = await owner.open()
                for other in others:
                    for method in ("POST", "GET", "DELETE"):
                        found, nothing = [await other.ask(name, method) for name in (key, "0" * 32)]
                        assert (found.status_code, found.content) == (nothing.status_code, nothing.content)
                        assert found.status_code == 404
                assert (await owner.ask(key)).status_code == 200
            key = await one.open()
            two_tokens(tmp_path, token="a new token of the same name")
            assert (await one.ask(key)).status_code == 401
            anew = Caller(service, http, "a new token of the same name")
            assert (await anew.ask(key)).status_code == 404

    visit(tmp_path, scene, tokens=two_tokens(tmp_path))


def test_a_stream_ends_with_its_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.http.connections.REVIEW_SECONDS", 0.02)

    async def scene(service: Service) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            one = Caller(service, http, VISITOR)
            key = await one.open()
            async with http.stream("GET", one.url, headers=one.headers | {KEY: key}) as answer:
                assert answer.status_code == 200
                two_tokens(tmp_path, expires="2020-01-01")
                async with asyncio.timeout(5):
                    await answer.aread()
            assert not service.app.state.connections.grants

    visit(tmp_path, scene, tokens=two_tokens(tmp_path))


def test_what_takes_long_ends_with_its_grant_and_with_nothing_else(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        connections: Connections = service.app.state.connections
        grant = connections.access.grant(f"Bearer {VISITOR}", "visitor")
        with pytest.raises(TimeoutError):
            async with connections.while_granted(grant):
                raise TimeoutError
        told = ""
        try:
            async with connections.while_granted(grant):
                (send_away,) = connections.grants
                send_away()
                await asyncio.Event().wait()
        except Unauthorized as error:
            told = error.message
        assert told == "expected a token that is valid still, got one that is not any more"
        assert not connections.grants

    visit(tmp_path, scene, tokens=two_tokens(tmp_path))


@pytest.mark.parametrize("where", ["in memory", "in the store"])
def test_a_session_is_resumed_by_its_own_token_alone(tmp_path: Path, where: str) -> None:
    async def scene(service: Service) -> None:
        async with service.client(hello=Hello(token=VISITOR), origin=None) as client:
            page = await client.page(Prompt("tides"))
            key = client.welcome.session
        if where == "in the store":
            registry = service.app.state.connections.registry
            await registry._sessions[key].archive.flush()
            registry._forget(registry._sessions[key])
        for hello, origin in ((Hello(key, token=OTHER), None), (Hello(key), service.settings.shell_origin)):
            async with service.client(hello=hello, origin=origin) as other:
                await other.until(lambda other=other: len(other.messages) > 1)  # type: ignore[misc]
                assert other.errors == ["unknown_session"]
                assert (other.welcome.resumed, other.welcome.history) == (False, ())
        async with service.client(hello=Hello(key, token=VISITOR), origin=None) as client:
            assert client.welcome.resumed
            assert (await client.receive()).html == page.html
        two_tokens(tmp_path, token="a new token of the same name")
        async with service.client(hello=Hello(key, token="a new token of the same name"), origin=None) as client:
            assert client.errors == ["unknown_session"]
        kept = repr(service.store.sessions)
        assert digest(VISITOR).hex() not in kept
        assert repr(digest(VISITOR)) not in kept

    visit(tmp_path, scene, tokens=two_tokens(tmp_path))


def test_a_session_that_no_token_opened_is_opened_by_its_key(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client() as client:
            await client.page(Prompt("tides"))
        async with service.client(hello=Hello(client.welcome.session)) as again:
            assert again.welcome.resumed

    visit(tmp_path, scene, tokens=two_tokens(tmp_path))


def test_a_ticket_is_no_ticket_of_another_token_of_the_same_name(tmp_path: Path) -> None:
    async def scene() -> None:
        store, file = MemoryStore(), two_tokens(tmp_path)
        before = Tickets(Access("service", None, file), store)
        made = [await before.give(Access("service", None, file).grant(f"Bearer {VISITOR}", "visitor")) for _ in "12"]
        assert (await before.take(made[0], "visitor")).name == "one"
        two_tokens(tmp_path, token="a new token of the same name")
        with pytest.raises(Unauthorized, match="expected a ticket for visitor, made with a token that is valid still"):
            await Tickets(Access("service", None, file), store).take(made[1], "visitor")
        with pytest.raises(Unauthorized, match=STALE):
            await before.take("spt_" + "x" * 43, "visitor")

    asyncio.run(scene())


def test_a_seal_tells_one_token_from_others() -> None:
    one, two = (Grant("x", frozenset(), digest=digest(token)) for token in ("1", "2"))
    free = Grant("shell", frozenset())
    seal = one.seal("session")
    assert [grant.opened("session", seal) for grant in (one, two, free)] == [True, False, False]
    assert not one.opened("another session", seal)
    assert all(grant.opened("session", nothing) for grant in (one, free) for nothing in ("", None))
    assert (free.seal("session"), one.digest.hex() in seal) == ("", False)


@pytest.mark.parametrize(
    ("origin", "shown"),
    [("own", "wrong"), ("own", ADMIN), ("own", ""), ("own", "expired token, long"), (SITE, "wrong"), (SITE, "")],
)
def test_the_origin_stands_in_for_no_token_that_is_refused(tmp_path: Path, shown: str, origin: str) -> None:
    """On every route and face that lets an Origin in."""

    async def scene(service: Service) -> None:
        home = service.settings.shell_origin
        headers = {"origin": home if origin == "own" else SITE}
        bad = headers | {"authorization": f"Bearer {shown}".strip()}
        chat = {"model": "silverprint-web", "messages": [{"role": "user", "content": "tides"}]}
        run = {"threadId": "t", "runId": "r", "tools": [], "context": [], "forwardedProps": {}, "state": {}}
        run |= {"messages": [{"id": "1", "role": "user", "content": "tides"}]}
        async with httpx.AsyncClient(base_url=home, trust_env=False) as http:
            for way in ({"headers": bad}, {"headers": headers, "params": {"ticket": shown}}):
                for path, body in (("/v1/chat/completions", chat), ("/ag-ui", run), ("/mcp", HELLO)):
                    answer = await http.post(path, json=body, **way | {"headers": way["headers"] | ACCEPT})
                    assert answer.status_code in (401, 403)
                assert (await http.get("/v1/models", **way)).status_code in (401, 403)
                assert (await http.post("/v1/audio/transcriptions", **way)).status_code == 401
            assert (await http.get("/v1/models", headers=headers)).status_code == 200
        given: list[dict[str, Any]] = [
            {"query": f"?ticket={quote(shown)}"},
            {"additional_headers": {"authorization": bad["authorization"]}},
        ]
        given += [{"hello": Hello(token=shown)}] if shown else []
        for ws in given:
            async with service.client(origin=headers["origin"], **ws) as client:
                assert client.errors == ["unauthorized"]
        assert service.engine.submitted == []

    entries = [{"name": "old", "token": "expired token, long", "scopes": ["visitor", "embed"], "expires": "2020-01-01"}]
    entries += [{"name": "operator", "token": ADMIN, "scopes": ["admin"]}]
    given = json.dumps({"token": entries}) if origin == "own" else None
    visit(tmp_path, scene, origins=(SITE,), tokens_json=given)


def test_a_token_that_is_used_up_is_used_up_at_the_shell_too(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        home = service.settings.shell_origin
        chat = {"model": "silverprint-web", "messages": [{"role": "user", "content": "tides"}]}
        headers = {"origin": home, "authorization": f"Bearer {VISITOR}"}
        async with httpx.AsyncClient(base_url=home, trust_env=False) as http:
            told = [(await http.post("/v1/chat/completions", json=chat, headers=headers)).status_code for _ in "12"]
            assert told == [200, 429]
        async with service.client(hello=Hello(token=VISITOR)) as client:
            await client.send(Prompt("moon"))
            assert await client.error() == "rate_limited"
        async with service.client(additional_headers={"authorization": f"Bearer {VISITOR}"}) as client:
            await client.send(Prompt("moon"))
            assert await client.error() == "rate_limited"
        async with service.client() as client:
            assert (await client.page(Prompt("moon"))).title == "Moon"

    visit(tmp_path, scene, tokens=two_tokens(tmp_path, pages_per_minute=1))


@pytest.mark.parametrize(("scopes", "let_in"), [("visitor", True), ("embed", True), ("admin", False)])
def test_what_a_token_is_for_at_the_services_own_shell(tmp_path: Path, scopes: str, let_in: bool) -> None:
    settings = settings_in(tmp_path)
    file = two_tokens(tmp_path, scopes=[scopes])
    access = Access("program", None, file)
    admission = Admission(settings, access, Tickets(access, MemoryStore()))
    refusal = contextlib.nullcontext() if let_in else pytest.raises(Unauthorized, match="for visitor or embed, got one")
    with refusal:
        assert asyncio.run(admission.admit(settings.shell_origin, VISITOR)).name == "one"


def test_a_visitor_with_a_ticket_comes_back_with_another_of_the_same_token(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client(hello=Hello(token=await ticket(service, EMBED)), origin=SITE) as client:
            await client.page(Prompt("tides"))
        again = Hello(client.welcome.session, token=await ticket(service, EMBED))
        async with service.client(hello=again, origin=SITE) as client:
            assert client.welcome.resumed

    visit(tmp_path, scene, origins=(SITE,), tokens=tokens(tmp_path))
