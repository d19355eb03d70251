"""Behaviour of further screens of world `os`, in a browser.

DOM conventions are in training/corpus/os_tools.py, os_pictures.py and os_screens.py.
"""

import re
from datetime import date, timedelta

from playwright.sync_api import Locator, Page

from training.corpus.design import Checks
from training.evaluation.checks.base import Check, UnmetError, expect, number

SAID = "an echo of 42"
# Returns the colours that cover more pixels than the edges of a stroke.
INKED = (
    "() => { const c = document.querySelector('canvas'); const d = c.getContext('2d').getImageData(0, 0, c.width,"
    " c.height).data; const seen = {}; for (let i = 0; i < d.length; i += 4) if (d[i + 3] == 255) {"
    " const k = d.slice(i, i + 3).join(); seen[k] = (seen[k] || 0) + 1 }"
    " return Object.keys(seen).filter(k => seen[k] > 500) }"
)


def terminal(page: Page, _: Checks) -> None:
    """Check that every command is answered, that an unknown one is reported, and that clear leaves nothing."""
    listed = page.locator(".out li").all_inner_texts()
    expect("whether ls lists anything", True, bool(listed))
    expect("the answer to ls", [*listed, *listed], told(page, "ls", ".out li"))
    expect("the answer to echo", ["$ echo " + SAID, SAID], told(page, "echo " + SAID)[-2:])
    for words, answer in (("help", "clear"), ("date", str(today(page).year)), ("frobnicate now", "unknown command")):
        typed, *answers = told(page, words)[-2:]
        expect(f"the line above the answer to {words!r}", "$ " + words, typed)
        expect(f"whether the answer to {words!r} says {answer!r}", True, answer in " ".join(answers))
    expect("the lines after clear", [], told(page, "clear"))
    expect("the answer to ls after clear", listed, told(page, "ls", ".out li"))


def told(page: Page, words: str, lines: str = ".out p") -> list[str]:
    """Type a command, and return the lines that are then shown."""
    field = page.locator(".line input")
    field.fill(words)
    field.press("Enter")
    expect("the input after a command", "", field.input_value())
    return page.locator(lines).all_inner_texts()


def today(page: Page) -> date:
    """Return the browser's date."""
    year, month, day = page.evaluate(
        "() => { const d = new Date(); return [d.getFullYear(), d.getMonth(), d.getDate()] }"
    )
    return date(year, month + 1, day)


def calendar(page: Page, _: Checks) -> None:
    """Check that the month and today are shown, and that other months can be chosen."""
    now = today(page)
    month = now.replace(day=1)
    month_shown(page, month)
    expect("the day of today", [str(now.day)], page.locator(".days [aria-current=date]").all_inner_texts())
    page.locator("button.more").click()
    month_shown(page, (month + timedelta(31)).replace(day=1))
    expect("days of today in another month", 0, page.locator(".days [aria-current=date]").count())
    page.locator("button.less").click(click_count=2)
    month_shown(page, (month - timedelta(1)).replace(day=1))


def month_shown(page: Page, first: date) -> None:
    """Check that the month that begins on a date is shown, with each day in the column of its weekday."""
    expect("the month", f"{first:%B} {first.year}", page.locator("output").inner_text())
    length = ((first + timedelta(31)).replace(day=1) - first).days
    rows = [row.locator("td").all_inner_texts() for row in page.locator(".days tr").all()]
    places = {cell: at for row in rows for at, cell in enumerate(row) if cell.strip()}
    wanted = {str(n + 1): (first + timedelta(n)).weekday() for n in range(length)}
    expect("the weekdays of the days", wanted, places)


def photos(page: Page, _: Checks) -> None:
    """Check that a click enlarges a picture, and another one makes it small again."""
    pictures = page.locator(".photos button")
    expect("whether there are several pictures", True, pictures.count() > 2)
    last = pictures.last
    before = width(last.locator("svg"))
    last.click()
    expect("a picture clicked is twice as wide", True, width(last.locator("svg")) > 2 * before)
    expect("the pictures marked", 1, page.locator(".photos [aria-pressed=true]").count())
    last.click()
    expect("the width of the picture after a second click", before, width(last.locator("svg")))


