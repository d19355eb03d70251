"""The words that choose how a page looks: which there are, and what those of a host make of a style that was drawn."""

from functools import lru_cache

from backend.errors import ProtocolError
from backend.kit.bundle import designs, palettes
from backend.shape import brief

LIGHTS = frozenset(("light", "dark"))
ADJUSTMENTS = LIGHTS | {
    "bigger", "smaller", "loud", "airy", "dense", "round", "square", "serif", "sans", "mono", "wide", "narrow", "flat",
    "bold",
}  # fmt: skip


@lru_cache(maxsize=1)
def kinds() -> dict[str, frozenset[str]]:
    """The words of each kind: of designs and palettes a page has one, of adjustments as many as it likes."""
    return {"design": frozenset(designs()), "palette": frozenset(palettes()), "adjustment": ADJUSTMENTS}


def checked(words: str) -> str:
    """Words that choose a look, in the order design, palette, adjustments. Raises ProtocolError bad_style."""
    given = dict.fromkeys(words.lower().split())
    found = {kind: [word for word in given if word in known] for kind, known in kinds().items()}
    strange = [word for word in given if not any(word in several for several in found.values())]
    if strange:
        known = "; ".join(f"{kind}s {', '.join(sorted(all_of))}" for kind, all_of in kinds().items())
        raise ProtocolError("bad_style", f"expected words of the kit ({known}), got {brief(strange[0])}")
    for kind in ("design", "palette"):
        if len(found[kind]) > 1:
            raise ProtocolError("bad_style", f"expected one {kind}, got {' and '.join(found[kind])}")
    return " ".join(word for several in found.values() for word in several)


def chosen(words: str, drawn: str, dark: bool) -> str:
    """The style of a page: a host's words, and of what was drawn for the page what they leave open.

    dark: whether the visitor asked for a dark page, which a host that says neither gives.
    """
    given = words.split()
    made = []
    for kind in ("design", "palette"):
        named = [word for word in given if word in kinds()[kind]]
        made += named or [word for word in drawn.split() if word in kinds()[kind]][:1]
    made += [word for word in given if word in ADJUSTMENTS]
    return " ".join([*made, "dark"] if dark and not LIGHTS & set(made) else made)
