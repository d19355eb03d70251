"""Free choices the service makes for a page, each a function of what it is drawn for: the same words, the same draw."""

import hashlib
import random

ONSETS = "b d f g h j k l m n p r s t v w z br dr kr l m n r s sh th tr".split()
VOWELS = "a a e e i i o o u ai ea io".split()
CODAS = ["", "", "", "", "", "n", "r", "s", "l", "x", "ss"]
PEOPLE = 3


def stable(*parts: str) -> int:
    """63 bits that depend on the parts alone, the same on every machine."""
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


def style(styles: tuple[str, ...], session: str, world: str) -> str:
    """The style a session's pages of a world share; "" if there is none to choose."""
    return random.Random(stable("style", session, world)).choice(styles) if styles else ""


def people(session: str, url: str) -> tuple[str, ...]:
    """Three different user names for a page, such as "miro", "tess_k" and "juno42"."""
    rng = random.Random(stable("people", session, url))
    names: dict[str, None] = {}
    while len(names) < PEOPLE:
        names[person(rng)] = None
    return tuple(names)


def person(rng: random.Random) -> str:
    base = "".join(rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(2)) + rng.choice(CODAS)
    return base + rng.choice(("", "", f"_{rng.choice('bdfgjkmnst')}", str(rng.randint(2, 99))))


def seed(session: str, url: str, version: int) -> int:
    """The seed of a page's generation. version counts the pages made at this address."""
    return stable("seed", session, url, str(version))