def width(element: Locator) -> int:
    """Return the width of an element in CSS pixels.

    Raises:
        UnmetError: The element is not visible.
    """
    box = element.bounding_box()
    if box is None:
        raise UnmetError("expected a visible picture, got one that takes no room")
    return round(box["width"])


def processes(page: Page, _: Checks) -> None:
    """Check that processes can be sorted by name and by load, and ended."""
    before = process_names(page)
    page.locator("button.byname").click()
    expect("the processes by name", sorted(before, key=str.casefold), process_names(page))
    page.locator("button.byload").click()
    loads = [float(bar.get_attribute("value") or 0) for bar in page.locator("tbody progress").all()]
    expect("the loads by load", sorted(loads, reverse=True), loads)
    left = process_names(page)[1:]
    page.locator("tbody button").first.click()
    expect("the processes after one was ended", left, process_names(page))
    expect("how many run", len(left), number(page, "output"))


def process_names(page: Page) -> list[str]:
    """Return the names of the processes, in order."""
    return page.locator("tbody th").all_inner_texts()


def paint(page: Page, _: Checks) -> None:
    """Check that strokes have the chosen colours, and that the sheet can be cleared."""
    expect("colours on a fresh sheet", [], page.evaluate(INKED))
    stroke(page, 0.3)
    first = page.evaluate(INKED)
    expect("how many colours one stroke has", 1, len(first))
    page.locator("button.ink[aria-pressed=false]").first.click()
    ink = page.locator("button.ink[aria-pressed=true]")
    expect("the inks picked", 1, ink.count())
    stroke(page, 0.6)
    red, green, blue = bytes.fromhex((ink.get_attribute("value") or "").removeprefix("#"))
    expect("colours on the sheet", {*first, f"{red},{green},{blue}"}, set(page.evaluate(INKED)))
    page.locator("button.wipe").click()
    expect("colours on the sheet when cleared", [], page.evaluate(INKED))


def stroke(page: Page, height: float) -> None:
    """Draw a line across the sheet, then move the mouse with its button up."""
    box = page.locator("canvas").bounding_box()
    if box is None:
        raise UnmetError("expected a sheet, got one that takes no room")
    y = box["y"] + height * box["height"]
    page.mouse.move(box["x"] + 40, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 40, y + 20, steps=6)
    page.mouse.up()
    page.mouse.move(box["x"] + 60, y + 60)


def contacts(page: Page, _: Checks) -> None:
    """Check that a click on each person shows their card."""
    for person in page.locator("ol button").all():
        person.click()
        name = person.inner_text()
        expect("the name on the card", name, page.locator(".card h2").inner_text())
        expect("the people marked", [name], page.locator("ol [aria-current=true]").all_inner_texts())
        expect("whether the card says more", True, name in page.locator(".card p").inner_text())


def lock_screen(page: Page, _: Checks) -> None:
    """Check that the time and the day are shown, and that the password can be made visible."""
    shown = page.locator(".win time").inner_text()
    expect(f"whether {shown!r} is a time", True, re.fullmatch(r"\d\d:\d\d", shown) is not None)
    expect("whether the day is named", True, str(today(page).day) in page.locator(".date").inner_text())
    field = page.locator(".pass input")
    field.fill("open sesame")
    expect("whether the password is part of a form", False, field.evaluate("field => field.form != null"))
    for kind in ("password", "text", "password"):
        expect("the kind of the password field", kind, field.get_attribute("type"))
        page.locator("button.show").click()


def notifications(page: Page, _: Checks) -> None:
    """Check that cards can be dismissed one by one and all at once, and that their number follows."""
    cards = page.locator(".card")
    before = cards.all_inner_texts()
    expect("the number told", len(before), number(page, "output"))
    cards.nth(1).get_by_role("button").click()
    expect("the cards after one was dismissed", [before[0], *before[2:]], cards.all_inner_texts())
    expect("the number told then", len(before) - 1, number(page, "output"))
    page.locator("button.clear").click()
    expect("the cards after all were cleared", 0, cards.count())
    expect("the number told at last", 0, number(page, "output"))


FEATURES: dict[str, Check] = {
    "terminal": terminal,
    "calendar": calendar,
    "photos": photos,
    "processes": processes,
    "paint": paint,
    "contacts": contacts,
    "lock screen": lock_screen,
    "notifications": notifications,
}
