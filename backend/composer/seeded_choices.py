"""Free choices the service makes for a page, each a function of what it is drawn for: the same words, the same draw."""

import hashlib
import random

ONSETS = (*"bdfghjklmnprstvwz", "br", "dr", "kr", *"lmnrs", "sh", "th", "tr")
VOWELS = (*"aaeeiioou", "ai", "ea", "io")
CODAS = (*[""] * 5, *"nrslx", "ss")
PEOPLE = 3


def stable(*parts: str) -> int:
    """Return 63 bits that depend on the parts alone, the same on every machine."""
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


def style(styles: tuple[str, ...], draw: str, world: str) -> str:
    """Return the style that pages of a world share for one draw, which is a session; "" if there is none to choose."""
    return random.Random(stable("style", draw, world)).choice(styles) if styles else ""


def people(draw: str, url: str) -> tuple[str, ...]:
    """Return three different user names for a page, such as "miro", "tess_k" and "juno42"."""
    rng = random.Random(stable("people", draw, url))
    names: dict[str, None] = {}
    while len(names) < PEOPLE:
        names[person(rng)] = None
    return tuple(names)


def person(rng: random.Random) -> str:
    """Return one user name."""
    base: str = "".join(rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(2)) + rng.choice(CODAS)
    tails = ("", "", f"_{rng.choice('bdfgjkmnst')}", str(rng.randint(2, 99)))
    return base + rng.choice(tails)


def seed(draw: str, url: str) -> int:
    """Return the seed of a page's generation.

    Args:
        draw: The session, or another key where another version of the page is wanted.
        url: The address of the page.
    """
    return stable("seed", draw, url)
