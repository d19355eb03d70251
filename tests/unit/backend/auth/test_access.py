"""Who is let in with which token: scopes, dates, a file that changes, and what may not be seen of any of them."""

import json
import logging
import os
import traceback
from pathlib import Path
from typing import Any

import pytest

from backend.auth.access import Access, Unauthorized
from backend.auth.quota import Allowance, Quota
from backend.auth.token_file import given_tokens
from backend.errors import ProtocolError, StartupError

OWN, EMBED, VISITOR, ADMIN = "the service's own", "let shells in", "a visitor's token", "an admin's token"
NONE = "expected a bearer token of this service, got none, another or one that has expired"


def entry(token: str, *scopes: str, **more: Any) -> dict[str, Any]:
    return {"name": scopes[0], "token": token, "scopes": scopes, **more}


def write(file: Path, *entries: dict[str, Any]) -> Path:
    before = file.stat().st_mtime_ns if file.exists() else 0
    file.write_text(json.dumps({"token": entries}))
    os.utime(file, ns=(before + 1, before + 1))
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "tokens.json", entry(VISITOR, "visitor"), entry(ADMIN, "admin"))


def test_each_token_is_good_for_its_scopes(file: Path) -> None:
    access = Access(OWN, EMBED, file)
    names = {OWN: "service", EMBED: "embed", VISITOR: "visitor", ADMIN: "admin"}
    let_in = {
        (token, scope): granted(access, token, scope) for token in names for scope in ("visitor", "embed", "admin")
    }
    assert {key: name for key, name in let_in.items() if name} == {
        (OWN, "visitor"): "service", (OWN, "embed"): "service", (OWN, "admin"): "service",
        (EMBED, "embed"): "embed", (VISITOR, "visitor"): "visitor", (ADMIN, "admin"): "admin",
    }  # fmt: skip


def granted(access: Access, token: str, scope: Any) -> str:
    try:
        return access.grant(f"Bearer {token}", scope).name
    except Unauthorized:
        return ""


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {VISITOR} ",
        "Bearer é",
        "Bearer \udc80",
        VISITOR[:-1],
        VISITOR,
        f"Basic {VISITOR}",
    ],
)
def test_anything_else_is_refused_in_the_same_words(file: Path, given: str | None) -> None:
    with pytest.raises(Unauthorized) as caught:
        Access(OWN, None, file).grant(given, "visitor")
    assert (caught.value.message, caught.value.known) == (NONE, False)


def test_a_token_for_something_else_is_known(file: Path) -> None:
    with pytest.raises(Unauthorized) as caught:
        Access(OWN, None, file).grant(f"Bearer {ADMIN}", "visitor")
    assert (caught.value.message, caught.value.known) == ("expected a token for visitor, got one for admin", True)


def test_a_token_ends(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(file, entry(VISITOR, "visitor", expires="2030-01-01T00:00:00Z"))
    access = Access(OWN, None, file)
    monkeypatch.setattr("backend.auth.access.time.time", lambda: 1_893_455_999.0)
    assert granted(access, VISITOR, "visitor") == "visitor"
    assert access.named("visitor")
    monkeypatch.setattr("backend.auth.access.time.time", lambda: 1_893_456_000.0)
    assert granted(access, VISITOR, "visitor") == ""
    assert access.named("visitor") is None


def test_a_file_that_changes_is_read_anew(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    access = Access(OWN, None, file)
    write(file, entry(ADMIN, "visitor"))
    assert granted(access, VISITOR, "visitor") == ""
    assert granted(access, ADMIN, "visitor") == "visitor"
    assert granted(access, OWN, "visitor") == "service"
    file.write_text("{" + ADMIN)
    assert granted(access, ADMIN, "visitor") == "visitor"
    assert "tokens stay as they were: expected tokens in" in caplog.text
    assert ADMIN not in caplog.text
    write(file)
    access.reload()
    assert granted(access, ADMIN, "visitor") == ""


def test_tokens_from_the_environment(file: Path) -> None:
    given = given_tokens(json.dumps({"token": [entry(EMBED + EMBED, "embed") | {"name": "blog"}]}))
    assert granted(Access(OWN, None, file, given), EMBED + EMBED, "embed") == "blog"
    write(file, entry(VISITOR, "visitor") | {"name": "blog"})
    with pytest.raises(StartupError, match="expected every token to have a name of its own"):
        Access(OWN, None, file, given)


def test_sites_are_asked_even_when_the_last_token_is_revoked(file: Path) -> None:
    assert not Access(OWN).asks_sites
    assert Access(OWN, EMBED).asks_sites
    assert Access(OWN, None, write(file)).asks_sites


def test_nothing_shows_a_token(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    access = Access(OWN, EMBED, file)
    shown = [repr(access), repr(vars(access))]
    for token, scope in ((VISITOR, "visitor"), (ADMIN, "embed"), (VISITOR + "?", "visitor"), (OWN, "admin")):
        try:
            shown.append(repr(access.grant(f"Bearer {token}", scope)))  # type: ignore[arg-type]
        except Unauthorized as error:
            shown += [*traceback.format_exception(error), repr(error)]
    shown.append(caplog.text)
    for token in (OWN, EMBED, VISITOR, ADMIN):
        assert not any(token in text for text in shown)


def test_limits_of_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("backend.auth.quota.time.monotonic", lambda: now)
    quota = Quota(Allowance(pages_per_minute=2, connections=1, pages=1))
    quota.connect()
    with pytest.raises(ProtocolError, match="expected at most 1 connections with this token") as caught:
        quota.connect()
    assert (caught.value.code, caught.value.close) == ("busy", 4429)
    quota.disconnect()
    quota.connect()
    quota.check()
    quota.begin()
    with pytest.raises(ProtocolError, match="expected at most 1 pages at once with this token"):
        quota.check()
    quota.check(gives_up=1)
    quota.end()
    with pytest.raises(ProtocolError, match="expected at most 2 pages a minute with this token") as caught:
        quota.check()
    assert caught.value.code == "rate_limited"
    now += 31
    quota.check()


def test_limits_follow_the_file(file: Path) -> None:
    access = Access(OWN, None, file)
    quota = access.quota(access.grant(f"Bearer {VISITOR}", "visitor"))
    quota.connect()
    write(file, entry(VISITOR, "visitor", connections=1))
    assert access.quota(access.grant(f"Bearer {VISITOR}", "visitor")) is quota
    with pytest.raises(ProtocolError, match="expected at most 1 connections"):
        quota.connect()
