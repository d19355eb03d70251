"""Take the pictures of docs/ again, with the bundled model in the real shell.

Run it as `python -m benchmarks.browser.pictures`. Up to TRIES versions of each page are made. The first one is shown
that has every required element and whose sentences say nothing that the model was not given. If there is none, the
closest version is shown.
"""

import argparse
import contextlib
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Browser, Page

from backend.settings import Settings
from benchmarks.browser.animation import animated, small
from benchmarks.browser.shell import IN_SHELL, PATIENCE_MS, Ask, submit
from benchmarks.browser.stage import page_frame
from benchmarks.browser.websocket_tape import Playback, Recorder, Sent
from benchmarks.service import service, site
from training.evaluation.browse import browser

ROOT = Path(__file__).resolve().parents[2]
WIDE, PHONE = (1280, 800), (390, 844)
TRIES = 6
HEAVIEST = 1_500_000
"""Most bytes of the animated picture."""

FADED_MS = 320
"""After this time, what a draft added has faded in."""

LOADED_MS = 900
LATENT = "() => document.querySelectorAll('.sp-latent').length"
SCHEME = "() => getComputedStyle(document.documentElement).colorScheme"
TEXT = "() => [...document.querySelectorAll('main p, article p')].map(p => p.textContent).join(' ')"


@dataclass(frozen=True)
class Scene:
    """A page to make.

    Attributes:
        world: Name of its world in the shell.
        words: What is asked for.
        needs: Selectors of the elements that must occur exactly once each.
        edit: Words of a change that follows; empty for none.
        scheme: "light" or "dark" if the page's colour scheme matters, otherwise empty.
    """

    world: str
    words: str
    needs: tuple[str, ...] = ("h1",)
    edit: str = ""
    scheme: str = ""


@dataclass(frozen=True)
class Made:
    """A page, recorded as the messages that the service sent.

    Attributes:
        welcome: The first message of the connection.
        pages: Messages from the page's start to its commit, then those of its edit.
        worth: Quality of the page, at best 1.
    """

    welcome: Sent
    pages: tuple[list[Sent], ...]
    worth: float


def worth(page: Page, scene: Scene, prompt: str) -> float:
    """Return the quality of the visible page, at best 1.

    It is the share of required elements that the page has, times the share of its text that the model was given. A
    page in the wrong colour scheme gets a fifth less.
    """
    frame = page_frame(page, ".stage iframe[src*='/frame/live/']:not(.waiting)")
    met = sum(frame.locator(need).count() == 1 for need in scene.needs) / max(1, len(scene.needs))
    fits = not scene.scheme or frame.evaluate(SCHEME).startswith(scene.scheme)
    return met * faithful(frame.evaluate(TEXT), prompt) * (1 if fits else 0.8)


def faithful(text: str, prompt: str) -> float:
    """Return the share of a text's word pairs that the prompt has as often, or 1 for a text without pairs."""
    said, given = (Counter(pairwise(re.findall(r"\w+", words.lower()))) for words in (text, prompt))
    return (said & given).total() / said.total() if said else 1.0


@dataclass
class Shell:
    """A shell in a tab of its own whose messages are recorded."""

    page: Page
    recorder: Recorder

    def make(self, scene: Scene) -> Made:
        """Have a page made, and then its edit if the scene has one."""
        welcome = next(one for one in self.recorder.take() if one.fields["type"] == "welcome")
        pages, worths = [], []
        for words in filter(None, (scene.words, scene.edit)):
            submit(self.page, Ask(scene.world, words, words == scene.edit))
            pages.append(self.recorder.take())
            worths.append(worth(self.page, scene, pages[0][0].fields["prompt"]))
        return Made(welcome, tuple(pages), worths[-1])


@dataclass
class Photograph:
    """A shell to which a recording is played."""

    page: Page
    playback: Playback

    def shoot(self, wait_ms: float) -> bytes:
        """Wait so many milliseconds, then return a screenshot as PNG."""
        self.page.wait_for_timeout(wait_ms)
        return self.page.screenshot()

    def play(self, messages: list[Sent]) -> None:
        """Play messages to the shell, one after the other."""
        for message in messages:
            self.playback.send(message)

    def latent(self) -> int:
        """Return the number of places in the visible draft whose text has not settled."""
        return int(page_frame(self.page, ".stage iframe[src$='/frame/draft']").evaluate(LATENT))

    def click(self, name: str) -> None:
        """Click a button by its name, then move the mouse away."""
        self.page.get_by_role("button", name=name, exact=True).click()
        self.page.mouse.move(0, 0)


