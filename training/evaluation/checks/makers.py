"""Behaviour of apps that make something, in a browser (DOM conventions: each app's own module)."""

from playwright.sync_api import Page

from training.corpus.design import Checks
from training.evaluation.checks.apps import ADDED, add, items
from training.evaluation.checks.base import Check, UnmetError, expect, texts


def password(page: Page, _: Checks) -> None:
    """Check that passwords are as long as the slider says, and new with every click."""
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
    """Check that passwords have symbols exactly if the box is ticked."""
    page.locator("[type=range]").fill("32")
    for ticked in (True, False):
        page.locator("input.symbols").set_checked(ticked)
        made = page.locator("output").inner_text()
        expect(f"symbols in a password when the box says {ticked}", ticked, not made.isalnum())


def mix(page: Page, *values: str) -> str:
    """Set the sliders, and return the colour's code."""
    for bar, value in zip(page.locator("[type=range]").all(), values, strict=True):
        bar.fill(value)
    return page.locator("output").inner_text()


def colours(page: Page, _: Checks) -> None:
    """Check that the code and the swatch follow the sliders."""
    expect("the code", "#ff0a80", mix(page, "255", "10", "128"))
    shown = page.locator(".swatch").evaluate("e => getComputedStyle(e).backgroundColor")
    expect("the swatch", "rgb(255, 10, 128)", shown)


def colours_saved(page: Page, _: Checks) -> None:
    """Check that saved colours are listed."""
    codes = [mix(page, "255", "0", "0"), mix(page, "0", "0", "16")]
    mix(page, "255", "0", "0")
    page.locator("button.save").click()
    mix(page, "0", "0", "16")
    page.locator("button.save").click()
    expect("the colours saved", codes, texts(page, "ul.saved > li"))


def colours_random(page: Page, _: Checks) -> None:
    """Check that the button gives different colours."""
    seen = {page.locator("output").inner_text()}
    for _turn in range(3):
        page.locator("button.random").click()
        seen.add(page.locator("output").inner_text())
    expect("more than one colour", True, len(seen) > 1)


def markdown(page: Page, _: Checks) -> None:
    """Check that headings, lists, bold and italics are rendered, and HTML as text; there is a sample at first."""
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
    """Check that the number of words is right."""
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
    """Return red, green, blue and opacity of the canvas' middle."""
    pixel: list[int] = page.locator("canvas").evaluate(
        "c => [...c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data]"
    )
    return pixel


def drawing(page: Page, _: Checks) -> None:
    """Check that a drag leaves a line that is separate from the line before, and that the button clears it."""
    drag(page, 0.25)
    drag(page, 0.75)
    between = "c => c.getContext('2d').getImageData(0, c.height / 2, c.width, 1).data.some(n => n)"
    expect("anything between two lines", False, page.locator("canvas").evaluate(between))
    drag(page)
    expect("the opacity of the middle of a line", 255, middle(page)[3])
    page.locator("button.wipe").click()
    expect("the opacity of the middle after clearing", 0, middle(page)[3])


def drawing_colours(page: Page, _: Checks) -> None:
    """Check that a line can have another colour."""
    drag(page)
    before = middle(page)
    page.locator("button.ink[aria-pressed=false]").first.click()
    drag(page)
    expect("a line in another colour", True, before != middle(page))


def drawing_undo(page: Page, _: Checks) -> None:
    """Check that lines can be taken back."""
    drag(page)
    drag(page)
    page.locator("button.undo").click()
    expect("the opacity of the middle with one line left", 255, middle(page)[3])
    page.locator("button.undo").click()
    expect("the opacity of the middle with none left", 0, middle(page)[3])


def chat(page: Page, _: Checks) -> None:
    """Check that a message is added on the right and answered."""
    before = items(page)
    add(page, ADDED)
    expect("messages after sending one", [*before, ADDED], items(page)[: len(before) + 1])
    expect("messages of one's own", [ADDED], texts(page, ".list > .me"))
    page.wait_for_function("n => document.querySelectorAll('.list > li').length == n", arg=len(before) + 2)
    expect("messages of one's own after the answer", [ADDED], texts(page, ".list > .me"))


def chat_clear(page: Page, _: Checks) -> None:
    """Check that the button removes all messages."""
    page.locator("button.wipe").click()
    expect("messages after clearing", [], items(page))
    add(page, ADDED)
    expect("the first message after clearing", ADDED, items(page)[0])


FEATURES: dict[str, Check] = {
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
