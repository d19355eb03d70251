"""Countries, recipes and days as facts in parts."""

import json
import random

import pytest

from backend.prompts.fact_text import FACTS_LIMIT
from training.texts.almanac import Record, countries, days, plain, recipes


def profile(name: str, **government: str) -> bytes:
    """A country in the Factbook's layout, with six facts beside its capital."""
    told = {
        "Government": {
            "Country name": {"conventional short form": {"text": name}},
            "Capital": {"name": {"text": government.get("capital", "Port Ano (since 1990)")}},
            "Government type": {"text": "republic; note - since 1990"},
            "National color(s)": {"text": "blue, white"},
        },
        "Geography": {
            "Coastline": {"text": "0 km"},
            "Climate": {"text": "<em>mild</em>, wet"},
            "Land boundaries": {"total": {"text": "3,956 km"}},
        },
        "Communications": {"Internet country code": {"text": "ar"}},
        "Economy": {"Industries": {"text": "machinery, chemicals, automobiles, metallurgy, aircraft, electronics"}},
    }
    return json.dumps(told).encode()


def test_a_country_has_labelled_facts_without_notes() -> None:
    (found,) = countries({"data/africa/an.json": profile("Anoria")})
    assert (found.title, found.kin) == ("Anoria", "africa")
    assert found.parts == (
        "Capital: Port Ano.",
        "Government: republic.",
        "Climate: mild, wet.",
        "Borders: 3,956 km.",
        "Industries: machinery, chemicals, automobiles, metallurgy.",
        "Colours: blue, white.",
        "Internet code: ar.",
    )


def test_places_without_a_capital_are_left_out() -> None:
    assert list(countries({"data/world/oo.json": profile("Ocean", capital="")})) == []


@pytest.mark.parametrize("raw", ["none", "NA", "0 km", "北京", "a" * 60])
def test_values_that_say_nothing_or_do_not_fit_are_dropped(raw: str) -> None:
    assert plain(raw) == ""


def test_a_recipe_is_ingredients_and_then_steps() -> None:
    told = {
        "one": {
            "title": "Plain Bread (a loaf)", "category": "Bread",
            "ingredients": ["500 g flour", "1 ½ cups water", "2 spoons of oil", "7 g yeast (dried)", "1 pinch salt"],
            "steps": ["Mix everything well.", "Bake (hot).", "Let it cool on a rack."],
        },
        "two": {"title": "Toast", "category": None, "ingredients": ["1 slice bread"], "steps": ["Toast it at once."]},
    }  # fmt: skip
    assert list(recipes(json.dumps(told).encode())) == [
        Record(
            "Plain Bread",
            "Bread",
            ("500 g flour.", "2 spoons of oil.", "1 pinch salt.", "Mix everything well.", "Let it cool on a rack."),
        )
    ]


def test_a_day_tells_by_year_what_nobody_minds_seeing() -> None:
    lines = (
        "1969 - Two people walk on the Moon for the first time.",
        "843 – The treaty of a town is signed by three brothers.",
        "1900 - A bomb is found in the middle of the old town.",
        "1912 - A very long sentence that goes on. And another one.",
        "1954 - The first part of a long story is published.",
        "1989 - Somebody writes the plan of a web of pages.",
    )
    (found,) = days({"locale/en-us/day_6_month_3_events.dialog": "\n".join(lines).encode()})
    assert (found.title, found.kin) == ("March 6", "March")
    assert [part.split(":")[0] for part in found.parts] == ["843", "1954", "1969", "1989"]
    assert found.parts[2] == "1969: Two people walk on the Moon for the first time."


def test_facts_are_parts_in_order_within_the_limit_of_a_brief() -> None:
    record = Record("Anoria", "africa", tuple(f"Label {n}: {'word ' * n}." for n in range(12)))
    for seed in range(30):
        facts = record.facts(random.Random(seed), 6)
        numbers = [int(part.split(":")[0]) for part in facts.split("Label ")[1:]]
        assert numbers == sorted(numbers)
        assert 0 < len(numbers) <= 6
        assert len(facts) <= FACTS_LIMIT
