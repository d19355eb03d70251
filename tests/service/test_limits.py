"""Limits that an operator sets: each holds, and clients are told those that they can use."""

from pathlib import Path
from typing import Any

import pytest

from backend.auth.client_address import network
from backend.cli import main
from backend.cli.options import parser
from backend.errors import SettingsError
from backend.settings import Settings
from tests.support.running_service import JSON, Service, visit


def test_clients_are_told(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client() as client:
            limits = client.welcome.limits
            assert (limits.page_tokens, limits.page_seconds, limits.page_bytes) == (512, 9.5, 1000)
            assert (limits.queue, limits.queue_seconds) == (7, 8.5)
            assert (limits.burst, limits.per_second) == (3, 0.5)
            assert limits.pages_per_minute is None
        assert service.engine.defaults.max_tokens == 1024

    options = {"page_tokens": 512, "page_seconds": 9.5, "page_bytes": 1000, "max_queue": 7, "queue_seconds": 8.5}
    visit(tmp_path, scene, **options, actions_burst=3, actions_per_second=0.5)


def test_actions_are_limited_as_set(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client(JSON) as client:
            for _ in range(4):
                await client.socket.send('{"type":"cancel"}')
            assert await client.error() == "rate_limited"
            assert client.last.message == "expected at most 0.01 actions a second, got more"

    visit(tmp_path, scene, actions_burst=3, actions_per_second=0.01)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_what_counts_as_one_client(address: str, counted: str) -> None:
    assert network(address) == counted


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"page_bytes": 0}, "expected page_bytes to be a positive number, got 0"),
        ({"page_bytes": 3_000_000}, "expected page_bytes to be 2,097,152 or less, got 3000000"),
        ({"max_queue": -1}, "expected max_queue to be a number of 0 or more, got -1"),
        ({"drain_seconds": -0.5}, "expected drain_seconds to be a number of 0 or more, got -0.5"),
        ({"queue_seconds": 0}, "expected queue_seconds to be a positive number, got 0"),
        ({"actions_burst": 0}, "expected actions_burst to be a positive number, got 0"),
        ({"actions_per_second": 0}, "expected actions_per_second to be a positive number, got 0"),
        ({"address_connections": 0}, "expected address_connections to be a positive number, got 0"),
    ],
)
def test_limits_that_cannot_be_used(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(**options)
    assert str(caught.value) == message


def test_no_line_and_no_drain_are_choices() -> None:
    settings = Settings(max_queue=0, drain_seconds=0)
    assert (settings.max_queue, settings.drain_seconds) == (0, 0)


def test_options_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SILVERPRINT_ADDRESS_CONNECTIONS", "9")
    monkeypatch.setenv("SILVERPRINT_TOKENS", "/run/tokens.toml")
    monkeypatch.setenv("SILVERPRINT_TOKENS_JSON", '{"token": []}')
    words = "--max-pages 2 --max-queue 0 --queue-seconds 5 --drain-seconds 1.5 --audit who.jsonl"
    settings = main.settings_of(parser(main.RUNS).parse_args(["serve", *words.split()]))
    assert (settings.max_pages, settings.max_queue, settings.queue_seconds, settings.drain_seconds) == (2, 0, 5, 1.5)
    assert (settings.audit, settings.tokens) == (Path("who.jsonl"), Path("/run/tokens.toml"))
    assert settings.address_connections == 9
    assert '{"token"' not in repr(settings)
