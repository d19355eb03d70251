"""Words as addresses and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.pages.page_urls import heading, join, segments, slug, words_of


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Lava", "lava"),
        ("  Soft\npretzel ", "soft_pretzel"),
        ("C++", "c++"),
        ("São Paulo", "são_paulo"),
        ("AC/DC", "acdc"),
        ("../..", ""),
        ("<b>", "b"),
        ("\x00\x1b", ""),
        ("火山", "火山"),
    ],
)
def test_slug(words: str, expected: str) -> None:
    assert slug(words) == expected


def test_long_words_stay_different() -> None:
    first, second = slug("x " * 100 + "a"), slug("x " * 100 + "b")
    assert first != second
    assert len(first) == len(second) == 80


@given(st.text(max_size=200))
def test_a_slug_is_a_segment_of_its_own(words: str) -> None:
    made = slug(words)
    assert slug(words_of(made)) == made or len(made) == 80
    assert segments(f"/wiki/{made}") == ["wiki", made][: 1 + bool(made)]


@given(st.text(max_size=200))
def test_segments_take_any_text(text: str) -> None:
    assert all(part == slug(part) for part in segments(text))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("/wiki/lava", ["wiki", "lava"]),
        ("wiki/Lava/", ["wiki", "lava"]),
        ("https://example.com/a%20b?q=1#c", ["a_b"]),
        ("javascript:alert(1)", []),
        ("//[", []),
        ("/" * 30, []),
        ("/a/b/c/d/e/f/g/h/i/j", list("abcdefgh")),
    ],
)
def test_segments(typed: str, expected: list[str]) -> None:
    assert segments(typed) == expected


def test_join_names_the_world() -> None:
    assert join("web", "wiki", "lava") == "/wiki/lava"
    assert join("os", "", "notes") == "/os/notes"
    assert join("app", "groceries") == "/app/groceries"


def test_heading_keeps_inner_capitals() -> None:
    assert heading("the  DNA of mcDonald") == "The DNA Of McDonald"
