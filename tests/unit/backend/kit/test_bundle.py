"""Which parts of the kit a page gets, and that nothing else changes."""

import re
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from backend.kit import bundle, drawings, scripts
from backend.kit.bundle import dressed, sheets, spelled, styles_for, wanted, whole
from backend.pages.documents import draft_frame, live_frame

RULE = re.compile(r"(?m)(?:^|[},])\s*\.([a-z-]+) \{")
"""A rule for all elements of one class."""

OVER = '<!doctype html><html lang=en class="paper mint"><title>a</title><h1>a</h1><p>b</p></html>'


@pytest.mark.parametrize(
    ("page", "over"),
    [
        (OVER, True),
        ("<html class=glass><p>a", True),
        ("<!doctype html><html lang=en><style>p{}</style><p class=card>a", False),
        ('<html class=""><p>a', False),
        ("<html class=' '><p>a", False),
        ("<body><html class=paper>", False),
        ("<p>html class=paper", False),
        ("", False),
        ("<html class=paper", False),
    ],
)
def test_a_page_asks_for_the_kit_by_the_class_of_its_html(page: str, over: bool) -> None:
    assert wanted(page) is over
    assert bool(styles_for(page)) is over


def test_a_page_gets_the_parts_that_it_names_and_no_others() -> None:
    plain, board = styles_for(OVER), styles_for(OVER.replace("<p>b</p>", '<div class="board cols-3"></div>'))
    assert "&.paper" in plain
    assert "&.mint{" in plain
    assert "&.magazine" not in plain
    assert ".board{" not in plain
    assert ".board{" in board
    assert len(plain) < len(board) < len(whole())


def test_what_only_a_script_adds_is_dressed_too() -> None:
    assert ".kanban" in styles_for(OVER.replace("<p>b</p>", "<script>x.className='kanban'</script>"))


@pytest.mark.parametrize("word", ["dishes", "gallery", "join", "piano", "stats"])
def test_one_word_is_enough_for_its_component(word: str) -> None:
    assert f".{word}" in styles_for(OVER.replace("<p>b</p>", f"<div class={word}></div>"))


def test_names_from_elsewhere_cost_a_page_nothing_that_has_none() -> None:
    [aliases] = [part for part in sheets() if part.name == "aliases"]
    assert len(aliases.rules) < 1_500
    plain = OVER.replace("<p>b</p>", "<header><nav><a href=/x>x</a></nav></header><table><col></table>")
    assert ".navbar-brand{" not in styles_for(plain)
    assert ".navbar-brand{" in styles_for(OVER.replace("<p>b</p>", "<nav class=navbar><a class=navbar-brand></nav>"))


def test_a_dressed_page_is_the_page_with_one_style_in_front() -> None:
    said = dressed(OVER)
    assert re.sub(r"<style data-kit=v1>[^<]*</style>", "", said) == OVER
    assert said.startswith("<!doctype html><style data-kit=v1>")
    assert dressed("<p>a") == "<p>a"


def test_every_sheet_says_what_asks_for_it_and_ends_nothing() -> None:
    assert len(sheets()) > 15
    for part in sheets():
        assert bool(part.uses) is (part.name not in bundle.ALWAYS), part.name
        assert part.rules.count("{") == part.rules.count("}"), part.name
        assert "<" not in part.rules, part.name
        assert "url(" not in part.rules, part.name


def test_the_size_of_all_sheets_is_bounded() -> None:
    """As they are served, without scenes and icons, of which a page carries those that it names."""
    assert len(spelled(sheets()).encode()) < 53_500


def test_frames_have_the_kit_before_the_first_byte_of_a_page() -> None:
    shells = ("http://127.0.0.1:8017",)
    live = live_frame(OVER, shells)
    assert live.body.index("@layer kit") < live.body.index('class="paper mint"')
    assert "@layer kit" not in live_frame("<!doctype html><p>a", shells).body
    draft = draft_frame(shells, "http://localhost:8017")
    assert f'<link rel="stylesheet" href="{bundle.address()}">' in draft.body
    assert "style-src 'unsafe-inline' http://localhost:8017/kit/;" in draft.headers["content-security-policy"]
    assert "style-src 'unsafe-inline';" in live.headers["content-security-policy"]


def test_a_picture_comes_with_the_scene_that_it_names() -> None:
    sea = styles_for(OVER.replace("<p>b</p>", '<div class="picture sea" role=img aria-label=Sea></div>'))
    assert sea.count("--scene:url(") == 2, "its own, and that of pictures of something unknown"
    assert ".picture.sea{" in sea
    assert "<" not in sea
    assert "--scene:url(" not in styles_for(OVER.replace("<p>b</p>", "<p>the sea</p>"))
    assert len(bundle.pictures()) >= 60


def test_a_word_of_its_prose_brings_a_page_nothing() -> None:
    told = OVER.replace("<p>b</p>", "<p>a kanban in a calendar, <i class='icon star'></i> the key, a map</p>")
    said = styles_for(told)
    assert ".kanban" not in said
    assert ".calendar >" not in said
    assert said.count("--glyph:url(") == 1


