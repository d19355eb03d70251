"""Which parts of the kit a page gets, and that nothing else changes."""

import re

import pytest

from backend import kit
from backend.frames import draft_frame, live_frame
from backend.kit import dressed, sheets, styles_for, wanted, whole

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


def test_names_from_elsewhere_cost_a_page_nothing_that_has_none() -> None:
    [aliases] = [part for part in sheets() if part.name == "aliases"]
    assert len(aliases.rules) < 1_500
    plain = OVER.replace("<p>b</p>", "<header><nav><a href=/x>x</a></nav></header><table><col></table>")
    assert ".navbar-brand{" not in styles_for(plain)
    assert ".navbar-brand{" in styles_for(OVER.replace("<p>b</p>", "<nav class='navbar navbar-expand'></nav>"))


def test_a_dressed_page_is_the_page_with_one_style_in_front() -> None:
    said = dressed(OVER)
    assert re.sub(r"<style data-kit=v1>[^<]*</style>", "", said) == OVER
    assert said.startswith("<!doctype html><style data-kit=v1>")
    assert dressed("<p>a") == "<p>a"


def test_every_sheet_says_what_asks_for_it_and_ends_nothing() -> None:
    assert len(sheets()) > 15
    for part in sheets():
        assert bool(part.uses) is (part.name not in kit.ALWAYS), part.name
        assert part.rules.count("{") == part.rules.count("}"), part.name
        assert "<" not in part.rules, part.name
        assert "url(" not in part.rules, part.name


def test_frames_have_the_kit_before_the_first_byte_of_a_page() -> None:
    shells = ("http://127.0.0.1:8017",)
    live = live_frame(OVER, shells)
    assert live.body.index("@layer kit") < live.body.index('class="paper mint"')
    assert "@layer kit" not in live_frame("<!doctype html><p>a", shells).body
    draft = draft_frame(shells, "http://localhost:8017")
    assert f'<link rel="stylesheet" href="{kit.address()}">' in draft.body
    assert "style-src 'unsafe-inline' http://localhost:8017/kit/;" in draft.headers["content-security-policy"]
    assert "style-src 'unsafe-inline';" in live.headers["content-security-policy"]


def test_a_picture_comes_with_the_scene_that_it_names() -> None:
    sea = styles_for(OVER.replace("<p>b</p>", '<div class="picture sea" role=img aria-label=Sea></div>'))
    assert sea.count("--scene:url(") == 1
    assert ".picture.sea{" in sea
    assert "<" not in sea
    assert "--scene:url(" not in styles_for(OVER.replace("<p>b</p>", "<p>the sea</p>"))
    assert len(kit.pictures()) >= 60


def test_no_scene_has_the_name_of_a_component() -> None:
    """Or else the component's rules leave pictures alone."""
    components = [part for part in sheets() if part.name not in (*kit.ALWAYS, "show", *kit.designs())]
    named = {name: part.rules for part in components for name in re.findall(r"(?<=[{},])\.([a-z-]+)\{", part.rules)}
    assert sorted(set(named) & set(kit.pictures())) == []
