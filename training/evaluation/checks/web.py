"""Behaviour of pages of world `web`, in a browser (DOM conventions: training/corpus/__init__.py)."""

import re

from playwright.sync_api import Page

from training.corpus.design import Checks
from training.evaluation.checks.base import Check, UnmetError, expect, followed, number


def links(page: Page, checks: Checks) -> None:
    """Check that every link that was asked for is visible, can be clicked, and leads on with its own text."""
    for text in checks.links:
        link = page.locator("a[href^='/']").filter(has_text=re.compile(rf"^\s*{re.escape(text)}\s*$")).first
        href = link.get_attribute("href") or ""
        link.click()
        expect(f"a click on {text!r} leads to", (href, text), (followed(page) or [("", "")])[-1])


def search(page: Page, _: Checks) -> None:
    """Check that the search field has a label, and that a search leads to its address with the words."""
    form = page.locator("form[action]", has=page.locator("input[name=q]"))
    field = form.locator("input[name=q]")
    named = "e => e.labels.length > 0 || e.hasAttribute('aria-label')"
    expect("the search field has a label", True, field.evaluate(named))
    field.fill("lava lamps")
    field.press("Enter")
    expect("a search leads to", [(form.get_attribute("action"), "lava lamps")], followed(page))


def vote(page: Page, _: Checks) -> None:
    """Check that a click adds one vote, and that the button is then disabled."""
    button = page.locator("button.up").first
    beside = "e => parseInt(e.nextSibling.textContent)"
    before = button.evaluate(beside)
    button.click()
    expect("votes after a click", before + 1, button.evaluate(beside))
    expect("the vote button is disabled after a click", True, button.is_disabled())


def reply(page: Page, _: Checks) -> None:
    """Check that a reply is added to the posts."""
    posts = page.locator(".posts article")
    before = posts.count()
    page.locator("textarea").fill("Count me in for Sunday")
    page.locator("button.send").click()
    expect("posts after a reply", before + 1, posts.count())
    if not posts.filter(has_text="Count me in for Sunday").count():
        raise UnmetError("the reply's text: expected it in a post, got none")


def cart(page: Page, _: Checks) -> None:
    """Check that a click adds to the cart."""
    step = number(page, ".count") if page.locator(".count").count() else 1
    before = number(page, ".cart")
    page.locator("button.add").first.click()
    expect("the cart after a click", before + step, number(page, ".cart"))


def quantity(page: Page, _: Checks) -> None:
    """Check that the count rises and falls, and stays at one or more."""
    before = number(page, ".count")
    page.locator("button.more").click()
    expect("the count after more", before + 1, number(page, ".count"))
    for _turn in range(before + 2):
        less = page.locator("button.less")
        if less.is_enabled():
            less.click()
    expect("the count after less, many times", 1, number(page, ".count"))


FEATURES: dict[str, Check] = {"search": search, "vote": vote, "reply": reply, "cart": cart, "quantity": quantity}
