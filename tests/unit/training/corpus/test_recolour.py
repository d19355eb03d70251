"""Edits that recolour a page: one rule changes, and what is asked is what comes."""

import random
from dataclasses import replace

from tests.unit.training.corpus.test_web import source as source  # a fixture
from training.corpus import EDIT_SHARE, FAMILIES, sample
from training.corpus.app_asks import COLOURS
from training.corpus.design import DARK, PALETTES, Example
from training.corpus.recolour import SHADES, recoloured
from training.evaluation.evaluate import original
from training.texts.source import Source


def palettes(page: str) -> list[str]:
    return [name for name, palette in PALETTES.items() if palette.rule() in page]


def edits(source: Source) -> list[Example]:
    drawn = [FAMILIES[name].sample(random.Random(name), source, "train") for name in ("article", "cart", "desktop")]
    return [recoloured(random.Random(seed), example) for example in drawn for seed in range(30)]


def test_only_the_palette_changes_and_to_the_one_asked_for(source: Source) -> None:
    for example in edits(source):
        (before,), (after,) = palettes(example.before), palettes(example.page)
        assert before != after
        assert example.page == example.before.replace(PALETTES[before].rule(), PALETTES[after].rule())
        asked = example.brief.edit.lower()
        named = {name for word, name in COLOURS.items() if word in asked.split()}
        assert any(words in asked for words in SHADES[after]) or named == {after}
        assert ("dark" in example.checks.features) == (after in DARK)
        assert before in example.brief.style


def test_a_page_with_a_palette_to_switch_to_stays_as_it_is(source: Source) -> None:
    example = FAMILIES["article"].sample(random.Random(1), source, "train")
    (palette,) = palettes(example.page)
    two = replace(example, page=example.page.replace("</style>", ".alt{color:red}</style>"))
    bare = replace(example, page=example.page.replace(PALETTES[palette].rule(), ""))
    assert recoloured(random.Random(0), two) is two
    assert recoloured(random.Random(0), bare) is bare


def test_some_pages_are_edits_and_the_page_before_was_asked_for_without_one(source: Source) -> None:
    drawn = [sample(FAMILIES["topics"], random.Random(seed), source, "train") for seed in range(300)]
    edited = [example for example in drawn if example.before]
    assert 0.5 * EDIT_SHARE < len(edited) / len(drawn) < 1.5 * EDIT_SHARE
    first = original(edited[0])
    assert first == replace(edited[0].brief, edit="")
