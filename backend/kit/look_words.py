"""The words that choose how a page looks, and how a host's words combine with a style that was drawn at random."""

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
    """Return the words of each kind.

    A page has one design and one palette, and any number of adjustments.
    """
    return {"design": frozenset(designs()), "palette": frozenset(palettes()), "adjustment": ADJUSTMENTS}


def checked(words: str) -> str:
    """Return words that choose a look, in the order design, palette, adjustments.

    Raises:
        ProtocolError: bad_style, if a word is unknown or there are several designs or palettes.
    """
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
    """Return the style of a page: a host's words, completed by the style that was drawn for the page.

    Args:
        words: The words of the host.
        drawn: The design and palette that were drawn for the page.
        dark: Whether the visitor asked for a dark page. It counts if the host asks for neither light nor dark.
    """
    given = words.split()
    made = []
    for kind in ("design", "palette"):
        named = [word for word in given if word in kinds()[kind]]
        made += named or [word for word in drawn.split() if word in kinds()[kind]][:1]
    made += [word for word in given if word in ADJUSTMENTS]
    return " ".join([*made, "dark"] if dark and not LIGHTS & set(made) else made)
