"""Behaviour of pages of world `app` in a browser (DOM conventions: training/corpus/app_todo.py and app_dial.py)."""

import re

from playwright.sync_api import Locator, Page

from training.corpus.design import Checks
from training.evaluation.checks.base import Check, UnmetError, expect, number

ADDED = "zip up the tent"
ALSO_ADDED = "air the attic"


def todo(page: Page, _: Checks) -> None:
    """Check that an item can be added, ticked, unticked and deleted."""
    before = items(page)
    add(page, ADDED)
    expect("items after adding one", [*before, ADDED], items(page))
    last = page.locator(".list > li").last
    last.get_by_role("checkbox").check()
    expect("the ticked item is marked done", "done", last.get_attribute("class"))
    last.get_by_role("checkbox").uncheck()
    expect("the unticked item is not marked done", "", last.get_attribute("class") or "")
    last.locator("button.del").click()
    expect("items after deleting it", before, items(page))


def sorting(page: Page, _: Checks) -> None:
    """Check that the button sorts the items and loses none."""
    add(page, ADDED)
    add(page, ALSO_ADDED)
    before = items(page)
    page.locator("button.sort").click()
    expect("the items sorted", sorted(before, key=str.casefold), sorted(items(page), key=str.casefold))
    after = [item.casefold() for item in items(page)]
    expect("the place of the two new items", True, after.index(ALSO_ADDED) < after.index(ADDED))


def filtering(page: Page, _: Checks) -> None:
    """Check that each filter shows the items that it should."""
    add(page, ADDED)
    page.locator(".list > li").last.get_by_role("checkbox").check()
    every = items(page)
    for show, wanted in (("active", every[:-1]), ("done", [ADDED]), ("all", every)):
        page.locator(f"button.filter[value={show}]").click()
        expect(f"the items that filter {show} shows", wanted, items(page, in_sight=True))


def counter(page: Page, _: Checks) -> None:
    """Check that the number left follows items that are added and ticked."""
    before = number(page, ".left")
    expect("the number left at first", len(items(page)), before)
    add(page, ADDED)
    expect("the number left after adding one", before + 1, number(page, ".left"))
    page.locator(".list > li").last.get_by_role("checkbox").check()
    expect("the number left after ticking it", before, number(page, ".left"))


def clear_done(page: Page, _: Checks) -> None:
    """Check that the button removes items that are done."""
    before = items(page)
    add(page, ADDED)
    page.locator(".list > li").last.get_by_role("checkbox").check()
    page.locator("button.clear").click()
    expect("items after clearing the done one", before, items(page))


def due_dates(page: Page, _: Checks) -> None:
    """Check that a date in the past marks an item as late, and one in the future does not."""
    add(page, ADDED)
    last = page.locator(".list > li").last
    for day, late in (("2001-02-03", True), ("2999-12-31", False)):
        last.locator("input.due").fill(day)
        expect(f"the item due {day} is marked late", late, "late" in (last.get_attribute("class") or "").split())


MIDDLE = """place => {
  const box = document.querySelector(`.list > li:${place}-child`).getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
}"""
"""Returns where the first or last item is in the window."""


def drag(page: Page, _: Checks) -> None:
    """Check that the last item can be dragged to the top."""
    add(page, ADDED)
    before = items(page)
    page.locator(".list > li").last.scroll_into_view_if_needed()
    at, to = (page.evaluate(MIDDLE, place) for place in ("last", "first"))
    page.mouse.move(*at)
    page.mouse.down()
    for x, y in (at[0] + 9, at[1] - 9), (to[0], to[1] + 1), to:
        page.mouse.move(x, y)
    page.mouse.up()
    expect("the items after dragging the last to the top", [before[-1], *before[:-1]], items(page))


def undo(page: Page, _: Checks) -> None:
    """Check that a deleted item comes back."""
    add(page, ADDED)
    before = items(page)
    page.locator(".list > li").last.locator("button.del").click()
    page.locator("button.undo").click()
    expect("the items after deleting one and undoing it", before, items(page))


STORED = "self.silverprintStored = %s"
"""What the service passes to a page for which it keeps something."""


HOLDS = "text => Object.values(window.kept ?? {}).some(list => list.includes(text)) && JSON.stringify(window.kept)"
KEEPS_ELSE = "before => JSON.stringify(window.kept) !== before && JSON.stringify(window.kept)"
"""Return what the page keeps: HOLDS once it contains a text, KEEPS_ELSE once it has changed.

It comes through a port, with a delay.
"""


