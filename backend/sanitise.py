"""A finished page as it is stored and served: what no page of ours needs, and what could undo its frame, is taken out.

This is tidiness on top of the sandbox and the policies in `frames`, which hold for whatever the model writes.
"""

import html
import re

from backend.cleaning import one_line
from backend.markup import RAW_TEXT, Kind, Part, attributes, scan

STRIPPED = frozenset({
    "applet", "base", "embed", "frame", "frameset", "iframe", "link", "noembed", "noframes", "object", "param",
    "plaintext", "portal",
})  # fmt: skip
_HIDDEN = re.compile(rf"<(?=/?(?:meta|{'|'.join(sorted(STRIPPED))})\b)", re.IGNORECASE)
TITLE_CHARS = 200


def sanitise(page: str) -> str:
    """The page without stripped elements, <meta http-equiv>, comments and a cut-off end; all else stays byte for byte.

    A stray "<" is spelled "&lt;", so that taking something out can never join what stood around it into a tag:
    sanitise(sanitise(page)) == sanitise(page).
    """
    parts = list(scan(page))
    if parts and parts[-1].kind is Kind.RAW and parts[-1].name == "script":
        parts = parts[:-2]  # a script that was cut off
    return "".join(_kept(page[part.start : part.end], part) for part in parts)


def _kept(spelled: str, part: Part) -> str:
    if part.kind is Kind.UNFINISHED or part.name in STRIPPED or spelled.startswith("<!--"):
        return ""
    if part.kind is Kind.TEXT:
        return spelled.replace("<", "&lt;")
    if part.kind is Kind.RAW and part.name != "script":
        return _HIDDEN.sub("\\\\3c " if part.name == "style" else "&lt;", spelled)
    if part.kind is Kind.START and part.name == "meta" and "http-equiv" in dict(attributes(spelled)):
        return ""
    return spelled


def title(page: str) -> str:
    """The text of <title>, else of the first <h1>, else "": entities resolved, on one line, at most 200 characters."""
    return _text_of(page, "title") or _text_of(page, "h1")


def _text_of(page: str, name: str) -> str:
    """The text of the first element of that name."""
    inside, found = False, []
    for part in scan(page):
        if part.name == name and part.kind in (Kind.START, Kind.END):
            if inside or part.kind is Kind.END:
                break
            inside = True
        elif inside and (part.kind is Kind.TEXT or (part.kind is Kind.RAW and part.name not in RAW_TEXT - {name})):
            found.append(page[part.start : part.end])
    return one_line(one_line(html.unescape("".join(found)))[:TITLE_CHARS])
