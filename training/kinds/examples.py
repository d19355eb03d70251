"""Training pairs from kinds: a prompt as a visitor's words give it, and the page that answers it.

Looks: the service draws a style for each request; what the request says of colours and design wins over it.
"""

import random
from dataclasses import dataclass, replace

from training.kinds.asking import request
from training.kinds.bank import subjects_for
from training.kinds.changes import change
from training.kinds.drawn import DESIGNS, PALETTES, Drawn, Look, draw
from training.kinds.kind import Kind, kinds
from training.kinds.page import page_of, title_of
from training.source import Source
from training.split import Split

EDIT_SHARE, EARLIER_SHARE, SAID_LOOK_SHARE, ABROAD_SHARE = 0.35, 0.4, 0.12, 0.1


@dataclass(frozen=True)
class Pair:
    """ask, edit: what the visitor says; edit is "" for a new page. style: the drawn design and palette. before: of an
    edit, the
    page as it was. drawn: what the page is."""

    kind: Kind
    ask: str
    edit: str
    style: str
    page: str
    before: str
    drawn: Drawn

    @property
    def title(self) -> str:
        return title_of(self.drawn)


def example(kind: Kind, rng: random.Random, source: Source, split: Split) -> Pair:
    """One request for a page of a kind, or a change of one."""
    drawn = draw(kind, rng, source, split, language(kind, rng))
    style = f"{drawn.look.design} {drawn.look.palette}"
    told, look = said_look(drawn.look, rng)
    ask = request(replace(drawn, look=told), rng)
    drawn = replace(drawn, look=look)
    if rng.random() >= EDIT_SHARE:
        return Pair(kind, ask, "", style, page_of(drawn), "", drawn)
    earlier = drawn
    if rng.random() < EARLIER_SHARE:  # a page that was changed before
        earlier = change(earlier, rng, source, split).after
    before = page_of(earlier)
    for _ in range(20):
        changed = change(earlier, rng, source, split)
        if (page := page_of(changed.after)) != before:
            return Pair(kind, ask, changed.words, style, page, before, changed.after)
    raise ValueError(f"{kind.name}: expected a change that shows, found none in twenty")


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
    """A pair of a kind drawn by weight."""
    found = list(kinds().values())
    kind = rng.choices(found, weights=[one.weight for one in found])[0]
    return example(kind, rng, source, split)
