"""Sanitize a finished page before it is stored and served.

The sanitizer removes what no page needs and what could break out of the page's frame. It is a second line of defence
behind the sandbox and the policies in `frames`. Those hold whatever the model writes.
"""

import html
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from backend.markup.foreign_content import Drawings
from backend.markup.raw_text import TAG_LIKE, one_script, respelled, scripts_apart, styles_apart
from backend.markup.scanner import RAW_TEXT, Part, PartKind, attributes, is_doctype, scan
from backend.text.cleaning import one_line

STRIPPED = frozenset({
    "applet", "base", "embed", "frame", "frameset", "iframe", "link", "noembed", "noframes", "object", "param",
    "plaintext", "portal",
})  # fmt: skip
TITLE_CHARS = 200


def sanitise(page: str) -> str:
    """Return the page without stripped elements, <meta http-equiv>, comments and a cut-off end.

    All else stays as it is, with these exceptions:

    - A stray "<" in text is spelled "&lt;". So the text around something that was removed never joins to a tag.
    - In the text of <style>, <title> and similar elements, "<" begins no tag. The same holds for scripts that may stand
      in a drawing. So browsers that read such text as markup find none in it.
    - No "srcdoc" is left, which would be a page inside the page. Its last letter is spelled as an escape or entity.

    The function is idempotent: sanitise(sanitise(page)) == sanitise(page).
    """
    return "".join(respelled(spelled, kind) for kind, spelled in _runs(_kept(page)))


def _kept(page: str) -> Iterator[tuple[str, str]]:
    """Yield what stays, in order, as its kind and spelling.

    The kind is "script" or "style" for the text of these elements, else "".
    """
    drawings = Drawings()
    for part in _whole(list(scan(page))):
        spelled = page[part.start : part.end]
        if _is_stripped(part, spelled):
            continue
        drawings.see(part, spelled)
        if part.kind is PartKind.TEXT:
            yield "", spelled.replace("<", "&lt;")
        elif part.kind is PartKind.RAW:
            yield (part.name if part.name in ("script", "style") else ""), _raw(part.name, spelled, drawings.holds())
        else:
            yield "", spelled


def _whole(parts: list[Part]) -> list[Part]:
    """Return the parts without an end that is cut off.

    Such an end is a tag, a comment, or a script without a whole end tag.
    """
    if parts and parts[-1].kind is PartKind.UNFINISHED:
        parts = parts[:-1]
    cut_off = bool(parts) and parts[-1].kind is PartKind.RAW and parts[-1].name == "script"
    return parts[:-2] if cut_off else parts


def _is_stripped(part: Part, spelled: str) -> bool:
    """Return whether the sanitizer removes a part."""
    if part.kind is PartKind.COMMENT:
        return not is_doctype(spelled)
    refreshes = part.kind is PartKind.START and part.name == "meta" and "http-equiv" in dict(attributes(spelled))
    return part.name in STRIPPED or refreshes


def _raw(name: str, text: str, drawn: bool) -> str:
    """Return the safe text of a raw-text element; `drawn` tells whether it may be inside a drawing."""
    if name == "style":
        return styles_apart(text)
    if name == "script":
        return scripts_apart(text) if drawn else one_script(text)
    return TAG_LIKE.sub("&lt;", text)


def _runs(pieces: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Join consecutive pieces of one kind, since a word may span something that was removed between them."""
    for kind, run in groupby(pieces, key=itemgetter(0)):
        yield kind, "".join(spelled for _, spelled in run)


def title(page: str) -> str:
    """Return the text of <title>, else of the first <h1>, else "".

    Entities are resolved. The result is on one line and has at most 200 characters.
    """
    return _text_of(page, "title") or _text_of(page, "h1")


def _text_of(page: str, name: str) -> str:
    """Return the text of the first element of that name."""
    inside, found = False, []
    for part in scan(page):
        if part.name == name and part.kind in (PartKind.START, PartKind.END):
            if inside or part.kind is PartKind.END:
                break
            inside = True
        elif inside and (
            part.kind is PartKind.TEXT or (part.kind is PartKind.RAW and part.name not in RAW_TEXT - {name})
        ):
            found.append(page[part.start : part.end])
    return one_line(one_line(html.unescape("".join(found)))[:TITLE_CHARS])
