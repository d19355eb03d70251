"""What of a half settled page may be shown. In these tests, [brackets] hold what is not settled."""

import re

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.markup.draft_css import harmless
from backend.markup.draft_html import FIGURE_SPACE, LATENT, Exposer

FRAGMENTS = (
    "<p>", "</p>", "<p", ">", "<", "/", "=", '"', "'", " ", "\n", "a", "b c", "&", "&amp;", "&#6", "&lt;", "é", "😀",
    "\0", "<style>", "</style>", "a{b:c}", "@media x{", "}", "{", ";", "/*", "*/", "<script>", "</script>",
    "alert(1)", " onclick=", " onclick=alert(1)", " href=", "javascript:", "<title>", "</title>", "<textarea>",
    "</textarea>",
    "<svg>", "</svg>", "<table>", "<tr>", "<select>", "<option>", "<!--", "-->", "<!doctype html>", "<body>",
    "<template>", "<iframe src=x>", "<img src=x>", "<meta http-equiv=refresh>", "<base href=x>", "<noscript>",
    "<plaintext>", "<math>", "]]>",
)  # fmt: skip
PAGES = st.lists(st.tuples(st.sampled_from(FRAGMENTS) | st.binary(max_size=3), st.booleans()), max_size=40)


def safe_html(page: bytes, firm: bytes | bytearray) -> str:
    """Of a page that was never seen before."""
    return Exposer().html(page, firm)


def safe(marked: str) -> str:
    """The safe HTML of a marked page, with placeholders written as [__]."""
    shown = safe_html(*split(marked)).replace(FIGURE_SPACE, "_")
    return re.sub(rf"<span class={LATENT} aria-hidden=true>(.*?)</span>", r"[\1]", shown)


def split(marked: str) -> tuple[bytes, bytes]:
    runs = [run.encode() for run in re.split(r"[\[\]]", marked)]
    return b"".join(runs), b"".join(bytes([1 - index % 2]) * len(run) for index, run in enumerate(runs))


def joined(pieces: list[tuple[str | bytes, bool]]) -> tuple[bytes, bytes]:
    raw = [(piece.encode() if isinstance(piece, str) else piece, firm) for piece, firm in pieces]
    return b"".join(p for p, _ in raw), b"".join(bytes([f]) * len(p) for p, f in raw)


@pytest.mark.parametrize(
    ("marked", "shown"),
    [
        ("<p>hi</p>", "<p>hi</p>"),
        ("<h1>Vol[cano of] fire</h1>", "<h1>Vol[____ __] fire</h1>"),
        ("<h1>[Volcano] fire", "<h1>[_______] fire"),
        ("<p>a[ b]<p>c[<p>]d<p>", "<p>a [_]<p>c"),
        ("<p class=[a]>b", ""),
        ("<p>a<b", "<p>a"),
        ("<p>a<[b]", "<p>a"),
        ("<p>a <[ ]b", "<p>a "),
        ("1<2 & 3>2", "1&lt;2 &amp; 3&gt;2"),
        ("R&amp;D &eacute; AT&T.", "R&amp;D &eacute; AT&amp;T."),
        ("<p>R&am[p;]D", "<p>R[_]D"),
        ("<p>R&am", "<p>R[___]"),
        ("R&amp;", "R&amp;"),
        ("é", "é"),
        ("<style>a{b:c}[d{e:f}]g{h:'}'}i{</style><p>", "<style>a{b:c}g{h:'}'}</style><p>"),
        ("<style>@media x{a{b:c}d{e:f}}@import 'y';g{h:i}", "<style>@media x{a{b:c}d{e:f}}g{h:i}</style>"),
        ("<style>a{b:c}[</style>]<p>", "<style>a{b:c}</style>"),
        ("<title>a <b>[ c] d</title>e", "<title>a &lt;b&gt; d</title>e"),
        ("<textarea>a <b> [c] d</textarea>e", "<textarea>a &lt;b&gt; _ d</textarea>e"),
        ("a<script>let b='<p>'</script>c", "ac"),
        ("a<script>let b", "a"),
        ("a<iframe src=x>b</iframe><object>c</object><meta http-equiv=d><link><base>", "ac"),
        ("<p onclick=x id=a class='b \"c\"' d>", '<p id="a" class="b &quot;c&quot;" d>'),
        ("<a href=/wiki>b</a><a href=' java&#115;cript:c'>d", '<a href="/wiki">b</a><a>d'),
        (
            "<img src=//x/y alt=z><img src=data:image/gif;base64,A>",
            '<img alt="z"><img src="data:image/gif;base64,A">',
        ),
        ("<style>a{b:c;d:url(//e);f:g}</style>", "<style>a{b:c;f:g}</style>"),
        ("<style>@media x{a{b:url(//c)}d{e:f}}g{h:\\75rl(//i)}</style>", "<style>@media x{a{}d{e:f}}</style>"),
        (
            "<style>a{b:url(#c) url('data:image/gif,d')}e::after{content:'\\201C;}'}</style>",
            "<style>a{b:url(#c) url('data:image/gif,d')}e::after{content:'\\201C;}'}</style>",
        ),
        (
            "<style>.a\\:b{c:calc(1px + var(--d))}@font-face{src:local(e)}</style>",
            "<style>.a\\:b{c:calc(1px + var(--d))}@font-face{src:local(e)}</style>",
        ),
        ("<p style='a:b;c:&#117;rl(//d);e:linear-gradient(red,blue)'>", '<p style="a:b;e:linear-gradient(red,blue)">'),
        (
            "<p style='a:url(//b)' title='url(//c)' fill='url(//d)' filter='url(#e)'>",
            '<p title="url(//c)" filter="url(#e)">',
        ),
        (
            "<image href=data:image/gif,a><use href=#a><use href=//b><img srcset=data:image/gif,a>",
            '<image href="data:image/gif,a"><use href="#a"><use><img>',
        ),
        (
            "<set attributeName=href to=//a><set attributeName=x to=' javascript:b'>",
            '<set to="//a"><set attributename="x">',
        ),
        ("<p>a<!-- b --><!doctype c></ d>e", "<p>ae"),
        ("<p<q r=s>t", "t"),
        ("<p>[&amp;]", "<p>[_]"),
        ("<p>a[ ]b", "<p>a b"),
        ("<p>[h1{font-size:20px;color:red}]a", "<p>[______________]a"),
        ("[a]<p>b", ""),
        ("<html><title>a</title>[ b]<p>c", "<html><title>a</title>"),
        ("a[b]<p>", "a"),
    ],
    ids=lambda value: value,
)
def test_safe_html(marked: str, shown: str) -> None:
    assert safe(marked) == shown