@dataclass
class Studio:
    """Takes the pictures.

    Attributes:
        running: The browser.
        address: Address of the service.
        site: Address of a page of another origin.
        folder: Where pictures are written.
    """

    running: Browser
    address: str
    site: str
    folder: Path

    def make(self, scene: Scene) -> Made:
        """Return the best of several versions of a page."""
        versions: list[Made] = []
        while len(versions) < TRIES and (not versions or versions[-1].worth < 1):
            versions.append(self._record(scene))
        return max(versions, key=lambda one: one.worth)

    def _record(self, scene: Scene) -> Made:
        """Record a page in a new session, so that style and noise differ from those of earlier versions."""
        context = self.running.new_context(viewport={"width": WIDE[0], "height": WIDE[1]})
        try:
            page, recorder = context.new_page(), Recorder()
            page.set_default_timeout(PATIENCE_MS)
            page.add_init_script(f"({IN_SHELL})()")
            recorder.listen(page)
            page.goto(self.address)
            page.locator(".strip .edge").filter(has_text="silverprint").wait_for()
            return Shell(page, recorder).make(scene)
        finally:
            context.close()

    @contextlib.contextmanager
    def photograph(
        self, made: Made, size: tuple[int, int] = WIDE, scheme: str = "light", address: str = ""
    ) -> Iterator[Photograph]:
        """Open a shell to which a recording can be played.

        Args:
            made: The recording.
            size: Width and height of the window in pixels.
            scheme: Colour scheme of the browser, "light" or "dark".
            address: Address of the page around the shell; empty for the service's own.

        Yields:
            The shell.
        """
        context = self.running.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        try:
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            playback = Playback(page, made.welcome)
            page.goto(address or self.address)
            page.locator(".strip .edge").filter(has_text="silverprint").wait_for()
            yield Photograph(page, playback)
        finally:
            context.close()

    @cached_property
    def article(self) -> Made:
        """The recording of an encyclopedia article, which several pictures share."""
        return self.make(Scene("Web", "an encyclopedia article about volcanoes", ("h1", "h2"), scheme="light"))

    def save(self, name: str, data: bytes, said: str = "") -> None:
        """Write a picture to the folder, and print its size with some words."""
        (self.folder / name).write_bytes(data)
        print(f"{name}: {len(data) / 1024:.0f} KiB {said}", flush=True)


def start(studio: Studio) -> None:
    """Take the picture of the shell's start page."""
    with studio.photograph(studio.article) as shell:
        studio.save("start.png", shell.shoot(LOADED_MS))


