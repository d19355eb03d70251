"""Pages that visitors take along: as a file that works alone, as text, to another app; and in other people's frames."""

import re
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Download, FrameLocator, Page, Request, expect

from backend.api.ag_ui.generative_ui import content
from backend.kit.bundle import dressed, element
from backend.pages.preamble import alone as alone_file
from tests.browser.conftest import Service, Visit

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang=en class="magazine grape"><head><meta charset=utf-8>
<title>Kiln & Clay</title></head><body class=app>
<header><a href=/home>Kiln</a><nav><a href=/shop>Cups</a></nav></header><main><h1>Kiln &amp; Clay</h1>
<p class=lead>Stoneware from a small oven.</p><div class=cards><article class=card><h2>Cup</h2>
<div class="picture sea" role=img aria-label="The sea"></div>
<p>Ash glaze <span class=badge>new</span></p></article></div>
<form action=/search><label>Search <input name=q></label><button>Find</button></form>
<button id=b type=button onclick="document.querySelector('output').textContent = ++n">Count</button> <output>0</output>
</main><script>let n = 6; document.querySelector("output").className = "badge"</script></body></html>"""
ALL = """() => [...document.querySelectorAll("html, body, body *")].filter(e => !e.matches("script, style")).map(e => {
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  const said = [...style].map(name => `${name}:${style.getPropertyValue(name)}`).sort();
  return [e.localName, ...said, box.x, box.y, box.width, box.height];
})"""
"""How a page looks: every property of every element, and where each is."""


Look = list[list[str | float]]


def look(chromium: Browser, html: str) -> Look:
    """How a page looks in a tab of its own."""
    page: Any = chromium.new_page(viewport={"width": 800, "height": 700})
    page.set_content(html)
    found: Look = page.evaluate(ALL)
    page.close()
    return found


def differences(one: Look, other: Look) -> list[str]:
    """In what two looks of the same elements differ."""
    return [f"{a[0]}: {sorted(map(str, {*a} ^ {*b}))}" for a, b in zip(one, other, strict=True) if a != b]


def taken(visit: Visit) -> Download:
    """The file that the menu gives."""
    with visit.page.expect_download() as download:
        visit.choose("Download")
    expect(visit.page.locator(".notice")).to_contain_text(f"Saved as {download.value.suggested_filename}.")
    return download.value


@pytest.fixture
def alone(chromium: Browser, tmp_path: Path) -> Iterator[Any]:
    """A way to open a file in a browser without a network; every request but for the file itself is recorded."""
    context = chromium.new_context(offline=True, color_scheme="light")
    asked: list[str] = []
    opened: list[Page] = []

    def seen(request: Request) -> None:
        if request.url not in [page.url for page in opened]:
            asked.append(request.url)

    def show(html: str, size: dict[str, int] | None = None) -> Page:
        file = tmp_path / "taken.html"
        file.write_text(html, "utf-8", newline="")
        page = context.new_page()
        if size:
            page.set_viewport_size(size)  # type: ignore[arg-type]
        page.goto(file.as_uri())
        opened.append(page)
        page.on("request", seen)
        page.reload()
        return page

    yield show
    context.close()
    assert asked == []


def test_a_downloaded_page_looks_and_works_the_same_without_a_network(visit: Visit, alone: Any) -> None:
    visit.service.engine.write = lambda prompt: PAGE
    visit.ask("a shop for cups")
    live = visit.ready("Kiln & Clay")
    file = taken(visit)
    assert file.suggested_filename == "kiln_clay.html"
    html = Path(file.path()).read_text("utf-8")
    assert html == alone_file(PAGE)
    size = live.evaluate("() => ({ width: innerWidth, height: innerHeight })")
    page = alone(html, size)
    looks = (live.evaluate(ALL), page.evaluate(ALL))
    assert len(looks[0]) > 20
    assert differences(*looks) == []
    assert page.locator(".card").evaluate("card => getComputedStyle(card).paddingTop") != "0px"
    page.get_by_role("button", name="Count").click()
    expect(page.locator("output")).to_have_text("7")
    expect(page.locator("output")).to_have_class("badge")


def test_a_page_of_ones_own_filling_in_is_taken_along_with_its_key(visit: Visit, alone: Any) -> None:
    visit.service.engine.write = lambda prompt: PAGE.replace(
        "Kiln & Clay", "Mine" if "open: /search" in prompt else "Kiln"
    )
    visit.ask("a shop for cups")
    live = visit.ready("Kiln")
    visit.enter(live.get_by_role("textbox", name="Search"), "my own name")
    live.get_by_role("button", name="Find").click()
    visit.ready("Mine")
    visit.choose("Copy link")
    notice = visit.page.locator(".notice")
    expect(notice).to_contain_text("so it is not shared")
    visit.page.wait_for_timeout(1200)  # offers count once they have stood still for a second
    with visit.page.expect_download() as download:
        notice.get_by_role("button", name="Download").click()
    alone(Path(download.value.path()).read_text("utf-8"))
    assert visit.service.engine.prompts[-1].count("my own name") > 0


def test_the_html_is_copied_as_the_file_has_it(visit: Visit) -> None:
    visit.service.engine.write = lambda prompt: PAGE
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.ask("a shop for cups")
    visit.ready("Kiln & Clay")
    visit.choose("Copy HTML")
    expect(visit.page.locator(".notice")).to_contain_text("The page's HTML is copied")
    reader = visit.page.context.new_page()
    reader.goto(f"{visit.service.address}healthz")  # where no policy forbids it to read
    assert reader.evaluate("navigator.clipboard.readText()") == alone_file(PAGE)


def test_a_page_that_the_service_has_no_more_is_told_of(visit: Visit) -> None:
    visit.ask("an encyclopedia article about volcanoes")
    visit.ready("Volcano")
    visit.page.route("**/p/*.html*", lambda route: route.fulfill(status=404, body="no such page"))
    for way in ("Download", "Copy HTML"):
        visit.choose(way)
        expect(visit.page.locator(".notice")).to_contain_text("The service has no file of this page: no such page.")
        visit.page.get_by_role("button", name="Dismiss").click()
    visit.page.route("**/p/*.html*", lambda route: route.abort())
    visit.choose("Download")
    expect(visit.page.locator(".notice")).to_contain_text("The service cannot be reached")
    visit.complained("ERR_FAILED")


def test_the_menu_is_used_by_keys(visit: Visit) -> None:
    keys, button = visit.page.keyboard, visit.page.get_by_role("button", name="Share")
    expect(button).to_be_disabled()
    visit.ask("an encyclopedia article about volcanoes")
    visit.ready("Volcano")
    item = visit.page.get_by_role("menuitem")
    button.focus()
    for key, focused in (
        ("Enter", "Copy link"), ("ArrowDown", "Download"), ("End", "Copy HTML"), ("ArrowDown", "Copy link"),
        ("ArrowUp", "Copy HTML"), ("Home", "Copy link"), ("c", "Copy HTML"), ("d", "Download"),
    ):  # fmt: skip
        keys.press(key)
        expect(item.and_(visit.page.locator(":focus"))).to_have_accessible_name(focused)
    expect(button).to_have_attribute("aria-expanded", "true")
    keys.press("Escape")
    expect(item).to_have_count(0)
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    keys.press("Space")
    keys.press("Tab")
    expect(item).to_have_count(0)
    button.focus()
    keys.press("Enter")
    with visit.page.expect_download():
        keys.press("ArrowDown")
        keys.press("Enter")
    expect(button).to_be_focused()


def test_the_menu_closes_by_another_press_and_by_a_click_into_the_page(visit: Visit) -> None:
    visit.ask("an encyclopedia article about volcanoes")
    live = visit.ready("Volcano")
    button, item = visit.page.get_by_role("button", name="Share"), visit.page.get_by_role("menuitem")
    button.click()
    expect(item).to_have_count(3)
    button.click()
    expect(item).to_have_count(0)
    button.click()
    live.locator("h1").click()
    expect(item).to_have_count(0)


def test_where_a_browser_hands_files_on_the_page_is_sent_to_an_app(visit: Visit) -> None:
    """As on phones; the browser's own dialogue is stood in for."""
    visit.page.add_init_script("""
      navigator.canShare = ({ files }) => files?.[0]?.type === "text/html";
      navigator.share = async data => {
        self.sent = { name: data.files[0].name, text: await data.files[0].text(), title: data.title };
        if (self.refuses) throw new DOMException("", self.refuses);
      };
    """)
    visit.page.reload()
    visit.service.engine.write = lambda prompt: PAGE
    visit.ask("a shop for cups")
    visit.ready("Kiln & Clay")
    visit.choose("Send file")
    visit.until(lambda: visit.page.evaluate("self.sent"))
    assert visit.page.evaluate("sent") == {"name": "kiln_clay.html", "text": alone_file(PAGE), "title": "Kiln & Clay"}
    visit.page.evaluate("self.refuses = 'AbortError'; self.sent = null")
    visit.choose("Send file")
    visit.until(lambda: visit.page.evaluate("self.sent"))
    expect(visit.page.locator(".notice")).to_be_hidden()
    visit.page.evaluate("self.refuses = 'NotAllowedError'")
    visit.choose("Send file")
    expect(visit.page.locator(".notice")).to_contain_text("It can be saved instead.")


