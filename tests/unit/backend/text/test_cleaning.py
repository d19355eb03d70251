"""Characters that nobody sees do not reach a model; everything that people can read does."""

import html
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.prompts.brief import Brief, NavLink, Site, Window
from backend.prompts.render import line, terse
from backend.text.cleaning import FLAGS, JOINERS, clean, one_line

NOT_JOINING = st.text(st.characters(exclude_categories=("Cs",))).map(lambda text: JOINERS.sub("", text))
PRINTABLE = NOT_JOINING.map(lambda text: "".join(c for c in text if c.isprintable()))
VISIBLE = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
"""Format characters with a shape: signs of Arabic, Syriac and Kaithi numbers."""


@given(PRINTABLE)
def test_printable_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@given(PRINTABLE, PRINTABLE)
def test_a_printable_prompt_of_the_small_dialects_is_what_models_were_trained_on(one: str, two: str) -> None:
    def folded(value: str) -> str:
        return html.escape(" ".join(value.replace(";", ",").split()), quote=False)

    assert (line(one), line(two)) == (folded(one), folded(two))
    site, windows = Site(one, (NavLink("wiki", two),)), (Window(one, two),)
    brief = Brief("web", f"a{one}", facts=f"b{two}", links=(one, two), site=site, windows=windows)
    said = terse(brief)
    assert said.startswith(
        f"web\nask: {folded('a' + one)}\nfacts: {folded('b' + two)}\nlinks: {folded(one)}; {folded(two)}"
    )


def test_every_character_without_a_shape_goes() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        nothing = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF or 0xE0000 <= code <= 0xE0FFF
        hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and code not in VISIBLE
        kept = one_line(f"a{character}b")
        if nothing or (hidden and not character.isspace()):
            assert kept == "ab", hex(code)
        elif character.isspace():
            assert kept == "a b", hex(code)


@given(st.text(st.characters()))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert one_line(one_line(text)) == one_line(text)
    clean(text).encode()


@given(st.text(st.sampled_from("\u200c\u200d\ufe0f\ufe00\U000e0100\U0001f525\u2764a1 \u0645\u200b")))
def test_joiners_stand_alone_between_what_they_join(text: str) -> None:
    found = clean(text)
    assert clean(found) == found
    for run in JOINERS.finditer(found):
        assert len(run[0]) <= 2
        assert run.start() > 0
        assert run[0][-1] not in "\u200c\u200d" or run.end() < len(found)
    assert not any(
        pair in found for pair in ("\u200d\u200d", "\ufe00\ufe00", "\ufe0f\ufe00", "a\u200d", " \u200d", "\u200d ")
    )


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",  # a family
        "\u2764\ufe0f\u200d\U0001f525 \U0001f642\u200d\u2194\ufe0f",  # a heart on fire; shaking a head
        "1\ufe0f\u20e3 \u2600\ufe0e",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian
        "\u0915\u094d\u200d\u0937",  # Devanagari
        "\u8fbb\U000e0100",  # a form of an ideograph
        *FLAGS.split("|"),
        "\u0635\u0641\u062d\u0629 \u0661\u0662 \u05e9\u05dc\u05d5\u05dd",
        "<p>\n\t<b>x</b>\n</p>",
    ],
)
def test_scripts_and_emoji_stay(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ab\u202edc\u202c", "abdc"),
        ("a\U000e0069\U000e0067b", "ab"),
        ("\U0001f3f4\U000e0078\U000e007f", "\U0001f3f4"),
        ("\U0001f642" + "\ufe01\ufe02\ufe03", "\U0001f642"),
        ("a\ufe0fb\u200dc", "abc"),
        ("\u2764\ufe0f\u200d", "\u2764\ufe0f"),
        ("\u0645\u200c\u200c\u062e", "\u0645\u062e"),
        ("a\r\nb\rc\u2028d\x85e\x0bf", "a\nb\nc d e f"),
        ("\ud800\ufffe\ufdd0x\x00", "x"),
    ],
)
def test_what_hides_goes(text: str, kept: str) -> None:
    assert clean(text) == kept
