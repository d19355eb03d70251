"""Anchors in pages: where a page repeats its brief, and nowhere else."""

import random

import pytest

from backend.prompts.anchors import ANCHOR, unanchored
from backend.prompts.brief import Brief
from tests.unit.training.corpus.test_web import source as source  # a fixture
from training.anchors import anchor_page
from training.corpus import WEB
from training.texts.source import Source


def brief(facts: str = "", links: tuple[str, ...] = (), names: tuple[str, ...] = ()) -> Brief:
    return Brief("web", "x", facts=facts, links=links, names=names)


@pytest.mark.parametrize(
    ("facts", "page", "anchored"),
    [
        ("It is. It flows.", "<p>It is.</p><p> It flows.</p>", "<p><!--1-->It is.</p><p><!--2--> It flows.</p>"),
        ("Area: 12 sq km.", "<th>Area</th><td> 12 sq km</td>", "<th><!--1-->Area</th><td> 12 sq km</td>"),
        ("2 cups of rye.", "<b>2</b> cups of rye", "<b><!--1-->2</b> cups of rye"),
        ("It is.", "<title>It is.</title><i title='It is.'>a</i>", "<title>It is.</title><i title='It is.'>a</i>"),
        ("It is hot.", "<b>It is hot.</b><i>It is hot.</i>", "<b><!--1-->It is hot.</b><i><!--1-->It is hot.</i>"),
        ("Salt & sea.", "<p>Salt &amp; sea.", "<p><!--1-->Salt &amp; sea."),
    ],
)  # fmt: skip
def test_facts_are_anchored_as_the_prompt_anchors_them(facts: str, page: str, anchored: str) -> None:
    assert anchor_page(page, brief(facts)) == anchored


def test_links_and_names_are_anchored_where_they_are_a_whole_text() -> None:
    page = "<title>Lava</title><a href=/wiki>Lava</a> Lava <a>Lava flow</a><b>ann</b>"
    assert anchor_page(page, brief(links=("Fire", "Lava"), names=("ann",))) == (
        "<title>Lava</title><a href=/wiki><!--L2-->Lava</a> Lava <a>Lava flow</a><b><!--N1-->ann</b>"
    )


@pytest.mark.parametrize("family", WEB)
def test_pages_of_the_corpus_carry_anchors_that_change_nothing(source: Source, family: str) -> None:
    found = 0
    for seed in range(8):
        example = WEB[family].sample(random.Random(seed), source, "train")
        page = anchor_page(example.page, example.brief)
        assert unanchored(page) == example.page
        found += len(ANCHOR.findall(page))
    assert found > 16
