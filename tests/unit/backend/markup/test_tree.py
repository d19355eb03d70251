"""Pages as trees: what stands inside what, and what it says."""

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.markup.tree import VOID, Element, parse
from backend.text.cleaning import one_line
from backend.text.shorten import shortened

SOUP = st.text(alphabet="<>/!?-&;'\"= \nabp", max_size=60)
NAMES = st.sampled_from(["div", "section", "nav", "span", "b", "ul"])
WORDS = st.text(alphabet="abc<&\n ", max_size=8)
TREES = st.recursive(
    st.tuples(st.just(""), WORDS), lambda inner: st.tuples(NAMES, st.lists(inner, max_size=4)), max_leaves=12
)


def names(page: str) -> list[str]:
    return [element.name for element in parse(page).walk()][1:]


def first(page: str, name: str) -> Element:
    return next(element for element in parse(page).walk() if element.name == name)


def test_elements_in_document_order() -> None:
    assert names("<p>a<br>b<img src=x><b>c</b></p><i>d</i>") == ["p", "br", "img", "b", "i"]
    assert [a.name for a in first("<main><nav><a>x</a></nav></main>", "a").ancestors()] == ["nav", "main", ""]


def test_end_tags_close_what_is_open_and_nothing_else() -> None:
    assert [a.name for a in first("<div><b>x</div><i>y", "i").ancestors()] == [""]
    assert [a.name for a in first("<div></p></br><i>y", "i").ancestors()] == ["div", ""]


def test_attributes() -> None:
    element = first("<a HREF='/wiki?a&amp;b' class=' Brand  Big ' hidden>x</a>", "a")
    assert element.attributes == {"href": "/wiki?a&b", "class": " Brand  Big ", "hidden": ""}
    assert element.tokens == {"brand", "big"}
    assert element.hidden


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<ul><li>a</li><li>b</ul>", "a b"),
        ("<p>la<b>va</b>\n flows</p>", "lava flows"),
        ("a<script>x</script><style>y</style><svg><text>z</text></svg>b", "ab"),
        ("<p>a<p hidden>b</p><dialog>c</dialog><p style='DISPLAY: none'>d</p>", "a"),
        ("<textarea>mi&amp;lk</textarea>", "mi&lk"),
        ("caf&eacute;&nbsp;&lt;b&gt;\u202eevil\u200b", "café <b>evil"),
        ("a<br>b", "a b"),
        ("<template>a</template><head><title>t</title></head>", ""),
    ],
)
def test_what_a_page_says(page: str, text: str) -> None:
    assert parse(page).text() == text


def test_a_part_can_be_left_out() -> None:
    assert parse("<p>a<b>b</b>c").text(first("<b>", "b")) == "abc"
    tree = parse("<p>a<b>b</b>c")
    assert tree.text(next(e for e in tree.walk() if e.name == "b")) == "ac"


def test_declined_elements_hide_what_they_hold() -> None:
    walked = parse("<p><nav><a>x</a></nav><b>y</b></p>").walk(lambda e: e.name != "nav")
    assert [element.name for element in walked] == ["", "p", "b"]


@given(SOUP)
def test_any_text_is_a_tree(page: str) -> None:
    tree = parse(page)
    assert all(element.name not in VOID or not element.children for element in tree.walk())
    assert tree.text() == one_line(tree.text())


@given(st.lists(TREES, max_size=4))
def test_well_formed_pages_are_what_a_browser_makes_of_them(trees: list[object]) -> None:
    page = "".join(map(spelled, trees))
    theirs = html5lib.parseFragment(page, container="div", namespaceHTMLElements=False)
    assert names(page) == [element.tag for element in theirs.iter()][1:]
    assert "".join(parse(page).text().split()) == "".join("".join(theirs.itertext()).split())


def spelled(tree: object) -> str:
    name, inside = tree  # type: ignore[misc]
    if not name:
        return str(inside).replace("&", "&amp;").replace("<", "&lt;")
    return f"<{name}>{''.join(map(spelled, inside))}</{name}>"


def test_deep_pages_need_no_deep_stack() -> None:
    deep = parse("<div>" * 20_000 + "x")
    assert deep.text() == "x"
    assert len(list(deep.walk())) == 20_001


@given(st.text(max_size=80), st.integers(2, 40))
def test_short_texts(text: str, chars: int) -> None:
    short = shortened(text, chars)
    assert len(short) <= chars
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


def test_texts_end_after_a_whole_word() -> None:
    assert shortened("lava flows down", 12) == "lava flows…"
    assert shortened("volcanology", 5) == "volc…"
