"""One replacement between two drafts, counted in UTF-16 code units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.text.diff import Change, apply, change, units

TEXT = st.text(alphabet=st.sampled_from("ab<é漢🌋🎞\u0301"), max_size=40)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", Change(0, 0, "")),
        ("", "abc", Change(0, 0, "abc")),
        ("abc", "", Change(0, 3, "")),
        ("abc", "abXc", Change(2, 0, "X")),
        ("aaa", "aa", Change(2, 1, "")),
        ("🌋a", "🌋b", Change(2, 1, "b")),
        ("🌋", "🎞", Change(0, 2, "🎞")),
    ],
)
def test_the_change_is_the_smallest_replacement(old: str, new: str, expected: Change) -> None:
    assert change(old, new) == expected


@given(TEXT, TEXT)
def test_applying_the_change_gives_the_new_draft(old: str, new: str) -> None:
    found = change(old, new)
    assert apply(old, found) == new
    assert found.cut <= units(old)
    found.text.encode()


@given(TEXT)
def test_units_are_utf16_code_units(text: str) -> None:
    assert units(text) == sum(2 if character > "\uffff" else 1 for character in text)


def test_a_change_beyond_the_draft_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a change within 3 units, got at 2, cut 2"):
        apply("abc", Change(2, 2, ""))
