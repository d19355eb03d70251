"""Addresses of pages: the words of a visitor or a page as a path, and back. The module is pure."""

import hashlib
import unicodedata
from urllib.parse import unquote, urlsplit

from backend.prompts.brief import ANY, WorldOrAny

SEGMENT_CHARS = 80
SEGMENTS = 8
WORLD_PREFIXES: dict[str, WorldOrAny] = {"os": "os", "app": "app", "any": ANY}
"""The first segment of a world's addresses.

Addresses of world "web" have none. Under /any/ are pages that have no world yet.
"""

NAMELESS = "prompt"
"""Stands in front of words that cannot be a segment of their own in world "web", as they name a world."""
UNSAFE = frozenset("/\\?#%&<>\"'`{}|^[]")


def slug(words: str) -> str:
    """Return words as one segment of a path.

    The segment is in lower case, with "_" between words and no character that means something in an address. Long words
    keep their beginning and get a hash, so that different words stay different. The result is "" if nothing is left.
    """
    folded = unicodedata.normalize("NFC", words).lower().replace("_", " ")
    kept = "".join(c for c in folded if c not in UNSAFE and (c.isprintable() or c.isspace()))
    text = "_".join(kept.split()).strip("._")
    if len(text) <= SEGMENT_CHARS:
        return text
    return f"{text[: SEGMENT_CHARS - 9]}_{hashlib.blake2b(text.encode(), digest_size=4).hexdigest()}"


def segments(path: str) -> list[str]:
    """Return the segments of an address as typed or written on a page.

    Scheme, host, query and fragment are dropped.
    """
    try:
        split = urlsplit(path.strip())
    except ValueError:  # the address has brackets that enclose no IPv6 address
        return []
    found = split.path if split.scheme in ("http", "https", "") else ""
    return [s for s in map(slug, unquote(found).split("/")) if s][:SEGMENTS]


def join(world: WorldOrAny, *parts: str) -> str:
    """Return the address of segments in a world: /wiki/lava, /os/files/notes, /app/groceries."""
    own = [] if world == "web" else [world]
    return "/" + "/".join([*own, *filter(None, parts)])


def placed(url: str, world: WorldOrAny) -> str:
    """Return the address of a page whose world has turned out: /any/snake -> /app/snake, /any/lava -> /lava.

    The rest stays, so that the same words lead to the same address as if the world had been given.
    """
    parts = segments(url)
    own = parts[1:] if parts and parts[0] in WORLD_PREFIXES else parts
    taken = world == "web" and len(own) == 1 and own[0] in WORLD_PREFIXES
    return join(world, *([NAMELESS] if taken else []), *own)


def words_of(segment: str) -> str:
    """Return the words that a segment was made of, as far as it still tells."""
    return segment.replace("_", " ")


def heading(words: str) -> str:
    """Return words as a heading: each with a capital, the rest as it is."""
    return " ".join(word[:1].upper() + word[1:] for word in words.split())
