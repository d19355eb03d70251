"""Add what every page begins with and no model need write: doctype, character set and viewport.

So whoever watches a page being written sees its first words earlier.
"""

from itertools import takewhile

from backend.kit import bundle
from backend.kit.strip import NO_DOCTYPE, SIGN, STANDARD, undressed
from backend.markup.scanner import PartKind, attributes, doctype_end, scan

OURS = f"{SIGN}={bundle.VERSION}"
CHARSET = f"<meta {OURS} charset=utf-8>"
VIEWPORT = f'<meta {OURS} name=viewport content="width=device-width">'
TYPED = f"<meta {OURS} {NO_DOCTYPE}>"
"""Says that the doctype is not the page's own.

`undressed` removes both again, and the other metadata.
"""


def standard(page: str) -> tuple[str, str]:
    """Return the doctype of a page with what stands in front of it, and what follows it.

    A page without a doctype gets that of HTML.
    """
    end = doctype_end(page)
    return (page[:end], page[end:]) if end else (STANDARD, page)


def alone(page: str, version: str = "", look: str = "") -> str:
    """Return the page as a file that needs no other, with the kit that it uses and the metadata that browsers need.

    undressed(alone(page)) == page for a page that has no kit.

    Args:
        page: The page.
        version: The version of the kit that the page was made with.
        look: Rules of the look of a host that the page was seen in.
    """
    page = undressed(page)
    doctype, rest = standard(bundle.dressed(page, version, look))
    return f"{doctype}{TYPED * (not doctype_end(page))}{missing(page)}{rest}"


def missing(page: str) -> str:
    """Return the metadata that a page lacks."""
    found = metadata(page)
    charset = any("charset" in meta for meta in found)
    viewport = any(meta.get("name", "").lower() == "viewport" for meta in found)
    return CHARSET * (not charset) + VIEWPORT * (not viewport)


def metadata(page: str) -> list[dict[str, str]]:
    """Return the attributes of each <meta> before a page's body."""
    head = takewhile(lambda part: part.name != "body", scan(page[: bundle.HEAD_WORDS]))
    tags = (page[part.start : part.end] for part in head if part.kind is PartKind.START and part.name == "meta")
    return [dict(attributes(tag)) for tag in tags]
