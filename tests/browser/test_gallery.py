"""The gallery in a browser: from a disk and from the service, in every look, by keyboard, on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FrameLocator, Page, expect

from backend.kit.bundle import designs, whole
from backend.kit.examples import Example, components
from backend.pages.kit_gallery import gallery
from tests.browser.conftest import Service
from tests.browser.test_access import OPTIONS, RULES

pytestmark = pytest.mark.browser

DESIGNS = list(designs())
LOOKS = [f"{design} {mode}" for design in DESIGNS for mode in ("light", "dark")]
EXAMPLES = [example for component in components() for example in component.examples]
BLANKS = re.compile(r">\s+<")
CONTENT = OPTIONS | {"runOnly": RULES[:-1]}
"""Of examples: a part of a page has no landmarks and no first heading."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("gallery") / "kit.html"
    written.write_text(gallery(), "utf-8")
    return written


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """A tab without a network. Fails if anything was asked of one, or complained about."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="light", reduced_motion="reduce", offline=True
    )
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def first(page: Page, component: str) -> FrameLocator:
    """The frame of a component's first example."""
    page.locator(f"#{component} .stage").first.scroll_into_view_if_needed()
    return page.frame_locator(f"#{component} iframe").first


def violations(page: Page, options: dict[str, Any], within: str | None = None) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page, context=within, options=options).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:300]}" for one in found for node in one["nodes"]
    ]


def test_it_works_from_a_disk_without_a_network(tab: Page, file: Path) -> None:
    tab.goto(file.as_uri())
    button = first(tab, "buttons").get_by_role("button", name="Save", exact=True)
    expect(button).to_be_visible()
    assert button.evaluate("one => getComputedStyle(one).cursor") == "pointer"
    expect(first(tab, "site").get_by_role("heading", name="Stoneware for slow mornings")).to_be_visible()


def test_links_and_forms_of_examples_lead_nowhere(tab: Page, file: Path) -> None:
    tab.goto(file.as_uri())
    frame = first(tab, "site")
    frame.get_by_role("link", name="Bowls").click()
    expect(frame.get_by_role("heading", name="Stoneware for slow mornings")).to_be_visible()
    first(tab, "todo").get_by_role("button", name="Add").click()
    expect(first(tab, "todo").get_by_text("Return the ladder")).to_be_visible()


def test_the_switches_are_words_on_html_and_kept_in_the_address(tab: Page, file: Path) -> None:
    tab.goto(file.as_uri())
    tab.locator("#look").get_by_role("radio", name="retro").check(force=True)
    tab.locator("#look").get_by_role("radio", name="Dark").check(force=True)
    tab.locator("#look").get_by_role("button", name="Palette").click()
    tab.locator("#look").get_by_role("radio", name="grape").check(force=True)
    tab.keyboard.press("Escape")
    tab.locator("#look").get_by_role("button", name="Adjust").click()
    tab.locator("#look").get_by_role("checkbox", name="bigger").check(force=True)
    tab.locator("#look").get_by_role("checkbox", name="smaller").check(force=True)
    tab.keyboard.press("Escape")
    said = '<html lang=en class="retro grape dark smaller">'
    expect(tab.locator("#words")).to_have_text(said)
    root = first(tab, "buttons").locator("html")
    expect(root).to_have_class("retro grape dark smaller")
    tab.reload()
    expect(tab.locator("#words")).to_have_text(said)
    expect(first(tab, "buttons").locator("html")).to_have_class("retro grape dark smaller")
    tab.locator("#look").get_by_role("button", name="Reset").click()
    expect(tab.locator("#words")).to_have_text('<html lang=en class="cards light">')
    assert "?" not in tab.url


def test_an_accent_of_ones_own_reaches_the_examples(tab: Page, file: Path) -> None:
    tab.goto(f"{file.as_uri()}?palette=own&accent=%23cc4400")
    expect(tab.locator("#words")).to_contain_text('style="--accent:#cc4400"')
    root = first(tab, "buttons").locator("html")
    expect(root).to_have_attribute("style", "--accent: #cc4400;")


def test_all_designs_stand_beside_each_other(tab: Page, file: Path) -> None:
    tab.goto(f"{file.as_uri()}?design=all")
    first(tab, "table")
    expect(tab.locator("#table .example").first.locator("iframe")).to_have_count(len(DESIGNS))
    titles = tab.locator("#table .example").first.locator("figcaption").all_inner_texts()
    assert titles == DESIGNS


def test_widths_are_those_of_devices(tab: Page, file: Path) -> None:
    tab.goto(f"{file.as_uri()}?width=390+1280")
    frames = tab.locator("#site iframe")
    first(tab, "site")
    expect(frames).to_have_count(2)
    for at, width in enumerate((390, 1280)):
        expect(tab.frame_locator("#site iframe").nth(at).locator("body > main")).to_be_visible()
        assert frames.nth(at).evaluate("one => one.contentWindow.innerWidth") == width


def test_frames_are_made_as_they_come_near_and_given_up(tab: Page, file: Path) -> None:
    tab.goto(f"{file.as_uri()}?design=all")
    expect(tab.locator("iframe").first).to_be_attached()
    assert tab.locator("figure").count() > 300
    for component in ("looks", "buttons", "chart"):
        expect(first(tab, component).locator("main")).to_be_visible()
        assert tab.locator("iframe").count() < 60


