"""Behaviour of small tools of world `app`, in a browser (conventions of the DOM: each module of corpus/app_*.py).

Family "calculator" is worked as the desktop's calculator is (checks_os.py).
"""

import re

from playwright.sync_api import Page

from training.checks import Check, UnmetError, expect
from training.checks_apps import ADDED, ALSO_ADDED, add, items
from training.corpus.design import Checks


def press(page: Page, keys: str) -> None:
    """Click the calculator's keys."""
    for key in keys:
        page.locator(".keys button", has_text=re.compile(rf"^{re.escape(key)}$")).click()


def texts(page: Page, selector: str) -> list[str]:
    """What the displayed matches of `selector` say."""
    return page.locator(selector).filter(visible=True).all_inner_texts()


def history(page: Page, _: Checks) -> None:
    """The last sum is on top."""
    press(page, "12+3=C7×6=")
    expect("the sums so far", ["7 × 6 = 42", "12 + 3 = 15"], texts(page, "ol.log > li"))


def columns(page: Page) -> list[list[str]]:
    """The cards of each column."""
    sections = page.locator(".cols section").all()
    return [[" ".join(t.split()) for t in one.locator("li span").all_text_contents()] for one in sections]


def kanban(page: Page, _: Checks) -> None:
    """A card is added to the first column, moved to the last and back by one."""
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
    for turn in range(2):
        if turn:
            page.locator(".cols li").first.locator("button.next").click()
        counts = [title.get_attribute("data-n") for title in page.locator(".cols h2").all()]
        expect("the counts", [str(len(cards)) for cards in columns(page)], counts)


def kanban_clear(page: Page, _: Checks) -> None:
    """Cards that are done go, others stay."""
    before = columns(page)[0]
    add(page, ADDED)
    card = page.locator(".cols li", has_text=ADDED)
    card.locator("button.next").click()
    card.locator("button.next").click()
    expect("the last column", [ADDED], columns(page)[2])
    page.locator("button.clear").click()
    expect("columns after clearing", [before, [], []], columns(page))


def notes(page: Page, _: Checks) -> None:
    """A note can be added and deleted."""
    before = items(page)
    add(page, ADDED)
    expect("notes after adding one", [*before, ADDED], items(page))
    page.locator(".list > li").last.locator("button.del").click()
    expect("notes after deleting it", before, items(page))


def notes_search(page: Page, _: Checks) -> None:
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
    """Amounts add up; one that is deleted no longer counts."""
    spend(page, ADDED, "12.5")
    spend(page, ALSO_ADDED, "3.45")
    expect("the expenses", [ADDED, ALSO_ADDED], items(page))
    expect("the amounts", ["12.50", "3.45"], texts(page, ".list b"))
    expect("the total", "15.95", page.locator("output").inner_text())
    page.locator(".list > li").first.locator("button.del").click()
    expect("the total after deleting the first", "3.45", page.locator("output").inner_text())


def expenses_clear(page: Page, _: Checks) -> None:
    spend(page, ADDED, "12.5")
    page.locator("button.wipe").click()
    expect("expenses after clearing", [], items(page))
    expect("the total after clearing", "0.00", page.locator("output").inner_text())


def expenses_average(page: Page, _: Checks) -> None:
    spend(page, ADDED, "12.5")
    spend(page, ALSO_ADDED, "3.5")
    expect("the average", "8.00", page.locator(".mean").inner_text())


def converter(page: Page, _: Checks) -> None:
    """Numbers are converted, and every pair knows its factor."""
    page.locator("input.from").fill("10")
    results = []
    for index in range(5):
        page.locator("select").select_option(index=index)
        results.append(page.locator("output").inner_text())
    expect("ten of each unit", ["6.214 mi", "22.046 lb", "2.642 gal", "32.808 ft", "50 °F"], results)


def converter_swap(page: Page, _: Checks) -> None:
    page.locator("button.swap").click()
    page.locator("input.from").fill("50")
    page.locator("select").select_option(index=4)
    expect("50 degrees Fahrenheit", "10 °C", page.locator("output").inner_text())
    page.locator("button.swap").click()
    expect("50 degrees Celsius", "122 °F", page.locator("output").inner_text())


def password(page: Page, _: Checks) -> None:
    """Passwords are as long as the slider says, and new with every click."""
    expect("a password of letters and digits at first", True, page.locator("output").inner_text().isalnum())
    for length in ("32", "6", "16"):
        page.locator("[type=range]").fill(length)
        expect("the length told", length, page.locator(".size").inner_text())
        expect("the password's length", int(length), len(page.locator("output").inner_text()))
    made = set()
    for _turn in range(3):
        page.locator("button.go").click()
        made.add(page.locator("output").inner_text())
    expect("passwords that differ", 3, len(made))
    expect("passwords of letters and digits", True, "".join(made).isalnum())


def password_symbols(page: Page, _: Checks) -> None:
    """Symbols come in with the tick and go with it."""
    page.locator("[type=range]").fill("32")
    for ticked in (True, False):
        page.locator("input.symbols").set_checked(ticked)
        made = page.locator("output").inner_text()
        expect(f"symbols in a password when the box says {ticked}", ticked, not made.isalnum())


