"""A shell in another site whose server gets tickets for it: the token never reaches a browser."""

import json
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Service
from tests.browser.pages import write

pytestmark = pytest.mark.browser
SECRET = "what only the site's server knows"
TOKENS = json.dumps({"token": [{"name": "blog", "token": SECRET, "scopes": ["embed"]}]})


@pytest.fixture(scope="module")
def origins(site: ThreadingHTTPServer) -> tuple[str, ...]:
    return (f"http://127.0.0.1:{site.server_port}",)


@pytest.fixture
def given() -> list[str]:
    """Tickets that the site has given."""
    return []


@pytest.fixture
def tab(
    chromium: Browser, service: Service, site: ThreadingHTTPServer, origins: tuple[str, ...], given: list[str]
) -> Iterator[Page]:
    """A tab at the other site, whose server answers /ticket."""
    service.engine.until, service.engine.write = float("inf"), write
    script = f"<script type=module src={service.address}static/silverprint.js></script>"
    style = "<style>silverprint-shell { height: 90vh }</style>"
    shell = "<silverprint-shell tickets=/ticket></silverprint-shell>"
    (site.folder / "own.html").write_text(f"<!doctype html><title>own</title>{style}{script}{shell}")  # type: ignore[attr-defined]

    def answer(route: Route) -> None:
        with httpx.Client(trust_env=False) as client:
            headers = {"authorization": f"Bearer {SECRET}"}
            made = client.post(f"{service.address}v1/tickets", headers=headers).json()
        given.append(made["ticket"])
        route.fulfill(json=made)

    context = chromium.new_context()
    page = context.new_page()
    page.route("**/ticket", answer)
    yield page
    context.close()


def test_each_connection_takes_a_ticket(tab: Page, origins: tuple[str, ...], given: list[str]) -> None:
    tab.goto(f"{origins[0]}/own.html")
    expect(tab.locator(".strip .edge")).to_have_text("model")
    tab.locator("silverprint-shell").evaluate("shell => shell.prompt('a to-do app', { world: 'app' })")
    frame = tab.frame_locator(".stage iframe[src*='/frame/live/']:not(.waiting)").frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("Groceries")
    assert len(given) == 1
    tab.reload()
    expect(frame.locator("h1")).to_have_text("Groceries")
    assert len(set(given)) == 2


def test_without_a_ticket_it_tries_again_later(tab: Page, origins: tuple[str, ...], given: list[str]) -> None:
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.fulfill(status=503, body="later")

    tab.route("**/ticket", refuse)
    tab.goto(f"{origins[0]}/own.html")
    expect(tab.locator(".notice")).to_contain_text("The connection is lost")
    tab.unroute("**/ticket", refuse)
    expect(tab.locator(".strip .edge")).to_have_text("model")
    assert refused
    assert len(given) == 1
