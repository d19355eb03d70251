"""A page in real Chromium: rendered offline under the live frame's headers, watched for errors, and used by checks."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from playwright.sync_api import Browser, Page, Route, sync_playwright

ADDRESS = "http://page.test/"
TIMEOUT_MS = 5000
"""How long a check waits for its actions and for what it looks for."""

OPENING_MS = 30_000
"""How long a page may take to open; this depends more on the machine than on the page."""


class Document(Protocol):
    """A page as it is served to a live frame: HTML with the frame's own script, and response headers."""

    @property
    def body(self) -> str:
        """The HTML."""

    @property
    def headers(self) -> dict[str, str]:
        """The response headers."""


Wrap = Callable[[str], Document]
"""Makes the live frame's document from a page that a model wrote."""


class NoBrowserError(RuntimeError):
    """No Chromium was found on this machine."""


@dataclass
class Opened:
    """A page that is open in a browser.

    Attributes:
        page: The page.
        errors: The errors that it has reported so far.
    """

    page: Page
    errors: list[str] = field(default_factory=list)


def chromium() -> str:
    """Return the path of this machine's Chromium or Chrome; the variable CHROMIUM names another one.

    The headless shell is not used. It opens pages faster, but keeps no site in a process of its own (docs/log.md).

    Raises:
        NoBrowserError: There is none.
    """
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    for name in filter(None, names):
        if path := shutil.which(name):
            return path
    raise NoBrowserError("expected chromium on PATH, found none; install it or name it in CHROMIUM")


@contextmanager
def browser(*options: str) -> Iterator[Browser]:
    """Run a headless Chromium with more command-line options until the block ends."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", *options])
        try:
            yield running
        finally:
            running.close()


@contextmanager
def opened(running: Browser, document: Document, width: int = 960, height: int = 720) -> Iterator[Opened]:
    """Open a document in a new, offline context; uncaught errors and console errors are recorded.

    Args:
        running: The browser.
        document: The document.
        width: Width of the window in pixels.
        height: Height of the window in pixels.

    Yields:
        The page.
    """
    context = running.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    try:
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        page.set_default_navigation_timeout(OPENING_MS)
        seen = Opened(page)
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("console", lambda message: seen.errors.append(message.text) if message.type == "error" else None)
        page.route("**/*", lambda route: _answer(route, document))
        page.add_init_script(FOLLOW)
        page.goto(ADDRESS)
        yield seen
    finally:
        context.close()


def _answer(route: Route, document: Document) -> None:
    if route.request.url == ADDRESS:
        route.fulfill(body=document.body, headers={"content-type": "text/html; charset=utf-8", **document.headers})
    elif route.request.url.endswith("/favicon.ico"):
        route.fulfill(status=204)
    else:
        route.abort()


# The shell's side of a frame: it passes a port to the frame, and records actions that lead to another page in
# window.followed, newest last, as [kind, words].
FOLLOW = """
window.followed = [];
addEventListener('DOMContentLoaded', () => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => {
    if (data.verb === 'store') window.kept = data.data;
    if (data.verb !== 'act') return;
    const values = Object.values(data.target.form ?? {});
    window.followed.push([data.target.href ?? '', values.find(Boolean) ?? data.target.text]);
  };
  window.postMessage({ silverprint: 'port' }, '*', [port2]);
});
"""
