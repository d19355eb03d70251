"""Finished pages: what is taken out, what stays, and the title."""

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.sanitise import sanitise, title
from tests.backend.test_safe_html import FRAGMENTS

PIECES = (*FRAGMENTS, "<link", "<base", "base>", "</iframe>", "<embed>")
PAGES = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
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
    ],
)  # fmt: skip
def test_sanitise(page: str, kept: str) -> None:
    assert sanitise(page) == kept


@given(PAGES)
def test_sanitising_twice_changes_nothing(page: str) -> None:
    assert sanitise(sanitise(page)) == sanitise(page)


@given(PAGES)
def test_nothing_stripped_is_left(page: str) -> None:
    tree = html5lib.parse(sanitise(page), namespaceHTMLElements=False, scripting=True)
    left = {str(element.tag).rsplit("}", 1)[-1] for element in tree.iter() if isinstance(element.tag, str)}
    assert left.isdisjoint({"base", "link", "iframe", "object", "embed", "frame", "frameset"})


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
