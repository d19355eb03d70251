"""What training prompts say of a subject: what the page uses, and more that it does not use."""

import random

from backend.banks.bank import Subject
from backend.banks.lookup import told

WHOLE_SHARE, MOST_OTHERS = 0.25, 4
"""Share of subjects with all fields, as the service gives them; otherwise, most fields that the page does not use."""


def some(subject: Subject, needs: frozenset[str], lang: str, rng: random.Random) -> str:
    """Return the fields that a page uses and some others, or sometimes all, so that a model learns to choose."""
    if rng.random() < WHOLE_SHARE:
        return told(subject, lang)
    others = sorted(set(subject.view(lang)) - needs)
    more = rng.sample(others, min(len(others), rng.randint(0, MOST_OTHERS)))
    return told(subject, lang, needs | {"noun", *more})
