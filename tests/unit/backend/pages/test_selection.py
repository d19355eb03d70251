"""Which stretch of a page an element is, and which element someone selected."""

import pytest

from backend.pages.selection import closed, selected, stretches
from backend.protocol.messages import Target

PAGE = (
    "<!doctype html><title>Tides</title><style>li{color:red}</style><body><h1>Tides</h1>"
    "<ul class=a><li>Ebb<li><b>Flood</b></ul><p>One<div>Two</div><p>Three</p>"
    "<form><input name=q aria-label=Find><input type=submit value=Go></form>"
    "<button>Add</button><button>Add</button><img alt=Moon><section><h2>More</h2><p>Words</p></section>"
    "<table><tr><td>a<td>b<tr><td>c</table></body>"
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("li", ["<li>Ebb", "<li><b>Flood</b>"]),
        ("p", ["<p>One", "<p>Three</p>", "<p>Words</p>"]),
        ("td", ["<td>a", "<td>b", "<td>c"]),
        ("tr", ["<tr><td>a<td>b", "<tr><td>c"]),
        ("img", ["<img alt=Moon>"]),
        ("style", ["<style>li{color:red}</style>"]),
        ("ul", ["<ul class=a><li>Ebb<li><b>Flood</b></ul>"]),
    ],
)
def test_an_element_ends_where_a_browser_ends_it(name: str, expected: list[str]) -> None:
    assert [PAGE[one.start : one.end] for one in stretches(PAGE) if one.name == name] == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Target("li", "FLOOD"), "<li><b>Flood</b>"),
        (Target("h1", "Tides"), "<h1>Tides</h1>"),
        (Target("ul", "Ebb Flood"), "<ul class=a><li>Ebb<li><b>Flood</b></ul>"),
        (Target("input", "Find"), "<input name=q aria-label=Find>"),
        (Target("button", "Go"), "<input type=submit value=Go>"),
        (Target("img", "Moon"), "<img alt=Moon>"),
        (Target("section", "More"), "<section><h2>More</h2><p>Words</p></section>"),
        (Target("button", "Add", nth=1), "<button>Add</button>"),
    ],
)
def test_an_element_is_found_by_what_it_says(target: Target, expected: str) -> None:
    found = selected(PAGE, target)
    assert found
    assert PAGE[slice(*found)] == expected


def test_of_two_alike_the_number_decides() -> None:
    first, second = (selected(PAGE, Target("button", "Add", nth=nth)) for nth in (0, 1))
    assert first
    assert second
    assert first[1] == second[0]


@pytest.mark.parametrize(
    "target",
    [
        Target("button", "Add"),  # there are two
        Target("button", "Add", nth=7),
        Target("li", "Spring"),  # a script put it there
        Target("video", "Tides"),
    ],
)
def test_an_element_that_cannot_be_told_is_none(target: Target) -> None:
    assert selected(PAGE, target) is None


def test_a_number_that_is_no_longer_true_gives_way_to_the_words() -> None:
    found = selected(PAGE, Target("li", "Flood", nth=0))
    assert found
    assert PAGE[slice(*found)] == "<li><b>Flood</b>"


@pytest.mark.parametrize(
    ("markup", "alone"),
    [
        ("<button>Save</button>", "<button>Save</button>"),
        ("Save</button></form><p>More", "Save"),
        ("<li>a<li>b", "<li>a<li>b"),
        ("<b>bold", ""),
        ("so <b>bold", "so "),
        ("a<!-- b", "a"),
        ("a<!-- b -->c", "a<!-- b -->c"),
        ("<script>let a=1</script>b<script>let c", "<script>let a=1</script>b"),
        ("<textarea>words", ""),
        ("1 < 2 <br>", "1 < 2 <br>"),
        ("text<i", "text"),
        ("<div><p>a</div>c", "<div><p>a</div>c"),
    ],
)
def test_what_stands_for_itself(markup: str, alone: str) -> None:
    assert closed(markup) == alone
