"""Training pairs from kinds: a prompt with a visitor's words, and the page that answers it.

The service draws a style for each request. What the request says of colours and design has priority over it.
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
"""Shares of pages opened from another one, requests that say their world, and prompts with a subject that is not used.

The first is a share of the pages that can be opened.
"""


@dataclass(frozen=True)
class Pair:
    """A request and its page. Pages hold marks around texts whose length varies (training.padding_fields).

    Attributes:
        kind: The page's kind.
        ask: What the visitor asks for; empty for a page that was opened.
        edit: What the visitor wants changed; empty for a new page.
        style: The drawn design and palette.
        marked: The page, with marks.
        marked_before: For an edit, the page before, with marks.
        drawn: What the page is.
        world: The world that was chosen; empty for none.
        facts: Lines about the subject.
        open: What was clicked, for a page without an ask.
        site: The website on which it was clicked, if any.
        screen: The screen on which it was clicked, if any.
        near: The kinds that the prompt names.
    """

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
        """The page without marks."""
        return unmarked(self.marked)

    @property
    def before(self) -> str:
        """The page before an edit, without marks."""
        return unmarked(self.marked_before)

    @property
    def title(self) -> str:
        """The page's title."""
        return title_of(self.drawn)


def example(kind: Kind, rng: random.Random, source: Source, split: Split) -> Pair:
    """Draw one request for a page of a kind, or for a change of one."""
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
    """Return the pair of a page that was opened.

    If something is known of the website's subject, the prompt still contains those facts.
    """
    kind, about = found.drawn.kind, found.about
    subject = found.drawn.subject if found.drawn.subject and found.drawn.subject.known else about
    lines = some(subject, kind.needs, "en", rng) if subject and subject.known else ""
    world: World | Literal[""] = kind.world if kind.world == "os" or rng.random() < 0.5 else ""
    near = hints(kind, found.words, world, rng)
    return Pair(
        kind, "", "", style, found.page, "", found.drawn, world, lines, found.words, found.site, found.screen, near
    )  # fmt: skip


def facts(drawn: Drawn, rng: random.Random) -> str:
    """Return what a prompt says of a page's subject, or sometimes of one that has nothing to do with the page."""
    if drawn.subject is not None:
        return some(drawn.subject, drawn.kind.needs, drawn.lang, rng) if drawn.subject.known else ""
    if rng.random() >= ASIDE_SHARE:
        return ""
    return some(rng.choice(rng.choice(list(banks().values()))), frozenset(), "en", rng)


def language(kind: Kind, rng: random.Random) -> str:
    """Return English, or sometimes another language that the kind has."""
    if not kind.translated or rng.random() >= ABROAD_SHARE:
        return "en"
    lang = rng.choice(("de", "fr", "es"))
    return lang if not kind.bank or subjects_for(kind.bank, kind.needs, lang) else "en"


def said_look(look: Look, rng: random.Random) -> tuple[Look, Look]:
    """Return what a request says of the look, as marks for asking.py, and the look that follows from it."""
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
    """Draw a pair of a kind, by the kinds' weights; kinds with subjects count more, because their pages differ more."""
    found = list(kinds().values())
    kind = rng.choices(found, weights=[one.weight * (BANK_WEIGHT if one.bank else 1) for one in found])[0]
    return example(kind, rng, source, split)
