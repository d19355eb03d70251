"""Shells in another site of a service that asks for a token: the attribute `token`, and who is turned away."""

from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from tests.browser.conftest import Service, Visit
from tests.browser.pages import write

pytestmark = pytest.mark.browser
EMBED_TOKEN = "let shells in"


@pytest.fixture(scope="module")
def origins(site: ThreadingHTTPServer) -> tuple[str, ...]:
    """The service lets the other site in, under one of its two names."""
    return (f"http://127.0.0.1:{site.server_port}",)


@pytest.fixture
def tab(chromium: Browser, service: Service, site: ThreadingHTTPServer) -> Iterator[Page]:
    """A tab for the other site, whose pages `own.html`, `wrong.html` and `none.html` hold a shell each."""
    service.engine.until, service.engine.write = float("inf"), write
    script = f"<script type=module src={service.address}static/silverprint.js></script>"
    for name, token in (("own", f"token='{EMBED_TOKEN}'"), ("wrong", "token=guessed"), ("none", "")):
        style = "<style>silverprint-shell { height: 90vh }</style>"
        page = f"<!doctype html><title>{name}</title>{style}{script}<silverprint-shell {token}></silverprint-shell>"
        (site.folder / f"{name}.html").write_text(page)  # type: ignore[attr-defined]
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def test_with_the_token_a_shell_works_and_keeps_it_out_of_addresses(
    tab: Page, origins: tuple[str, ...], service: Service
) -> None:
    addresses: list[str] = []
    tab.on("websocket", lambda socket: addresses.append(socket.url))
    tab.on("request", lambda request: addresses.append(request.url))
    tab.goto(f"{origins[0]}/own.html")
    expect(tab.locator(".strip .edge")).to_have_text("model")
    tab.locator("silverprint-shell").evaluate("shell => shell.prompt('a to-do app', { world: 'app' })")
    frame = tab.frame_locator(".stage iframe[src*='/frame/live/']:not(.waiting)").frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("Groceries")
    expect(tab.get_by_role("button", name="Speak")).to_be_hidden()
    assert any(address.endswith("/ws") for address in addresses)
    assert not any("let" in address and "shells" in address for address in addresses)
    tab.reload()
    expect(frame.locator("h1")).to_have_text("Groceries")


@pytest.mark.parametrize("name", ["none", "wrong"])
def test_without_it_a_shell_is_refused_and_does_not_try_by_itself(
    tab: Page, origins: tuple[str, ...], service: Service, name: str
) -> None:
    sockets: list[WebSocket] = []
    tab.on("websocket", lambda socket: sockets.append(socket))
    asked = len(service.engine.prompts)
    tab.goto(f"{origins[0]}/{name}.html")
    expect(tab.locator(".notice")).to_contain_text("The service refused the connection.")
    tab.locator("silverprint-shell").evaluate("shell => shell.prompt('a to-do app')")
    tab.wait_for_timeout(1200)
    assert len(sockets) == 1
    assert len(service.engine.prompts) == asked
    assert tab.evaluate("Object.keys(sessionStorage)") == []
    with tab.expect_websocket():
        tab.get_by_role("button", name="Try again").click()
    expect(tab.locator(".notice")).to_be_visible()
    expect(tab.locator(".notice")).to_contain_text("The service refused the connection.")
    assert len(sockets) == 2


def test_the_token_does_not_open_the_service_to_another_origin(tab: Page, site: ThreadingHTTPServer) -> None:
    tab.goto(f"http://localhost:{site.server_port}/own.html")
    expect(tab.locator(".notice")).to_contain_text("The connection is lost")


def test_the_shell_of_the_service_itself_needs_none(visit: Visit) -> None:
    visit.ask("a to-do app", "App")
    visit.ready("Groceries")
