"""Where clients come from is asked of proxies that the service was told of, and of nobody else."""

import contextlib
import ipaddress
import json
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from backend.cli import doctor, main
from backend.cli.options import parser
from backend.errors import SettingsError
from backend.run import ALLOW, config, configured, serve
from backend.settings import Settings
from backend.trusted_proxies import HOPS, TrustedProxies, canonical
from tests.support.fakes import FakeEngine
from tests.support.running_service import HELLO, Service, visit

LOOPBACK = ("127.0.0.1",)
EVIL = "https://evil.example"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.7", "10.0.0.7"),
        (" 10.0.0.7\t", "10.0.0.7"),
        ("10.0.0.7:443", "10.0.0.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("2001:DB8:0::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:1", "fe80::1"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
    ],
)
def test_addresses(text: str, address: str) -> None:
    assert str(canonical(text)) == address


@pytest.mark.parametrize(
    "text",
    ["", "unknown", "localhost", "10.0.0", "10.0.0.7:x", "10.0.0.7:²", "010.0.0.7", "[2001:db8::7", "[2001:db8::7]x",
     "2001:db8::7:" + "0" * 99, "<script>", "10.0.0.7 10.0.0.8", "10.0.0.0/8", "\x1b[31m", "_hidden", "0x7f.1"],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    assert canonical(text) is None


@pytest.mark.parametrize(
    ("said", "client", "good"),
    [
        ("203.0.113.9", "203.0.113.9", True),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9", True),
        ("198.51.100.1, 203.0.113.9, 10.2.3.4", "203.0.113.9", True),
        ("198.51.100.1, 203.0.113.9, 10.2.3.4, [2001:db8::1]:80", "203.0.113.9", True),
        ("10.9.9.9, 10.2.3.4", "10.9.9.9", True),
        ("198.51.100.1, unknown, 10.2.3.4", "10.2.3.4", False),
        ("198.51.100.1, unknown", "127.0.0.1", False),
        ("198.51.100.1,", "127.0.0.1", False),
        (",".join(["198.51.100.1", *["10.2.3.4"] * HOPS]), "10.2.3.4", True),
        ("9" * 60_000, "127.0.0.1", False),
        ("," * 60_000, "127.0.0.1", False),
    ],
    ids=range(11),
)
def test_the_first_from_the_right_that_is_no_proxy(said: str, client: str, good: bool) -> None:
    proxies = TrustedProxies(("127.0.0.1", "10.0.0.0/8", "2001:db8::1"))
    peer = ipaddress.ip_address("127.0.0.1")
    found, sound = proxies.client(peer, said)
    assert (str(found), sound) == (client, good)


def addresses(file: Path) -> list[str]:
    return [json.loads(line)["address"] for line in file.read_text().splitlines()]


async def refused(service: Service, said: list[str]) -> None:
    """A websocket and a request of a foreign Origin, with lines of X-Forwarded-For."""
    headers = [("X-Forwarded-For", line) for line in said]
    with pytest.raises(InvalidStatus):
        async with service.client(origin=EVIL, additional_headers=headers):
            pass
    async with httpx.AsyncClient(trust_env=False) as http:
        url = f"{service.settings.shell_origin}/v1/tickets"
        assert (await http.post(url, headers=[("origin", EVIL), *headers])).status_code == 403


def ignored(service: Service) -> dict[str, float]:
    found = service.app.state.connections.observer.metrics.registry.get_sample_value
    names = ("untrusted", "invalid")
    return {why: found("silverprint_forwarded_ignored_total", {"reason": why}) or 0.0 for why in names}


@pytest.mark.parametrize("proxy", [(), ("10.0.0.1", "192.0.2.0/24")])
def test_nobody_is_believed_who_is_no_proxy(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, proxy: tuple[str, ...]
) -> None:
    file = tmp_path / "audit.jsonl"

    async def scene(service: Service) -> None:
        for said in ("203.0.113.9", "198.51.100.1, 192.0.2.1", "a line of anybody's"):
            await refused(service, [said])
        assert ignored(service) == {"untrusted": 6, "invalid": 0}

    visit(tmp_path, scene, audit=file, proxy=proxy)
    assert addresses(file) == ["127.0.0.1"] * 6
    warned = [record for record in caplog.records if "--proxy" in record.message]
    assert len(warned) == (0 if proxy else 1)


def test_a_proxy_is_believed(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"

    async def scene(service: Service) -> None:
        for said in (["203.0.113.9"], ["198.51.100.1", "203.0.113.9:99, 10.0.0.8"], ["<b>", "x" * 5_000], []):
            await refused(service, said)
        assert ignored(service) == {"untrusted": 0, "invalid": 2}

    visit(tmp_path, scene, audit=file, proxy=("127.0.0.1", "10.0.0.0/8"))
    assert addresses(file) == ["203.0.113.9"] * 4 + ["127.0.0.1"] * 4


@pytest.mark.parametrize(("proxy", "most"), [((), 2), (LOOPBACK, 4)])
def test_the_limit_of_an_address_is_of_the_address(tmp_path: Path, proxy: tuple[str, ...], most: int) -> None:
    """Each of four websockets says that it comes from somewhere else; only a proxy can say so."""

    async def scene(service: Service) -> None:
        welcome = 0
        async with contextlib.AsyncExitStack() as stack:
            for number in range(4):
                headers = {"X-Forwarded-For": f"203.0.113.{number}"}
                client = await stack.enter_async_context(service.client(hello=None, additional_headers=headers))
                with contextlib.suppress(ConnectionClosed):
                    await client.send(HELLO)
                await client.receive()
                welcome += not client.errors
        assert welcome == most

    visit(tmp_path, scene, address_connections=2, proxy=proxy)


@pytest.mark.parametrize(
    ("proxy", "said", "scheme"),
    [((), "https", "http"), (LOOPBACK, "https", "https"), (LOOPBACK, "https, http", "http"), (LOOPBACK, "x", "http"),
     (LOOPBACK, "javascript", "http"), (LOOPBACK, "wss", "https")],
)  # fmt: skip
def test_the_scheme_too(tmp_path: Path, proxy: tuple[str, ...], said: str, scheme: str) -> None:
    """A path with a slash too many leads on to one without, in the request's own scheme."""

    async def scene(service: Service) -> None:
        headers = {"x-forwarded-proto": said}
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(f"{service.settings.shell_origin}/p/x/", headers=headers)
        assert answer.headers["location"].partition(":")[0] == scheme

    visit(tmp_path, scene, proxy=proxy)


def test_uvicorn_believes_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOW, "*")
    file = tmp_path / "audit.jsonl"
    for options in (config(None), configured(None, ws="none")):
        assert (options.proxy_headers, options.forwarded_allow_ips) == (False, "")

    async def scene(service: Service) -> None:
        await refused(service, ["203.0.113.9"])

    visit(tmp_path, scene, audit=file)
    assert addresses(file) == ["127.0.0.1"] * 2


@pytest.mark.parametrize("value", ["*", ""])
def test_what_uvicorn_would_read_is_told(
    value: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(ALLOW, value)

    def stop(*_: Any) -> Any:
        raise SettingsError("enough")

    monkeypatch.setattr("backend.run.bind", stop)
    with pytest.raises(SettingsError, match="enough"):
        serve(Settings(), FakeEngine)  # type: ignore[arg-type]
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    said = "FORWARDED_ALLOW_IPS is not read; name the proxies to trust with --proxy"
    assert told == ([said] if value else [])


def test_options_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SILVERPRINT_PROXY", "192.0.2.1, 192.0.2.2")
    asked = parser(main.RUNS).parse_args
    assert main.settings_of(asked(["serve"])).proxy == ("192.0.2.1", "192.0.2.2")
    words = ["serve", "--proxy", "127.0.0.1,10.1.0.0/16"]
    assert main.settings_of(asked(words)).proxy == ("127.0.0.1", "10.1.0.0/16")
    monkeypatch.setenv("SILVERPRINT_PROXY", "")
    assert main.settings_of(asked(["serve"])).proxy == ()


@pytest.mark.parametrize("value", ["*", "localhost", "10.0.0.1/8", "10.0.0.0/33"])
def test_proxies_that_cannot_be_used(value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(proxy=("127.0.0.1", value))
    said = "expected proxy to be addresses, or networks such as 10.1.0.0/16"
    assert str(caught.value) == f"{said}, got '127.0.0.1, {value}'"


def test_the_doctor_tells_who_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOW, "10.0.0.1")
    found = doctor.proxy(Settings())
    assert (found.state, found.detail.endswith("--proxy; FORWARDED_ALLOW_IPS is set and not read")) == ("absent", True)
    assert doctor.proxy(Settings(proxy=LOOPBACK)).detail == "X-Forwarded-For is taken from 127.0.0.1"
