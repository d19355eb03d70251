"""The look of a host: pages have the colours, fonts and sizes of the app around the shell, and nothing else of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page, Request, expect

from backend.kit import host_look
from backend.kit.bundle import whole
from benchmarks.browser.stage import page_frame
from tests.browser.conftest import DRAWN, KEEP_PORT, Service
from tests.browser.test_kit import DESIGNS, MEASURE, PAIRS

pytestmark = pytest.mark.browser

OVER = """<!doctype html><html lang=en class="DESIGN mint"><head><title>Rooms</title></head>
<body><header><a href=/home>Rooms</a></header><main><h1>Rooms</h1><p>Two are free.</p><p><a href=/all>All rooms</a></p>
<p><button type=button>Book</button></p>
<div class=cards><article class=card><h2>A</h2><p>Live room.</p></article></div></main></body></html>"""
PLAIN = """<!doctype html><html lang=en><head><title>Rooms</title><style>h1{color:rgb(1, 2, 3)}</style></head>
<body><h1>Rooms</h1><p>Two are free.</p><button type=button>Book</button></body></html>"""
BRAND = {
    "ground": "#100d18",
    "paper": "rgb(255 255 255 / 5%)",
    "ink": "#ece8f7",
    "accent": "oklch(0.637 0.237 25)",
    "round": "0.5rem",
    "size": "15px",
    "density": "0.85",
    "font": "'Avenir Next', 'Brand Sans', sans-serif",
    "title-font": "Georgia",
}
SEEN = """() => {
  const style = selector => getComputedStyle(document.querySelector(selector));
  return {
    ground: style('html').backgroundColor, ink: style('html').color, paper: style('.card').backgroundColor,
    fill: style('button').backgroundColor, round: style('button').borderRadius, size: style('html').fontSize,
    font: style('p').fontFamily, title: style('h1').fontFamily, scheme: style('html').colorScheme,
  };
}"""
AS_BRANDED = {
    "ground": "rgb(16, 13, 24)",
    "ink": "rgb(236, 232, 247)",
    "paper": "rgb(28, 25, 35)",
    "fill": "rgb(251, 44, 56)",
    "round": "8px",
    "size": "15px",
    "font": '"Avenir Next", sans-serif',
    "title": "Georgia, sans-serif",
    "scheme": "dark",
}


@pytest.fixture(scope="module")
def origins(site: ThreadingHTTPServer) -> tuple[str, ...]:
    """The service lets the host in."""
    return (f"http://127.0.0.1:{site.server_port}",)


@dataclass
class HostPage:
    """A host with a shell in it, in a tab. asked: what the browser asked anyone for."""

    tab: Page
    folder: Path
    service: Service
    asked: list[str] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)

    def open(self, style: str, attributes: str = "", page: str = OVER.replace("DESIGN", "cards")) -> None:
        self.service.engine.until, self.service.engine.write = float("inf"), lambda prompt: page
        script = f'<script type=module src="{self.service.address}static/silverprint.js"></script>'
        shell = f"<silverprint-shell world=app {attributes}></silverprint-shell>"
        head = f"<!doctype html><html><meta charset=utf-8><link rel=icon href=data:,>{script}<style>{style}</style>"
        (self.folder / "host.html").write_text(f"{head}<body style='margin:0;height:100vh'>{shell}</body></html>")
        self.tab.goto("/host.html")
        expect(self.tab.locator(".strip .edge")).to_have_text("model")

    def make(self) -> Frame:
        """Ask for a page, and give its frame once it is ready."""
        self.tab.locator("silverprint-shell").evaluate("shell => shell.prompt('rooms')")
        return self.live()

    def live(self) -> Frame:
        selector = ".stage iframe[src*='/frame/live/']:not(.waiting)"
        expect(self.tab.locator(selector)).to_have_count(1)
        return page_frame(self.tab, selector)

    def draft(self) -> Frame:
        return page_frame(self.tab, ".stage iframe[src$='#/frame/draft']")

    def until(self, frame: Frame, seen: dict[str, str]) -> None:
        """Wait for a page to be seen so."""
        frame.wait_for_function(
            f"seen => Object.entries(seen).every(([name, value]) => ({SEEN})()[name] === value)", arg=seen
        )


@pytest.fixture
def host(
    chromium: Browser, service: Service, site: ThreadingHTTPServer, origins: tuple[str, ...]
) -> Iterator[HostPage]:
    context = chromium.new_context(base_url=origins[0], viewport={"width": 1100, "height": 760}, color_scheme="light")
    tab = context.new_page()
    tab.add_init_script(KEEP_PORT)
    found = HostPage(tab, site.folder, service)  # type: ignore[attr-defined]

    def asked(request: Request) -> None:
        found.asked.append(request.url)

    def keep(data: Any) -> None:
        found.sent.append(data if isinstance(data, bytes) else data.encode())

    context.on("request", asked)
    tab.on("websocket", lambda socket: socket.on("framesent", keep))
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    yield found
    context.close()
    assert complaints == []


def properties(values: dict[str, str], selector: str = "silverprint-shell") -> str:
    return f"{selector}{{{''.join(f'--kit-{name}:{value};' for name, value in values.items())}}}"


def set_all(tab: Page, values: dict[str, str]) -> None:
    script = """(shell, all) => {
      for (const [name, value] of Object.entries(all)) shell.style.setProperty(`--kit-${name}`, value);
    }"""
    tab.locator("silverprint-shell").evaluate(script, values)


def test_pages_and_drafts_look_like_the_host_around_them(host: HostPage, service: Service) -> None:
    host.open(properties(BRAND))
    service.engine.until = 14
    host.tab.locator("silverprint-shell").evaluate("shell => shell.prompt('rooms')")
    expect(host.tab.locator(".strip .facts")).to_contain_text("step 14/")
    host.tab.evaluate(DRAWN)
    assert host.draft().evaluate(SEEN) == AS_BRANDED
    service.engine.until = float("inf")
    live = host.live()
    assert live.evaluate(SEEN) == AS_BRANDED
    assert live.evaluate("getComputedStyle(document.querySelector('main a')).color") != "rgb(0, 0, 238)"


def test_a_page_has_the_look_before_its_first_script(host: HostPage) -> None:
    """In the document as it is served, so that nothing else is ever painted."""
    script = "<script>window.first = getComputedStyle(document.documentElement).backgroundColor</script>"
    host.open(properties(BRAND), page=OVER.replace("DESIGN", "cards").replace("<header>", f"{script}<header>"))
    assert host.make().evaluate("first") == AS_BRANDED["ground"]


@pytest.mark.parametrize("design", DESIGNS)
def test_the_hosts_look_goes_before_that_of_every_design(host: HostPage, design: str) -> None:
    host.open(properties(BRAND), page=OVER.replace("DESIGN", f"{design} light round serif"))
    seen = host.make().evaluate(SEEN)
    assert {name: seen[name] for name in ("ground", "ink", "font", "scheme")} == {
        name: AS_BRANDED[name] for name in ("ground", "ink", "font", "scheme")
    }


def test_what_a_page_says_itself_goes_before_the_hosts_look(host: HostPage) -> None:
    own = "<style>:root{--ground:rgb(9, 9, 9)} button{background:rgb(8, 8, 8)}</style>"
    host.open(properties(BRAND), page=OVER.replace("DESIGN", "cards").replace("</head>", f"{own}</head>"))
    seen = host.make().evaluate(SEEN)
    assert (seen["ground"], seen["fill"]) == ("rgb(9, 9, 9)", "rgb(8, 8, 8)")


def test_a_theme_that_changes_reaches_pages_on_view(host: HostPage) -> None:
    light = BRAND | {"ground": "#fafafa", "paper": "#ffffff", "ink": "#1a1a1a"}
    host.open(
        properties(light)
        + properties(BRAND, "[data-theme=dark] silverprint-shell")
        + properties(light | {"accent": "#00f"}, ".x silverprint-shell")
    )
    live = host.make()
    bright = AS_BRANDED | {
        "ground": "rgb(250, 250, 250)",
        "paper": "rgb(255, 255, 255)",
        "ink": "rgb(26, 26, 26)",
        "scheme": "light",
    }
    assert live.evaluate(SEEN) == bright
    host.tab.evaluate("document.documentElement.dataset.theme = 'dark'")
    host.until(live, AS_BRANDED)
    host.until(host.draft(), AS_BRANDED)
    host.tab.evaluate("() => { delete document.documentElement.dataset.theme; document.body.className = 'x' }")
    host.until(live, bright | {"fill": "rgb(0, 0, 255)"})
    live.evaluate("() => { window.before = true; setTimeout(() => location.reload()) }")
    live.wait_for_function("!window.before")
    host.until(live, bright | {"fill": "rgb(0, 0, 255)"})


def test_the_systems_choice_and_what_the_shell_cannot_see(host: HostPage) -> None:
    dark = f"@media (prefers-color-scheme: dark) {{{properties(BRAND)}}}"
    host.open(dark)
    live = host.make()
    own = live.evaluate(SEEN)
    assert own["ground"] != AS_BRANDED["ground"]
    host.tab.emulate_media(color_scheme="dark")
    host.until(live, AS_BRANDED)
    host.tab.emulate_media(color_scheme="light")
    host.until(live, own)
    host.tab.evaluate(
        "css => { document.head.append(Object.assign(document.createElement('style'), {textContent: css})) }",
        properties(BRAND),
    )
    host.tab.locator("silverprint-shell").evaluate("shell => shell.refreshLook()")
    host.until(live, AS_BRANDED)


EVIL = "http://127.0.0.1:9/evil"
HOSTILE = (
    "red;}body{display:none}", f"url({EVIL})", f"\\75rl({EVIL})", f"image-set('{EVIL}' 1x)", f"@import '{EVIL}'", "'",
    "((((", "red/**/;color:red", "</style><script>alert(1)</script>", 'Evil, "</style>"', "var(--evil)", "env(evil)",
    "attr(evil)", "re\0d", "expression(alert(1))", "-1px", "calc(1px/0)", "1e999px", "NaN", "x" * 1_000_000,
)  # fmt: skip


def test_hostile_values_do_nothing(host: HostPage) -> None:
    host.open("")
    live = host.make()
    own = live.evaluate(SEEN)
    for value in HOSTILE:
        set_all(host.tab, dict.fromkeys(BRAND, value))
        host.tab.locator("silverprint-shell").evaluate("shell => shell.refreshLook()")
        seen = live.evaluate(SEEN)
        numbers = ("round", "size")  # a length that is too large is as large as may be
        assert {name: seen[name] for name in seen if name not in numbers} == {
            name: own[name] for name in own if name not in numbers
        }, value[:40]
        assert float(seen["size"][:-2]) <= 24
    assert [url for url in host.asked if "evil" in url] == []
    set_all(host.tab, BRAND)
    host.until(live, AS_BRANDED)


def test_a_page_without_the_kit_is_left_alone(host: HostPage) -> None:
    probe = """() => [document.documentElement.outerHTML, document.adoptedStyleSheets.length,
      ...['html', 'h1', 'p', 'button'].map(name => JSON.stringify([...getComputedStyle(document.querySelector(name))]
        .map(property => getComputedStyle(document.querySelector(name)).getPropertyValue(property))))]"""
    host.open("", page=PLAIN)
    without = host.make().evaluate(probe)
    host.tab.evaluate("sessionStorage.clear()")
    host.open(properties(BRAND), page=PLAIN)
    live = host.make()
    assert live.evaluate(probe) == without
    host.tab.evaluate("document.documentElement.dataset.theme = 'dark'")
    set_all(host.tab, {"accent": "#00f"})
    live.evaluate("document.documentElement.className = 'cards'")
    assert live.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent')") == ""


def test_a_style_sheet_of_the_hosts_is_read_and_never_applied(host: HostPage) -> None:
    sheet = """@import url(/evil-import.css);
    @font-face { font-family: Evil; src: url(/evil-font.woff2) }
    :root { --brand: oklch(0.637 0.237 25); --kit-accent: var(--brand); --kit-ground: #100d18;
      --kit-paper: rgb(255 255 255 / 5%); --kit-ink: #ece8f7; --kit-evil: url(/evil-value.png);
      background: url(/evil-root.png); }
    .shell, body, button { display: none; background: url(/evil-body.png) }
    @media print { :root { --kit-ink: #00f } }
    @media screen { silverprint-shell { --kit-font: 'Avenir Next', 'Brand Sans', sans-serif; --kit-title-font: Georgia;
      --kit-round: 8px; --kit-size: 15px; } }
    .other { --kit-ground: #0f0 }"""
    (host.folder / "brand.css").write_text(sheet)
    host.open("", "kit=/brand.css")
    live = host.make()
    host.until(live, AS_BRANDED)
    assert any(url.endswith("/brand.css") for url in host.asked)
    assert [url for url in host.asked if "evil" in url] == []
    host.tab.locator("silverprint-shell").evaluate("shell => shell.removeAttribute('kit')")
    host.until(live, {"scheme": "light"})


@pytest.mark.parametrize(
    ("kit", "message"),
    [
        ("/none.css", "expected a style sheet at http://127.0.0.1"),
        ("/host.html", "got text/html"),
        ("data:text/css,:root{}", "expected the address of a style sheet, http or https, got data:"),
    ],
)
def test_a_style_sheet_that_is_none_changes_nothing(host: HostPage, kit: str, message: str) -> None:
    host.open("")
    told = """(shell, kit) => new Promise(done => {
      shell.addEventListener('silverprint-error', ({ detail }) => done([detail.code, detail.message]));
      shell.setAttribute('kit', kit);
    })"""
    code, words = host.tab.locator("silverprint-shell").evaluate(told, kit)
    assert code == "kit_unavailable"
    assert message in words
    expect(host.tab.locator(".notice")).to_be_hidden()
    assert host.make().evaluate(SEEN)["scheme"] == "light"


def test_words_are_told_to_the_service_and_followed_when_they_change(host: HostPage) -> None:
    host.open("", 'kit="cards ocean round"')
    host.make()
    host.tab.locator("silverprint-shell").evaluate("shell => shell.setAttribute('kit', 'retro')")
    told = """shell => new Promise(done => {
      shell.addEventListener('silverprint-error', ({ detail }) => done(detail));
      shell.setAttribute('kit', 'chrome');
    })"""
    error = host.tab.locator("silverprint-shell").evaluate(told)
    assert error["code"] == "bad_style"
    assert "got 'chrome'" in error["message"]
    expect(host.tab.locator(".notice")).to_be_hidden()
    styles = [data for data in host.sent if b"words" in data]
    assert [words in data for words, data in zip((b"cards ocean round", b"retro", b"chrome"), styles, strict=True)] == [
        True
    ] * 3
    first_prompt = next(at for at, data in enumerate(host.sent) if b"rooms" in data)
    assert host.sent.index(styles[0]) < first_prompt


NASTY: tuple[dict[str, list[int]], ...] = (
    {"ground": [119, 119, 119], "ink": [130, 130, 130], "accent": [119, 119, 119]},
    {"ground": [0, 0, 0], "paper": [255, 255, 255], "ink": [0, 0, 0]},
    {"ground": [255, 255, 255], "paper": [0, 0, 0], "ink": [255, 255, 255], "accent": [255, 255, 255]},
    {"ground": [255, 255, 0], "ink": [255, 255, 255], "accent": [255, 255, 0]},
    {"ground": [255, 0, 0], "paper": [0, 0, 255], "ink": [0, 255, 0], "accent": [255, 0, 255]},
    {"paper": [118, 118, 118], "accent": [255, 214, 10]},
    {"ink": [255, 250, 205]},
    {"ink": [128, 128, 128], "accent": [128, 128, 129]},
    {"ground": [16, 13, 24], "paper": [26, 22, 38], "ink": [60, 50, 80], "accent": [40, 20, 90]},
    {"ground": [245, 245, 220], "paper": [250, 250, 240], "ink": [222, 184, 135], "accent": [255, 228, 181]},
    {"accent": [255, 255, 255]},
    {"accent": [143, 114, 255]},
)


@pytest.mark.parametrize("given", NASTY, ids=lambda given: "-".join(given))
def test_text_is_readable_whatever_the_host_gives(
    host: HostPage, chromium: Browser, given: dict[str, list[int]]
) -> None:
    host.tab.goto(host.service.address)
    script = "async given => (await import('/static/look/surfaces.js')).colours(given)"
    values = host.tab.evaluate(script, given)
    rules = host_look.rules(values)
    assert "--accent" in rules or "accent" not in given
    page: Any = chromium.new_page()
    page.set_content(f"<!doctype html><html class=paper><style>{whole()}</style><style>{rules}</style><body>")
    looks = [f"{design} mint {light}" for design in DESIGNS for light in ("", "light", "dark")]
    assert page.evaluate(MEASURE, [looks, PAIRS]) == []
    page.close()


def test_a_dark_host_prints_as_a_page_without_a_host(chromium: Browser) -> None:
    """The kit's own dark ink on white: what is light on dark on the screen would be nothing on paper."""
    rules = host_look.rules({"ground": "#100d18", "ink": "#ece8f7", "scheme": "dark", "text": "Georgia"})
    pages: list[Any] = [chromium.new_page() for _ in range(2)]
    for page, more in zip(pages, (rules, ""), strict=True):
        style = f"<style>{whole()}</style><style>{more}</style>"
        page.set_content(f"<!doctype html><html class='paper mint'>{style}<body><p>a")
    ink = (
        "() => ['color', 'backgroundColor', 'fontFamily'].map(name => getComputedStyle(document.documentElement)[name])"
    )
    hosted, plain = pages
    assert hosted.evaluate(ink) == ["rgb(236, 232, 247)", "rgb(16, 13, 24)", "Georgia"]
    for page in pages:
        page.emulate_media(media="print")
    printed = hosted.evaluate(ink)
    assert printed[:2] == plain.evaluate(ink)[:2]
    assert printed[1:] == ["rgb(255, 255, 255)", "Georgia"]
    for page in pages:
        page.close()


def test_what_is_in_the_address_is_what_was_read(host: HostPage) -> None:
    host.open(properties(BRAND))
    host.make()
    address = next(url for url in host.asked if "&look=" in url and "/frame/live/" in url)
    encoded = address.split("&look=")[1].split("#")[0]
    assert host_look.from_address(encoded).count("--") > 15
    assert json.dumps("Brand Sans") not in host_look.from_address(encoded)
