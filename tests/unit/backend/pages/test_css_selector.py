"""Elements of a page as people name them on a command line."""

import re

import pytest

from backend.errors import StartupError
from backend.pages.css_selector import choose
from backend.protocol.messages import Target

PAGE = (
    "<!doctype html><style>li{color:red}</style><body><h1 id=top>Tides &amp; moons</h1>"
    "<ul><li class='new done'>Ebb<li class=done>Flood</ul>"
    '<form><input name=q><input name="x y" type=submit value=Go></form><button>Add</button><button>Del</button></body>'
)


@pytest.mark.parametrize(
    ("selector", "element"),
    [
        ("h1", "<h1 id=top>Tides &amp; moons</h1>"),
        ("#top", "<h1 id=top>Tides &amp; moons</h1>"),
        ("H1#top", "<h1 id=top>Tides &amp; moons</h1>"),
        ("li.new", "<li class='new done'>Ebb"),
        (".new.done", "<li class='new done'>Ebb"),
        ('li.done "Flood"', "<li class=done>Flood"),
        ('button "add"', "<button>Add</button>"),
        ("[name=q]", "<input name=q>"),
        ("input[type]", '<input name="x y" type=submit value=Go>'),
        ("[name='x y']", '<input name="x y" type=submit value=Go>'),
        ('*"Del"', "<button>Del</button>"),
    ],
)
def test_an_element_by_its_selector(selector: str, element: str) -> None:
    chosen = choose(PAGE, selector)
    assert PAGE[chosen.start : chosen.end] == element


def test_what_a_prompt_calls_it() -> None:
    assert choose(PAGE, "h1").target == Target("h1", "Tides & moons")


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("", "expected a selector like h1, #total, li.done, [name=q] or 'button \"Add\"', got ''"),
        ("ul > li", "expected a selector like h1, #total, li.done, [name=q] or 'button \"Add\"', got 'ul > li'"),
        ("p", "expected one element for the selector p, got none"),
        ("li", "expected one element for the selector li, got 2: <li class='new done'>Ebb, <li class=done>Flood"),
        ('button "Save"', 'expected one element for the selector button "Save", got none'),
    ],
)
def test_what_fits_no_element_or_several(selector: str, words: str) -> None:
    with pytest.raises(StartupError, match=f"^{re.escape(words)}$"):
        choose(PAGE, selector)
