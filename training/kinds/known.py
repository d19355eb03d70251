"""What a checkpoint is told of kinds, and tells of them: which words ask for which.

The service finds the kinds that a request comes nearest to and names them in the prompt; training does the same with
the same code, so that a model learns what to make of it. Now and then the hint is out of order, incomplete or missing:
the words count.
"""

import random
from functools import lru_cache
from typing import Literal

from backend.banks.bank import subjects_for
from backend.prompts.brief import ANY, WORLDS, World
from backend.prompts.nearest_kinds import Nearest, parse_kinds
from training.kinds.asking import filled
from training.kinds.drawn import DESIGNS, PALETTES, Drawn, Look
from training.kinds.kind import PLACE, Kind, kinds

CITY = "Lisbon"

NO_HINT_SHARE, WITHOUT_SHARE, SHUFFLED_SHARE = 0.08, 0.06, 0.14
"""Prompts without a hint, with one that leaves out the kind that is meant, and with one out of order."""


def known() -> dict[str, dict[str, list[str]]]:
    """Return what the service tells of kinds (backend/prompts/nearest_kinds.py): by world, by name, their wordings."""
    return {world: {kind.name: texts(kind) for kind in kinds().values() if kind.world == world} for world in WORLDS}


def texts(kind: Kind) -> list[str]:
    """Return the wordings of a kind.

    The first is a request that names as little as it can, as short as people type it. Then come the title, if all
    pages of the kind have the same, and more ways to ask, without what they say of a subject.
    """
    plain = plainly(kind)
    ask = min(kind.asks, key=lambda one: len(PLACE.findall(one)))
    said = [filled(ask.lstrip("="), plain).replace("~", "")]
    if "{" not in kind.title and kind.title.lower() not in said[0].lower():
        said.append(kind.title)
    for wording in (*kind.asks, *kind.opens, *kind.wishes):
        bare = " ".join(PLACE.sub(lambda match: worth(plain, match[1]), wording.lstrip("=").replace("~", "")).split())
        if bare and bare.lower() not in {one.lower() for one in said}:
            said.append(bare)
    return said


def worth(plain: Drawn, name: str) -> str:
    """Return what a slot says by default; nothing for a list, a subject, a place or a title."""
    value = plain.slots.get(name, "")
    return "" if isinstance(value, tuple | list) else str(value)


def plainly(kind: Kind) -> Drawn:
    """Return a page of a kind with all as it has it by default, and the first subject that it can speak of."""
    subject = next(iter(subjects_for(kind.bank, kind.needs, "en")), None) if kind.bank else None
    slots = {name: slot.default for name, slot in kind.slots.items()}
    noun = subject.noun if subject else ""
    return Drawn(kind, Look(DESIGNS[0], PALETTES[0]), "", slots, subject=subject, called=noun, place=CITY)


@lru_cache(maxsize=1)
def nearest() -> Nearest:
    """Return the finder that the service makes of the manifest."""
    return Nearest(parse_kinds(known()))


def hints(kind: Kind, words: str, world: World | Literal[""], rng: random.Random) -> tuple[str, ...]:
    """Return the kinds that a prompt for a page of `kind` names, as the service would or not quite."""
    roll = rng.random()
    if roll < NO_HINT_SHARE:
        return ()
    found = list(nearest().hints(words, world or ANY))
    roll -= NO_HINT_SHARE
    if roll < WITHOUT_SHARE:
        found = [name for name in found if name != kind.name]
    elif roll < WITHOUT_SHARE + SHUFFLED_SHARE:
        rng.shuffle(found)
    return tuple(found)
