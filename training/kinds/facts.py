"""What a prompt tells of a subject: one line a field, rows parted by "; " and their columns by " | ".

The page repeats these texts word for word, so the model learns to copy what it is told instead of knowing it by heart,
and pages of subjects that no corpus held can be told of in the same way.
"""

import random
from collections.abc import Iterable, Mapping
from typing import Any

from backend.prompts import line
from training.kinds.bank import SHAPES, Subject

COLUMN = " | "
UNTOLD = frozenset(("plural",))
WHOLE_SHARE, MOST_OTHERS = 0.25, 4
"""Subjects that are told in full; most fields beside those that the page uses otherwise."""


def told(subject: Subject, lang: str = "en", fields: Iterable[str] | None = None) -> str:
    """The lines of a prompt that tell of a subject: all of its fields, or some, always in one order."""
    view = subject.view(lang)
    chosen = [name for name in SHAPES if name in view and name not in UNTOLD and (fields is None or name in fields)]
    return "".join(f"\n{name}: {worded(view[name])}" for name in chosen)


def worded(value: Any) -> str:
    """A field's value on one line."""
    if isinstance(value, str):
        return line(value)
    return "; ".join(line(row) if isinstance(row, str) else COLUMN.join(map(line, row)) for row in value)


def some(subject: Subject, needs: frozenset[str], lang: str, rng: random.Random) -> str:
    """As `told`: what a page uses and some of the rest, now and then all, so that a model learns to choose."""
    if rng.random() < WHOLE_SHARE:
        return told(subject, lang)
    others = sorted(set(known(subject.fields, lang)) - needs)
    more = rng.sample(others, min(len(others), rng.randint(0, MOST_OTHERS)))
    return told(subject, lang, needs | {"noun", *more})


def known(fields: Mapping[str, Mapping[str, Any]], lang: str) -> frozenset[str]:
    """The fields of a subject in a language, with those that only English has."""
    return frozenset({**fields["en"], **fields.get(lang, {})})
