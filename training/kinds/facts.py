"""What the prompts of training tell of a subject: what the page uses, and more that it does not."""

import random

from backend.banks.bank import Subject
from backend.banks.lookup import told

WHOLE_SHARE, MOST_OTHERS = 0.25, 4
"""Subjects that are told in full, as the service does; most fields beside those that the page uses otherwise."""


def some(subject: Subject, needs: frozenset[str], lang: str, rng: random.Random) -> str:
    """What a page uses and some of the rest, now and then all, so that a model learns to choose."""
    if rng.random() < WHOLE_SHARE:
        return told(subject, lang)
    others = sorted(set(subject.view(lang)) - needs)
    more = rng.sample(others, min(len(others), rng.randint(0, MOST_OTHERS)))
    return told(subject, lang, needs | {"noun", *more})
