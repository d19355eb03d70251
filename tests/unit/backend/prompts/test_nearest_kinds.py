"""Which kinds of page a request comes nearest to."""

from pathlib import Path
from typing import Any

import pytest

from backend.models.model_card import read_card
from backend.prompts.nearest_kinds import READ_CHARS, KnownKind, Nearest, features, head, parse_kinds
from backend.settings import BUNDLED_MODEL

KINDS = parse_kinds(
    {
        "app": {
            "mortgage": ["mortgage calculator"],
            "tip": ["tip calculator"],
            "snake": ["snake game"],
            "bmi": ["bmi calculator", "Body mass index"],
        },
        "web": {"article": ["an article about the sea"], "snake_page": ["page about a snake"]},
        "os": {"calc": ["a calculator window"]},
    }
)
NEAREST = Nearest(KINDS)


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        ("a snake game, please", "snake"),
        ("Could you make me a MORTGAGE calculator?", "mortgage"),
        ("calculate my morgage", "mortgage"),  # a slip of the finger
        ("how much do I tip", "tip"),
        ("what is my body mass", "bmi"),  # by what it is called besides
        ("everything about the sea", "article"),
        ("snakes", "snake"),
    ],
)
def test_the_nearest_kind_is_found_by_words_and_letters(request_: str, name: str) -> None:
    assert NEAREST.find(request_, 1)[0].name == name


def test_rare_words_count_more_than_common_ones() -> None:
    assert NEAREST.find("a calculator for my mortgage", 2)[0].name == "mortgage"


def test_a_world_that_is_named_is_kept_to() -> None:
    assert NEAREST.find("a snake game", 1, "web")[0].name == "snake_page"
    assert {kind.world for kind in NEAREST.find("a calculator", 3, "app")} == {"app"}
    assert [kind.name for kind in NEAREST.find("a snake game", 3, "os")] == ["calc"]


def test_there_are_as_many_as_wanted_even_where_nothing_is_near() -> None:
    assert [kind.name for kind in NEAREST.find("日本語", 3)] == [kind.name for kind in KINDS[:3]]
    assert NEAREST.find("", 3) == KINDS[:3]
    assert len(NEAREST.find("a snake game", 99)) == len(KINDS)
    assert Nearest(()).find("a snake game", 3) == ()


def test_nearness_is_from_nothing_to_the_same_words() -> None:
    assert NEAREST.nearness("the snake game") == pytest.approx(1)
    assert NEAREST.nearness("日本語") == Nearest(()).nearness("a snake game") == 0
    assert 0 < NEAREST.nearness("a snake with wings that plays the violin") < 0.7


def test_of_a_long_request_the_beginning_counts() -> None:
    assert NEAREST.nearness("z" * READ_CHARS + " snake game") == 0


def test_words_that_say_nothing_are_left_out() -> None:
    assert features("Make me a page that is it") == features("page")
    assert features("to-do") == features("do, DO!") == frozenset()
    assert features("ab") == {" ab ", " ab", "ab "}
    assert features("How to tie") - features("tie") == {" how to "}, "the beginning of a question says something"


def test_the_bundled_checkpoint_knows_kinds_by_their_own_words() -> None:
    kinds = read_card(BUNDLED_MODEL).kinds
    nearest = Nearest(kinds)
    assert len(kinds) > 50
    assert all(kind.name == nearest.find(kind.ask, 1, kind.world)[0].name for kind in kinds)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], r"kinds \[\], not kinds by world \(web, os, app\)"),
        ({"moon": {}}, r"kinds \{'moon': \{\}\}, not kinds by world \(web, os, app\)"),
        ({"web": ["a"]}, r"kinds of a world \['a'\], not a list of texts by name"),
        ({"web": {"a": "b"}}, "kind a with 'b', not a list of texts of which the first asks for it"),
        ({"web": {"a": []}}, r"kind a with \[\], not a list of texts"),
        ({"web": {"a": ["b", 1]}}, r"kind a with \['b', 1\], not a list of texts"),
        ({"web": {"a": [" "]}}, r"kind a with \[' '\], not a list of texts"),
    ],
)
def test_kinds_that_are_none(data: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        parse_kinds(data)


def test_kinds_are_listed_world_by_world() -> None:
    assert KINDS[0] == KnownKind("article", "web", ("an article about the sea",))
    assert KINDS[-1].ask == "bmi calculator"


def test_a_card_without_kinds_names_none(tmp_path: Path) -> None:
    (tmp_path / "silverprint.json").write_text('{"dialect": "terse"}')
    assert read_card(tmp_path).kinds == ()


def test_a_prompt_names_the_kinds_that_are_near_and_no_others() -> None:
    assert NEAREST.hints("a snake page") == ("snake_page", "snake")
    assert NEAREST.hints("a snake game") == ("snake",), "the other is less than half as near"
    assert NEAREST.hints("a snake game", "web") == ("snake_page",), "of the world that was chosen"
    assert NEAREST.hints("Überraschung") == ()
    assert NEAREST.hints("") == ()


def test_what_is_asked_for_counts_more_than_its_parts() -> None:
    """The parts that a page is to have may be the names of other kinds."""
    words = "snake game with a tip calculator, a mortgage calculator and an article about the sea"
    assert NEAREST.find(words, 1)[0].name != "snake"
    assert NEAREST.hints(words)[0] == "snake"
    assert head("with a chart") == "with a chart", "nothing stands before it"
    assert head("please, a chart with labels") == "please, a chart "
