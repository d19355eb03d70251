"""The audit log: everything that happened, and not a word of it."""

import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from backend.errors import StartupError
from backend.observability import audit_log
from backend.observability.audit_log import AuditLog, kind, mark, tell
from backend.protocol.messages import Act, Hello, Prompt, Target
from tests.service.test_tickets import EMBED, SITE, ticket, tokens
from tests.support.running_service import Service, visit

WORDS = "a wedding in Ghent"


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_what_happened_and_no_words_of_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets: list[str] = [EMBED, "guessed by someone"]

    async def scene(service: Service) -> None:
        one = await ticket(service)
        secrets.append(one)
        async with service.client(hello=Hello(token=one), origin=SITE) as client:
            page = await client.page(Prompt(WORDS))
            next_page = await client.page(Act(page.page, Target("a", "Ann and Bob", "/wiki")))
            secrets.extend([client.welcome.session, page.page, next_page.page, page.key])
        async with service.client(hello=Hello(token="guessed by someone"), origin=SITE) as client:
            await client.closed()
        with pytest.raises(InvalidStatus):
            async with service.client(origin="https://evil.example"):
                pass
        service.app.state.access.grant(f"Bearer {(service.settings.data / 'token').read_text()}", "admin")
        service.app.state.access.reload()

    file = tmp_path / "audit.jsonl"
    visit(tmp_path, scene, origins=(SITE,), tokens=tokens(tmp_path), audit=file)
    told = lines(file)
    assert [line["event"] for line in told] == [
        "ticket.made", "ticket.used", "connect", "page.started", "page.ended", "page.started", "page.ended", "refuse",
        "refuse", "admin", "tokens.read",
    ]  # fmt: skip
    made, used, connect, started, ended, _, second, wrong, foreign, admin, _ = told
    assert (made["token"], made["ticket"], made["address"]) == ("blog", used["ticket"], "127.0.0.1")
    assert (connect["token"], connect["session"], connect["resumed"]) == ("blog", mark(secrets[3]), False)
    assert started["page"] == ended["page"] == mark(secrets[4])
    assert (ended["state"], ended["kind"], second["kind"], ended["world"]) == ("committed", "other", "wiki", "web")
    assert ended["tokens"] > 0
    assert ended["session"] == connect["session"]
    assert (wrong["code"], foreign["code"], admin["token"]) == ("unauthorized", "foreign_origin", "service")
    written = file.read_text().lower()
    for word in [*secrets, "wedding", "ghent", "ann", "bob", "a_wedding"]:
        assert word.lower() not in written
    logged = caplog.text
    assert not any(secret in logged for secret in (EMBED, "guessed by someone"))
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("/wiki/lava", "wiki"),
        ("/a_wedding_in_ghent", "other"),
        ("/os/my_desktop", "os"),
        ("/my_own_words/x", "other"),
        ("/wiki", "other"),
        ("", "other"),
    ],
)
def test_kinds_of_addresses(url: str, said: str) -> None:
    assert kind(url) == said


def test_a_log_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match=r"expected an audit log that can be written, got .*: No such file"):
        AuditLog(tmp_path / "nowhere" / "audit.jsonl")


def test_a_log_that_is_moved_away_is_begun_anew(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    book = AuditLog(file)
    audit_log.tell("connect", token="a\nb", address=None)
    file.rename(tmp_path / "old.jsonl")
    audit_log.tell("refuse")
    book.close()
    audit_log.tell("connect")
    assert [line["event"] for line in lines(file)] == ["refuse"]
    (old,) = lines(tmp_path / "old.jsonl")
    assert (old["token"], "address" in old) == ("a b", False)


def test_a_log_that_is_begun_anew_is_its_owner_s_alone_too(tmp_path: Path) -> None:
    file, before = tmp_path / "audit.jsonl", os.umask(0o022)
    try:
        book = AuditLog(file)
        tell("first")
        file.rename(tmp_path / "audit.1")
        tell("second")
        book.close()
    finally:
        os.umask(before)
    assert [one["event"] for one in lines(file)] == ["second"]
    for one in (file, tmp_path / "audit.1"):
        assert one.stat().st_mode & 0o777 == 0o600