def saved(page: Page, _: Checks) -> None:
    """Check that the page, opened again, has the item that was added, still ticked."""
    add(page, ADDED)
    first = page.wait_for_function(HOLDS, arg=ADDED).json_value()
    page.locator(".list > li").last.get_by_role("checkbox").check()
    before = items(page)
    page.add_init_script(STORED % page.wait_for_function(KEEPS_ELSE, arg=first).json_value())
    page.goto(page.url)
    expect("the items when the page is opened again", before, items(page))
    expect("the item is still ticked", True, page.locator(".list > li").last.get_by_role("checkbox").is_checked())
    page.add_init_script(STORED % "{}")


def dark_mode(page: Page, _: Checks) -> None:
    """Check that the button changes the page's background between light and dark, and back."""
    first = luminance(page)
    page.locator("button.dark").click()
    second = luminance(page)
    expect("one background is light and one is dark", True, min(first, second) < 0.2 and max(first, second) > 0.8)
    page.locator("button.dark").click()
    expect("the background after a second click", first, luminance(page))


def counting(page: Page, _: Checks) -> None:
    """Check that the buttons count up, down, and back to the first number."""
    first = number(page, "output")
    page.locator("button.more").click(click_count=2)
    expect("the count after two clicks on more", first + 2, number(page, "output"))
    page.locator("button.less").click()
    expect("the count after a click on less", first + 1, number(page, "output"))
    page.locator("button.reset").click()
    expect("the count after reset", first, number(page, "output"))


def timer(page: Page, _: Checks) -> None:
    """Check that the clock counts down."""
    _run_clock(page, -1)


def stopwatch(page: Page, _: Checks) -> None:
    """Check that the clock begins at zero and counts up."""
    expect("the clock at first", "0:00", page.locator("output").inner_text())
    _run_clock(page, 1)


def laps(page: Page, _: Checks) -> None:
    """Check that a lap is put on top of the list, and that reset empties the list."""
    page.locator("button.go").click()
    page.locator("button.lap").click()
    page.wait_for_function("() => document.querySelector('output').textContent != '0:00'")
    page.locator("button.lap").click()
    expect("the laps", ["0:01", "0:00"], page.locator("ol.laps > li").all_inner_texts())
    page.locator("button.reset").click()
    expect("laps after reset", 0, page.locator("ol.laps > li").count())


def _run_clock(page: Page, step: int) -> None:
    """Start the clock, wait for its first second, stop it and reset it."""
    first = page.locator("output").inner_text()
    page.locator("button.go").click()
    page.wait_for_function("first => document.querySelector('output').textContent != first", arg=first)
    expect("seconds after one second", seconds(first) + step, seconds(page.locator("output").inner_text()))
    page.locator("button.go").click()
    page.locator("button.reset").click()
    expect("the clock after reset", first, page.locator("output").inner_text())


def seconds(clock: str) -> int:
    """Return the seconds that a clock of the form M:SS shows.

    Raises:
        UnmetError: The text has another form.
    """
    shown = re.fullmatch(r"(\d+):(\d\d)", clock)
    if shown is None:
        raise UnmetError(f"the clock: expected minutes and seconds, got {clock!r}")
    return int(shown[1]) * 60 + int(shown[2])


def dark(page: Page, _: Checks) -> None:
    """Check that the background is dark."""
    expect("the background is dark", True, luminance(page) < 0.2)


def light(page: Page, _: Checks) -> None:
    """Check that the background is light."""
    expect("the background is light", True, luminance(page) > 0.8)


def add(page: Page, words: str) -> None:
    """Type a new item and send it."""
    form = page.locator("form.add")
    form.get_by_role("textbox").fill(words)
    form.get_by_role("button").click()


def items(page: Page, in_sight: bool = False) -> list[str]:
    """Return the texts of the list's items, either all or only those that are displayed."""
    rows: Locator = page.locator(".list > li")
    wanted = rows.filter(visible=True) if in_sight else rows
    return [" ".join(text.split()) for text in wanted.locator("span").all_text_contents()]


def luminance(page: Page) -> float:
    """Return the lightness of the body's background, from 0 (black) to 1 (white)."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    red, green, blue = (int(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3])
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


FEATURES: dict[str, Check] = {
    "todo": todo,
    "sorting": sorting,
    "filter": filtering,
    "counter": counter,
    "clear done": clear_done,
    "due dates": due_dates,
    "dragging": drag,
    "undo": undo,
    "saved": saved,
    "dark mode": dark_mode,
    "counting": counting,
    "timer": timer,
    "stopwatch": stopwatch,
    "stopwatch: laps": laps,
    "dark": dark,
    "light": light,
}
