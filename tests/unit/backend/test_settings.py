"""Options from the environment and the command line, and the sentences for those that cannot be used."""

from pathlib import Path
from typing import Any

import pytest

from backend.errors import SettingsError, StartupError
from backend.settings import Settings


def test_the_origins_follow_the_port() -> None:
    settings = Settings(port=9000)
    assert settings.allowed_origins == ("http://127.0.0.1:9000",)
    assert settings.frame_origin == "http://localhost:9000"


@pytest.mark.parametrize(
    ("host", "shell"),
    [
        ("0.0.0.0", "http://127.0.0.1:1"),
        ("::", "http://127.0.0.1:1"),
        ("localhost", "http://127.0.0.1:1"),
        ("10.0.0.7", "http://10.0.0.7:1"),
        ("::1", "http://[::1]:1"),
    ],
)
def test_the_shell_is_named_after_the_host(host: str, shell: str) -> None:
    assert Settings(host=host, port=1).shell_origin == shell


def test_options_win_over_the_environment() -> None:
    environ = {
        "SILVERPRINT_PORT": "9",
        "SILVERPRINT_PAGE_SECONDS": "2.5",
        "SILVERPRINT_FACTS": "/texts",
        "SILVERPRINT_ORIGINS": "https://a.example, https://b.example",
        "SILVERPRINT_CACHE": "not a setting of the service",
        "HOME": "/root",
    }
    settings = Settings.from_env(environ, port=10, store=None)
    assert (settings.port, settings.page_seconds, settings.facts) == (10, 2.5, Path("/texts"))
    assert settings.origins == ("https://a.example", "https://b.example")


def test_the_token_is_not_printed() -> None:
    assert "hush" not in repr(Settings(token="hush"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"port": 0}, "expected port to be a number from 1 to 65535, got 0"),
        ({"port": 70_000}, "got 70000"),
        ({"page_tokens": 0}, "expected page_tokens to be a positive number, got 0"),
        ({"page_steps": -1}, "expected page_steps to be a positive number, got -1"),
        ({"guidance": -1.0}, "expected guidance to be a number >= 0, got -1.0"),
        ({"grace_seconds": float("nan")}, "expected grace_seconds to be a positive number, got nan"),
        ({"tenant": "a:b"}, "expected tenant to be letters, digits and underscores, got 'a:b'"),
        ({"store": "mysql://x"}, "expected store to be an address of redis, rediss, unix, redis+sentinel"),
        ({"shell_origin": "http://x/"}, "expected origin to be scheme://host[:port] without a path, got 'http://x/'"),
        ({"origins": ("null",)}, "expected origin to be scheme://host[:port] without a path, got 'null'"),
        (
            {"frame_origin": "https://x:443", "shell_origin": "https://x"},
            "expected frame_origin to be as browsers send",
        ),
        ({"frame_origin": "http://127.0.0.1:8017."}, "expected frame_origin to be"),
        ({"frame_origin": "http://x.example.:8017"}, "expected frame_origin to be as browsers send it"),
        ({"frame_origin": "HTTP://localhost:8017"}, "expected frame_origin to be"),
        ({"shell_origin": "http://LOCALHOST:8017"}, "expected origin to be as browsers send it: in small letters"),
        ({"shell_origin": "http://x:80"}, "expected origin to be as browsers send it"),
        ({"origins": ("https://a.example;script-src *",)}, "expected origin to be"),
        ({"origins": ("https://user@a.example",)}, "expected origin to be as browsers send it"),
        ({"frame_origin": "ftp://x"}, "expected frame_origin to be scheme://host[:port] without a path, got 'ftp://x'"),
        ({"frame_origin": "http://127.0.0.1:8017"}, "expected frames on another origin than the shell"),
        ({"token": ""}, "expected token to be 1 to 256 characters, got '0 characters'"),
    ],
)
def test_values_that_cannot_be_used(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(**options)
    assert message in str(caught.value)
    assert isinstance(caught.value, StartupError)


def test_numbers_in_the_environment() -> None:
    assert Settings.from_env({"SILVERPRINT_PREFETCH": "Off"}).prefetch is False
    with pytest.raises(SettingsError, match="expected SILVERPRINT_PREFETCH to be on or off, got 'maybe'"):
        Settings.from_env({"SILVERPRINT_PREFETCH": "maybe"})
    with pytest.raises(SettingsError, match="expected a number in SILVERPRINT_PORT, got 'x'"):
        Settings.from_env({"SILVERPRINT_PORT": "x"})


def test_options_that_are_none_of_ours() -> None:
    with pytest.raises(SettingsError, match=r"expected settings among host, port, .*; got colour"):
        Settings.from_env({}, colour="red")
