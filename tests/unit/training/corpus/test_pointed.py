"""Edits about a selected element."""

import random
from dataclasses import replace

import pytest

from backend.prompts.brief import Brief
from training.corpus.design import Checks, Example
from training.corpus.pointed import POINTED_SHARE, pointed

BEFORE = """<title>Chores</title><h1>Chores</h1><button>Add</button><li><span>milk &amp; bread</span></li><script>
a="<p>not this</p>"</script>"""
EXAMPLE = Example("todo", Brief("app", "a list", edit="remove the milk & bread"), "", Checks("Chores"), BEFORE)


def seen(example: Example) -> set[str]:
    return {pointed(random.Random(n), example).brief.edit for n in range(300)}


@pytest.mark.parametrize(
    ("edit", "title", "expected"),
    [
        ("remove the milk & bread", "", {'remove this (the part "milk & bread")'}),
        ("Milk & bread is done", "", {'this is done (the part "milk & bread")'}),
        ("rename it to Fun", "Fun", {'rename it to Fun (the heading "Chores")'}),
        ("make it dark.", "Chores", {
            'make it dark (the heading "Chores")', 'make it dark (the button "Add")',
            'make it dark (the part "milk & bread")',
        }),
    ],
)  # fmt: skip
def test_an_edit_says_which_element_it_is_about(edit: str, title: str, expected: set[str]) -> None:
    example = replace(EXAMPLE, brief=replace(EXAMPLE.brief, edit=edit, title=title))
    assert seen(example) == {edit, *expected}


def test_most_edits_are_left_as_they_are() -> None:
    left = sum(pointed(random.Random(n), EXAMPLE) is EXAMPLE for n in range(2000))
    assert left / 2000 == pytest.approx(1 - POINTED_SHARE, abs=0.05)


def test_what_is_no_edit_or_has_no_element_is_left() -> None:
    asked = replace(EXAMPLE, brief=replace(EXAMPLE.brief, edit=""))
    bare = replace(EXAMPLE, before="<canvas></canvas>")
    assert all(pointed(random.Random(n), one) is one for one in (asked, bare) for n in range(50))
