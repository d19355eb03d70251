"""What the service reads from a page agrees with what the page was drawn as, for every kind there is."""

import random

import pytest

from backend.pages.page_world import page_world
from training.kinds.examples import example
from training.kinds.kind import kinds
from training.texts.source import Source


@pytest.fixture(scope="module")
def source() -> Source:
    return Source.load()


@pytest.mark.parametrize("name", sorted(kinds()))
def test_a_page_of_a_kind_tells_its_world(name: str, source: Source) -> None:
    kind = kinds()[name]
    page = example(kind, random.Random(name), source, "train").page
    assert page_world(page) == kind.world
