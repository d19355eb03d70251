"""What the service reads from a page agrees with what the page was drawn as, for every kind there is."""

import random

import pytest

from backend.page_world import MARKED, page_world
from training.kinds.examples import example
from training.kinds.kind import Kind, kinds
from training.source import Source


@pytest.fixture(scope="module")
def source() -> Source:
    return Source.load()


def world_of(kind: Kind) -> str:
    """The world that a kind's body names, which is what a page says of itself; else that of its folder."""
    marked = [world for mark, world in MARKED.items() if mark in kind.body.split()]
    return marked[0] if marked else kind.world


@pytest.mark.parametrize("name", sorted(kinds()))
def test_a_page_of_a_kind_tells_its_world(name: str, source: Source) -> None:
    kind = kinds()[name]
    page = example(kind, random.Random(name), source, "train").page
    assert page_world(page) == world_of(kind)
