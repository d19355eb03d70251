"""Which rules of the kit a page carries: those that can apply to it, and all of those."""

import re

import pytest

from backend.kit import bundle
from backend.kit.bundle import sheets, spelled, styles_for
from backend.kit.css_rules import begun, fitting
from backend.kit.minify import squeezed
from tests.support.repository import ROOT
from training.kinds.drawn import Drawn, Look
from training.kinds.gate import first_subject
from training.kinds.kind import kinds
from training.kinds.page import page_of

OVER = '<!doctype html><html lang=en class="paper mint"><title>a</title>{}</html>'
DRAWING = re.compile(r'[^{};]*\{[^{}]*url\("data:[^"]*"\)\}')
NAMES = re.compile(r"`([^`]+)`")
DOCS = ROOT / "docs" / "kit.md"


@pytest.mark.parametrize(
    ("sheet", "words", "kept"),
    [
        (".a{b:c}.d{e:f}", "a", ".a{b:c}"),
        ("p{b:c}.d p{e:f}", "", "p{b:c}"),
        (".a{b:c;&.d{e:f}>p{g:h}}", "a", ".a{b:c;>p{g:h}}"),
        (".a{b:c;&.d{e:f}}", "d", ""),
        (".a{>.d{e:f}}", "a", ""),
        (":is(.a,.d)>p{e:f}", "d", ":is(.a,.d)>p{e:f}"),
        (":is(.a,.d .g)>p{e:f}", "d", ""),
        (".a,.d:hover{e:f}", "d", ".a,.d:hover{e:f}"),
        (".a:not(.d){e:f}", "a", ".a:not(.d){e:f}"),
        (":where(.a:not(.d,.g)){e:f}", "d g", ""),
        ("p:has(>.a,.d){e:f}", "d", "p:has(>.a,.d){e:f}"),
        ("p:has(.a){e:f}", "d", ""),
        (":nth-child(1 of p:not(.a)){e:f}", "", ":nth-child(1 of p:not(.a)){e:f}"),
        ("[class*=a]{e:f}", "", "[class*=a]{e:f}"),
        (".ArrowUp{e:f}", "arrowup", ".ArrowUp{e:f}"),
        (".a-b{e:f}.a{g:h}", "a-b", ".a-b{e:f}"),
        ("@media print{.a{b:c}}@media screen{p{b:c}.a{d:e}}", "", "@media screen{p{b:c}}"),
        ("", "a", ""),
    ],
)
def test_a_rule_is_kept_where_it_can_apply(sheet: str, words: str, kept: str) -> None:
    assert squeezed(sheet) == sheet
    assert fitting(sheet, frozenset(words.split())) == kept


def test_of_a_word_that_a_script_puts_together_all_that_it_may_become_is_kept() -> None:
    page = OVER.format("<div id=a></div><script>a.className = 'board cols-' + n</script>")
    assert all(f".cols-{n}{{" in styles_for(page) for n in range(5, 21))
    assert begun(".a-1{b:c}.a-2{b:c}.b-1{b:c}", frozenset({"a-", "b"})) == {"a-1", "a-2"}
    assert ".cols-7{" not in styles_for(OVER.format("<div class='board cols-8'></div>"))


def test_a_page_that_names_everything_has_everything_that_is_not_another_look() -> None:
    [app] = [part.rules for part in sheets() if part.name == "app"]
    named = frozenset(name.lower() for name in re.findall(r"\.([A-Za-z][\w-]*)", app))
    assert fitting(app, named) == app


def test_what_the_kits_own_scripts_draw_is_dressed() -> None:
    said = styles_for(OVER.format("<div class='chart donut' data-values=1,2></div>"))
    assert "&.total{" in said
    assert ".slice" in said


def test_a_page_carries_its_own_palette_and_no_dark_colours_that_it_has_no_word_for() -> None:
    light, dark = styles_for(OVER.format("<h1>a</h1>")), styles_for(OVER.format("").replace("mint", "mint dark"))
    assert ".mint{" in light
    assert ".ocean{" not in light
    assert "color-scheme:dark" not in light
    assert "color-scheme:dark" in dark


def carried(page: str) -> int:
    """Bytes of the sheets that a page carries, without scenes and icons."""
    return len(DRAWING.sub("", styles_for(page)).encode())


def test_the_sheets_of_a_page_are_small() -> None:
    """Dark pages of every kind that models are trained on, in each design in turn."""
    looks = list(bundle.designs())
    pages = {
        name: page_of(Drawn(kind, Look(looks[n % len(looks)], "mint", True), subject=first_subject(kind)))
        for n, (name, kind) in enumerate(sorted(kinds().items()))
    }
    sizes = {name: carried(page) for name, page in pages.items()}
    assert {name: size for name, size in sizes.items() if size >= 23_000} == {}
    assert sorted(sizes.values())[len(sizes) // 2] < 16_000


@pytest.mark.parametrize("design", list(bundle.designs()))
def test_a_page_with_every_component_carries_less_than_the_whole(design: str) -> None:
    """All words of docs/kit.md in one page, which has one design."""
    text = DOCS.read_text("utf-8").split("## Names from elsewhere")[0]
    words = {word for said in NAMES.findall(text) for word in re.findall(r"[a-z][a-z0-9-]*", said)}
    words -= {*bundle.designs(), *bundle.palettes()} - {"cards"}
    page = (
        f"<html class='{design} mint dark'><main><p class='{' '.join(sorted(words))}'><form></form><details></details>"
    )
    assert carried(page) < 44_500
    assert len(spelled(sheets()).encode()) < 53_500
