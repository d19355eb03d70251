"""Words of the kit that a host has for its pages: which are known, and what they make of a drawn style."""

import re
from pathlib import Path

import pytest

from backend.composer.compose import Composer
from backend.composer.intent import Intent
from backend.kit.bundle import KIT
from backend.kit.look_words import ADJUSTMENTS, LIGHTS, checked, chosen, kinds
from backend.models.model_card import ModelCard, kit_card
from backend.protocol.messages import Prompt, Style
from tests.support.fakes import hub_of
from tests.support.scenes import House, play, refused


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("cards ocean round", "cards ocean round"),
        ("  round OCEAN\tcards cards ", "cards ocean round"),
        ("dark", "dark"),
        ("", ""),
        ("ocean", "ocean"),
    ],
)
def test_words_are_put_in_order(words: str, said: str) -> None:
    assert checked(words) == said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("cards sea", "got 'sea'"),
        ("cards glass", "expected one design, got cards and glass"),
        ("ocean mint", "expected one palette, got ocean and mint"),
        ("cards;ocean", "got 'cards;ocean'"),
        ("</request>", "got '</request>'"),
    ],
)
def test_other_words_are_refused(words: str, message: str) -> None:
    with refused("bad_style", message):
        checked(words)


@pytest.mark.parametrize(
    ("words", "drawn", "dark", "style"),
    [
        ("cards ocean round", "paper red", False, "cards ocean round"),
        ("ocean", "paper red", False, "paper ocean"),
        ("cards", "glass violet dark", False, "cards violet"),
        ("round", "glass violet dark", False, "glass violet round"),
        ("cards ocean", "glass violet dark", True, "cards ocean dark"),
        ("cards ocean light", "glass violet dark", True, "cards ocean light"),
        ("dark", "paper red", True, "paper red dark"),
    ],
)
def test_a_host_leaves_open_what_it_does_not_say(words: str, drawn: str, dark: bool, style: str) -> None:
    assert chosen(words, drawn, dark) == style


def test_every_word_is_one_of_the_kit() -> None:
    sheets = "".join(path.read_text("utf-8") for path in KIT.glob("*.css"))
    known = set(re.findall(r"\.([a-z]+)", sheets))
    assert (ADJUSTMENTS | kinds()["palette"]) - LIGHTS <= known
    assert {"cards", "terminal"} <= kinds()["design"]
    assert {"ink", "ocean", "brown"} <= kinds()["palette"]


def test_only_models_that_write_over_the_kit_are_told() -> None:
    intent = Intent("/x", "app", ask="a timer")
    assert Composer(kit_card("m")).compose(intent, "s", "glass berry").style == "glass berry"
    own = ModelCard("m", "terse", {"app": ("soft rose",)})
    assert Composer(own).compose(intent, "s", "glass berry").style == "soft rose"


def test_pages_made_from_then_on_have_the_words(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        (house.settings.model / "silverprint.json").unlink()
        house.registry = hub_of(house.settings, house.engine, house.store)
        visitor = await house.visitor()
        await visitor.page(Prompt("a timer", "app"))
        await visitor.send(Style("retro berry round"))
        await visitor.page(Prompt("a clock", "app"))
        with refused("bad_style", "got 'chrome'"):
            await visitor.send(Style("chrome"))
        await visitor.page(Prompt("another clock", "app"))
        before, *after = [prompt for prompt, _ in house.engine.submitted]
        assert "style: retro berry round" not in before
        assert all("style: retro berry round" in prompt for prompt in after)
        await visitor.send(Style(""))
        await visitor.page(Prompt("a third clock", "app"))
        assert "style: retro berry round" not in house.engine.submitted[-1][0]

    play(tmp_path, scene)
