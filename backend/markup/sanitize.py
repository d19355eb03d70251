"""A finished page as it is stored and served: what no page of ours needs, and what could undo its frame, is taken out.

This is tidiness on top of the sandbox and the policies in `frames`, which hold for whatever the model writes.
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
    """The page without stripped elements, <meta http-equiv>, comments and a cut-off end; all else stays as it is, but:

    - a stray "<" in text is spelled "&lt;", so that what is taken out never joins what stood around it to a tag;
    - in the text of <style>, <title> and kin, and of scripts that may stand in a drawing, "<" begins no tag, so that
      browsers which take such text for markup find none in it;
    - no "srcdoc" is left, which would be a page inside the page: its last letter is spelled otherwise.

    sanitise(sanitise(page)) == sanitise(page).
    """
    return "".join(respelled(spelled, kind) for kind, spelled in _runs(_kept(page)))


def _kept(page: str) -> Iterator[tuple[str, str]]:
    """What stays, in order: its kind ("script" and "style" for their text, else "") and spelling."""
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
    """The parts without an end that is cut off, be it a tag, a comment or a script without a whole end tag."""
    if parts and parts[-1].kind is PartKind.UNFINISHED:
        parts = parts[:-1]
    cut_off = bool(parts) and parts[-1].kind is PartKind.RAW and parts[-1].name == "script"
    return parts[:-2] if cut_off else parts


def _is_stripped(part: Part, spelled: str) -> bool:
    if part.kind is PartKind.COMMENT:
        return not is_doctype(spelled)
    refreshes = part.kind is PartKind.START and part.name == "meta" and "http-equiv" in dict(attributes(spelled))
    return part.name in STRIPPED or refreshes


def _raw(name: str, text: str, drawn: bool) -> str:
    """The text of a raw-text element. drawn: whether it may be inside a drawing."""
    if name == "style":
        return styles_apart(text)
    if name == "script":
        return scripts_apart(text) if drawn else one_script(text)
    return TAG_LIKE.sub("&lt;", text)


def _runs(pieces: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Pieces of one kind that follow each other joined, since a word may run over what was taken out between them."""
    for kind, run in groupby(pieces, key=itemgetter(0)):
        yield kind, "".join(spelled for _, spelled in run)


def title(page: str) -> str:
    """The text of <title>, else of the first <h1>, else "": entities resolved, on one line, at most 200 characters."""
    return _text_of(page, "title") or _text_of(page, "h1")


def _text_of(page: str, name: str) -> str:
    """The text of the first element of that name."""
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
