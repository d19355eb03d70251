"""One element of a page changes, and nothing around it does, byte for byte."""

from collections.abc import Callable, Sequence

import pytest

from backend.markup.sanitize import sanitise
from backend.pages.edit_region import SPARE, EditRegion, Words, gap_in

PAD, EOS, LENGTH = 257, 258, 32
TAGS = [b"</h1><ul><li><span>", b"</span></li><li><span>", b"</span></li></ul><p>", b"<!--1-->", b"</p>"]
"""Tokens that close one element and open the next, as the bundled model has them, and an anchor."""

FIRST = 300


def piece(token: int) -> bytes:
    return bytes([token]) if token < 256 else b"" if token < FIRST else TAGS[token - FIRST]


def spell(text: str) -> list[int]:
    return list(text.encode())


def words(most: int = 8 * LENGTH, spell: Callable[[str], Sequence[int]] | None = spell) -> Words:
    return Words(piece, "full", EOS, PAD, LENGTH, most, spell)


def at(page: str, element: str) -> tuple[int, int]:
    start = page.index(element)
    return start, start + len(element)


PAGE = "<h1>Tides é</h1><ul><li><span>Ebb</span></li><li><span>Flood</span></li></ul><p>More</p>"


def gap_of(element: str, tokens: list[int] | None = None, page: str = PAGE, model: Words | None = None) -> EditRegion:
    found = gap_in(page, spell(page) if tokens is None else tokens, at(page, element), model or words())
    assert found
    return found


def written(gap: EditRegion, text: str | list[int]) -> list[int]:
    """The page's tokens once the model has written this into the gap."""
    fresh = spell(text) if isinstance(text, str) else text
    room = gap.infill.stop - gap.infill.start
    assert len(fresh) <= room
    canvas = gap.infill.canvas
    return [*canvas[: gap.infill.start], *fresh, *[PAD] * (room - len(fresh)), *canvas[gap.infill.stop :]]


def test_all_but_the_element_is_held() -> None:
    gap = gap_of("<span>Ebb</span>")
    start, end = at(PAGE, "<span>Ebb</span>")
    size = end - start
    before = len(PAGE[:start].encode())
    room = size + SPARE + size // 2
    assert gap.infill.hold == ((0, before), (before + room, len(gap.infill.canvas)))
    assert bytes(gap.infill.canvas[before : before + size]) == b"<span>Ebb</span>"
    assert len(gap.infill.canvas) % LENGTH == 0


@pytest.mark.parametrize(
    ("element", "makes", "becomes"),
    [
        ("<span>Ebb</span>", "<b>Ebb tide</b>", "<b>Ebb tide</b>"),
        ("<span>Ebb</span>", "", ""),
        ("<span>Ebb</span>", "low water", "low water"),
        ("<span>Ebb</span>", "<b>Ebb</b></li><li>x", "<b>Ebb</b>"),
        ("<span>Ebb</span>", "<b>Ebb</b><b>Ebb</b>", "<b>Ebb</b>"),
        ("<span>Ebb</span>", "<b>a</b><!--", "<b>a</b>"),
        ("<span>Ebb</span>", "<script>let a", "<span>Ebb</span>"),
        ("<li><span>Ebb</span></li>", "<li>Eb<iframe></iframe>b</li>", "<li>Ebb</li>"),
    ],
)
def test_the_element_becomes_what_was_made_of_it(element: str, makes: str, becomes: str) -> None:
    gap = gap_of(element)
    filled = gap.filled(written(gap, makes))
    start, end = at(PAGE, element)
    assert filled.html == PAGE[:start] + becomes + PAGE[end:]
    assert filled.html == sanitise(filled.html)
    assert words().kept(words().said(filled.tokens)) == filled.html


def test_the_page_stands_while_the_element_is_being_made() -> None:
    gap = gap_of("<span>Ebb</span>")
    whole = written(gap, "<b>x</b>")
    for count in (0, gap.infill.start, gap.infill.stop - 1):
        assert gap.filled(whole[:count]).html == PAGE
    assert gap.filled(whole[: gap.infill.stop]).html != PAGE
    assert gap.filled([]).tokens == tuple(spell(PAGE))


