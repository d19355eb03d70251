"""What clicks, forms, addresses and prompts lead to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.composer.intent import (
    FIELD_CHARS,
    FIELDS,
    FIELDS_CHARS,
    Intent,
    Standpoint,
    acted,
    entered,
    prompted,
    typed,
)
from backend.errors import ProtocolError
from backend.protocol.messages import Target
from backend.text.cleaning import one_line

WIKI = Standpoint("/wiki/volcano", "web", "Volcano")
ASKED = Standpoint("/tides", "web", "Tide")
FILES = Standpoint("/os/desktop/files", "os", "Files")
TODO = Standpoint("/app/groceries", "app", "Groceries")


@pytest.mark.parametrize(
    ("here", "target", "expected"),
    [
        (WIKI, Target("a", "Lava", "/wiki"), Intent("/wiki/lava", "web", open="/wiki Lava")),
        (
            WIKI,
            Target("a", " Ring\n of Fire ", "/wiki"),
            Intent("/wiki/ring_of_fire", "web", open="/wiki Ring of Fire"),
        ),
        (WIKI, Target("a", "Kettle", "/shop"), Intent("/shop/kettle", "web", open="/shop Kettle")),
        (WIKI, Target("a", "more", "/wiki/lava/flows"), Intent("/wiki/lava/flows", "web", open="/wiki more")),
        (WIKI, Target("a", "", "/wiki/lava"), Intent("/wiki/lava", "web", open="/wiki Lava")),
        (WIKI, Target("a", "", "/lava"), Intent("/wiki/lava", "web", open="/wiki Lava")),
        (WIKI, Target("a", "Home", "/"), Intent("/wiki/home", "web", open="/wiki Home")),
        (WIKI, Target("a", "Out", "https://evil.example/x?q=1"), Intent("/x/out", "web", open="/x Out")),
        (WIKI, Target("a", "Script", "javascript:alert(1)"), Intent("/wiki/script", "web", open="/wiki Script")),
        (WIKI, Target("button", "Load more"), Intent("/wiki/load_more", "web", open="/wiki Load more")),
        (ASKED, Target("button", "Load more"), Intent("/wiki/load_more", "web", open="/wiki Load more")),
        (
            WIKI,
            Target("form", "Go", "/search", form={"hidden": " ", "q": "sea  level"}),
            Intent("/search/sea_level", "web", open="/search sea level", private=True),
        ),
        (WIKI, Target("form", "Go", "/search", form={"q": ""}), Intent("/search/go", "web", open="/search Go")),
        (WIKI, Target("form", "Go", form={"q": "moon"}), Intent("/wiki/moon", "web", open="/wiki moon", private=True)),
        (WIKI, Target("input", "", value="Vote"), Intent("/wiki/vote", "web", open="/wiki Vote")),
        (WIKI, Target("a", "Notes", "/app"), Intent("/app/notes", "app", ask="Notes")),
        (FILES, Target("button", "Notes"), Intent("/os/files/notes", "os", open="Notes", screen="Files")),
        (FILES, Target("button", "Files"), Intent("/os/files", "os", open="Files")),
        (FILES, Target("a", "", "/mail"), Intent("/os/files/mail", "os", open="Mail", screen="Files")),
        (TODO, Target("a", "Settings", "#"), Intent("/app/settings", "app", ask="Settings")),
    ],
)
def test_acted(here: Standpoint, target: Target, expected: Intent) -> None:
    assert acted(target, here) == expected


@pytest.mark.parametrize("target", [Target("a", " "), Target("a", "", "#top"), Target("form", "", form={"q": " "})])
def test_targets_that_lead_nowhere(target: Target) -> None:
    with pytest.raises(ProtocolError, match="expected a target with text, a form value or an address"):
        acted(target, WIKI)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/wiki/lava", Intent("/wiki/lava", "web", open="/wiki Lava")),
        (" wiki/Lava ", Intent("/wiki/lava", "web", open="/wiki Lava")),
        ("lava", Intent("/wiki/lava", "web", open="/wiki Lava")),
        ("/shop/copper_kettle", Intent("/shop/copper_kettle", "web", open="/shop Copper Kettle")),
        ("/wiki Copper kettle", Intent("/wiki_copper_kettle", "web", ask="wiki copper kettle")),
        ("shop that sells teapots", Intent("/any/shop_that_sells_teapots", "any", ask="shop that sells teapots")),
        ("/any/a_snake_game", Intent("/any/a_snake_game", "any", ask="a snake game")),
        ("/any", Intent("/wiki/any", "web", open="/wiki Any")),
        ("/shop_that_sells_teapots", Intent("/shop_that_sells_teapots", "web", ask="shop that sells teapots")),
        ("http://127.0.0.1:8017/wiki/lava", Intent("/wiki/lava", "web", open="/wiki Lava")),
        ("/os", Intent("/os", "os", ask="my desktop")),
        ("/os/files/notes", Intent("/os/files/notes", "os", open="Notes", screen="Files")),
        ("/os/mail", Intent("/os/mail", "os", open="Mail")),
        ("/app", Intent("/app/a_to-do_app", "app", ask="a to-do app")),
        ("/app/a_timer", Intent("/app/a_timer", "app", ask="a timer")),
    ],
)
def test_typed(text: str, expected: Intent) -> None:
    assert typed(text) == expected


@pytest.mark.parametrize("text", ["/", "///", "?", "#", "javascript:alert(1)", "..", "data:text/html,x"])
def test_no_addresses(text: str) -> None:
    with pytest.raises(ProtocolError, match="expected an address such as /wiki/lava, got ") as caught:
        typed(text)
    assert caught.value.code == "bad_address"


def test_prompts_have_addresses_of_their_words() -> None:
    assert prompted(" a  to-do app ", "app") == Intent("/app/a_to-do_app", "app", ask="a to-do app")
    assert prompted("?!", "web").url == "/!"
    assert prompted("??", "os").url == "/os/prompt"
    assert prompted("OS", "web").url == "/prompt/os"
    assert prompted("a snake game") == Intent("/any/a_snake_game", "any", ask="a snake game")
    assert prompted("x " * 500 + "a", "web").url != prompted("x " * 500 + "b", "web").url


def test_all_that_is_filled_in_is_told() -> None:
    form = {"name": " Ann\nLee ", "empty": " ", "note": "hello"}
    told = acted(Target("form", "Send", "/contact", form=form), WIKI)
    assert (told.open, told.private) == ("/contact Ann Lee", True)
    assert told.entered == (("name", "Ann Lee"), ("note", "hello"))
    screen = acted(Target("form", "Save", "/notes", form=form), FILES)
    assert (screen.open, screen.entered) == ("Ann Lee", told.entered)


def test_what_the_words_of_an_action_say_already_is_not_told_twice() -> None:
    assert entered({"q": "lava", "other": ""}) == ()
    assert entered({}) == ()
    assert entered({"q": "la va " * 100}) == (("q", ("la va " * 66).strip() + " la…"),)


@given(st.dictionaries(st.text(max_size=60), st.text(max_size=600), max_size=32))
def test_forms_have_limits(form: dict[str, str]) -> None:
    told = entered(form)
    assert len(told) <= FIELDS
    assert sum(len(value) for _, value in told) <= FIELDS_CHARS
    for name, value in told:
        assert len(name) <= 40
        assert 0 < len(value) <= FIELD_CHARS
        assert (one_line(name), one_line(value)) == (name, value)
