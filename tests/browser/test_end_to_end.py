"""The service as visitors run it, with the bundled model: from a click to a page developing, killed and back again."""

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from backend.pages.page_urls import slug
from benchmarks.browser.stage import page_frame

pytestmark = pytest.mark.browser

PATIENCE_MS = 60_000
LIVE = "/frame/live/"
"""In the stack of an error of a page's own script: what the model wrote is judged by the evaluation, not here."""
WATCH = """() => {
    window.drafts = new Set();
    const seen = () => document.body && drafts.add(document.body.innerHTML);
    new MutationObserver(seen).observe(document, {subtree: true, childList: true, characterData: true});
}"""
TRIES = 6
"""Versions of a page, each from a seed of its own, of which one must have what a test goes on with: how many of them do
is what the evaluation measures."""
VOLCANO = "# Volcano\n\nA volcano is a vent in the crust of a planet. Lava comes out of it.\n"
LAVA = "# Lava\n\nLava is molten rock that a volcano expels.\n"


@dataclass
class Process:
    """`silverprint serve` in a process of its own, on a fixed port and folder, so that it can die and come back."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        facts = self.folder / "facts"
        command = [sys.executable, "-m", "backend.cli", "serve", "--port", str(self.port)]
        self.process = subprocess.Popen([*command, "--data", str(self.folder / "data"), "--facts", str(facts)])
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1).close()
                return
            except OSError:
                assert self.process.poll() is None, "the service ended while starting"
                time.sleep(0.1)
        raise AssertionError("expected the service within a minute")

    def end(self, number: signal.Signals) -> None:
        assert self.process
        self.process.send_signal(number)
        self.process.wait(20)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("served")
    (folder / "facts").mkdir()
    (folder / "facts" / "volcano.md").write_text(VOLCANO)
    (folder / "facts" / "lava.md").write_text(LAVA)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    service = Process(folder, port)
    service.start()
    yield service
    service.end(signal.SIGTERM)


@pytest.fixture
def page(chromium: Browser, served: Process) -> Iterator[Page]:
    complaints: list[str] = []
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)) if LIVE not in (error.stack or "") else None)
    page.goto(f"http://127.0.0.1:{served.port}/")
    expect(page.locator(".strip .edge")).to_have_text("silverprint-s")
    yield page
    context.close()
    assert [text for text in complaints if "WebSocket connection" not in text] == []


def frame(page: Page, selector: str) -> Frame:
    return page_frame(page, f".stage iframe{selector}")


def ready(page: Page) -> Frame:
    """The live frame, once a page is committed and on view."""
    stop = page.get_by_role("button", name="Stop")
    expect(page.locator(".strip .facts")).to_contain_text("tokens/s", timeout=PATIENCE_MS)
    expect(stop).to_have_count(0, timeout=PATIENCE_MS)
    expect(page.get_by_role("status")).to_have_text(re.compile("^Page ready: "), timeout=PATIENCE_MS)
    expect(page.locator(".stage iframe")).to_have_count(2, timeout=PATIENCE_MS)
    expect(page.locator(".stage iframe[src*='/frame/live/']:not(.waiting)")).to_have_count(1, timeout=PATIENCE_MS)
    return frame(page, "[src*='/frame/live/']")


def gone(page: Page, address: str) -> None:
    """Wait until the live frame of an address has made room for the next."""
    path = address[address.index("/frame/") :]
    expect(page.locator(f".stage iframe[src$='#{path}']")).to_have_count(0, timeout=PATIENCE_MS)


def another(page: Page) -> Frame:
    """The live frame of another version of the page on view."""
    before = frame(page, "[src*='/frame/live/']").url
    page.get_by_role("button", name="Reload").click(modifiers=["Shift"])
    gone(page, before)
    return ready(page)


def first_good(page: Page, live: Frame, good: Callable[[Frame], bool]) -> Frame:
    """`live`, or the first newer version of its page that is good."""
    for _ in range(TRIES - 1):
        if good(live):
            return live
        live = another(page)
    assert good(live), f"none of {TRIES} versions will do"
    return live


def is_article(live: Frame) -> bool:
    links = live.locator("a[href='/wiki']")
    return (
        live.locator("h1").all_inner_texts() == ["Volcano"]
        and links.count() > 0
        and bool(slug(links.first.inner_text()))
    )


def test_a_page_develops_leads_on_and_comes_back(page: Page) -> None:
    draft = frame(page, "[src$='/frame/draft']")
    draft.evaluate(WATCH)
    page.get_by_role("button", name="An encyclopedia article about volcanoes").click()
    live = ready(page)
    assert draft.evaluate("drafts.size") >= 5
    first = first_good(page, live, is_article)
    address, content, said = first.url, first.content(), page.get_by_role("status").inner_text()
    link = first.locator("a[href='/wiki']").first
    words = link.inner_text()
    link.click()
    expect(page.get_by_role("textbox", name="Address")).to_have_value(f"/wiki/{slug(words)}")
    second = ready(page)
    assert second.url != address
    assert second.locator("body").inner_text().strip()
    page.get_by_role("button", name="Back", exact=True).click()
    gone(page, second.url)
    expect(page.get_by_role("status")).to_have_text(said)
    again = ready(page)
    assert (again.url, again.content()) == (address, content)


def is_to_do(live: Frame) -> bool:
    """Whether the app has its controls, and an item added is there."""
    controls = (live.get_by_role("textbox"), live.get_by_role("button", name="Add", exact=True))
    if any(control.count() != 1 for control in (*controls, live.get_by_role("button", name="Sort A-Z"))):
        return False
    before = live.locator("li").count()
    controls[0].fill("zebra crossing")
    controls[1].click()
    return live.locator("li").count() == before + 1


def test_a_to_do_app_works(page: Page) -> None:
    page.get_by_role("button", name="A to-do app with sorting and dark mode").click()

    def sorts(live: Frame) -> bool:
        if not is_to_do(live):
            return False
        live.get_by_role("button", name="Sort A-Z").click()
        return live.locator("li span").last.inner_text().lower() == "zebra crossing"

    first_good(page, ready(page), sorts)


def test_a_killed_service_comes_back_with_the_session(page: Page, served: Process) -> None:
    page.get_by_role("button", name="An encyclopedia article about volcanoes").click()
    first = ready(page)
    content, said = first.content(), page.get_by_role("status").inner_text()
    page.get_by_role("textbox", name="What should the page be?").fill("an encyclopedia article about lava")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop").wait_for()  # looks at every frame: a page may take no more than a second
    served.end(signal.SIGKILL)
    expect(page.locator(".notice")).to_contain_text("connection is lost")
    served.start()
    expect(page.locator(".notice")).to_be_hidden(timeout=PATIENCE_MS)
    gone(page, first.url)
    resumed = ready(page)
    assert resumed.content() != content
    expect(page.get_by_role("textbox", name="Address")).to_have_value(re.compile("lava"))
    page.get_by_role("button", name="Back", exact=True).click()
    gone(page, resumed.url)
    expect(page.get_by_role("status")).to_have_text(said)
    assert ready(page).content() == content