def spelled() -> list[int]:
    """The page in tokens that reach over the edges of its elements, with padding behind its texts."""
    tokens = [*spell("<h1>Tides é"), PAD, PAD, FIRST]
    tokens += [*spell("Ebb"), PAD, FIRST + 1, *spell("Flood"), PAD, PAD]
    return [*tokens, FIRST + 2, *spell("More"), FIRST + 4]


@pytest.mark.parametrize("model", [words(), words(spell=None)], ids=["spells", "does not"])
def test_a_token_over_the_edge_of_an_element_stands(model: Words) -> None:
    """Its tags lie in tokens that are held; its words are what may change, padding and all."""
    gap = gap_of("<li><span>Flood</span></li>", spelled(), model=model)
    assert list(gap.infill.canvas[gap.infill.start :][:7]) == [*spell("Flood"), PAD, PAD]
    assert gap.around == (b"<li><span>", b"</span></li>")
    filled = gap.filled(written(gap, [*spell("High water"), FIRST + 1, *spell("again")]))
    assert filled.html == PAGE.replace("Flood", "High water")
    assert filled.tokens == (*gap.infill.canvas[: gap.infill.start], *spell("High water"), *gap.infill.after)
    less = gap.filled(written(gap, "Hi"))
    assert less.html == PAGE.replace("Flood", "Hi")
    assert less.tokens == (*gap.infill.canvas[: gap.infill.start], *spell("Hi"), *[PAD] * 5, *gap.infill.after)


def test_of_a_second_change_the_tokens_are_those_of_the_first() -> None:
    gap = gap_of("<li><span>Flood</span></li>", spelled())
    filled = gap.filled(written(gap, "High water"))
    again = gap_of("<li><span>Ebb</span></li>", list(filled.tokens), filled.html)
    assert again.around == (b"<li><span>", b"</span></li>")
    assert again.filled(written(again, "Low")).html == filled.html.replace("Ebb", "Low")


def test_tokens_of_another_page_are_spelled_anew() -> None:
    gap = gap_of("<li><span>Flood</span></li>", spell("<h1>Old</h1>"))
    assert gap.around == (b"", b"")
    assert bytes(gap.infill.canvas[: gap.infill.start]).decode() == PAGE[: at(PAGE, "<li><span>Flood")[0]]


def test_an_element_within_one_token_is_spelled_anew() -> None:
    page = "<h1>Tides</h1><ul><li><span></span></li><li><span></span></li></ul><p>x</p>"
    tokens = [*spell("<h1>Tides"), FIRST, FIRST + 1, FIRST + 2, *spell("x"), FIRST + 4]
    gap = gap_of("<li><span></span></li>", tokens, page)
    assert gap.around == (b"", b"")
    filled = gap.filled(written(gap, "<li>Ebb</li>"))
    assert filled.html == page.replace("<li><span></span></li>", "<li>Ebb</li>", 1)
    assert gap_in(page, tokens, at(page, "<li><span></span></li>"), words(spell=None)) is None


def test_what_there_is_no_room_for_is_no_gap() -> None:
    part = at(PAGE, "<span>Ebb</span>")
    size = len(spell(PAGE))
    found = gap_in(PAGE, spell(PAGE), part, words(most=size + 1))
    assert found
    assert found.infill.stop - found.infill.start == len("<span>Ebb</span>")
    assert gap_in(PAGE, spell(PAGE), part, words(most=size)) is None
    assert gap_in(PAGE, [], part, words(spell=lambda _: ())) is None
    assert gap_in(PAGE, spell(PAGE), (3, 9), words(spell=None)) is None


def test_what_would_change_its_surroundings_is_not_taken() -> None:
    """A drawing's text is scanned otherwise than a page's: put in there, markup may read as something else."""
    page = "<svg><style>a{}</style></svg><p>x</p>"
    gap = gap_of("<style>a{}</style>", page=page)
    filled = gap.filled(written(gap, "<style><p title=</style>"))
    assert filled.html.startswith("<svg>")
    assert filled.html.endswith("</svg><p>x</p>")
    assert sanitise(filled.html) == filled.html
