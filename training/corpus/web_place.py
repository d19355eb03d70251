"""What the families of everyday places are made of: a Place says what is its own; examples are drawn from it."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from training.corpus.design import Checks, Example, Family
from training.corpus.page import page
from training.corpus.web_style import WEB_DESIGNS, style
from training.corpus.web_subject import Look, Subject, draw_look, from_entry, people, web_brief
from training.texts.source import Source
from training.texts.split import Split


def links_of(_: Look, subject: Subject) -> tuple[str, ...]:
    return subject.links


@dataclass(frozen=True)
class Place:
    """A kind of page that sites have.

    kind: of its address. asks: phrases for `asks.ask`. body: markup of <body> for a look, a subject and three names.
    rules: CSS rules behind the design's. script: whole lines. feature: the check that works the page.
    subject: draws what a page is about. links: texts of links that every page for a look and a subject has.
    """

    name: str
    kind: str
    asks: tuple[str, ...]
    body: Callable[[Look, Subject, tuple[str, ...]], str]
    rules: tuple[str, ...]
    script: tuple[str, ...]
    feature: str
    subject: Callable[[random.Random, Source, Split], Subject] = from_entry
    links: Callable[[Look, Subject], tuple[str, ...]] = links_of
    weight: float = 0.8

    def family(self) -> Family:
        return Family(self.name, tuple(WEB_DESIGNS), self.sample, self.weight)

    def sample(self, rng: random.Random, source: Source, split: Split) -> Example:
        """One example: a subject, a look and people, the page made of them, the brief that asks for it."""
        look, subject, names = draw_look(rng), self.subject(rng, source, split), people(rng, source)
        rules = style(look.design, look.palette, *self.rules)
        markup = page(rules, subject.title, self.body(look, subject, names), "".join(self.script))
        brief = web_brief(rng, self.kind, self.asks, look, subject, names)
        return Example(self.name, brief, markup, Checks(subject.title, self.links(look, subject), (self.feature,)))
