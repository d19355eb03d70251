"""Changes that people ask for on an existing page: what the page is afterwards, and the words for the change.

Everything that was not asked for stays unchanged, because both pages are made from what was drawn. The second differs
from the first in the requested change alone.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from training.kinds.asking import as_spoken, as_typed, filled, joined
from training.kinds.drawn import DESIGNS, PALETTES, Drawn, entry, other_value
from training.kinds.languages import NAMES
from training.kinds.wordings import ADJUST, CHANGE
from training.kinds.wordings import DESIGNS as WORDS_OF_DESIGNS
from training.texts.source import Source
from training.texts.split import Split

SPOKEN_SHARE, TWICE_SHARE = 0.25, 0.12
AGAINST = (("bigger", "smaller"), ("round", "square"), ("serif", "sans", "mono"), ("airy", "dense"), ("wide", "narrow"))


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes:
        words: What was asked for.
        after: What the page is afterwards.
    """

    words: str
    after: Drawn


Op = Callable[[Drawn, random.Random, Source, Split], Change | None]
"""Makes a change of a page; returns None if it is not possible."""


def change(drawn: Drawn, rng: random.Random, source: Source, split: Split) -> Change:
    """Return one change of a page, or sometimes two at once, as somebody types or says it."""
    found = _one(drawn, rng, source, split)
    if rng.random() < TWICE_SHARE:
        second = _one(found.after, rng, source, split)
        found = Change(f"{found.words} and {second.words}", second.after)
    say = as_spoken if rng.random() < SPOKEN_SHARE else as_typed
    return replace(found, words=say(found.words, rng))


def _one(drawn: Drawn, rng: random.Random, source: Source, split: Split) -> Change:
    ops = [op for op, weight in OPS for _ in range(weight)]
    for _ in range(60):
        found = rng.choice(ops)(drawn, rng, source, split)
        if found is not None and found.after != drawn:
            return found
    raise ValueError(f"{drawn.kind.name}: expected a change that is possible, found none")


def switch(drawn: Drawn, rng: random.Random, source: Source, split: Split) -> Change | None:
    """Switch a feature on or off."""
    if not drawn.kind.features:
        return None
    name = rng.choice(sorted(drawn.kind.features))
    feature, on = drawn.kind.features[name], not drawn.has(name)
    own = feature.add if on else feature.remove
    named = rng.choice(feature.words)
    words = (
        rng.choice(own)
        if own and rng.random() < 0.4
        else rng.choice(CHANGE["add"] if on else CHANGE["remove"]).format(article(named, on))
    )
    return Change(words, replace(drawn, features={**drawn.features, name: on}))


def article(noun: str, on: bool) -> str:
    """Return a noun as one speaks of something that exists: "the reset button" is removed."""
    first, _, others = noun.partition(" ")
    return noun if on or first not in ("a", "an") else f"the {others}"


def set_slot(drawn: Drawn, rng: random.Random, source: Source, split: Split) -> Change | None:
    """Set another value that is not a list."""
    slots = [slot for slot in drawn.kind.slots.values() if slot.type != "list"]
    if not slots:
        return None
    slot = rng.choice(slots)
    old, new = drawn.slot(slot.name), other_value(slot, rng, source, split, drawn.slot(slot.name))
    after = replace(drawn, slots={**drawn.slots, slot.name: new})
    if slot.change and (slot.type != "text" or rng.random() < 0.7):
        return Change(filled(rng.choice(slot.change), after), after)
    told = slot.type == "text" and str(old).strip()  # an empty text cannot be named
    return Change(rng.choice(CHANGE["set"]).format(old=old, new=new), after) if told else None


def list_slot(drawn: Drawn, rng: random.Random, source: Source, split: Split) -> Change | None:
    """Add, remove, replace or move one entry of a list, or sort it."""
    slots = [slot for slot in drawn.kind.slots.values() if slot.type == "list"]
    if not slots:
        return None
    slot = rng.choice(slots)
    items = tuple(drawn.slot(slot.name))
    new, old = entry(slot, rng, source, split), rng.choice(items)
    others = tuple(item for item in items if item != old)
    if new in items:
        return None
    choices: list[tuple[tuple[str, ...], tuple[Any, ...], tuple[str, ...]]] = [
        (CHANGE["put"], (*items, new), (new,)),
        (CHANGE["put"], (*items, new), (new,)),
    ]
    choices.append((CHANGE["swap"], tuple(new if item == old else item for item in items), (old, new)))
    if len(items) > 1:
        choices += [(CHANGE["drop"], others, (old,)), (CHANGE["drop"], others, (old,))]
        choices += [
            (CHANGE["first"], (old, *others), (old,)),
            (CHANGE["last"], (*others, old), (old,)),
            (CHANGE["sort"], tuple(sorted(items, key=str.lower)), ()),
        ]
    forms, after, said = rng.choice(choices)
    if len(slots) > 1 and forms in (CHANGE["put"], CHANGE["sort"]):  # the words have to say which list is meant
        forms = tuple(form for form in forms if "{noun}" in form)
    return Change(
        rng.choice(forms).format(*said, noun=slot.noun), replace(drawn, slots={**drawn.slots, slot.name: after})
    )


