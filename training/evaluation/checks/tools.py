"""Behaviour of small tools of world `app`, in a browser (DOM conventions: each module of corpus/app_*.py).

Family "calculator" is used as the desktop's calculator is (desktop.py).
"""

import re

from playwright.sync_api import Page

from training.corpus.design import Checks
from training.evaluation.checks.apps import ADDED, ALSO_ADDED, add, items
from training.evaluation.checks.base import Check, expect, texts


def press(page: Page, keys: str) -> None:
    """Click the calculator's keys."""
    for key in keys:
        page.locator(".keys button", has_text=re.compile(rf"^{re.escape(key)}$")).click()


def history(page: Page, _: Checks) -> None:
    """Check that the last sum is on top."""
    press(page, "12+3=C7×6=")
    expect("the sums so far", ["7 × 6 = 42", "12 + 3 = 15"], texts(page, "ol.log > li"))


def columns(page: Page) -> list[list[str]]:
    """Return the cards of each column."""
    sections = page.locator(".cols section").all()
    return [[" ".join(t.split()) for t in one.locator("li span").all_text_contents()] for one in sections]


def kanban(page: Page, _: Checks) -> None:
    """Check that a card is added to the first column, can be moved to the last one, and back by one."""
    first, *rest = columns(page)
    expect("the other columns at first", [[], []], rest)
    add(page, ADDED)
    expect("columns after adding a card", [[*first, ADDED], [], []], columns(page))
    card = page.locator(".cols li", has_text=ADDED)
    card.locator("button.next").click()
    expect("columns after a move to the right", [first, [ADDED], []], columns(page))
    card.locator("button.next").click()
    expect("columns after another", [first, [], [ADDED]], columns(page))
    card.locator("button.back").click()
    expect("columns after a move to the left", [first, [ADDED], []], columns(page))


def kanban_counts(page: Page, _: Checks) -> None:
    """Check that each column shows its number of cards."""
    for turn in range(2):
        if turn:
            page.locator(".cols li").first.locator("button.next").click()
        counts = [title.get_attribute("data-n") for title in page.locator(".cols h2").all()]
        expect("the counts", [str(len(cards)) for cards in columns(page)], counts)


def kanban_clear(page: Page, _: Checks) -> None:
    """Check that cards that are done are removed, and others stay."""
    before = columns(page)[0]
    add(page, ADDED)
    card = page.locator(".cols li", has_text=ADDED)
    card.locator("button.next").click()
    card.locator("button.next").click()
    expect("the last column", [ADDED], columns(page)[2])
    page.locator("button.clear").click()
    expect("columns after clearing", [before, [], []], columns(page))


def notes(page: Page, _: Checks) -> None:
    """Check that a note can be added and deleted."""
    before = items(page)
    add(page, ADDED)
    expect("notes after adding one", [*before, ADDED], items(page))
    page.locator(".list > li").last.locator("button.del").click()
    expect("notes after deleting it", before, items(page))


def notes_search(page: Page, _: Checks) -> None:
    """Check that the search shows only the notes with its words."""
    add(page, ADDED)
    every = items(page)
    page.locator("input.find").fill(ADDED[:9].upper())
    expect("the notes found", [ADDED], items(page, in_sight=True))
    page.locator("input.find").fill("")
    expect("the notes without a search", every, items(page, in_sight=True))


def spend(page: Page, what: str, amount: str) -> None:
    """Enter an expense."""
    page.locator("form.add input").nth(0).fill(what)
    page.locator("form.add input").nth(1).fill(amount)
    page.locator("form.add button").click()


def expenses(page: Page, _: Checks) -> None:
    """Check that amounts are added up, and that a deleted one no longer counts."""
    spend(page, ADDED, "12.5")
    spend(page, ALSO_ADDED, "3.45")
    expect("the expenses", [ADDED, ALSO_ADDED], items(page))
    expect("the amounts", ["12.50", "3.45"], texts(page, ".list b"))
    expect("the total", "15.95", page.locator("output").inner_text())
    page.locator(".list > li").first.locator("button.del").click()
    expect("the total after deleting the first", "3.45", page.locator("output").inner_text())


def expenses_clear(page: Page, _: Checks) -> None:
    """Check that the button removes all expenses."""
    spend(page, ADDED, "12.5")
    page.locator("button.wipe").click()
    expect("expenses after clearing", [], items(page))
    expect("the total after clearing", "0.00", page.locator("output").inner_text())


def expenses_average(page: Page, _: Checks) -> None:
    """Check that the average is right."""
    spend(page, ADDED, "12.5")
    spend(page, ALSO_ADDED, "3.5")
    expect("the average", "8.00", page.locator(".mean").inner_text())


def converter(page: Page, _: Checks) -> None:
    """Check that numbers are converted, with the right factor for every pair of units."""
    page.locator("input.from").fill("10")
    results = []
    for index in range(5):
        page.locator("select").select_option(index=index)
        results.append(page.locator("output").inner_text())
    expect("ten of each unit", ["6.214 mi", "22.046 lb", "2.642 gal", "32.808 ft", "50 °F"], results)


def converter_swap(page: Page, _: Checks) -> None:
    """Check that the direction can be reversed."""
    page.locator("button.swap").click()
    page.locator("input.from").fill("50")
    page.locator("select").select_option(index=4)
    expect("50 degrees Fahrenheit", "10 °C", page.locator("output").inner_text())
    page.locator("button.swap").click()
    expect("50 degrees Celsius", "122 °F", page.locator("output").inner_text())


FEATURES: dict[str, Check] = {
    "calculator: history": history,
    "kanban": kanban,
    "kanban: counts": kanban_counts,
    "kanban: clear done": kanban_clear,
    "notes": notes,
    "notes: search": notes_search,
    "expenses": expenses,
    "expenses: clear all": expenses_clear,
    "expenses: average": expenses_average,
    "converter": converter,
    "converter: swap": converter_swap,
}
