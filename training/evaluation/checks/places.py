"""Behaviour of pages of everyday places, in a browser (DOM conventions: training/corpus/web_landing.py and so on)."""

from playwright.sync_api import Locator, Page

from training.corpus.design import Checks
from training.evaluation.checks.base import Check, UnmetError, expect, number


def newsletter(page: Page, _: Checks) -> None:
    """Check that the page thanks for an address, and refuses anything else."""
    page.locator(".mail").fill("no address")
    page.locator("button.join").click()
    refused = page.locator("output.thanks").inner_text()
    expect(
        "what is said to no address: some words, without it", (True, False), (refused != "", "no address" in refused)
    )
    page.locator(".mail").fill("mira@example.org")
    page.locator("button.join").click()
    expect("the thanks name the address", True, "mira@example.org" in page.locator("output.thanks").inner_text())


def expand_all(page: Page, _: Checks) -> None:
    """Check that all sections open and then all close, and that one opens by itself."""
    sections, button = page.locator("details"), page.locator("button.all")
    count, opened = sections.count(), page.locator("details[open]")
    expect("two sections or more, one closed", True, count > 1 and opened.count() < count)
    button.click()
    expect("open sections after expanding", count, opened.count())
    button.click()
    expect("open sections after collapsing", 0, opened.count())
    sections.last.locator("summary").click()
    expect("open sections after a click on the last", 1, opened.count())


def filter_rows(page: Page, _: Checks) -> None:
    """Check that the field shows only the rows with its words."""
    rows, field = page.locator("tr"), page.locator("input.find")
    every = rows.count()
    expect("four rows or more, all in sight", (True, every), (every > 3, in_sight(rows)))
    last = rows.last.locator("th").inner_text()
    field.fill(last.upper())
    left = rows.filter(visible=True)
    expect(f"the rows left by {last!r} have it", left.count(), left.filter(has_text=last).count())
    expect(f"rows left by {last!r}: some, not all", True, 0 < left.count() < every)
    field.fill("zzqx")
    expect("rows left by words that no row has", 0, in_sight(rows))
    field.fill("")
    expect("rows left by no words", every, in_sight(rows))


def in_sight(elements: Locator) -> int:
    """Return how many of the elements are visible."""
    return elements.filter(visible=True).count()


def units(page: Page, _: Checks) -> None:
    """Check that temperatures change between Celsius and Fahrenheit."""
    celsius = degrees(page)
    expect("six temperatures or more", True, len(celsius) > 5)
    press(page, "F")
    expect("the temperatures in Fahrenheit", [(c * 9 + 160 + 2) // 5 for c in celsius], degrees(page))
    press(page, "F")
    expect("Fahrenheit pressed twice", [(c * 9 + 160 + 2) // 5 for c in celsius], degrees(page))
    press(page, "C")
    expect("the temperatures in Celsius again", celsius, degrees(page))


def press(page: Page, unit: str) -> None:
    """Press a unit's button, and check that it alone is then marked as pressed."""
    page.locator(f"button.unit[value={unit}]").click()
    pressed = page.locator("button.unit[aria-pressed=true]")
    expect("the units pressed", [unit], pressed.evaluate_all("them => them.map(it => it.value)"))


def degrees(page: Page) -> list[int]:
    """Return all temperatures that are shown."""
    return [int(shown) for shown in page.locator(".t").all_text_contents()]


def reverse(page: Page, _: Checks) -> None:
    """Check that the button reverses the items, and reverses them again."""
    items = page.locator("ol.line > li")
    before = items.all_inner_texts()
    if not before:
        raise UnmetError("ol.line: expected items, got none")
    for wanted in (before[::-1], before):
        page.locator("button.turn").click()
        expect("the items after a click on the button", wanted, items.all_inner_texts())


def enlarge(page: Page, _: Checks) -> None:
    """Check that a click enlarges a picture, and another one makes it small again."""
    for shot in (page.locator("button.shot").first, page.locator("button.shot").last):
        before = width(shot)
        shot.click()
        expect("a picture is large after a click", ("true", True), (expanded(shot), width(shot) > 1.5 * before))
        shot.click()
        expect("a picture is small after another", ("false", before), (expanded(shot), width(shot)))


def expanded(shot: Locator) -> str:
    """Return whether a picture is marked as expanded."""
    return shot.get_attribute("aria-expanded") or ""


def width(shot: Locator) -> float:
    """Return a picture's width in CSS pixels."""
    box = shot.locator("svg").bounding_box()
    return box["width"] if box else 0.0


def total(page: Page, _: Checks) -> None:
    """Check that the sum follows the counts, which cannot fall below zero, and that the order names the sum."""
    expect("the total at first", prices(page), number(page, ".total"))
    first = page.locator(".basket article").first
    price = prices(page, first)
    first.locator("button.more").click(click_count=2)
    expect("the total after two more", prices(page) + 2 * price, number(page, ".total"))
    page.locator("button.pay").click()
    expect("the thanks name the total", True, f"${number(page, '.total')}" in page.locator(".thanks").inner_text())
    for _turn in range(4):
        first.locator("button.less").click()
    expect("the count after less, many times", "0", first.locator(".count").inner_text())
    expect("the total without the first", prices(page) - price, number(page, ".total"))
    expect("the things in the cart", page.locator(".basket article").count() - 1, number(page, ".cart"))


def prices(page: Page, row: Locator | None = None) -> int:
    """Return the sum of the prices of one of each thing in the cart, or the price in a row."""
    shown = (row or page.locator(".basket")).locator(".price").all_text_contents()
    return sum(int(price.removeprefix("$")) for price in shown)


FEATURES: dict[str, Check] = {
    "newsletter": newsletter,
    "expand all": expand_all,
    "filter rows": filter_rows,
    "units": units,
    "reverse": reverse,
    "enlarge": enlarge,
    "total": total,
}
