"""The real service on a free port, in a thread of its own, with an engine that knows its pages by heart."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Frame, Locator, Page, expect

from backend.app import create_app
from backend.run import config, listen
from benchmarks.browser.stage import page_frame
from benchmarks.service import site
from tests.browser.pages import FACTS, write
from tests.browser.scripted import STEPS, ScriptedEngine
from tests.support.fakes import MemoryStore, settings_in

PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)
KEEP_PORT = """if (self === top) {
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (message, ...more) {
    if (["draft", "reset"].includes(message?.verb)) self.toDraft = this;
    post.call(this, message, ...more);
  };
}"""
DRAWN = """async () => {
  await new Promise(requestAnimationFrame);
  await new Promise(done => {
    toDraft.addEventListener("message", ({ data }) => data.verb === "view" && done());
    toDraft.postMessage({ verb: "collect" });
  });
}"""
"""The shell hands a draft to its frame with the next animation frame; what is asked then is answered after it."""

POINTED_AT = """frame => {
  const { matches } = frame;
  frame.matches = selector => selector === ':hover' || matches.call(frame, selector);
  frame.dispatchEvent(new PointerEvent('pointerover', { bubbles: true, composed: true }));
}"""
"""What a browser tells of a pointer that comes into a frame of another process, and not where a driver clicks."""


@dataclass
class Service:
    """A running service. address: of the shell. engine: of the fixture `service` a ScriptedEngine."""

    address: str
    engine: Any


@dataclass
class Visit:
    """The shell in a tab of its own, and what the browser complained about so far."""

    page: Page
    service: Service
    complaints: list[str] = field(default_factory=list)
    forgiven: bool = False

    def open(self) -> None:
        """Listen to the console and open the start screen."""
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.add_init_script(KEEP_PORT)
        self.page.goto(self.service.address)
        expect(self.page.locator(".strip .edge")).to_have_text("model")

    def ask(self, text: str, world: str = "Web") -> None:
        """Write a prompt for a world and send it."""
        self.page.get_by_role("radio", name=world).check()
        self.say(text)

    def say(self, text: str) -> None:
        """Write a prompt, whatever the world, and send it. The pointer then rests where no page will come: what a test
        evaluates in a page counts as a gesture there, and one below the pointer is a visitor's."""
        self.page.mouse.move(0, 0)
        self.page.get_by_role("textbox", name="What should the page be?").fill(text)
        self.page.keyboard.press("Enter")

    def enter(self, box: Locator, text: str) -> None:
        """Type into a page as a visitor does: by a click into the field first, else the shell keeps the keyboard."""
        frame = self.page.locator(".stage iframe:not(.waiting)")
        frame.evaluate(POINTED_AT)
        box.click()
        expect(box).to_be_focused()
        frame.evaluate("frame => delete frame.matches")
        self.page.keyboard.type(text)

    def choose(self, way: str) -> None:
        """Take a way to share the page, out of the menu."""
        self.page.get_by_role("button", name="Share").click()
        self.page.get_by_role("menuitem", name=way).click()

    def share(self) -> str:
        """The link that others can open."""
        self.choose("Copy link")
        notice = self.page.locator(".notice")
        expect(notice).to_contain_text(f": {self.service.address}p/")
        return notice.inner_text().split(": ", 1)[1].strip()

    def ready(self, title: str, after: Frame | None = None) -> Frame:
        """The live frame, once the shell has said that the page of that title is ready and shows it.

        after: the frame of the page before, if that has the same title.
        """
        return self.frame(self.shown(title, after))

    def shown(self, title: str, after: Frame | None = None) -> str:
        """Wait as `ready` does, but not until the frame has loaded. Gives its selector."""
        if after:
            path = urlsplit(after.url)._replace(scheme="", netloc="").geturl()
            expect(self.page.locator(f".stage iframe[src$='#{path}']")).to_have_count(0)
        expect(self.page.get_by_role("status")).to_have_text(f"Page ready: {title}")
        selector = f"iframe[title='{title}'][src*='/frame/live/']:not(.waiting)"
        expect(self.page.locator(f".stage {selector}")).to_have_count(1)
        expect(self.page.locator(".stage iframe")).to_have_count(2)
        return selector

    def draft(self) -> Frame:
        """The frame that drafts are morphed into."""
        return self.frame("iframe[src$='#/frame/draft']")

    def frame(self, selector: str) -> Frame:
        """A frame of the stage, once its document has loaded."""
        return page_frame(self.page, f".stage {selector}")

    def until(self, so: Callable[[], object]) -> None:
        """Wait for something that no page shows."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while not so():
            assert time.monotonic() < end, "waited in vain"
            self.page.wait_for_timeout(50)

    def complained(self, words: str) -> None:
        """Wait until the browser has complained of something that was to be expected, and forgive all it does."""
        self.until(lambda: any(words in complaint for complaint in self.complaints))
        self.forgiven = True

    def hold(self, step: int) -> None:
        """Let pages develop up to a step, counted over their canvases, and wait until that shows, in the draft too."""
        self.service.engine.until = step
        said = f"canvas {(step - 1) // STEPS + 1}step {(step - 1) % STEPS + 1}/{STEPS}"
        expect(self.page.locator(".strip .facts")).to_contain_text(said)
        self.page.wait_for_function("() => self.toDraft")
        self.page.evaluate(DRAWN)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} {message.location}")


@pytest.fixture(scope="module", name="site")
def another_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadingHTTPServer]:
    """Another site, at its root the files of `server.folder`."""
    folder = tmp_path_factory.mktemp("site")
    with site(folder) as server:
        server.folder = folder  # type: ignore[attr-defined]
        yield server


@pytest.fixture(scope="module")
def origins() -> tuple[str, ...]:
    """Other origins that may use the service."""
    return ()


@pytest.fixture(scope="module")
def service(
    request: pytest.FixtureRequest, origins: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Pages are made ahead only for a module that sets PREFETCH, so that others can count what was asked.

    A module that sets EMBED_TOKEN asks shells in other sites for it; MAX_PAGES and TOKENS are settings, too.
    """
    engine = ScriptedEngine(write)
    options = {
        "origins": origins, "prefetch": getattr(request.module, "PREFETCH", False),
        "embed_token": getattr(request.module, "EMBED_TOKEN", None),
        "max_pages": getattr(request.module, "MAX_PAGES", 64), "tokens_json": getattr(request.module, "TOKENS", None),
    }  # fmt: skip
    with serving(engine, tmp_path_factory.mktemp("service"), **options) as address:
        yield Service(address, engine)


