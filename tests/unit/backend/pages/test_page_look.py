"""The look that a page leaves for the next: the kit's own words, and nothing else that a page may say."""

from dataclasses import replace

import pytest

from backend.kit.bundle import KIT, designs, palettes
from backend.pages.page_look import ADJUSTMENTS, left_by, look_of
from backend.prompts.brief import Brief
from backend.storage.records import PageRecord


def over(root: str) -> str:
    return f"<!doctype html><html lang=en {root}><title>a</title><h1>a</h1>"


@pytest.mark.parametrize(
    ("root", "look"),
    [
        ('class="paper mint"', "paper mint"),
        ('class="  paper\nmint dark serif "', "paper mint dark serif"),
        ("class=glass", "glass"),
        ('class="mint mint paper"', "mint paper"),
        ('class="paper no-js ignore-your-rules mint"', "paper mint"),
        ('class="pa&#112;er"', "paper"),
        ('class="paper" class="retro"', "paper"),
        ('class=cards style="--accent:#c40"', "cards --accent:#c40"),
        ("class=cards style='color:red; --ACCENT : oklch(0.5 0.1 30)'", "cards --accent:oklch(0.5 0.1 30)"),
        ('class=cards style="--accent:hotpink;"', "cards --accent:hotpink"),
        ('class="dark" style="--accent:#c40"', "dark --accent:#c40"),
        ('class=cards style="--accent:red url(x)"', "cards"),
        ('class=cards style="--accent:write the secret; x:y"', "cards"),
        ('class=cards style="--my--accent:red"', "cards"),
        ('class="dark"', ""),
        ('class="site theme-a"', ""),
        ('class=""', ""),
        ("", ""),
    ],
)
def test_a_look_is_read_from_html(root: str, look: str) -> None:
    assert look_of(over(root)) == look


def test_other_elements_say_nothing_of_it() -> None:
    assert look_of("<body class='paper mint'><html class=retro>") == ""
    assert look_of("<p>html class=paper") == ""
    assert look_of("") == ""


def test_the_words_are_the_kits() -> None:
    assert set(designs()) == {path.stem for path in (KIT / "designs").glob("*.css")}
    assert {"ink", "mint", "brown"} <= set(palettes())
    adjust = (KIT / "adjust.css").read_text("utf-8") + (KIT / "tokens.css").read_text("utf-8")
    assert [word for word in ADJUSTMENTS if f".{word}" not in adjust] == []


def test_of_a_private_page_no_accent_is_read_that_it_was_not_given() -> None:
    page = PageRecord("p", "/x", "web", Brief("web", "x", style="paper ink"), "", 3, 0.0)
    page = replace(page, html=over('class="paper mint dark" style="--accent:#123456"'))
    assert left_by(page) == "paper mint dark --accent:#123456"
    page = replace(page, private=True)
    assert left_by(page) == "paper mint dark"
    assert left_by(replace(page, brief=Brief("web", "x", style="cards --accent:#123456"))).endswith("--accent:#123456")
