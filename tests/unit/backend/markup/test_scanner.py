"""The scanner: where tags, text and raw text begin and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.markup.scanner import PartKind, attributes, in_front, scan

SOUP = st.text(alphabet="<>/!?-&;'\"= \nab[]", max_size=40)


def spelled(page: str) -> list[tuple[str, str]]:
    return [(part.kind.name, page[part.start : part.end]) for part in scan(page)]


@pytest.mark.parametrize(
    ("page", "parts"),
    [
        ("hi", [("TEXT", "hi")]),
        ("<p>hi</p>", [("START", "<p>"), ("TEXT", "hi"), ("END", "</p>")]),
        ("<a x='1>2'>", [("START", "<a x='1>2'>")]),
        ("<a x=1'>2", [("START", "<a x=1'>"), ("TEXT", "2")]),
        ("<a '>'>", [("START", "<a '>"), ("TEXT", "'>")]),
        ('<a x="foo> bar', [("UNFINISHED", '<a x="foo> bar')]),
        ("a < b <3 <", [("TEXT", "a < b <3 "), ("UNFINISHED", "<")]),
        ("<!doctype html><!-- <p> --></3>x", [
            ("COMMENT", "<!doctype html>"), ("COMMENT", "<!-- <p> -->"), ("COMMENT", "</3>"), ("TEXT", "x")]),
        ("<!-->x<!--->y<!-- z", [
            ("COMMENT", "<!-->"), ("TEXT", "x"), ("COMMENT", "<!--->"), ("TEXT", "y"), ("UNFINISHED", "<!-- z")]),
        ("<style>a<b></styl></STYLE >c", [
            ("START", "<style>"), ("RAW", "a<b></styl>"), ("END", "</STYLE >"), ("TEXT", "c")]),
        ("<script>a", [("START", "<script>"), ("RAW", "a")]),
        ("<plaintext></plaintext>", [("START", "<plaintext>"), ("RAW", "</plaintext>")]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_scan(page: str, parts: list[tuple[str, str]]) -> None:
    assert spelled(page) == parts


@given(SOUP | st.text())
def test_scan_leaves_no_gap(page: str) -> None:
    assert "".join(text for _, text in spelled(page)) == page


@given(SOUP)
def test_only_the_last_part_is_unfinished(page: str) -> None:
    assert all(part.kind is not PartKind.UNFINISHED for part in list(scan(page))[:-1])


def test_attributes() -> None:
    tag = "<A Class=a/b d = 'e f'g=\"<>\" checked x=>"
    assert list(attributes(tag)) == [("class", "a/b"), ("d", "e f"), ("g", "<>"), ("checked", ""), ("x", "")]


@pytest.mark.parametrize(
    ("doctype", "rest"),
    [
        ("<!doctype html>", "<p>a"),
        (" \n<!DOCTYPE html SYSTEM 'about:legacy-compat'>", "\n<p>a"),
        ("<!-- made by hand -->\n<!doctype html>", "<html>"),
        ("", "<p>a<!doctype html>"),
        ("", "a<!doctype html>"),
        ("", "<!-- a --><p>"),
        ("", "<!doctype html"),
        ("", " "),
        ("", ""),
    ],
)
def test_what_stands_in_front_of_a_page_stands_behind_its_doctype(doctype: str, rest: str) -> None:
    assert in_front(doctype + rest, "<i>") == f"{doctype}<i>{rest}"