def mix(page: Page, *values: str) -> str:
    """Set the sliders, and read the colour's code."""
    for bar, value in zip(page.locator("[type=range]").all(), values, strict=True):
        bar.fill(value)
    return page.locator("output").inner_text()


def colours(page: Page, _: Checks) -> None:
    """The code and the swatch follow the sliders."""
    expect("the code", "#ff0a80", mix(page, "255", "10", "128"))
    shown = page.locator(".swatch").evaluate("e => getComputedStyle(e).backgroundColor")
    expect("the swatch", "rgb(255, 10, 128)", shown)


def colours_saved(page: Page, _: Checks) -> None:
    codes = [mix(page, "255", "0", "0"), mix(page, "0", "0", "16")]
    mix(page, "255", "0", "0")
    page.locator("button.save").click()
    mix(page, "0", "0", "16")
    page.locator("button.save").click()
    expect("the colours saved", codes, texts(page, "ul.saved > li"))


def colours_random(page: Page, _: Checks) -> None:
    seen = {page.locator("output").inner_text()}
    for _turn in range(3):
        page.locator("button.random").click()
        seen.add(page.locator("output").inner_text())
    expect("more than one colour", True, len(seen) > 1)


def markdown(page: Page, _: Checks) -> None:
    """Headings, lists, bold and italics show as such, and markup as text; a sample shows at first."""
    expect("a heading in the preview at first", True, page.locator(".view h2").count() > 0)
    page.locator("textarea").fill("# One\n## Two\n- a\n- b\nSome **bold** and *light* <u>text</u>")
    for selector, wanted in (
        ("h2", ["One"]),
        ("h3", ["Two"]),
        ("ul > li", ["a", "b"]),
        ("p b", ["bold"]),
        ("p i", ["light"]),
        ("p", ["Some bold and light <u>text</u>"]),
    ):
        expect(f"{selector} in the preview", wanted, texts(page, f".view {selector}"))


def markdown_count(page: Page, _: Checks) -> None:
    first = len(page.locator("textarea").input_value().split())
    expect("the word count at first", f"{first} words", page.locator(".left").inner_text())
    page.locator("textarea").fill("seven words are\nwhat is written  here")
    expect("the word count", "7 words", page.locator(".left").inner_text())


def drag(page: Page, height: float = 0.5) -> None:
    """Draw a level line across the canvas, by default through its middle."""
    box = page.locator("canvas").bounding_box()
    if box is None:
        raise UnmetError("the canvas: expected it to be displayed")
    x, y = box["x"], box["y"] + box["height"] * height
    page.mouse.move(x + box["width"] / 4, y)
    page.mouse.down()
    page.mouse.move(x + box["width"] * 3 / 4, y, steps=4)
    page.mouse.up()


def middle(page: Page) -> list[int]:
    """Red, green, blue and opacity of the canvas's middle."""
    pixel: list[int] = page.locator("canvas").evaluate(
        "c => [...c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data]"
    )
    return pixel


def drawing(page: Page, _: Checks) -> None:
    """A drag leaves a line, apart from the line before; the button clears it."""
    drag(page, 0.25)
    drag(page, 0.75)
    between = "c => c.getContext('2d').getImageData(0, c.height / 2, c.width, 1).data.some(n => n)"
    expect("anything between two lines", False, page.locator("canvas").evaluate(between))
    drag(page)
    expect("the opacity of the middle of a line", 255, middle(page)[3])
    page.locator("button.wipe").click()
    expect("the opacity of the middle after clearing", 0, middle(page)[3])


def drawing_colours(page: Page, _: Checks) -> None:
    drag(page)
    before = middle(page)
    page.locator("button.ink[aria-pressed=false]").first.click()
    drag(page)
    expect("a line in another colour", True, before != middle(page))


def drawing_undo(page: Page, _: Checks) -> None:
    drag(page)
    drag(page)
    page.locator("button.undo").click()
    expect("the opacity of the middle with one line left", 255, middle(page)[3])
    page.locator("button.undo").click()
    expect("the opacity of the middle with none left", 0, middle(page)[3])


def chat(page: Page, _: Checks) -> None:
    """A message is added on the right and answered."""
    before = items(page)
    add(page, ADDED)
    expect("messages after sending one", [*before, ADDED], items(page)[: len(before) + 1])
    expect("messages of one's own", [ADDED], texts(page, ".list > .me"))
    page.wait_for_function("n => document.querySelectorAll('.list > li').length == n", arg=len(before) + 2)
    expect("messages of one's own after the answer", [ADDED], texts(page, ".list > .me"))


def chat_clear(page: Page, _: Checks) -> None:
    page.locator("button.wipe").click()
    expect("messages after clearing", [], items(page))
    add(page, ADDED)
    expect("the first message after clearing", ADDED, items(page)[0])


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
    "password": password,
    "password: symbols": password_symbols,
    "colours": colours,
    "colours: saved colours": colours_saved,
    "colours: random": colours_random,
    "markdown": markdown,
    "markdown: word count": markdown_count,
    "drawing": drawing,
    "drawing: colours": drawing_colours,
    "drawing: undo": drawing_undo,
    "chat": chat,
    "chat: clear": chat_clear,
}
