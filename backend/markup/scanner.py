"""Where tags, text and raw text begin and end in a page, as an HTML parser sees them. Knows nothing of tokens.

The scanner follows the tokenizer of the HTML standard: quotes only matter in attribute values, `<` before anything but
a letter, "/", "!" or "?" is text, and the content of a raw-text element ends at its own end tag alone. Two departures,
both harmless to callers, who never pass on raw text they do not rewrite: scripts know no escaped states, and elements
inside SVG are scanned like any other.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

SPACE = "\t\n\f\r "
_ATTRIBUTE = (
    rf"([^{SPACE}/>][^{SPACE}/>=]*+)"
    rf"(?:[{SPACE}]*+=[{SPACE}]*+(?:\"([^\"]*+)\"|'([^']*+)'|((?![\"'])[^{SPACE}>]*+))|(?![{SPACE}]*+=))"
)
ATTRIBUTE = re.compile(_ATTRIBUTE)
TAG = re.compile(rf"<(/?)([a-zA-Z][^{SPACE}/>]*+)((?:[{SPACE}/]++|{_ATTRIBUTE})*+)>")
COMMENT = re.compile(r"<!--(?:-?>|.*?--!?>)|<(?!!--)[!?][^>]*>|</(?![a-zA-Z])[^>]*>", re.DOTALL)
RAW_TEXT = frozenset(
    {"style", "script", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext"}
)
RAW_END = re.compile(rf"</({'|'.join(sorted(RAW_TEXT - {'plaintext'}))})(?=[{SPACE}/>])", re.IGNORECASE)
BEGINS = re.compile(r"<(?:[a-zA-Z/!?]|\Z)")

DOCTYPE = "<!doctype"

AHEAD = 16
"""How many characters behind its end tell where a part ends, at most: `</textarea` and one more."""


class PartKind(Enum):
    TEXT = "text"  # `<` inside it is literal
    START = "start tag"
    END = "end tag"
    RAW = "raw text"  # content of the element `name`, whose start tag came just before
    COMMENT = "comment, doctype or bogus comment"
    UNFINISHED = "markup that the end of the page cuts off"


class Part(NamedTuple):
    """One stretch of a page, page[start:end]. name: of the element, lower case ("" for text and comments)."""

    kind: PartKind
    start: int
    end: int
    name: str = ""


def scan(page: str, at: int = 0) -> Iterator[Part]:
    """The parts of a page in order and without gaps; the last may be UNFINISHED.

    at: where to begin, which must be where a part other than RAW begins.
    """
    text = at
    while (at := page.find("<", at)) >= 0:
        if not BEGINS.match(page, at):
            at += 1
            continue
        if at > text:
            yield Part(PartKind.TEXT, text, at)
        part = markup_at(page, at)
        yield part
        text = at = part.end
        if part.kind is PartKind.START and part.name in RAW_TEXT:
            text = at = raw_end(page, at, part.name)
            yield Part(PartKind.RAW, part.end, at, part.name)
    if text < len(page):
        yield Part(PartKind.TEXT, text, len(page))


def markup_at(page: str, at: int) -> Part:
    """The tag or comment that begins at `at`, or UNFINISHED to the end of the page."""
    if tag := TAG.match(page, at):
        return Part(PartKind.END if tag[1] else PartKind.START, at, tag.end(), tag[2].lower())
    if comment := COMMENT.match(page, at):
        return Part(PartKind.COMMENT, at, comment.end())
    return Part(PartKind.UNFINISHED, at, len(page))


def raw_end(page: str, at: int, name: str) -> int:
    """Where the raw text of element `name` ends: at its end tag, or at the end of the page."""
    ends = RAW_END.finditer(page, at)
    return next((end.start() for end in ends if end[1].lower() == name), len(page))


def attributes(tag: str) -> Iterator[tuple[str, str]]:
    """Names (lower case) and values, as spelled, of a whole start tag; a value that is not given is ""."""
    match = TAG.fullmatch(tag)
    assert match, tag
    for name, double, single, bare in ATTRIBUTE.findall(match[3]):
        yield name.lower(), double or single or bare


def is_doctype(markup: str) -> bool:
    return markup[: len(DOCTYPE)].lower() == DOCTYPE


def in_front(page: str, markup: str) -> str:
    """The page with markup in front of everything but its doctype, before which only white space and comments stand."""
    end = doctype_end(page)
    return f"{page[:end]}{markup}{page[end:]}"


def doctype_end(page: str) -> int:
    """Where what follows a page's doctype begins; 0 for a page without one."""
    for part in scan(page):
        if part.kind is PartKind.COMMENT and is_doctype(page[part.start : part.end]):
            return part.end
        if part.kind is not PartKind.COMMENT and page[part.start : part.end].strip(SPACE):
            break
    return 0
