"""What a page leaves for the next one, read from its markup."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.composer.continuity import (
    LINK_CHARS,
    LINKS,
    NAME_CHARS,
    WINDOW_TEXT_CHARS,
    WINDOW_TITLE_CHARS,
    WINDOWS,
    carried,
    site_of,
    windows_of,
)
from backend.composer.intent import Intent
from backend.prompts.brief import Brief, NavLink, Site, Window
from backend.storage.records import PageRecord
from training.corpus.os_desktop import Screen, desktop_page
from training.corpus.os_windows import writing
from training.corpus.web_parts import header

NAV = "<nav><a href=/wiki>Rocks</a> <a href=/shop>Hammers</a></nav>"
LINKED = (NavLink("wiki", "Rocks"), NavLink("shop", "Hammers"))
EMBER = f"<title>Lava</title><header><a class=brand href=/home>Ember</a>{NAV}</header><main><h1>Lava</h1></main>"
DESK = (
    '<section class="window back" style="left:10px; top:5%;color:red"><header><h2>Files</h2><button>Close</button>'
    "</header><ul><li>a</li><li>b</li></ul></section><section class=window><h1>Notes</h1><p>Buy film</p></section>"
)
PIECES = st.sampled_from([
    "<header>", "</header>", "<nav>", "</nav>", "<a href=/wiki>", "</a>", "<section class=window>", "</section>",
    "<h1>", "</h1>", "<h2>", "<b class=logo>", "</b>", "<title>", "</title>", "<dialog open>", "<img alt=z>",
    "<meta property=og:site_name content='x y'>", "<section style='left:1px' class=win>", "<script>", "</script>",
    "Lava ", "x" * 70, "\u202e\n", "&#10;",
])  # fmt: skip


def named(page: str) -> str:
    site = site_of(page)
    return site.name if site else ""


def linked(page: str) -> tuple[NavLink, ...]:
    site = site_of(page)
    return site.links if site else ()


@pytest.mark.parametrize(
    ("page", "name"),
    [
        (EMBER, "Ember"),
        ("<header><h1>Lava</h1><a class=site-name href=/>Ember &amp; Ash</a></header>", "Ember & Ash"),
        ("<header><a href=/><svg><title>x</title></svg><span>Ember</span></a></header>", "Ember"),
        ("<header><a class=logo href=/ aria-label=Ember><svg></svg></a></header>", "Ember"),
        ("<header><a class=logo href=/><img alt=Ember src=data:,></a></header>", "Ember"),
        (f"<header>{NAV}<strong>Ember</strong></header>", "Ember"),
        (header("Ember", "<form action=/search><input name=q><button>Go</button></form>"), "Ember"),
        ("<div role=banner><p>Ember</p></div><h1>Lava</h1>", "Ember"),
        (f"<header><h1>Ember</h1>{NAV}</header>", "Ember"),
        ("<meta property=og:site_name content=Ember><header><h1>Lava</h1></header>", "Ember"),
        ("<meta name=application-name content=' Ember\n'><h1>Lava</h1>", "Ember"),
        ("<title>Lava – Ember</title><h1>Lava</h1>", "Ember"),
        ("<title>Lava | Ember</title><h1>Lava</h1>", "Ember"),
        ("<title>Spider-Man</title><h1>Spider</h1>", ""),
        ("<title>Lava Lamp | Ember</title><h1>Lava</h1>", ""),
        ("<header><h1>Lava</h1><p>Rock that flows</p></header>", ""),
        ("<article><header><b>By ann</b></header></article>", ""),
        ("<main><header><b>Lava</b></header></main>", ""),
        ("<header><b hidden>Ember</b><button>Menu</button></header>", ""),
        (f"<header><b>{'x' * 61}</b></header>", ""),
        ("", ""),
    ],
)
def test_the_name_of_a_site(page: str, name: str) -> None:
    assert named(page) == name


@pytest.mark.parametrize(
    ("page", "links"),
    [
        (EMBER, LINKED),
        (f"<header><b>Ember</b></header>{NAV}", LINKED),
        (f"<nav aria-label=Breadcrumb><a href=/wiki>Home</a></nav>{NAV}", LINKED),
        (f"<footer>{NAV.replace('Rocks', 'Imprint')}</footer>{NAV}", LINKED),
        ("<nav><a href=#top>Top</a><a>No</a></nav>" + NAV, LINKED),
        ("<nav><a href=/>Home</a><a href='/wiki/lava'>Lava</a><a href=/>Home</a></nav>", (
            NavLink("", "Home"), NavLink("wiki", "Lava"))),
        ("<header><nav><a class=brand href=/home>Ember</a><a href=/wiki>Rocks</a></nav></header>", (
            NavLink("wiki", "Rocks"),)),
        (f"<nav><a href=/wiki>{'x' * 41}</a><a href=/wiki aria-label=Search><svg></svg></a></nav>", (
            NavLink("wiki", "Search"),)),
        ("<nav><a href='https://evil.example/shop?x'>Buy</a></nav>", (NavLink("shop", "Buy"),)),
        ("<p><a href=/wiki>Lava</a></p>", ()),
    ],
)  # fmt: skip
def test_the_navigation_of_a_site(page: str, links: tuple[NavLink, ...]) -> None:
    assert linked(page) == links


def test_a_navigation_has_eight_links_at_most() -> None:
    assert len(linked("<nav>" + "".join(f"<a href=/wiki>{at}</a>" for at in range(30)) + "</nav>")) == LINKS


def test_what_a_page_does_not_show_is_as_it_was() -> None:
    before = Site("Ember", LINKED)
    assert site_of("<h1>Lava</h1>", before) == before
    assert site_of("<header><b>Ash</b></header>", before) == Site("Ash", LINKED)
    assert site_of("<h1>Lava</h1>") is None


def page_on(html: str, links: tuple[str, ...], site: Site | None = None, private: bool = False) -> PageRecord:
    brief = Brief("web", "x", links=links, site=site)
    return PageRecord("p", "/x", "web", brief, "", 0, 0.0, html=html, private=private)


def site_after(page: PageRecord) -> Site | None:
    return carried(Intent("/y", "web", open="/wiki Lava"), page).site


def test_a_site_without_a_navigation_leads_to_what_its_first_page_was_given_and_links_to() -> None:
    listed = "".join(f"<a href={href}>{text}</a>" for href, text in (
        ("/shop", "Ash"), ("/wiki", "Magma"), ("/wiki", "Crater"), ("/wiki", "Magma"), ("#top", "Gas"),
        ("/item", "Lava"), ("/wiki", "Vent"),
    ))  # fmt: skip
    page = f"<header><b>Atlas</b></header><h1>Fire</h1>{listed}"
    given = ("Lava", "Magma", "Crater", "Gas", "Vent", "Rift")
    begun = Site("Atlas", (NavLink("wiki", "Magma"), NavLink("wiki", "Crater"), NavLink("item", "Lava")))
    assert site_after(page_on(page, given)) == begun
    assert site_after(page_on(page, ())) == Site("Atlas")
    assert site_after(page_on(page, given, Site("Ash", LINKED))) == Site("Atlas", LINKED)
    assert site_after(page_on(EMBER + listed, given)) == Site("Ember", LINKED)
    assert site_after(page_on("<h1>Lava</h1>" + listed, given)) is None
    assert site_after(page_on(page, given, private=True)) is None


@pytest.mark.parametrize("label", ["aria-label=Elsewhere", "aria-label=Friends", "class='tiles tags'"])
def test_what_leads_to_other_sites_or_people_is_no_navigation(label: str) -> None:
    assert linked(f"<header><b>Ember</b><nav {label}><a href=/user>ann</a></nav></header>{NAV}") == LINKED


def test_the_windows_of_a_screen() -> None:
    front, behind = Window("Notes", "Buy film"), Window("Files", "a b", "left 10px, top 5%")
    assert windows_of(DESK) == (front, behind)


def test_windows_of_the_screens_a_small_model_makes() -> None:
    notes = Screen("Notes", writing("Buy film for the camera."), "Files")
    front, behind = windows_of(desktop_page("sky", "glass", notes))
    assert (front.title, behind) == ("Notes", Window("Files", ""))
    assert "Buy film for the camera." in front.text
    assert windows_of(desktop_page("sky", "glass", Screen())) == ()


@pytest.mark.parametrize(
    ("page", "windows"),
    [
        ("<dialog open aria-label=Alert>Saved</dialog>", (Window("Alert", "Saved"),)),
        ("<dialog>Saved</dialog><section class=window hidden><h2>x</h2></section>", ()),
        ("<div class=win role=dialog><h3>A</h3><div class=window>inner</div></div>", (Window("A", "inner"),)),
        ("<section><h1>Notes</h1>Buy film</section>", (Window("Notes", "Buy film"),)),
        ("<header><h1>Desktop</h1></header>", ()),
        ("<body class=window><h1>Desktop</h1></body>", ()),
        ("<section class=window></section>", ()),
        ("<div class=window><div class=title-bar><h2>A</h2><button>Close</button></div>b</div>", (Window("A", "b"),)),
        ("<div class=window style='LEFT:4vw;width:calc(1px);top:url(x)'>b</div>", (Window("", "b", "left 4vw"),)),
    ],
)
def test_what_counts_as_a_window(page: str, windows: tuple[Window, ...]) -> None:
    assert windows_of(page) == windows


def test_windows_have_limits() -> None:
    many = "".join(f"<section class=win><h2>{n}{' t' * 90}</h2>{'word ' * 90}</section>" for n in range(9))
    windows = windows_of(many)
    assert [window.title[0] for window in windows] == ["8", "7", "6", "5"]
    assert {len(window.title) <= WINDOW_TITLE_CHARS for window in windows} == {True}
    assert windows[0].text == ("word " * 40).strip() + "…"


@example("<header>Lava \u202e\n")
@given(st.lists(PIECES, max_size=30).map("".join))
def test_whatever_is_read_is_short_and_on_one_line(page: str) -> None:
    site, windows = site_of(page), windows_of(page)
    texts = [text for window in windows for text in (window.title, window.text, window.place)]
    if site:
        assert len(site.name) <= NAME_CHARS
        assert len(site.links) <= LINKS
        assert all(0 < len(link.text) <= LINK_CHARS and len(link.kind) <= LINK_CHARS for link in site.links)
        texts += [site.name, *(text for link in site.links for text in (link.kind, link.text))]
    assert len(windows) <= WINDOWS
    assert all(len(w.title) <= WINDOW_TITLE_CHARS and len(w.text) <= WINDOW_TEXT_CHARS for w in windows)
    assert all(text.isprintable() and text == text.strip() for text in texts)


def record(html: str, brief: Brief, private: bool = False) -> PageRecord:
    return PageRecord("p", "/x", brief.world, brief, "", 1, 0.0, html=html, state="committed", private=private)


def test_pages_of_a_site_hand_it_on() -> None:
    page = record(EMBER, Brief("web", "a magazine"))
    wanted = Intent("/wiki/magma", "web", open="/wiki Magma")
    assert carried(wanted, page).site == Site("Ember", LINKED)
    assert carried(wanted, record(EMBER, Brief("os", "my desktop"))) == wanted
    asked = Intent("/another", "web", ask="another")
    assert carried(asked, page) == asked
    app = Intent("/app/x", "app", ask="x")
    assert carried(app, record(DESK, Brief("app", "y"))) == app


def test_no_site_is_read_from_what_a_visitor_filled_in() -> None:
    wanted = Intent("/wiki/magma", "web", open="/wiki Magma")
    given_before = Site("Ash", LINKED)
    after = carried(wanted, record(EMBER, Brief("web", open="/search my name", site=given_before), private=True))
    assert (after.site, after.private) == (given_before, False)
    assert carried(wanted, record(EMBER, Brief("web", open="/search my name"), private=True)) == wanted


def test_open_windows_hand_on_that_they_are_private() -> None:
    wanted = Intent("/os/notes/mail", "os", open="Mail", screen="Notes")
    shown = carried(wanted, record(DESK, Brief("os", "my desktop")))
    assert ([window.title for window in shown.windows], shown.private) == (["Notes", "Files"], False)
    assert carried(wanted, record(DESK, Brief("os", "x"), private=True)).private
    assert carried(wanted, record("<h1>Desktop</h1>", Brief("os", "x"), private=True)) == wanted
