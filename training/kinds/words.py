"""Where free words come from: names, tasks, things, places, numbers, spelled as people spell them in a request."""

import random
from collections.abc import Callable

from training.source import Source
from training.split import Split

CITIES = tuple(
    [
        "Hamburg",
        "Berlin",
        "Oslo",
        "Rome",
        "Lisbon",
        "Bristol",
        "Vienna",
        "Leeds",
        "Porto",
        "Ghent",
        "Turin",
        "Malmö",
        "Dublin",
        "Graz",
        "Lyon",
        "Kraków",
        "Basel",
        "Tampere",
        "Boston",
        "Austin",
        "Denver",
        "Portland",
        "Toronto",
        "Sydney",
        "Perth",
        "Osaka",
        "Seoul",
        "Pune",
        "Lagos",
        "Nairobi",
        "Lima",
        "Bogotá",
        "Valencia",
        "Seville",
        "Munich",
        "Cologne",
        "Leipzig",
        "Bremen",
        "Zurich",
        "Geneva",
        "Brighton",
        "York",
        "Bath",
        "Oxford",
        "Cardiff",
        "Glasgow",
        "Cork",
        "Galway",
        "Utrecht",
        "Delft",
        "Bruges",
        "Nice",
        "Nantes",
        "Lille",
        "Bordeaux",
        "Prague",
        "Brno",
        "Riga",
        "Tallinn",
    ]
)
FOODS = tuple(
    [
        "pancakes",
        "lentil soup",
        "tomato soup",
        "fish tacos",
        "apple pie",
        "green curry",
        "fried rice",
        "roast potatoes",
        "banana bread",
        "lemonade",
        "hot chocolate",
        "espresso",
        "flat white",
        "carrot cake",
        "garlic bread",
        "caesar salad",
        "mushroom risotto",
        "cheese toast",
        "iced tea",
        "plum tart",
        "ramen",
        "falafel",
        "onion rings",
        "veggie burger",
    ]
)
BUYS = tuple(
    [
        "milk",
        "oat milk",
        "eggs",
        "bread",
        "butter",
        "rice",
        "apples",
        "bananas",
        "coffee",
        "olive oil",
        "soap",
        "light bulbs",
        "paper towels",
        "cat food",
        "yoghurt",
        "flour",
        "sugar",
        "tea",
        "onions",
        "batteries",
    ]
)
ERRANDS = tuple(
    [
        "water the plants",
        "call grandma",
        "buy milk",
        "feed the cat",
        "book the dentist",
        "pay the rent",
        "clean the kitchen",
        "walk the dog",
        "write to Tom",
        "fix the bike",
        "take out the trash",
        "print the photos",
        "pack the suitcase",
        "read a chapter",
        "do the laundry",
        "buy a present",
        "call the bank",
        "sort the mail",
        "bake a cake",
        "mow the lawn",
        "wash the car",
        "renew the passport",
        "study for the exam",
        "charge the camera",
        "order shoes",
        "vacuum the stairs",
        "cancel the gym",
        "email the teacher",
    ]
)
SOURCES = ("task", "thing", "name", "title", "food", "buy", "city", "word", "price", "sentence")


def free_word(name: str, rng: random.Random, source: Source, split: Split) -> str:
    """A text from the source of that name. Raises ValueError for an unknown one."""
    draws: dict[str, Callable[[], str]] = {
        "task": lambda: rng.choice(ERRANDS) if rng.random() < 0.5 else source.task(rng, split),
        "thing": lambda: source.noun(rng, split),
        "name": lambda: source.name(rng).split()[0] if rng.random() < 0.7 else source.person(rng),
        "title": lambda: source.label(rng, split),
        "food": lambda: rng.choice(FOODS) if rng.random() < 0.7 else source.noun(rng, split),
        "buy": lambda: rng.choice(BUYS) if rng.random() < 0.6 else source.noun(rng, split),
        "city": lambda: rng.choice(CITIES) if rng.random() < 0.8 else source.name(rng),
        "word": lambda: source.noun(rng, split),
        "price": lambda: f"{rng.randint(1, 40)}.{rng.choice(('00', '50', '90', '20'))}",
        "sentence": lambda: (
            f"{source.task(rng, split)} {rng.choice(('today', 'this week', 'every morning', 'before noon'))}"
        ),
    }
    if name not in draws:
        raise ValueError(f"expected a source among {', '.join(SOURCES)}; got {name!r}")
    while "," in (found := draws[name]().strip()) or " and " in found or ";" in found:
        pass
    return found