def rename(drawn: Drawn, rng: random.Random, source: Source, split: Split) -> Change | None:
    """Give the page another title."""
    if "title" not in drawn.kind.uses:
        return None
    title = source.label(rng, split)
    return Change(rng.choice(CHANGE["rename"]).format(title), replace(drawn, title=title))


def shade(drawn: Drawn, rng: random.Random, source: Source, split: Split) -> Change | None:
    """Make the page dark or light."""
    dark = not drawn.look.dark
    return Change(
        rng.choice(CHANGE["dark"] if dark else CHANGE["light"]), replace(drawn, look=replace(drawn.look, dark=dark))
    )


def recolour(drawn: Drawn, rng: random.Random, source: Source, split: Split) -> Change | None:
    """Give the page another palette."""
    palette = rng.choice(PALETTES)
    return Change(
        rng.choice(CHANGE["colour"]).format(palette), replace(drawn, look=replace(drawn.look, palette=palette))
    )


def restyle(drawn: Drawn, rng: random.Random, source: Source, split: Split) -> Change | None:
    """Give the page another design."""
    design = rng.choice(DESIGNS)
    return Change(
        rng.choice(CHANGE["design"]).format(rng.choice(WORDS_OF_DESIGNS[design])),
        replace(drawn, look=replace(drawn.look, design=design)),
    )


def adjust(drawn: Drawn, rng: random.Random, source: Source, split: Split) -> Change | None:
    """Adjust the look with one word, which replaces those that contradict it."""
    word = rng.choice(sorted(ADJUST))
    against = {other for group in AGAINST if word in group for other in group}
    words = (*(one for one in drawn.look.words if one not in against and one != word), word)
    return Change(rng.choice(ADJUST[word]), replace(drawn, look=replace(drawn.look, words=words)))


def lengthen(drawn: Drawn, rng: random.Random, source: Source, split: Split) -> Change | None:
    """Make the page longer or shorter."""
    if "length" not in drawn.kind.uses:
        return None
    longer = drawn.length == 0 or (drawn.length == 1 and rng.random() < 0.6)
    return Change(
        rng.choice(CHANGE["longer"] if longer else CHANGE["shorter"]),
        replace(drawn, length=drawn.length + (1 if longer else -1)),
    )


def translate(drawn: Drawn, rng: random.Random, source: Source, split: Split) -> Change | None:
    """Translate the page into another language."""
    if not drawn.kind.translated:
        return None
    langs = [
        lang
        for lang in NAMES
        if lang != drawn.lang and (drawn.subject is None or drawn.subject.has(drawn.kind.needs, lang))
    ]
    if not langs:
        return None
    lang = rng.choice(langs)
    return Change(rng.choice(CHANGE["translate"]).format(NAMES[lang][0]), replace(drawn, lang=lang))


def features_at_once(drawn: Drawn, rng: random.Random, source: Source, split: Split) -> Change | None:
    """Switch on two or three features with one request."""
    off = [name for name in sorted(drawn.kind.features) if not drawn.has(name)]
    if len(off) < 2:
        return None
    chosen = rng.sample(off, rng.randint(2, min(3, len(off))))
    words = joined([rng.choice(drawn.kind.features[name].words) for name in chosen])
    return Change(
        rng.choice(CHANGE["add"]).format(words),
        replace(drawn, features={**drawn.features, **dict.fromkeys(chosen, True)}),
    )


OPS: tuple[tuple[Op, int], ...] = (
    (switch, 8),
    (features_at_once, 1),
    (set_slot, 6),
    (list_slot, 8),
    (rename, 3),
    (shade, 2),
    (recolour, 3),
    (restyle, 1),
    (adjust, 4),
    (lengthen, 3),
    (translate, 2),
)
