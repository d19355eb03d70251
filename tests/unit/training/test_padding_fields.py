import pytest

from training.padding_fields import BEGIN, END, LONG, WIDTH, lay, lay_marked, spans, texts, unmarked, varying, width

MARKS = frozenset({100, 101, 102})
FILLER = 0


def test_texts_are_runs_between_marks() -> None:
    assert texts([100, 5, 6, 101, 102, 7], MARKS) == [(1, 3), (5, 6)]
    assert texts([5, 100], MARKS) == [(0, 1)]
    assert texts([], MARKS) == []


def test_marks_vary_whose_texts_have_more_than_one_length() -> None:
    assert varying([[100, 5, 101, 6], [100, 5, 5, 101, 7]], MARKS) == {100}
    assert varying([[5, 100], [5, 5, 100]], MARKS) == set(), "a text at the beginning has no mark before it"


@pytest.mark.parametrize(
    ("length", "expected"),
    [(1, WIDTH), (WIDTH, WIDTH), (WIDTH + 1, LONG), (LONG, LONG), (LONG + 1, 2 * LONG), (40, 48)],
)
def test_widths(length: int, expected: int) -> None:
    assert width(length) == expected


def test_pages_with_texts_of_any_length_have_their_marks_at_the_same_positions() -> None:
    pages = [[100, *[5] * length, 101, 6, 102] for length in range(1, WIDTH + 1)]
    laid = [lay(page, MARKS, frozenset({100}), FILLER) for page in pages]
    assert {tuple(page.index(mark) for mark in (100, 101, 102)) for page in laid} == {(0, WIDTH + 1, WIDTH + 3)}
    assert [[token for token in page if token != FILLER] for page in laid] == pages


def test_texts_behind_other_marks_stay_as_they_are() -> None:
    assert lay([5, 100, 6, 101, 7, 7], MARKS, frozenset({101}), FILLER) == [5, 100, 6, 101, 7, 7, *[FILLER] * 6]
    assert lay([], MARKS, MARKS, FILLER) == []


def test_marked_texts_are_found_in_the_page_without_marks() -> None:
    page = f"<p>{BEGIN}one{END} and {BEGIN}two {BEGIN}three{END}{END}"
    assert unmarked(page) == "<p>one and two three"
    assert [unmarked(page)[begin:end] for begin, end in spans(page)] == ["one", "three"], "of nested ones the inner"


def test_marked_texts_fill_their_fields_and_nothing_else_grows() -> None:
    """Tokens of one character: a field of 4, one of 16, and a token that goes on behind its text belongs to it."""
    ids, offsets = list(range(1, 16)), [(at, at + 1) for at in range(15)]
    laid = lay_marked(ids, offsets, [(1, 3), (4, 13)], FILLER)
    assert laid == [1, 2, 3, *[FILLER] * 2, 4, *ids[4:13], *[FILLER] * 7, 14, 15]
    assert lay_marked([1, 2], [(0, 2), (2, 5)], [(0, 3)], FILLER) == [1, 2, FILLER, FILLER]
    assert lay_marked([1, 2], [(0, 2), (2, 5)], [], FILLER) == [1, 2]