def test_an_icon_comes_with_the_page_that_names_it() -> None:
    star = styles_for(OVER.replace("<p>b</p>", "<button class='icon star' aria-label=Rate></button>"))
    assert ".icon.star{" in star
    assert star.count("--glyph:url(") == 1
    assert drawings.CREDIT in star
    assert "<" not in star
    drawn = styles_for(
        OVER.replace("<p>b</p>", "<script>bin.className = 'icon ' + ['trash', 'chart-line'][1]</script>")
    )
    assert drawn.count("--glyph:url(") == 2
    assert "--glyph:url(" not in styles_for(OVER.replace("<p>b</p>", "<i class=star></i>"))


def test_every_icon_is_there_and_every_drawing_is_whole() -> None:
    names = [name for names in drawings.icon_names() for name in names]
    assert len(names) == len(set(names)) > 150
    assert sorted(drawings.icons()) == sorted(names)
    rules = [*drawings.icons().values(), *drawings.pictures().values()]
    for rule in rules:
        [address] = re.findall(r'url\("data:image/svg\+xml,([^"]+)"\)', rule)
        assert len(ElementTree.fromstring(unquote(address))) > 0, rule
    assert drawings.every().count("--glyph:url(") == len(drawings.icon_names())


def test_without_what_comes_from_npm_there_are_no_icons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawings, "ICONS", tmp_path)
    assert drawings.icons.__wrapped__() == {}


def test_no_scene_has_the_name_of_a_component() -> None:
    """Or else the component's rules leave pictures alone."""
    texts = {path.stem: path.read_text("utf-8") for path in (bundle.KIT / "components").glob("*.css")}
    named = {name for stem, text in texts.items() if stem != "show" for name in RULE.findall(text)}
    assert len(named) > 50
    assert sorted(named & set(bundle.pictures())) == []


def test_a_page_gets_the_scripts_that_it_names_and_no_others() -> None:
    chart = OVER.replace("<p>b</p>", '<div class="chart bar" data-values=1,2></div>')
    pad = OVER.replace("<p>b</p>", "<div class=pad></div>")
    assert bundle.scripts_for(OVER) == ""
    assert bundle.scripts_for(chart.replace('class="paper mint"', "")) == ""
    assert "IntersectionObserver" in bundle.scripts_for(chart)
    assert "KeyboardEvent" not in bundle.scripts_for(chart)
    assert "KeyboardEvent" in bundle.scripts_for(pad)
    for page in (chart, pad):
        assert bundle.scripts_for(page).startswith('(()=>{"use strict";document.currentScript.remove();')
        assert f"</style><script data-kit=v1>{bundle.scripts_for(page)}</script>" in dressed(page)
        assert f"<script data-kit=v1>{bundle.scripts_for(page)}</script><html" in live_frame(page, ()).body


def test_drafts_run_none_of_the_kits_scripts() -> None:
    assert "IntersectionObserver" not in draft_frame(("http://127.0.0.1:8017",)).body


def test_scripts_of_the_kit_keep_their_size_and_make_no_markup() -> None:
    for script in scripts.scripts():
        assert script.uses, script.name
        assert "//" not in script.code.replace("http://", ""), script.name
        for name in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "setTimeout('",
        ):
            assert name not in script.code, script.name
    assert len(scripts.joined(frozenset({"chart", "bar"}))) < 6_500
    assert len(scripts.joined(frozenset({"chart", "line", "pie", "data-series"}))) < 10_500
    assert len(scripts.joined(frozenset({"board", "keys", "pad", "tabs", "pixels"}))) < 12_500


def test_a_script_for_several_words_comes_with_all_of_them_alone() -> None:
    bar = scripts.joined(frozenset({"chart", "bar"}))
    assert scripts.joined(frozenset({"chart", "bar", "data-series"})) != bar
    assert scripts.joined(frozenset({"line", "pie", "data-series"})) == ""
    assert "toFixed" not in bar
    assert "toFixed" in scripts.joined(frozenset({"chart", "line"}))


def test_a_script_that_would_end_itself_or_says_not_what_it_is_for_is_refused() -> None:
    for text in ("/* for: .a */ '</script>'", "/* for: .a */ '<!--'", "let a"):
        with pytest.raises(
            ValueError, match=r"^expected '/\* for: \.\.\. \*/' in front and nothing that ends a <script>, got a\.js"
        ):
            scripts.read("a", text)
    assert scripts.read("a", "/* for: .a .b */\n// why\n  let a; /** @type {b} */ (c);\n\n").code == "let a;(c);"


@pytest.mark.parametrize(
    ("code", "short"),
    [
        ("const a = b => {\n  c(d, 1);\n};\ne();", "const a=b=>{c(d,1);};e();"),
        ('f("a = b", `c = ${d} e`);', 'f("a = b",`c = ${d} e`);'),
        (r'a.replace(/[[\]" = ]/g, ";").split( b );', r'a.replace(/[[\]" = ]/g,";").split(b);'),
        ("const a = /= /.test(b) ? /' /: c / d;", "const a=/= /.test(b)?/' /:c / d;"),
        ("a + b - -c + +d", "a+b - -c + +d"),
        ("return !a in b", "return!a in b"),
        ("f(`a", "f(`a"),
    ],
)
def test_white_space_of_a_script_goes_where_it_means_nothing(code: str, short: str) -> None:
    assert scripts.shortened(code) == short
