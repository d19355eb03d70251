"""Training pairs from kinds: a prompt as a visitor's words give it, and the page that answers it.

Looks: the service draws a style for each request; what the request says of colours and design wins over it.
"""

import random
from dataclasses import dataclass, replace
from typing import Literal

from backend.banks.bank import banks, subjects_for
from backend.prompts.brief import Site, World
from training.kinds.asking import request
from training.kinds.changes import change
from training.kinds.drawn import DESIGNS, PALETTES, Drawn, Look, draw
from training.kinds.facts import some
from training.kinds.kind import Kind, kinds
from training.kinds.known import hints
from training.kinds.opening import Opened, can_open, opened
from training.kinds.page import marked_page, title_of
from training.padding_fields import unmarked
from training.texts.source import Source
from training.texts.split import Split

EDIT_SHARE, EARLIER_SHARE, SAID_LOOK_SHARE, ABROAD_SHARE = 0.35, 0.4, 0.12, 0.1
BANK_WEIGHT = 3
OPEN_SHARE, WORLD_SHARE, ASIDE_SHARE = 0.2, 0.2, 0.03
"""Pages opened from another, of those that can be; requests that say their world; prompts that tell of a subject which
the page does not use."""


@dataclass(frozen=True)
class Pair:
    """ask, edit: what the visitor says; edit is "" for a new page. style: the drawn design and palette. before: of an
    edit, the page as it was. drawn: what the page is. world: which one was chosen, "" for none. facts: lines that tell
    of the subject. near: kinds that the prompt names. open: what was clicked instead of an ask, on a page of `site` or
    on the screen `screen`. Pages hold marks around what differs in length (training.padding_fields)."""

    kind: Kind
    ask: str
    edit: str
    style: str
    marked: str
    marked_before: str
    drawn: Drawn
    world: World | Literal[""] = ""
    facts: str = ""
    open: str = ""
    site: Site | None = None
    screen: str = ""
    near: tuple[str, ...] = ()

    @property
    def page(self) -> str:
        return unmarked(self.marked)

    @property
    def before(self) -> str:
        return unmarked(self.marked_before)

    @property
    def title(self) -> str:
        return title_of(self.drawn)


def example(kind: Kind, rng: random.Random, source: Source, split: Split) -> Pair:
    """One request for a page of a kind, or a change of one."""
    drawn = draw(kind, rng, source, split, language(kind, rng))
    style = f"{drawn.look.design} {drawn.look.palette}"
    if can_open(kind) and rng.random() < OPEN_SHARE:
        return clicked(opened(drawn, rng, source, split), style, rng)
    told, look = said_look(drawn.look, rng)
    ask = request(replace(drawn, look=told), rng)
    drawn = replace(drawn, look=look)
    if rng.random() >= EDIT_SHARE:
        world: World | Literal[""] = kind.world if rng.random() < WORLD_SHARE else ""
        lines, near = facts(drawn, rng), hints(kind, ask, world, rng)
        return Pair(kind, ask, "", style, marked_page(drawn), "", drawn, world, lines, near=near)
    earlier = drawn
    if rng.random() < EARLIER_SHARE:  # a page that was changed before
        earlier = change(earlier, rng, source, split).after
    before = marked_page(earlier)
    for _ in range(20):
        changed = change(earlier, rng, source, split)
        if (page := marked_page(changed.after)) != before:
            return Pair(kind, ask, changed.words, style, page, before, changed.after, "", facts(changed.after, rng))
    raise ValueError(f"{kind.name}: expected a change that shows, found none in twenty")


def clicked(found: Opened, style: str, rng: random.Random) -> Pair:
    """The pair of a page that was opened; a site of which something is known stays what the prompt tells of."""
    kind, about = found.drawn.kind, found.about
    subject = found.drawn.subject if found.drawn.subject and found.drawn.subject.known else about
    lines = some(subject, kind.needs, "en", rng) if subject and subject.known else ""
    world: World | Literal[""] = kind.world if kind.world == "os" or rng.random() < 0.5 else ""
    near = hints(kind, found.words, world, rng)
    return Pair(
        kind, "", "", style, found.page, "", found.drawn, world, lines, found.words, found.site, found.screen, near
    )  # fmt: skip


def facts(drawn: Drawn, rng: random.Random) -> str:
    """What a prompt tells of a page's subject; now and then of one that the page has nothing to do with."""
    if drawn.subject is not None:
        return some(drawn.subject, drawn.kind.needs, drawn.lang, rng) if drawn.subject.known else ""
    if rng.random() >= ASIDE_SHARE:
        return ""
    return some(rng.choice(rng.choice(list(banks().values()))), frozenset(), "en", rng)


def language(kind: Kind, rng: random.Random) -> str:
    """English, or now and then another language that the kind speaks."""
    if not kind.translated or rng.random() >= ABROAD_SHARE:
        return "en"
    lang = rng.choice(("de", "fr", "es"))
    return lang if not kind.bank or subjects_for(kind.bank, kind.needs, lang) else "en"


def said_look(look: Look, rng: random.Random) -> tuple[Look, Look]:
    """What a request says of the look, as marks for asking.py, and the look that follows from it."""
    if rng.random() >= SAID_LOOK_SHARE:
        return look, look
    what = rng.choice(("dark", "palette", "palette", "design"))
    if what == "dark":
        return replace(look, words=("~ dark",)), replace(look, dark=True)
    if what == "palette":
        palette = rng.choice(PALETTES)
        return replace(look, words=(f"~ palette={palette}",)), replace(look, palette=palette)
    design = rng.choice(DESIGNS)
    return replace(look, words=(f"~ design={design}",)), replace(look, design=design)


def draw_pair(rng: random.Random, source: Source, split: Split) -> Pair:
    """A pair of a kind drawn by weight; a kind that speaks of subjects is many pages in one."""
    found = list(kinds().values())
    kind = rng.choices(found, weights=[one.weight * (BANK_WEIGHT if one.bank else 1) for one in found])[0]
    return example(kind, rng, source, split)
