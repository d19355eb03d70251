"""What a page of world `web` is about, and how its brief asks for it."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend.prompts.brief import Brief
from backend.prompts.fact_text import FACTS_LIMIT
from training.corpus.asks import ask, lowered
from training.corpus.design import PALETTES
from training.corpus.web_style import WEB_DESIGNS
from training.texts.source import Source
from training.texts.split import Split

UNKNOWN_SHARE = 0.06
NO_FACTS_SHARE = 0.06
NO_LINKS_SHARE = 0.02


@dataclass(frozen=True)
class Subject:
    """A subject as briefs carry it: a heading, sentences (or none), titles to link to (or none).

    proper: the heading is a name, which has no plural.
    """

    title: str
    facts: str = ""
    links: tuple[str, ...] = ()
    proper: bool = False

    def first(self) -> str:
        """The first sentence of the facts, "" without facts."""
        return sentences(self.facts)[0] if self.facts else ""

    def rest(self) -> str:
        """The facts behind the first sentence, "" if there is no more."""
        return " ".join(sentences(self.facts)[1:])


@dataclass(frozen=True)
class Look:
    """The design and palette of a page; also the key of its small choices, which thus follow from the brief."""

    design: str
    palette: str

    def pick(self, options: Sequence[str], position: int) -> str:
        """The option for a position on the page: a function of palette and position alone."""
        return options[(list(PALETTES).index(self.palette) * 13 + position * 17) % len(options)]


def draw_look(rng: random.Random) -> Look:
    return Look(rng.choice(list(WEB_DESIGNS)), rng.choice(list(PALETTES)))


def sentences(text: str) -> list[str]:
    """Text cut behind each full stop that ends a sentence (a word of three letters or more, then a capital)."""
    return re.split(r"(?<=\w\w\w[.!?]) (?=[A-Z])", text)


PART = re.compile(r"(?<=[\w)%'][.!?]) (?=[A-Z0-9])")
LABELLED = re.compile(r"([A-Z][\w ]{2,23}|\d{3,4}): (.+)")


def labelled(facts: str) -> list[tuple[str, str]]:
    """Label (or year) and what is said under it, where all sentences are made so: "Capital: Nairobi."; else nothing."""
    found = [LABELLED.fullmatch(part) for part in PART.split(facts)]
    return [(one[1], one[2]) for one in found if one] if all(found) else []


def heading(words: str) -> str:
    """Words as a heading: each with a capital."""
    return " ".join(word[:1].upper() + word[1:] for word in words.split())


def from_entry(rng: random.Random, source: Source, split: Split, limit: int = FACTS_LIMIT, topic: str = "") -> Subject:
    """An encyclopedia entry, now and then without its facts or links; or a noun nothing is known of.

    limit: most characters of facts. topic: of the entry, any by default."""
    dice = rng.random()
    if dice < UNKNOWN_SHARE:
        return Subject(heading(source.noun(rng, split)))
    entry = source.entry(rng, split, topic)
    known = dice >= UNKNOWN_SHARE + NO_FACTS_SHARE
    linked = dice < 1 - NO_LINKS_SHARE
    return Subject(
        clean(entry.title),
        clean(entry.lead(limit)) if known else "",
        tuple(map(clean, source.related(rng, entry, rng.randint(3, 6)))) if linked else (),
        entry.topic == "People",
    )


def from_record(rng: random.Random, source: Source, split: Split, kind: str, most: int) -> Subject:
    """A country, recipe or day of the almanac with up to `most` of its parts; without any, an encyclopedia entry."""
    record = source.record(rng, split, kind)
    if record is None:
        return from_entry(rng, source, split)
    links = source.kin(rng, split, kind, record, rng.randint(3, 6))
    return Subject(clean(record.title), clean(record.facts(rng, most)), tuple(map(clean, links)), kind != "recipe")


def clean(value: str) -> str:
    """Text as a prompt folds it (single spaces, no ";"), so that the rendered page shows the brief's own text."""
    return " ".join(value.replace(";", ",").split())


def people(rng: random.Random, source: Source) -> tuple[str, ...]:
    """Three different user names."""
    names: dict[str, None] = {}
    while len(names) < 3:
        names[source.person(rng)] = None
    return tuple(names)


def web_brief(
    rng: random.Random,
    kind: str,
    phrases: Sequence[str],
    look: Look,
    subject: Subject,
    names: tuple[str, ...],
    asked_share: float = 0.5,
) -> Brief:
    """A brief that asks in words, in this share of cases, or else opens an address of this kind ("/wiki")."""
    asked = rng.random() < asked_share
    fitting = [phrase for phrase in phrases if not (subject.proper and "{many}" in phrase)]
    return Brief(
        world="web",
        ask=ask(rng, fitting, subject.title) if asked else "",
        open="" if asked else opened(rng, kind, subject.title),
        style=f"{look.design} {look.palette}",
        title=subject.title,
        facts=subject.facts,
        links=subject.links,
        names=names,
    )


def opened(rng: random.Random, kind: str, title: str) -> str:
    """An address kind and the words clicked, or typed into a form; an article is also opened by its words alone."""
    words = lowered(title) if rng.random() < 0.25 else title
    bare = kind == "/wiki" and rng.random() < 0.12
    return words if bare else f"{kind} {words}"
