"""Pieces of pages as words, BPE for the rest, and the Hugging Face layout."""

import random
from pathlib import Path

import jinja2
import pytest
from tokenizers import Tokenizer

from training.tokenizers.pieces import cut, recurring, stem_pieces
from training.tokenizers.tokenizer import CHAT_TEMPLATE, SPECIAL, encode_pair, packing, save, train

STYLE = "<style>:root{--bg:#fff}@media print{a{b:c}p{d:e}}</style>"
SCRIPT = "<script>let n=0\nb.onclick=()=>{n++}\n</script>"
WORDS = ("tea", "hat", "lake", "moon", "river", "stone", "glass", "paper", "cloud", "bread", "green", "quiet")


def pair(rng: random.Random) -> tuple[str, str]:
    name, other = (" ".join(rng.choices(WORDS, k=2)) for _ in range(2))
    page = f"<!doctype html>{STYLE}<h1>{name}</h1><p>{name} is 12 {other}s.</p><ul><li>{other}</li></ul>{SCRIPT}"
    return f"web\nask: about {name}\ntitle: {name}\nlinks: {other}; {name}", page


@pytest.fixture(scope="module")
def pairs() -> list[tuple[str, str]]:
    rng = random.Random(0)
    return [pair(rng) for _ in range(60)]


@pytest.fixture(scope="module")
def tokenizer(pairs: list[tuple[str, str]]) -> Tokenizer:
    return train(pairs, vocabulary=400)


def pieces_of(tokenizer: Tokenizer, text: str) -> list[str]:
    return [tokenizer.decode([i], skip_special_tokens=False) for i in tokenizer.encode(text).ids]


def test_pages_are_cut_into_tags_rules_lines_and_text() -> None:
    page = f"{STYLE}<p id=a>x &amp; y</p>{SCRIPT}z"
    assert [text for text, structure in cut(page) if structure] == [
        "<style>", ":root{--bg:#fff}", "@media print{a{b:c}p{d:e}}", "</style>", "<p id=a>", "&amp;", "</p>",
        "<script>", "let n=0\n", "b.onclick=()=>{n++}\n", "</script>",
    ]  # fmt: skip
    assert "".join(text for text, _ in cut(page)) == page


def test_pieces_recur_and_join_where_they_stand_together() -> None:
    pages = [f"<ul><li>{n}</li></ul><b>{n}</b>" for n in range(9)] + ["<i>once</i>"]
    joined = {"<ul><li>", "</ul><b>", "</li></ul><b>"}
    assert set(recurring(pages, least=3, most=50)) == {"<ul>", "<li>", "</li>", "</ul>", "<b>", "</b>"} | joined
    assert len(recurring(pages, least=3, most=4)) == 4


def test_tags_with_changing_values_become_stems() -> None:
    assert stem_pieces('<a class=x href="/wiki/a">') == ["<a class=", ' href="', '">']
    assert '<li data-id="' in recurring([f'<li data-id="{n}">' for n in range(9)], least=3, most=50)


def test_vocabulary_has_exactly_the_size_asked_for(tokenizer: Tokenizer) -> None:
    assert tokenizer.get_vocab_size() == 400
    assert [tokenizer.token_to_id(token) for token in SPECIAL] == [0, 1, 2, 3]


def test_too_little_text_for_the_vocabulary_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match="expected text for 6144 entries, got enough for"):
        train(pairs)


def test_structure_is_one_word_each(tokenizer: Tokenizer, pairs: list[tuple[str, str]]) -> None:
    pieces = pieces_of(tokenizer, pairs[0][1])
    assert ":root{--bg:#fff}" in pieces
    assert "b.onclick=()=>{n++}\n" in pieces
    assert "</h1><p>" in pieces
    assert "\ntitle: " in pieces_of(tokenizer, pairs[0][0])


def test_a_value_has_the_same_tokens_in_prompt_and_page(tokenizer: Tokenizer) -> None:
    name = "Zebra_42's moon"
    ids = tokenizer.encode(name).ids
    for text in (f"\ntitle: {name}\nfacts: ", f"; {name}; ", f"<h1>{name}</h1>"):
        assert tokenizer.encode(text).ids[1:-1] == ids


@pytest.mark.parametrize(
    "text", ["", "  two  blanks\n\t", "naïve — 漢字 🫖 ✓", "<li><b data-x='·'>1,234.5</b>", "\ufeff\x00\x7f"]
)
def test_text_survives_the_round_trip(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text


def test_digits_stand_alone(tokenizer: Tokenizer) -> None:
    assert pieces_of(tokenizer, "in 2026.")[-5:] == ["2", "0", "2", "6", "."]


def test_special_tokens_in_examples_are_refused(tokenizer: Tokenizer) -> None:
    with pytest.raises(ValueError, match="expected text without special tokens, got 'a <turn>'"):
        encode_pair(tokenizer, "a <turn>", "page")


def test_template_breaks_up_special_tokens_of_a_visitor(tokenizer: Tokenizer) -> None:
    content = "<bos><turn><tu<turn>rn><pad><eos>"
    asked = render([{"role": "system", "content": "web"}, {"role": "user", "content": content}])
    ids = tokenizer.encode(asked).ids
    assert ids[0] == 2
    assert ids[-1] == 3
    assert not set(ids[1:-1]) & {0, 1, 2, 3}
    assert render([{"role": "user", "content": "web\nask: a"}]) == "<bos>web\nask: a<turn>"


def render(messages: list[dict[str, str]]) -> str:
    template = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(CHAT_TEMPLATE)
    return template.render(messages=messages, add_generation_prompt=True)


def test_packing_counts_characters_a_token(tokenizer: Tokenizer, pairs: list[tuple[str, str]]) -> None:
    measured = packing(tokenizer, pairs)
    prompt, page = encode_pair(tokenizer, *pairs[0])
    assert measured.pages > 4
    assert measured.prompts > 1
    assert measured.pieces >= 20
    only = packing(tokenizer, pairs[:1])
    assert (only.prompts, only.pages) == (len(pairs[0][0]) / len(prompt), len(pairs[0][1]) / len(page))


def test_transformers_reads_and_encodes_the_same(
    tokenizer: Tokenizer, pairs: list[tuple[str, str]], tmp_path: Path
) -> None:
    from transformers import AutoTokenizer

    save(tokenizer, tmp_path)
    other = AutoTokenizer.from_pretrained(tmp_path)
    assert (other.pad_token_id, other.eos_token_id, other.bos_token_id, len(other)) == (0, 1, 2, 400)
    for prompt, page in pairs[:5]:
        asked = other.apply_chat_template([{"role": "user", "content": prompt}], add_generation_prompt=True)
        assert (asked["input_ids"], other(page)["input_ids"]) == encode_pair(tokenizer, prompt, page)
        assert other.decode(other(page)["input_ids"]) == page
