"""The parts of behavioural checks: a page in a browser, what it was asked for, and how a check fails."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from training.corpus.design import Checks

if TYPE_CHECKING:  # a machine that only trains on pages has no browser
    from playwright.sync_api import Page

Check = Callable[["Page", Checks], None]
"""Tries a page; it raises UnmetError if the page does not do what was asked."""


class UnmetError(Exception):
    """A page does not do what was asked; the message says what was expected and what happened."""


def expect(what: str, wanted: object, got: object) -> None:
    """Raise UnmetError unless ``got`` equals ``wanted``."""
    if wanted != got:
        raise UnmetError(f"{what}: expected {wanted!r}, got {got!r}")


def number(page: "Page", selector: str) -> int:
    """Return the whole number that the first match of a selector shows.

    Raises:
        UnmetError: It shows none.
    """
    text = page.locator(selector).first.inner_text()
    digits = "".join(c for c in text if c.isdigit())
    if not digits:
        raise UnmetError(f"{selector}: expected a number, got {text!r}")
    return int(digits)


# A message takes a turn of the event loop to come through the port.
FOLLOWED = "() => new Promise(done => setTimeout(() => done(window.followed), 10))"


def followed(page: "Page") -> list[tuple[str, str]]:
    """Return the links and submits so far that led to another page, as (address kind, text), oldest first."""
    return [(kind, text) for kind, text in page.evaluate(FOLLOWED)]


def texts(page: "Page", selector: str) -> list[str]:
    """Return the texts of the displayed matches of a selector."""
    return page.locator(selector).filter(visible=True).all_inner_texts()


def says(page: "Page") -> str:
    """Return the text of the page's message (`.say`)."""
    return page.locator(".say").inner_text()