@pytest.fixture(scope="module")
def origins(site: ThreadingHTTPServer) -> tuple[str, ...]:
    return (f"http://127.0.0.1:{site.server_port}",)


AROUND = """address => {
  const frame = document.createElement("iframe");
  Object.assign(frame, { src: address, width: 900, height: 600 });
  document.body.replaceChildren(frame);
}"""


def test_a_shell_in_a_frame_of_another_site_says_how_to_go_on_without_a_clipboard(
    chromium: Browser, service: Service, site: ThreadingHTTPServer, origins: tuple[str, ...]
) -> None:
    """The frame is not allowed the clipboard by the site around it."""
    service.engine.until, service.engine.write = float("inf"), lambda prompt: PAGE
    module = f"<script type=module src={service.address}static/silverprint.js></script>"
    shell_alone = f"<!doctype html>{module}<silverprint-shell style='height:90vh'></silverprint-shell>"
    (site.folder / "shell.html").write_text(shell_alone)  # type: ignore[attr-defined]
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{service.address}healthz")  # another origin, which lets the frame use no clipboard
    page.evaluate(AROUND, f"{origins[0]}/shell.html")
    shell = page.frame_locator("iframe").first
    expect(shell.locator(".strip .edge")).to_have_text("model")
    shell.locator("silverprint-shell").evaluate("shell => shell.prompt('a shop for cups', { world: 'web' })")
    expect(shell.get_by_role("status")).to_have_text("Page ready: Kiln & Clay")
    choose(shell, "Copy HTML")
    expect(shell.locator(".notice")).to_contain_text("does not let this site use the clipboard")
    page.wait_for_timeout(1200)  # offers count once they have stood still for a second
    with page.expect_download() as download:
        shell.locator(".notice").get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "kiln_clay.html"
    assert Path(download.value.path()).read_text("utf-8") == alone_file(PAGE)
    context.close()


def choose(shell: FrameLocator, way: str) -> None:
    shell.get_by_role("button", name="Share").click()
    shell.get_by_role("menuitem", name=way).click()


def test_a_renderer_that_takes_the_body_alone_shows_a_draft_as_the_shell_does(chromium: Browser) -> None:
    """As that of AG-UI's clients: the style into a head of its own, what stands in <body> into a body of its own."""
    page: Any = chromium.new_page(viewport={"width": 800, "height": 700})
    markup = re.sub(r"<script>.*?</script>", "", PAGE)
    shown = content(markup, done=False)
    body = shown["html"][0].partition("<body class=app>")[2].partition("</body>")[0]
    page.set_content(
        f"<!doctype html><html lang=en><head><style>{shown['css']}</style></head><body>{body}</body></html>"
    )
    assert differences(page.evaluate(ALL), look(chromium, dressed(markup))) == []


def test_a_page_behind_whose_end_the_kit_stands_looks_the_same(chromium: Browser) -> None:
    """As a chat client gets it."""
    behind = look(chromium, f"{PAGE}{element(PAGE)}<!--silverprint page=x-->")
    assert differences(behind, look(chromium, dressed(PAGE))) == []
    assert differences(behind, look(chromium, PAGE)) != []
