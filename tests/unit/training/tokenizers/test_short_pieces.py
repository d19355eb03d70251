"""The tokenizer for pages of kinds: short tokens, cut where pages, scripts and prose have their joints."""

import random

import pytest
from tokenizers import Tokenizer

from training.kinds.examples import draw_pair
from training.kinds.prompt import prompt
from training.texts.source import Source
from training.tokenizers import short_pieces
from training.tokenizers.short_pieces import CHARACTERS, dialect
from training.tokenizers.tokenizer import SPECIAL, encode_pair


@pytest.fixture(scope="module")
def pairs() -> list[tuple[str, str]]:
    source = Source.load()
    drawn = [draw_pair(random.Random(f"short {number}"), source, "train") for number in range(120)]
    return [(prompt(pair), pair.page) for pair in drawn]


@pytest.fixture(scope="module")
def words(pairs: list[tuple[str, str]]) -> Tokenizer:
    return short_pieces.train(pairs, 2048)


def pieces(words: Tokenizer, text: str) -> list[str]:
    return [words.decode([token], skip_special_tokens=False) for token in words.encode(text).ids]


def test_no_token_is_longer_than_a_short_tag(words: Tokenizer) -> None:
    assert words.get_vocab_size() == 2048
    own = [token for token in range(2048) if words.id_to_token(token) not in (*SPECIAL, *dialect())]
    assert max(len(words.decode([token])) for token in own) <= CHARACTERS


def test_prompts_and_pages_come_back_as_they_were(words: Tokenizer, pairs: list[tuple[str, str]]) -> None:
    for pair in pairs:
        ids = encode_pair(words, *pair)
        assert words.decode(ids[0], skip_special_tokens=False) == f"<bos>{pair[0]}<turn>"
        assert words.decode(ids[1]) == pair[1]


def test_a_name_in_a_script_has_the_same_tokens_whatever_stands_around_it(words: Tokenizer) -> None:
    """A model that wrote a variable once must find the same tokens for it again."""
    name = pieces(words, "quagga")
    for script in ("quagga=3", "quagga.push(4)", "(quagga)", "!quagga&&quagga[0]", "\nquagga()", "f(quagga,1)"):
        found = pieces(words, f"<script>{script}</script>")
        assert any(found[at : at + len(name)] == name for at in range(len(found))), (script, found)


def test_a_title_has_the_same_tokens_behind_a_slot_a_separator_and_a_tag(words: Tokenizer) -> None:
    """What is copied from the prompt into the page is the same there."""
    title = pieces(words, "Quagga & Sons 47".replace("&", "&amp;"))
    for text in ("\nsite: {}", "x; {}; y", "x | {}", "<h1>{}</h1>", "<title>{}</title>", '<i aria-label="{}">'):
        found = pieces(words, text.format("Quagga &amp; Sons 47"))
        assert any(found[at : at + len(title)] == title for at in range(len(found))), (text, found)


def test_digits_stand_alone(words: Tokenizer) -> None:
    assert pieces(words, "<b>2026</b>")[-5:-1] == ["2", "0", "2", "6"]


def test_too_little_text_for_a_vocabulary_is_said() -> None:
    with pytest.raises(ValueError, match="expected text for 4000 entries, got enough for"):
        short_pieces.train([("any\nask: a", "<p>a</p>")], 4000)
