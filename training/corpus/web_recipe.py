"""Page family for the kitchen: a recipe, its amounts for as many people as wanted."""

import random
import re

from training.corpus.asks import plural
from training.corpus.design import Checks, Example, Family
from training.corpus.page import page, text
from training.corpus.web_parts import (
    ART,
    BESIDE,
    COUNT,
    COUNT_BOX,
    NAMES,
    ONE,
    QUIET,
    READ,
    TALK,
    author,
    elsewhere,
    h1,
    header,
    paragraphs,
    search,
    tiles,
)
from training.corpus.web_style import WEB_DESIGNS, style
from training.corpus.web_subject import (
    PART,
    Look,
    Subject,
    draw_look,
    from_entry,
    from_record,
    heading,
    people,
    web_brief,
)
from training.texts.source import Source
from training.texts.split import Split

RECIPE_ASKS = (
    "a recipe for {one}", "recipe for {many}", "a recipe for {many}", "{one} recipe", "a {one} recipe",
    "how to make {one}", "how do I make {many}?", "how to cook {one}", "recipe: {title}", "a recipe page for {title}",
    "the best recipe for {title}", "an easy recipe for {one}", "how do you bake {many}?", "teach me to cook {one}",
    "the ingredients for {one}", "a simple recipe for {many}", "my recipe for {title}",
)  # fmt: skip
DISH = re.compile(r"\b(?:dish|cake|soup|stew|bread|sauce|dessert|pudding|pie|salad|pastry|sandwich|cheese|fruit)\b")
TRIES = 200
REAL_SHARE, DISH_SHARE = 0.5, 0.3
"""Recipes whose ingredients and steps are in the brief; dishes that nothing is known of. The rest are of anything."""

KINDS = ("Quick", "Spicy", "Grandma's", "Winter", "Summer", "Light", "Golden", "Sunday", "Picnic", "Crispy", "Festive")
SERVED = "Simple to make, good to share."
STOCK = (
    "60 g of flour", "1 egg", "20 g of butter", "1 pinch of salt", "50 ml of milk", "2 spoons of oil", "30 g of cheese",
    "1 spoon of lemon juice", "3 leaves of basil", "40 ml of cream", "1 spoon of honey",
)  # fmt: skip
ORDERS = (
    ("Read the recipe to the end.", "Lay everything out on the table.", "Heat the oven to 180 degrees.",
     "Bring a pot of water to the boil.", "Butter a wide dish."),
    ("Stir everything in a large bowl.", "Whisk until smooth.", "Mix with a wooden spoon.",
     "Fold the parts together gently.", "Beat well for two minutes."),
    ("Cook gently for twenty minutes.", "Bake until golden.", "Simmer with the lid on.", "Let it rest for an hour.",
     "Fry on both sides until crisp."),
    ("Taste, and add salt if needed.", "Let it cool a little.", "Sprinkle with fresh herbs.",
     "Squeeze some lemon over it.", "Cut it into even pieces."),
)  # fmt: skip
RULES = (
    ".needs{list-style:none;padding:0}",
    ".needs label{display:flex;gap:.4rem;align-items:center;padding:.45rem 0;border-bottom:1px solid var(--line)}",
    "[type=checkbox]{width:1.2rem;height:1.2rem;accent-color:var(--acc)}",
    "label:has(:checked){text-decoration:line-through;color:var(--mut)}",
    ".steps{padding-left:1.6rem}",
    ".steps li{padding:.3rem 0 .3rem .4rem}",
    ".steps ::marker{font-weight:700;color:var(--acc)}",
    ".serves{margin:2.4rem 0 .8rem}",
    ".count::before{content:'Serves '}",
)
SERVE_LINES = (
    "const serve=n=>{const c=one('.count'),was=+c.textContent,now=Math.max(1,was+n);c.textContent=now;"
    "for(const a of document.querySelectorAll('.amount'))a.textContent=a.textContent/was*now}\n",
    "one('.less').onclick=()=>serve(-1)\n",
    "one('.more').onclick=()=>serve(1)\n",
)


def recipe(rng: random.Random, source: Source, split: Split) -> Example:
    """A recipe: ingredients to tick off, in amounts that follow the number of people, steps, more recipes."""
    dice = rng.random()
    known = from_record(rng, source, split, "recipe", 7) if dice < REAL_SHARE else from_entry(rng, source, split)
    subject = dish(rng, source, split) if dice > 1 - DISH_SHARE else known
    look, names = draw_look(rng), people(rng, source)
    rules = style(look.design, look.palette, NAMES, READ, TALK, *QUIET, COUNT_BOX, BESIDE, *RULES)
    markup = page(rules, subject.title, recipe_body(look, subject, names), ONE + "".join(SERVE_LINES))
    brief = web_brief(rng, "/recipe", RECIPE_ASKS, look, subject, names)
    return Example("recipe", brief, markup, Checks(subject.title, subject.links, ("quantity", "ingredients", "search")))


def dish(rng: random.Random, source: Source, split: Split) -> Subject:
    """A thing to eat, with a few recipes like it, or none; some noun where none to eat is found."""
    drawn = (source.gloss(rng, split) for _ in range(TRIES))
    noun = heading(next((word for word, gloss in drawn if DISH.search(gloss)), source.noun(rng, split)))
    kinds = tuple(f"{word} {noun}" for word in rng.sample(KINDS, rng.randint(3, 5)))
    return Subject(rng.choice((noun, noun, plural(noun))), "", kinds if rng.random() < 0.6 else ())


def recipe_body(look: Look, subject: Subject, names: tuple[str, ...]) -> str:
    parts = PART.split(subject.facts)
    known = [part for part in parts if part[:1].isdigit()]
    told = paragraphs(SERVED) if known else paragraphs(subject.first() or SERVED, subject.rest())
    stock = [part.removesuffix(".") for part in known] or [look.pick(STOCK, at) for at in range(5)]
    needs = "".join(map(ingredient, stock))
    orders = (
        [f" {part}" for part in parts[len(known) :]]
        if known
        else [look.pick(some, at) for at, some in enumerate(ORDERS)]
    )
    steps = "".join(f"<li>{text(order)}</li>" for order in orders)
    cooking = (
        f'<div class="row serves"><h2>Ingredients</h2>{COUNT}</div><ul class=needs>{needs}</ul>'
        f"<h2>Steps</h2><ol class=steps>{steps}</ol>"
    )
    around = tiles("More from the kitchen", "/recipe", subject.links) + elsewhere(subject.title, "read", "talk")
    top = header("Kitchen", search("/recipe"))
    return f"{top}<main>{h1(subject.title)}{ART}{told}{author(names[0])}{cooking}{around}</main>"


def ingredient(stock: str) -> str:
    """An ingredient to tick off: what one person needs of it."""
    amount, _, name = stock.partition(" ")
    return f"<li><label><input type=checkbox><span class=amount>{amount}</span> {text(name)}</label></li>"


RECIPE = Family("recipe", tuple(WEB_DESIGNS), recipe, weight=1.2)