def article(studio: Studio) -> None:
    """Take three pictures of an article, and an animation of it.

    The pictures show the page with nothing but its frame, with most places where text is settling, and as committed.
    """
    shots: list[tuple[Sent, bytes, int]] = []
    messages = studio.article.pages[0]
    with studio.photograph(studio.article) as shell:
        for message in messages:
            shell.play([message])
            wait = LOADED_MS if message is messages[-1] else FADED_MS
            shots.append((message, shell.shoot(wait), shell.latent()))
    drafts = [shot for shot in shots if shot[0].is_draft]
    middle = max(drafts, key=lambda shot: shot[2])
    early = drafts[drafts.index(middle) // 2]
    for name, (message, png, _) in (("early", early), ("middle", middle)):
        studio.save(f"page-{name}.png", png, f"canvas {message.fields['block'] + 1}, step {message.fields['step']}")
    studio.save("page-final.png", shots[-1][1])
    studio.save("developing.webp", animated([(message.at, png) for message, png, _ in shots], HEAVIEST))


def edit(studio: Studio) -> None:
    """Take the picture of an app to which a change was just made."""
    needs = ("h1", "ul", "button:text-is('Add')", "button:text-is('Sort A-Z')")
    made = studio.make(Scene("App", "a to-do app with sorting", needs, "add a filter", "light"))
    with studio.photograph(made) as shell:
        shell.play(made.pages[0])
        shell.page.wait_for_timeout(LOADED_MS)
        shell.play(made.pages[1])
        studio.save("edit.png", shell.shoot(FADED_MS))


def desktop(studio: Studio) -> None:
    """Take the picture of a desktop."""
    made = studio.make(Scene("Desktop", "a desktop with a calculator", ("main", ".win")))
    with studio.photograph(made) as shell:
        shell.play(made.pages[0])
        studio.save("desktop.png", shell.shoot(LOADED_MS))


def canvas(studio: Studio) -> None:
    """Take the picture of a page's tokens when half of them have settled."""
    messages = studio.article.pages[0]
    first = [one for one in messages if one.is_draft and one.fields["block"] == 0]
    with studio.photograph(studio.article) as shell:
        shell.play(messages[: messages.index(first[0])])
        shell.click("Canvas")
        shell.play(first[: round(0.28 * len(first))])
        studio.save("canvas.png", shell.shoot(LOADED_MS))


def embedded(studio: Studio) -> None:
    """Take the picture of the shell in a page of another website."""
    words = "a to-do list with sorting for the vegetable garden"
    made = studio.make(Scene("App", words, ("h1", "ul", "form"), scheme="light"))
    with studio.photograph(made, address=studio.site) as shell:
        shell.play(made.pages[0])
        studio.save("embedded.png", shell.shoot(LOADED_MS))


def phone(studio: Studio) -> None:
    """Take the picture of the shell on a phone."""
    made = studio.make(Scene("Web", "a recipe for pancakes", ("h1",)))
    with studio.photograph(made, PHONE) as shell:
        shell.play(made.pages[0])
        studio.save("phone.png", shell.shoot(LOADED_MS))


def dark(studio: Studio) -> None:
    """Take the picture of the shell in dark colours."""
    made = studio.make(Scene("Web", "a dark encyclopedia article about the moon", ("h1:text-is('Moon')", "h2")))
    with studio.photograph(made, scheme="dark") as shell:
        shell.play(made.pages[0])
        studio.save("dark.png", shell.shoot(LOADED_MS))


def kit(studio: Studio) -> None:
    """Take pictures of the kit's gallery: one example in every design, and components beside their markup."""
    page = studio.running.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(PATIENCE_MS)
    for name, address in (
        ("designs", "?design=all#cards"),
        ("gallery", "?design=retro&palette=grape&mode=dark#buttons"),
    ):
        page.goto(f"{studio.address}kit{address}")
        page.frame_locator(f"#{address.partition('#')[2]} iframe").first.locator("main").wait_for()
        page.wait_for_timeout(LOADED_MS)
        page.evaluate("document.querySelector(location.hash).scrollIntoView()")
        page.wait_for_timeout(LOADED_MS)
        studio.save(f"kit-{name}.webp", small(page.screenshot()))
    page.close()


PICTURES = {one.__name__: one for one in (start, article, edit, desktop, canvas, embedded, phone, dark, kit)}
"""The function for each picture, by its name on the command line."""


def main() -> None:
    """Take the pictures that the command line names, or all."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("names", nargs="*", metavar="PICTURE", help=f"{', '.join(PICTURES)} (default: all)")
    options.add_argument("--into", type=Path, default=ROOT / "docs", metavar="DIR", help="default: docs")
    args = options.parse_args()
    if unknown := set(args.names) - set(PICTURES):
        options.error(f"expected pictures among {', '.join(PICTURES)}; got {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as data, tempfile.TemporaryDirectory() as place, site(Path(place)) as around:
        other = f"http://127.0.0.1:{around.server_port}"
        with service(Settings(), Path(data), "--allow-origin", other) as address, browser() as running:
            example = (ROOT / "examples" / "article.html").read_text("utf-8")
            (Path(place) / "article.html").write_text(example.replace("http://127.0.0.1:8017/", address), "utf-8")
            studio = Studio(running, address, f"{other}/article.html", args.into)
            for name in args.names or PICTURES:
                PICTURES[name](studio)


if __name__ == "__main__":
    main()
