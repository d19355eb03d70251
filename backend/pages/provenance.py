"""Record where a page came from in a comment at its end, so that the file alone can be edited later."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from backend.errors import ProtocolError, StartupError
from backend.kit.strip import undressed
from backend.markup.sanitize import sanitise, title
from backend.pages.page_urls import slug
from backend.pages.page_world import page_world
from backend.pages.preamble import alone
from backend.prompts.brief import ANY, Brief, WorldOrAny
from backend.shape import build

MARK, END = "<!--silverprint ", "-->"


@dataclass(frozen=True)
class Provenance:
    """What a page was made from.

    Attributes:
        brief: The brief of the page.
        url: The address of the page.
        tokens: The ids that the page was made of, to start an edit from.
    """

    brief: Brief
    url: str
    tokens: tuple[int, ...]


@dataclass(frozen=True)
class PageSource:
    """A page to be edited.

    Attributes:
        origin: What the page was made from.
        html: The page as it is now, if people have changed it since it was made or its tokens are not known; else "".
        page: The page as it is now, in any case.
    """

    origin: Provenance
    html: str = ""
    page: str = field(default="", compare=False)


def signed(html: str, origin: Provenance) -> str:
    """Return the page as a file that needs no other, with the kit that it uses inside and its origin at the end.

    The origin stands in a comment, which shows nothing.
    """
    said = json.dumps(asdict(origin) | {"page": digest(html)}, separators=(",", ":"), ensure_ascii=True)
    for sign in "<>-":  # so that nothing in it can end the comment
        said = said.replace(sign, f"\\u{ord(sign):04x}")
    return f"{alone(html)}\n{MARK}{said}{END}\n"


def digest(html: str) -> str:
    """Return a hash that tells whether a page is still as it was made."""
    return hashlib.sha256(html.encode(errors="surrogatepass")).hexdigest()[:16]


def read_source(path: Path, world: WorldOrAny = ANY) -> PageSource:
    """Return the page in a file, without its kit.

    The page was generated, and may have been changed since. Or a visitor has downloaded it, so that it is not known
    what it was made from.

    Args:
        path: The file.
        world: The world of a downloaded page; for "any", the page itself tells.

    Raises:
        StartupError: The file cannot be read or holds no such page.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise StartupError(f"expected a page to edit, got {path}: {why}") from error
    page, mark, said = text.rpartition(MARK)
    if not mark and undressed(text) != text:
        return _downloaded(undressed(text), world)
    try:
        if not mark:
            raise ValueError("it has none")
        found = json.loads(said.strip().removesuffix(END))
        origin, html = _origin(found), undressed(page.removesuffix("\n"))
        changed = found.get("page", digest(html)) != digest(html)
        page = sanitise(html) if changed else html
        return PageSource(origin, page if changed else "", page)
    except (ProtocolError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise StartupError(
            f"expected a page that silverprint generate wrote, with its origin in the last line, got {path}: {error}"
        ) from error


def _downloaded(page: str, world: WorldOrAny) -> PageSource:
    """Return the source of a page of which nothing but the page is known."""
    html = sanitise(page)
    name = title(html) or "a page"
    world = page_world(html) if world == ANY else world
    return PageSource(Provenance(Brief(world, name, title=title(html)), f"/{slug(name)}", ()), html, html)


def _origin(said: Mapping[str, Any]) -> Provenance:
    """Return the origin that the comment of a page records.

    Raises:
        ValueError: The ids of tokens are wrong.
        ProtocolError: The brief is wrong.
    """
    if not all(isinstance(token, int) and token >= 0 for token in said["tokens"]):
        raise ValueError("expected token ids >= 0")
    return Provenance(build(Brief, said["brief"], "brief"), str(said["url"]), tuple(said["tokens"]))
