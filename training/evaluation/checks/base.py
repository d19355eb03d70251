"""What behavioural checks are made of: a page in a browser, what it was asked for, and how a check says no."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from training.corpus.design import Checks

if TYPE_CHECKING:  # a machine that only trains on pages has no browser
    from playwright.sync_api import Page

Check = Callable[["Page", Checks], None]


class UnmetError(Exception):
    """A page does not do what was asked of it; the message says what was expected and what came."""


def expect(what: str, wanted: object, got: object) -> None:
    """Raise UnmetError unless ``got`` equals ``wanted``."""
    if wanted != got:
        raise UnmetError(f"{what}: expected {wanted!r}, got {got!r}")


def number(page: "Page", selector: str) -> int:
    """The whole number that the first match of ``selector`` shows. Raises UnmetError if it shows none."""
    text = page.locator(selector).first.inner_text()
    digits = "".join(c for c in text if c.isdigit())
    if not digits:
        raise UnmetError(f"{selector}: expected a number, got {text!r}")
    return int(digits)


# A message takes a turn of the event loop to come through the port.
FOLLOWED = "() => new Promise(done => setTimeout(() => done(window.followed), 10))"


def followed(page: "Page") -> list[tuple[str, str]]:
    """The links and submits that led on so far, as (address kind, text), oldest first."""
    return [(kind, text) for kind, text in page.evaluate(FOLLOWED)]


def texts(page: "Page", selector: str) -> list[str]:
    """What the displayed matches of `selector` say."""
    return page.locator(selector).filter(visible=True).all_inner_texts()


def says(page: "Page") -> str:
    return page.locator(".say").inner_text()
