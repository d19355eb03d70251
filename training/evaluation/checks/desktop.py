"""Behaviour of pages of world `os` in a browser (DOM conventions: training/corpus/os_desktop.py and os_windows.py)."""

import re

from playwright.sync_api import Locator, Page

from training.corpus.design import Checks
from training.evaluation.checks.apps import luminance, seconds
from training.evaluation.checks.base import Check, UnmetError, expect, followed

DRAG_BY = (40, 24)


def links(page: Page, checks: Checks) -> None:
    """Check that every button that was asked for is visible, can be pressed, and leads on with its own text."""
    for text in checks.links:
        button = page.locator("button:not([type])", has_text=re.compile(rf"^\s*{re.escape(text)}\s*$"))
        button.first.click()
        expect(f"a click on {text!r} leads to", ("", text), (followed(page) or [("", "")])[-1])


def drag(page: Page, _: Checks) -> None:
    """Check that a window can be dragged by its title."""
    window = page.locator("section.win").last
    before = place(window)
    x, y = place(window.locator("header h1"))
    page.mouse.move(x + 5, y + 5)
    page.mouse.down()
    page.mouse.move(x + 5 + DRAG_BY[0], y + 5 + DRAG_BY[1], steps=4)
    page.mouse.up()
    after = place(window)
    expect("how far the window moved", DRAG_BY, (round(after[0] - before[0]), round(after[1] - before[1])))


def place(element: Locator) -> tuple[float, float]:
    """Return left and top of an element in the viewport, in CSS pixels."""
    box = element.bounding_box()
    if box is None:
        raise UnmetError("expected a visible window, got one that takes no room")
    return box["x"], box["y"]


def calculator(page: Page, _: Checks) -> None:
    """Check that the keys compute the right results."""
    for keys, result in (("12+3=", "15"), ("C", "0"), ("7×6=", "42"), ("C9÷4=", "2.25"), ("C.5-2=", "-1.5")):
        for key in keys:
            page.locator(".keys button", has_text=re.compile(rf"^{re.escape(key)}$")).click()
        expect(f"the result of {keys}", result, page.locator("output").inner_text())


def music(page: Page, _: Checks) -> None:
    """Check that a song can be chosen, played and paused."""
    second = page.locator("ol button").nth(1)
    second.click()
    expect("the songs that play", [second.inner_text()], page.locator("ol [aria-current=true]").all_inner_texts())
    play = page.locator("button.play")
    expect("the button before", "Play", play.inner_text())
    play.click()
    expect("the button while it plays", "Pause", play.inner_text())
    page.wait_for_function("() => document.querySelector('progress').value > 0")
    play.click()
    expect("the button after", "Play", play.inner_text())


def mail(page: Page, _: Checks) -> None:
    """Check that a click opens each letter."""
    for letter in page.locator("details").all():
        expect("a letter at first", False, letter.locator("p").is_visible())
        letter.locator("summary").click()
        expect("a letter after a click", True, letter.locator("p").is_visible())


def clock(page: Page, _: Checks) -> None:
    """Check that the clock advances by a second or two."""
    first = page.locator("output").inner_text()
    before = time_of_day(first)
    page.wait_for_function("first => document.querySelector('output').textContent != first", arg=first)
    passed = (time_of_day(page.locator("output").inner_text()) - before) % 86400
    expect("the clock advances by a second or two", True, 1 <= passed <= 2)


def time_of_day(shown: str) -> int:
    """Return the seconds since midnight that a clock of the form HH:MM:SS shows.

    Raises:
        UnmetError: The text has another form.
    """
    if re.fullmatch(r"\d\d:\d\d:\d\d", shown) is None:
        raise UnmetError(f"the clock: expected hours, minutes and seconds, got {shown!r}")
    return int(shown[:2]) * 3600 + seconds(shown[3:])


def dark_switch(page: Page, _: Checks) -> None:
    """Check that the switch changes the background between light and dark, and back."""
    first = luminance(page)
    page.locator("input.dark").check()
    second = luminance(page)
    expect("one background is light and one is dark", True, min(first, second) < 0.2 and max(first, second) > 0.8)
    page.locator("input.dark").uncheck()
    expect("the background after switching back", first, luminance(page))


def writing(page: Page, _: Checks) -> None:
    """Check that text can be typed into the window."""
    field = page.locator("section.win textarea").last
    field.press("Control+End")
    field.press_sequentially(" Thanks")
    expect("the text ends in what was typed", True, field.input_value().endswith(" Thanks"))


FEATURES: dict[str, Check] = {
    "drag": drag,
    "calculator": calculator,
    "music": music,
    "mail": mail,
    "clock": clock,
    "dark switch": dark_switch,
    "writing": writing,
}