@contextmanager
def serving(engine: Any, folder: Path, /, **options: Any) -> Iterator[str]:
    """The service with an engine, its settings and data in a folder. Gives its address."""
    facts = folder / "facts"
    facts.mkdir()
    (facts / "volcano.md").write_text(f"# Volcano\n\n{FACTS}\n")
    with listen("127.0.0.1", 0, "port 0") as listener:
        port = listener.getsockname()[1]
        app = create_app(settings_in(folder, port=port, facts=facts, **options), engine, MemoryStore())  # type: ignore[arg-type]
        served = config(app)
        served.lifespan = "on"
        server = uvicorn.Server(served)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
        thread.start()
        yield f"http://127.0.0.1:{port}/"
        server.should_exit = True
        thread.join()


@pytest.fixture
def visit(chromium: Browser, service: Service) -> Iterator[Visit]:
    """The shell, open and connected in a fresh browser context. Fails if anything complained on the console."""
    service.engine.until, service.engine.write = float("inf"), write
    with visiting(chromium, service) as visit:
        yield visit


@contextmanager
def visiting(chromium: Browser, service: Service) -> Iterator[Visit]:
    """As `visit`, of any service."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    visit = Visit(context.new_page(), service)
    visit.open()
    yield visit
    context.close()
    assert visit.forgiven or visit.complaints == []
