"""python -m benchmarks.pictures: takes the pictures of docs/ anew, with the bundled model, in the real shell.

Of each page several versions are made, and the best is shown: the first that has what it needs and whose sentences hold
no word that the model was not given, else the one that comes nearest.
"""

import argparse
import contextlib
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, WebSocket

from backend.settings import Settings
from benchmarks.film import Shot, animated, nearest, shoot
from benchmarks.service import service
from benchmarks.shell import IN_SHELL, PATIENCE_MS, read
from training.browse import browser

ROOT = Path(__file__).resolve().parent.parent
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
TRIES = 6
HEAVIEST = 1_500_000
"""Bytes of the animated picture at most."""

TEXT = "() => [...document.querySelectorAll('main p, article p')].map(p => p.textContent).join(' ')"


@dataclass
class Tab:
    """The shell in a tab of its own. prompt: what the model was asked last."""

    page: Page
    prompt: str = ""
    errors: list[str] = field(default_factory=list)

    def listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: self._received(read(data)))

    def ask(self, world: str, words: str, edit: bool = False) -> None:
        self.page.get_by_role("radio", name=world).check()
        if edit:
            self.page.get_by_role("checkbox", name="Change this page").check()
        self.page.get_by_role("textbox", name="What should the page be?").fill(words)
        self.page.keyboard.press("Enter")

    def another(self) -> None:
        """Another version of the page on view."""
        self.page.get_by_role("button", name="Reload").click(modifiers=["Shift"])

    def view(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def worth(self, needs: tuple[str, ...]) -> float:
        """How good the page on view is, 1 for all that is needed: selectors, each to be found once, the words of its
        sentences in the prompt, and no error."""
        frame = self.page.locator(".stage iframe[src*='/frame/live/']:not(.waiting)").element_handle().content_frame()
        assert frame
        found = sum(frame.locator(need).count() == 1 for need in needs) / max(1, len(needs))
        return found * faithful(frame.evaluate(TEXT), self.prompt) * (0.5 if self.errors else 1)

    def _received(self, message: dict[str, Any]) -> None:
        if message["type"] == "page.start":
            self.prompt, self.errors = message["prompt"], []


def faithful(text: str, prompt: str) -> float:
    """Share of the words of a text that stand in a prompt; 1 for a text without words."""
    given, words = set(re.findall(r"\w+", prompt.lower())), re.findall(r"\w+", text.lower())
    return sum(word in given for word in words) / len(words) if words else 1.0


@dataclass
class Studio:
    """Where the pictures are taken, and the folder they go to."""

    running: Browser
    address: str
    site: str
    folder: Path

    @contextlib.contextmanager
    def tab(self, size: dict[str, int] = WIDE, scheme: str = "light", address: str = "") -> Iterator[Tab]:
        """The shell, open in a new session; ``address``: of a page around it."""
        context = self.running.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
        try:
            tab = Tab(context.new_page())
            tab.page.set_default_timeout(PATIENCE_MS)
            tab.page.on("websocket", tab.listen)
            tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
            tab.page.add_init_script(f"({IN_SHELL})()")
            tab.page.goto(address or self.address)
            tab.page.locator(".strip .edge").filter(has_text="silverprint").wait_for()
            yield tab
        finally:
            context.close()

    def best(self, tab: Tab, begin: Callable[[], None], *needs: str) -> list[Shot]:
        """The shots of the best version of a page; begin: asks for the first."""
        takes: list[tuple[float, list[Shot]]] = []
        while len(takes) < TRIES and (not takes or takes[-1][0] < 1):
            tab.page.evaluate("() => { window.seen = {}; }")
            (tab.another if takes else begin)()
            shots = shoot(tab.page)
            takes.append((tab.worth(needs), shots))
        return max(takes, key=lambda take: take[0])[1]

    def save(self, name: str, shot: Shot | bytes) -> None:
        data, said = (shot, "") if isinstance(shot, bytes) else (shot.png, shot.said)
        (self.folder / name).write_bytes(data)
        print(f"{name}: {len(data) / 1024:.0f} KiB {said}", flush=True)


def start(studio: Studio) -> None:
    with studio.tab() as tab:
        tab.page.wait_for_timeout(400)
        studio.save("start.png", tab.page.screenshot())


def article(studio: Studio) -> None:
    """A page from its first draft to its last, and how it moves."""
    with studio.tab() as tab:
        shots = studio.best(tab, lambda: tab.ask("Web", "an encyclopedia article about volcanoes"), "h1", "nav")
    studio.save("page-early.png", nearest(shots, 1, 0.3))
    studio.save("page-middle.png", nearest(shots, 1, 0.65))
    studio.save("page-final.png", shots[-1])
    studio.save("developing.webp", animated(shots, HEAVIEST))


def edit(studio: Studio) -> None:
    """An app as a change has just been made to it."""
    with studio.tab() as tab:
        studio.best(tab, lambda: tab.ask("App", "a to-do app with sorting and dark mode"), "h1", "ul")
        shots = studio.best(tab, lambda: tab.ask("App", "add a filter", edit=True), "h1", "ul")
    studio.save("edit.png", shots[-1])


def desktop(studio: Studio) -> None:
    with studio.tab() as tab:
        shots = studio.best(tab, lambda: tab.ask("Desktop", "a desktop with a calculator"), "main", ".win")
    studio.save("desktop.png", shots[-1])


def canvas(studio: Studio) -> None:
    """The tokens of a page, half of them settled."""

    def begin() -> None:
        tab.ask("Web", "a recipe for pancakes")
        tab.view("Canvas")

    with studio.tab() as tab:
        studio.save("canvas.png", nearest(studio.best(tab, begin), 1, 0.55))


def embedded(studio: Studio) -> None:
    """The shell in a page of another site, which asks for an app by itself."""
    with studio.tab(address=studio.site) as tab:
        shots = studio.best(tab, lambda: None, "h1", "ul")
    studio.save("embedded.png", shots[-1])


def phone(studio: Studio) -> None:
    with studio.tab(PHONE) as tab:
        shots = studio.best(tab, lambda: tab.ask("Web", "a recipe for pancakes"), "h1")
    studio.save("phone.png", shots[-1])


def dark(studio: Studio) -> None:
    with studio.tab(scheme="dark") as tab:
        shots = studio.best(tab, lambda: tab.ask("Web", "a dark shop that sells lanterns"), "h1")
    studio.save("dark.png", shots[-1])


PICTURES = {one.__name__: one for one in (start, article, edit, desktop, canvas, embedded, phone, dark)}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def site(folder: Path) -> Iterator[ThreadingHTTPServer]:
    """Another site, which serves a folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("names", nargs="*", metavar="PICTURE", help=f"{', '.join(PICTURES)} (default: all)")
    options.add_argument("--into", type=Path, default=ROOT / "docs", metavar="DIR", help="default: docs")
    args = options.parse_args()
    if unknown := set(args.names) - set(PICTURES):
        options.error(f"expected pictures among {', '.join(PICTURES)}; got {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as place, site(Path(place)) as around:
        other = f"http://127.0.0.1:{around.server_port}"
        with service(Settings(), Path(place), "--allow-origin", other) as address, browser() as running:
            example = (ROOT / "examples" / "article.html").read_text("utf-8")
            (Path(place) / "article.html").write_text(example.replace("http://127.0.0.1:8017/", address), "utf-8")
            studio = Studio(running, address, f"{other}/article.html", args.into)
            for name in args.names or PICTURES:
                PICTURES[name](studio)


if __name__ == "__main__":
    main()