def test_a_character_split_at_the_end_of_the_page_waits() -> None:
    assert "\ufffd" not in safe_html("é".encode()[:1], b"\1")


def test_flags_must_match() -> None:
    with pytest.raises(ValueError, match=r"^expected one flag for each of 2 bytes, got 1$"):
        safe_html(b"ab", b"\1")


@given(PAGES)
def test_nothing_unsafe_ever_comes_out(pieces: list[tuple[str | bytes, bool]]) -> None:
    page, firm = joined(pieces)
    shown = safe_html(page, firm)
    assert shown == safe_html(page, firm)
    assert not re.search(r"<[^>]*\Z", shown)
    tree = html5lib.parse(shown, namespaceHTMLElements=False)
    for element in tree.iter():
        name = str(element.tag).rsplit("}", 1)[-1]
        assert name not in {"script", "iframe", "object", "embed", "base", "link", "meta", "plaintext", "noscript"}
        for attribute, value in element.attrib.items():
            assert not str(attribute).startswith("on")
            assert "javascript:" not in value
            assert attribute != "src"


STYLE_BITS = st.sampled_from(
    [
        *"(){}[];:\"'\\ \n,",
        "url(",
        "calc(",
        "u\\72l(",
        "src(",
        "/*",
        "*/",
        "@import",
        "@media",
        "a",
        "//x",
        "#y",
        "data:image/z",
    ]
)


@given(st.lists(STYLE_BITS, max_size=30).map("".join))
def test_what_stays_of_a_style_is_harmless_by_itself(css: str) -> None:
    kept = harmless(css)
    assert harmless(kept) == kept
    bare = re.sub(r"/\*.*?\*/|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", "", kept, flags=re.DOTALL)
    assert not re.search(r"src\(|(?<!\\)@import|url\(\s*(?!#|data:image/|\s|\))", bare)
    assert not re.search(r"\\[\n a-z0-9]", bare)


@given(PAGES)
def test_a_settled_prefix_never_shows_less_when_more_settles(pieces: list[tuple[str | bytes, bool]]) -> None:
    """Tags: what is open to view with fewer settled bytes is so with more."""
    page, firm = joined(pieces)
    some = re.findall(r"<(?!/?span)[^>]*>", re.sub(r"<style>.*?</style>", "", safe_html(page, firm)))
    every = re.findall(r"<(?!/?span)[^>]*>", re.sub(r"<style>.*?</style>", "", safe_html(page, b"\1" * len(page))))
    assert every[: len(some)] == some


@given(st.lists(PAGES, max_size=5), st.data())
def test_a_page_that_changes_is_as_safe_as_one_never_seen(
    pages: list[list[tuple[str | bytes, bool]]], data: st.DataObject
) -> None:
    exposer, shared = Exposer(), data.draw(PAGES)
    for page in pages:
        text, firm = joined([*shared, *page])
        assert exposer.html(text, firm) == safe_html(text, firm)


def test_what_comes_after_an_end_tag_tells_whether_it_is_one() -> None:
    exposer = Exposer()
    for page in (b"<title>a</titled", b"<title>a</title>b<p>", b"<title>a</title>c<p>", b"<title>a</titl>b<p>"):
        assert exposer.html(page, b"\1" * len(page)) == safe_html(page, b"\1" * len(page))
