"""Find where tags, text and raw text begin and end in a page, as an HTML parser sees them.

The scanner follows the tokenizer of the HTML standard. Quotes only matter in attribute values. A `<` before anything
but a letter, "/", "!" or "?" is text. The content of a raw-text element ends only at its own end tag.

There are two departures from the standard: scripts have no escaped states, and elements inside SVG are scanned like any
other. Both are harmless to callers, which never pass on raw text that they do not rewrite. The scanner knows nothing of
a model's tokens.
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
"""How many characters after its end decide where a part ends, at most: `</textarea` and one more."""


class PartKind(Enum):
    """The kinds of parts that a page consists of."""

    TEXT = "text"  # `<` inside it is literal
    START = "start tag"
    END = "end tag"
    RAW = "raw text"  # content of the element `name`, whose start tag came just before
    COMMENT = "comment, doctype or bogus comment"
    UNFINISHED = "markup that the end of the page cuts off"


class Part(NamedTuple):
    """One stretch of a page, page[start:end].

    Attributes:
        kind: What the stretch is.
        start: The offset of its first character.
        end: The offset after its last character.
        name: The name of the element in lower case; "" for text and comments.
    """

    kind: PartKind
    start: int
    end: int
    name: str = ""


def scan(page: str, at: int = 0) -> Iterator[Part]:
    """Yield the parts of a page in order and without gaps; the last may be UNFINISHED.

    Args:
        page: The text of the page.
        at: The offset to start at, where a part other than RAW must begin.
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
    """Return the tag or comment that begins at `at`, or an UNFINISHED part up to the end of the page."""
    if tag := TAG.match(page, at):
        return Part(PartKind.END if tag[1] else PartKind.START, at, tag.end(), tag[2].lower())
    if comment := COMMENT.match(page, at):
        return Part(PartKind.COMMENT, at, comment.end())
    return Part(PartKind.UNFINISHED, at, len(page))


def raw_end(page: str, at: int, name: str) -> int:
    """Return where the raw text of element `name` ends: at its end tag, or at the end of the page."""
    ends = RAW_END.finditer(page, at)
    return next((end.start() for end in ends if end[1].lower() == name), len(page))


def attributes(tag: str) -> Iterator[tuple[str, str]]:
    """Yield the names, in lower case, and the values of a whole start tag.

    Values are spelled as in the tag; a value that is not given is "".
    """
    match = TAG.fullmatch(tag)
    assert match, tag
    for name, double, single, bare in ATTRIBUTE.findall(match[3]):
        yield name.lower(), double or single or bare


def is_doctype(markup: str) -> bool:
    """Return whether a comment part is a doctype."""
    return markup[: len(DOCTYPE)].lower() == DOCTYPE


def in_front(page: str, markup: str) -> str:
    """Return the page with `markup` in front of everything but its doctype.

    Only white space and comments stand before the doctype.
    """
    end = doctype_end(page)
    return f"{page[:end]}{markup}{page[end:]}"


def doctype_end(page: str) -> int:
    """Return the offset after a page's doctype; 0 for a page without one."""
    for part in scan(page):
        if part.kind is PartKind.COMMENT and is_doctype(page[part.start : part.end]):
            return part.end
        if part.kind is not PartKind.COMMENT and page[part.start : part.end].strip(SPACE):
            break
    return 0
