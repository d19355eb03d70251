"""What one page of a kind is to be: what a request names, and the kind's defaults for everything else."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.banks.bank import Subject, subjects_for
from training.kinds.kind import PLACE, Kind, Slot
from training.kinds.plain import plain
from training.kinds.wordings import FREE
from training.kinds.words import free_word
from training.texts.source import Source
from training.texts.split import Split

DESIGNS = ("paper", "magazine", "cards", "glass", "retro", "terminal")
PALETTES = (
    "ink",
    "slate",
    "sky",
    "ocean",
    "mint",
    "forest",
    "lime",
    "sun",
    "orange",
    "coral",
    "red",
    "rose",
    "pink",
    "berry",
    "grape",
    "violet",
    "blue",
    "sand",
    "brown",
)
TITLED_SHARE, PLACED_SHARE, NAMED_SHARE, PLAIN_SHARE, DEFAULT_SHARE = 0.2, 0.3, 0.35, 0.2, 0.08


@dataclass(frozen=True)
class Look:
    """The words on <html>.

    Attributes:
        design: Name of the design.
        palette: Name of the palette.
        dark: Whether the page is dark.
        words: Adjustments.
    """

    design: str
    palette: str
    dark: bool = False
    words: tuple[str, ...] = ()

    @property
    def classes(self) -> str:
        """The value of the class attribute."""
        return " ".join([self.design, self.palette, *(["dark"] if self.dark else []), *self.words])


@dataclass(frozen=True)
class Drawn:
    """A page that is to be made.

    Attributes:
        kind: Its kind.
        look: Its look.
        title: How the visitor calls it; empty if not at all.
        slots: Values that differ from the kind's defaults because somebody named them.
        features: Features that differ from the kind's defaults because somebody named them.
        subject: What it is about.
        called: How the visitor calls the subject.
        place: The place that it is about.
        lang: Language of the page's own words.
        length: 0 short, 1 normal, 2 long.
    """

    kind: Kind
    look: Look
    title: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)
    features: Mapping[str, bool] = field(default_factory=dict)
    subject: Subject | None = None
    called: str = ""
    place: str = ""
    lang: str = "en"
    length: int = 1

    def slot(self, name: str) -> Any:
        """Return the value of a slot."""
        return self.slots.get(name, self.kind.slots[name].default)

    def has(self, feature: str) -> bool:
        """Return whether the page has a feature."""
        return self.features.get(feature, self.kind.features[feature].default)

    def values(self) -> dict[str, Any]:
        """Return what the kind's template uses, except for the title and the words of the language."""
        subject = {} if self.subject is None else {"s": self.subject.view(self.lang), "subject": self.subject.noun}
        return {
            **{name: self.slot(name) for name in self.kind.slots},
            **{name: self.has(name) for name in self.kind.features},
            "place": self.place, "lang": self.lang, "length": self.length, **subject,
        }  # fmt: skip


def draw(kind: Kind, rng: random.Random, source: Source, split: Split, lang: str = "en") -> Drawn:
    """Draw a page of a kind as somebody may ask for it; most people name one or two things and leave the rest."""
    look = Look(rng.choice(DESIGNS), rng.choice(PALETTES))
    title = source.label(rng, split) if rng.random() < (TITLED_SHARE if plainly_titled(kind) else 0.04) else ""
    subject = draw_subject(kind, rng, source, split, lang)
    place = place_name(rng, source) if "place" in kind.uses and rng.random() < PLACED_SHARE else ""
    slots = {
        slot.name: slot.default if says_default(slot, rng) else other_value(slot, rng, source, split)
        for slot in named_slots(kind, rng)
    }
    named = [name for name, feature in kind.features.items() if not feature.default]
    most = rng.choice((0, 0, 1, 1, 2, 3))
    features = dict.fromkeys(rng.sample(named, min(len(named), most)), True)
    called = rng.choice((subject.noun, *subject.nouns)) if subject else ""
    return Drawn(kind, look, title, slots, features, subject, called, place, lang)


def named_slots(kind: Kind, rng: random.Random) -> list[Slot]:
    """Return the slots that a request names.

    These are any that have words of their own, and of the others all that one wording names.
    """
    drawn = [slot for slot in kind.slots.values() if rng.random() < NAMED_SHARE]
    mute = {slot.name for slot in drawn if not slot.say}
    wordings = [set(PLACE.findall(wording)) for wording in (*kind.asks, *kind.wishes)]
    known = {*kind.slots, *(["subject"] if kind.bank else [])}
    fitting = [places for places in wordings if places & mute and places <= known]
    told = rng.choice(fitting) if fitting else set()
    return [slot for slot in kind.slots.values() if slot.name in told or (slot in drawn and slot.say)]


def says_default(slot: Slot, rng: random.Random) -> bool:
    """Return whether a request names the value that the page would have anyway; it does if there is no other."""
    only = bool(slot.values) and set(slot.values) == {slot.default} and not slot.source
    return only or (bool(slot.default) and rng.random() < DEFAULT_SHARE)


def plainly_titled(kind: Kind) -> bool:
    """Return whether a kind's pages have a title that a visitor may choose, instead of one made from their subject."""
    return "title" in kind.uses and "s." not in kind.title


def draw_subject(kind: Kind, rng: random.Random, source: Source, split: Split, lang: str) -> Subject | None:
    """Draw a subject of the kind's bank, or sometimes one of which nothing is known; None for a kind without a bank."""
    if not kind.bank:
        return None
    found = subjects_for(kind.bank, kind.needs, lang)
    strange = plain(source.noun(rng, split))
    if lang == "en" and strange.has(kind.needs) and (not found or rng.random() < PLAIN_SHARE):
        return strange
    if not found:
        raise ValueError(
            f"{kind.name}: expected subjects in {kind.bank} with {', '.join(sorted(kind.needs))}; got none"
        )
    return rng.choice(found)


def place_name(rng: random.Random, source: Source) -> str:
    """Draw the name of a place."""
    return rng.choice(FREE["cities"]) if rng.random() < 0.85 else source.name(rng)


def other_value(slot: Slot, rng: random.Random, source: Source, split: Split, old: Any = None) -> Any:
    """Draw a value for a slot that differs from its old one, which is the default value if none is given."""
    old = slot.default if old is None else old
    if slot.type == "choice" and not slot.source:
        return rng.choice([value for value in (*slot.values, slot.default) if value not in (old, "")])
    for _ in range(50):
        found = _value(slot, rng, source, split)
        if found != old:
            return found
    raise ValueError(f"slot {slot.name}: expected values other than {old!r}")


def _value(slot: Slot, rng: random.Random, source: Source, split: Split) -> Any:
    if slot.type == "list":
        count = rng.randint(2, min(slot.most, 4))
        return tuple(dict.fromkeys(entry(slot, rng, source, split) for _ in range(count)))
    if slot.type == "number":
        if slot.values and (len(slot.values) != 2 or rng.random() < 0.5):
            return rng.choice(slot.values)
        return rng.randint(*(slot.values or (2, 60)))
    return entry(slot, rng, source, split)


def entry(slot: Slot, rng: random.Random, source: Source, split: Split) -> Any:
    """Draw one text for a slot, from its values or its source."""
    if slot.values and (not slot.source or rng.random() < 0.4):
        return rng.choice(slot.values)
    return free_word(slot.source, rng, source, split)
