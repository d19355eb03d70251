"""Finished pages: what is taken out, what stays, and the title."""

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.markup.raw_text import TAG_LIKE, scripts_apart, styles_apart
from backend.markup.sanitize import sanitise, title
from tests.support.confusing_pages import CONFUSIONS
from tests.unit.backend.markup.test_draft_html import FRAGMENTS

PIECES = (
    *FRAGMENTS, "<link", "<base", "base>", "</iframe>", "<embed>", "</script", "</style", "</title x=", " 1=2",
    "</script 1=2", "</script/>", "<![CDATA[", "<desc>", "</desc>", "<mi>", "</mi>", "<foreignObject>",
    "</foreignObject>", "<g/>", "<xmp>", "</xmp>", "<a t='", "/>", "<iframe srcdoc=x>", "srcdoc", "srcdo", "c",
    "SRCDOC=", "</noscript>", "<!--<script>", "</math>", "</select>", "</table>", "</p>", "<object data=x>",
    "<meta http-equiv=x>", "<div/>", "\\", "`", "//", "<script x>",
)  # fmt: skip
PAGES = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
FORBIDDEN = {"base", "link", "iframe", "object", "embed", "frame", "frameset", "applet"}
PLAIN = "<!doctype html><meta charset=utf-8><p onclick=f()>a"


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        (PLAIN, PLAIN),
        ("a<META HTTP-EQUIV=refresh content='0;url=//x'>b", "ab"),
        ("<base href=//x><link rel=preload href=//x>a<embed src=//x>", "a"),
        ("<object data=//x>a</object><iframe src=//x>b</iframe>c", "ac"),
        ("<script>let a = '<base>' < 1</script>", "<script>let a = '<base>' < 1</script>"),
        ("<style>a{b:'<link>'}</style>", "<style>a{b:'\\3c link>'}</style>"),
        ("<svg><title><meta http-equiv=x></title></svg>", "<svg><title>&lt;meta http-equiv=x></title></svg>"),
        ("<<base>base>", "&lt;base>"),
        ("a < b<p", "a &lt; b"),
        ("<!doctype html><p><!--1-->a<!--2--> b<!-- c", "<!doctype html><p>a b"),
        ("<p>a<script>let b = 1", "<p>a"),
        ("<p>a<style>b{c:d}", "<p>a<style>b{c:d}"),
        ("<p>a<script x> alert(1) </script 1=2", "<p>a"),
        ("<p>a<script>b", "<p>a"),
        ("<script>a.SRCdoc='srcdoC'</script>", "<script>a.SRCdo\\u0063='srcdo\\u0043'</script>"),
        ("<style>a{b:'srcdoc'}</style>", "<style>a{b:'srcdo\\63 '}</style>"),
        ("<p a='srcdoc' srcdoc=b>srcd<!-- -->oc", "<p a='srcdo&#99;' srcdo&#99;=b>srcdo&#99;"),
        ("<style>@media(300px<width){a>b{c:d}}</style>", "<style>@media(300px< width){a>b{c:d}}</style>"),
        ("<svg><path d=a /></svg><script>a<b;c='<p>'</script>", "<svg><path d=a /></svg><script>a<b;c='<p>'</script>"),
        ("<svg><script>a<b;c='<p>'</script></svg>", "<svg><script>a< b;c='\\x3cp>'</script></svg>"),
        ("<svg><![CDATA[a]]></svg>", "<svg></svg>"),
    ],
)  # fmt: skip
def test_sanitise(page: str, kept: str) -> None:
    assert sanitise(page) == kept


@given(PAGES)
def test_sanitising_twice_changes_nothing(page: str) -> None:
    assert sanitise(sanitise(page)) == sanitise(page)


def left(page: str, scripting: bool) -> set[str]:
    """Elements of HTML in a page that should not be there."""
    found = set()
    for element in html5lib.parse(page, scripting=scripting).iter():
        name = str(element.tag).removeprefix("{http://www.w3.org/1999/xhtml}")
        if name in FORBIDDEN or (name == "meta" and "http-equiv" in element.attrib) or "srcdoc" in element.attrib:
            found.add(name)
    return found


@given(PAGES, st.booleans())
def test_nothing_stripped_is_left(page: str, scripting: bool) -> None:
    assert left(sanitise(page), scripting) == set()


@pytest.mark.parametrize("page", CONFUSIONS)
def test_nothing_stripped_is_left_where_the_parser_is_confused(page: str) -> None:
    clean = sanitise(page)
    assert sanitise(clean) == clean
    assert left(clean, scripting=True) == left(clean, scripting=False) == set()


@given(PAGES)
def test_no_page_within_a_page_is_left(page: str) -> None:
    assert "srcdoc" not in sanitise(page).lower()


@given(PAGES)
def test_raw_text_holds_no_tag_where_it_may_be_taken_for_markup(text: str) -> None:
    for apart in (scripts_apart, styles_apart):
        assert not TAG_LIKE.search(apart(text))
        assert apart(apart(text)) == apart(text)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<title> R&amp;D\n1 <b></title><h1>x</h1>", "R&D 1 <b>"),
        ("<h1>The <em>Lava</em><style>a{}</style> field</h1><h1>b</h1>", "The Lava field"),
        ("<title></title><h1>a</h1>", "a"),
        ("<p>a", ""),
        (f"<title>{'a' * 300}</title>", "a" * 200),
    ],
)
def test_title(page: str, text: str) -> None:
    assert title(page) == text
