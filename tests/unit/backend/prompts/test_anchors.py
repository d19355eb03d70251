"""Anchors: every text can be told from its anchored form, and no anchor stands twice."""

from hypothesis import given
from hypothesis import strategies as st

from backend.prompts.anchors import CHUNK, LINKS, MOST, all_anchors, anchor, anchored, chunks, numbered, unanchored

WORDS = st.lists(st.text(st.characters(codec="ascii", exclude_characters=" <>"), min_size=1, max_size=30), max_size=90)


def test_anchors_stand_before_chunks_and_sentences() -> None:
    assert anchored("Tides are the rise and fall of sea levels. They follow the Moon.") == (
        "<!--1-->Tides are the rise and<!--2--> fall of sea levels.<!--3--> They follow the Moon."
    )
    assert anchored("") == ""


@given(WORDS)
def test_without_anchors_the_text_is_what_it_was(words: list[str]) -> None:
    text = " ".join(" ".join(words).split())
    assert " ".join(chunks(text)) == text
    assert unanchored(anchored(text)) == text
    assert all(len(chunk) <= CHUNK or " " not in chunk for chunk in chunks(text))


def test_what_is_beyond_the_last_anchor_has_none() -> None:
    values = numbered([str(n) for n in range(20)], LINKS)
    assert values[0] == "<!--L1-->0"
    assert values[MOST[LINKS] :] == [str(n) for n in range(MOST[LINKS], 20)]
    assert anchor(LINKS, 99) == ""


def test_anchors_differ_and_all_of_them_are_taken_out() -> None:
    assert len(set(all_anchors())) == sum(MOST.values())
    assert unanchored("".join(all_anchors())) == ""
    assert unanchored("<!-- 1 --><!--L-->") == "<!-- 1 --><!--L-->"