def test_components_are_found_by_their_classes_and_scenes_by_name(tab: Page, file: Path) -> None:
    tab.goto(file.as_uri())
    tab.get_by_role("searchbox", name="Find a component").fill("kanban")
    expect(tab.locator("#index li:visible")).to_have_text(["An app", "Kanban"])
    expect(tab.locator("section:visible")).to_have_count(2)
    tab.get_by_role("searchbox", name="Find a component").fill("xyzzy")
    expect(tab.get_by_text("No component has that")).to_be_visible()
    tab.get_by_role("searchbox", name="Find a component").fill("")
    first(tab, "scenes")
    tab.locator("#scenes").get_by_role("searchbox").fill("sea")
    expect(tab.frame_locator("#scenes iframe").get_by_role("button").filter(visible=True)).to_have_text(["sea"])


def pasted(page: Page) -> str:
    """What is on the clipboard, which the page itself may not read."""
    search = page.get_by_role("searchbox", name="Find a component")
    search.fill("")
    search.press("Control+V")
    text = search.input_value()
    search.fill("")
    return text


def test_markup_is_copied(chromium: Browser, service: Service) -> None:
    page = chromium.new_page()
    page.goto(f"{service.address}kit")
    page.get_by_role("button", name="Copy the markup of Divider: Or").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    markup = BLANKS.sub("><", pasted(page))
    assert markup.startswith("<div class=stack><button>Go on with mail</button><div class=divider>or</div>")
    first(page, "scenes").get_by_role("button", name="rocket").click()
    expect(page.get_by_role("status")).to_have_text("Copied rocket")
    assert pasted(page) == '<div class="picture rocket" role=img aria-label="rocket"></div>'
    page.close()


ACTIVE = """() => {
  const one = document.activeElement;
  return [one.tagName, one.name || one.id || one.textContent.trim().slice(0, 30), one.value ?? ""].join(" ");
}"""


def test_every_control_is_reached_by_keyboard(tab: Page, file: Path) -> None:
    tab.goto(file.as_uri())
    reached = []
    for _ in range(8):
        tab.keyboard.press("Tab")
        reached.append(tab.evaluate(ACTIVE))
    assert reached[0].startswith("A To the components")
    assert [one for one in reached if one.startswith("INPUT")] == [
        "INPUT design cards", "INPUT mode light", "INPUT width fit",
    ]  # fmt: skip
    tab.locator("#look").get_by_role("radio", name="cards").focus()
    tab.keyboard.press("ArrowRight")
    expect(tab.locator("#look").get_by_role("radio", name="glass")).to_be_checked()
    expect(tab.locator("#words")).to_contain_text("glass")
    tab.locator("#look").get_by_role("button", name="Palette").focus()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    tab.keyboard.press("ArrowDown")
    expect(tab.locator("#look").get_by_role("radio", name="ink", exact=True)).to_be_checked()
    tab.keyboard.press("Escape")
    expect(tab.locator("#look").get_by_role("button", name="Palette")).to_be_focused()
    tab.locator("#look").get_by_role("button", name="Adjust").focus()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Space")
    expect(tab.locator("#words")).to_contain_text("smaller")


def test_on_a_phone_the_switches_and_the_index_open_by_buttons(tab: Page, file: Path) -> None:
    tab.set_viewport_size({"width": 320, "height": 640})
    tab.goto(file.as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= 320
    tab.locator("header").get_by_role("button", name="Look").click()
    tab.locator("#look").get_by_role("radio", name="terminal").check(force=True)
    expect(tab.locator("#words")).to_contain_text("terminal")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 320
    tab.keyboard.press("Escape")
    tab.locator("header").get_by_role("button", name="Components").click()
    tab.locator("#index").get_by_role("link", name="Timeline").click()
    expect(tab.locator("#index")).to_be_hidden()
    expect(tab.locator("#timeline")).to_be_in_viewport()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_page_around_the_examples_by_axe(tab: Page, file: Path, mode: str) -> None:
    """It has one look in all designs; the examples are tried in each of them below. All components are set alike, so
    that some stand for all."""
    tab.goto(f"{file.as_uri()}?mode={mode}")
    for component in ("hero", "divider", "scenes"):
        tab.get_by_role("searchbox", name="Find a component").fill(component)
        expect(first(tab, component).locator("main")).to_be_visible()
        assert violations(tab, OPTIONS | {"rules": {}}) == []
    for name in ("Palette", "Adjust"):
        tab.locator("#look").get_by_role("button", name=name).click()
        assert violations(tab, OPTIONS, "#look") == []


def document(look: str, body: str, classes: str = "") -> str:
    head = (
        f"<meta charset=utf-8><meta name=viewport content='width=device-width'><title>a</title><style>{whole()}</style>"
    )
    return (
        f'<!doctype html><html lang=en class="{look}"><head>{head}</head><body class="{classes}">{body}</body></html>'
    )


def documents(look: str) -> list[str]:
    """All examples in a look: parts together, and whole pages each by itself."""
    parts: list[Example] = [example for example in EXAMPLES if example.body is None]
    together = "".join(f"<section>{example.markup}</section>" for example in parts)
    wholes = [document(look, example.content, example.body) for example in EXAMPLES if example.body is not None]
    return [document(look, f"<main>{together}</main>"), *wholes]


@pytest.mark.parametrize("look", LOOKS)
def test_the_examples_by_axe(chromium: Browser, look: str) -> None:
    context = chromium.new_context(viewport={"width": 1000, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    for text in documents(look):
        page.set_content(text)
        assert violations(page, CONTENT) == []
    context.close()


@pytest.mark.parametrize("design", DESIGNS)
def test_no_example_scrolls_sideways_on_a_small_phone(chromium: Browser, design: str) -> None:
    page = chromium.new_page(viewport={"width": 320, "height": 640})
    wide = []
    for example in EXAMPLES:
        body = example.content if example.body is not None else f"<main>{example.markup}</main>"
        page.set_content(document(f"{design} light", body, example.body or ""))
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wide.append(f"{example.name}: {width}")
    page.close()
    assert wide == []
