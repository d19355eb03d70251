"""Behaviour of pages of world `web` for reading: news, blogs, recipes, answers, profiles and results.

This is what a feature named in `Checks.features` means in the rendered page (others: training/corpus/__init__.py):

- headlines: a click on `button.brief` hides every `.grid p` and presses the button; a second click shows them again.
- text size: `button.larger` and `button.smaller` change the font size of every `.story p`, within limits.
- toggle: a click on `button.toggle` presses it and raises the number beside it (its next sibling) by one; a second
  click releases it and lowers the number again.
- ingredients: `.amount` holds a number for `.count` people and grows with it (`button.more`); a ticked ingredient
  (`.needs label` around a checkbox) is struck through.
- accept: one of several `button.accept` is pressed; a click on another one presses that one alone.
- results: the field of the search holds the heading, and `.found` says how many `.hits article` there are.
"""

from playwright.sync_api import Locator, Page

from training.corpus.design import Checks
from training.evaluation.checks.base import Check, expect, number

STRUCK = "e => getComputedStyle(e).textDecorationLine == 'line-through'"


def headlines(page: Page, _: Checks) -> None:
    """Check that a click hides the texts under headlines, and another one shows them."""
    button, texts = page.locator("button.brief"), page.locator(".grid p")
    shown = visible(texts)
    expect("texts under headlines at first", (True, "false"), (all(shown) and bool(shown), pressed(button)))
    button.click()
    expect("texts under headlines after a click", (False, "true"), (any(visible(texts)), pressed(button)))
    button.click()
    expect("texts under headlines after two clicks", (shown, "false"), (visible(texts), pressed(button)))


def text_size(page: Page, _: Checks) -> None:
    """Check that the font size can be changed, within limits."""
    before = sizes(page)
    page.locator("button.larger").click()
    larger = sizes(page)
    expect("every paragraph is larger", True, all(a > b for a, b in zip(larger, before, strict=True)))
    page.locator("button.smaller").click()
    expect("sizes after larger and smaller", before, sizes(page))
    for _turn in range(9):
        page.locator("button.smaller").click()
    expect("letters can be made small", True, sizes(page) < before)
    expect("letters stay readable", True, min(sizes(page)) >= 12)


def toggle(page: Page, _: Checks) -> None:
    """Check that a click presses the button and adds one to the number beside it, and that another one undoes both."""
    button = page.locator("button.toggle")
    beside = "e => parseInt(e.nextSibling.textContent)"
    before = button.evaluate(beside)
    expect("the button at first", "false", pressed(button))
    button.click()
    expect("button and number after a click", ("true", before + 1), (pressed(button), button.evaluate(beside)))
    button.click()
    expect("button and number after two clicks", ("false", before), (pressed(button), button.evaluate(beside)))


def ingredients(page: Page, _: Checks) -> None:
    """Check that amounts follow the number of people, and that ticked ingredients are struck through."""
    people, before = number(page, ".count"), amounts(page)
    page.locator("button.more").click()
    wanted = [amount * (people + 1) / people for amount in before]
    expect("amounts for one person more", (True, wanted), (bool(before), amounts(page)))
    page.locator("button.less").click()
    expect("amounts for as many people as at first", before, amounts(page))
    for tick in page.locator(".needs label").all():
        tick.get_by_role("checkbox").check()
        expect("a ticked ingredient is struck through", True, tick.evaluate(STRUCK))
        tick.get_by_role("checkbox").uncheck()
        expect("an ingredient no longer ticked is struck through", False, tick.evaluate(STRUCK))


def accept(page: Page, _: Checks) -> None:
    """Check that exactly one answer is accepted, and that a click accepts another one."""
    buttons = page.locator("button.accept").all()
    expect("there are answers to choose from", True, len(buttons) > 1)
    expect("answers accepted at first", 1, [pressed(button) for button in buttons].count("true"))
    for chosen in (buttons[-1], buttons[0]):
        chosen.click()
        accepted = [pressed(button) == "true" for button in buttons]
        expect("the accepted answer after a click", [button == chosen for button in buttons], accepted)


def results(page: Page, _: Checks) -> None:
    """Check that the field has the query, and that the number of results is right."""
    field = page.locator("form input[name=q]")
    expect("the query in its field", page.locator("h1").inner_text(), field.input_value())
    expect("the number of results", page.locator(".hits article").count(), number(page, ".found"))


def amounts(page: Page) -> list[float]:
    """Return the amounts of the ingredients."""
    return [float(amount) for amount in page.locator(".needs .amount").all_inner_texts()]


def visible(found: Locator) -> list[bool]:
    """Return whether each element is visible."""
    return [one.is_visible() for one in found.all()]


def pressed(button: Locator) -> str | None:
    """Return whether a button is marked as pressed."""
    return button.get_attribute("aria-pressed")


def sizes(page: Page) -> list[float]:
    """Return the font sizes of the story's paragraphs in pixels, rounded to a tenth."""
    size = "found => found.map(e => Math.round(10 * parseFloat(getComputedStyle(e).fontSize)) / 10)"
    return [float(px) for px in page.locator(".story p").evaluate_all(size)]


FEATURES: dict[str, Check] = {
    "headlines": headlines,
    "text size": text_size,
    "toggle": toggle,
    "ingredients": ingredients,
    "accept": accept,
    "results": results,
}
