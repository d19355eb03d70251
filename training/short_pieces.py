"""Pieces of markup and script that a tokenizer takes as one word each, none longer than a short tag (CHARACTERS).

A tag is cut before each attribute, a script into names with the punctuation behind them; what recurs in many pages
becomes
a piece, and so do tags that nearly always stand together ("</span></li>"). The model writes markup and scripts, it does
not look them up: a longer piece would be a template.
"""

import re
from collections.abc import Iterator, Sequence

from training.pieces import ENTITIES, SEPARATOR, can_be_word, count_in_pages, cut, tag_runs

CHARACTERS = 24
SLOTS = ("page", "edit", "ask", "open", "style", "site", "nav", "title", "facts", "links", "names", "screen", "window")
ATTRIBUTE = re.compile(r"""<!?/?[\w-]+|\s[\w-]+="|\s[\w-]+=[^\s"'>]+|\s[\w-]+|">?|>|[^\s">]+""")
ATOM = re.compile(r"[\w$.]*[^\w$.\n]*\n?")
MARKED = re.compile(r"[<>=(){}\[\];\"`&|!?+*/]|\.\w")


def dialect() -> list[str]:
    """What prompts are made of: slot markers with their trailing blank, the list separator, entities."""
    return [*(f"\n{slot}: " for slot in SLOTS), SEPARATOR, *ENTITIES]


def recurring(pages: Sequence[str], least: int, most: int) -> list[str]:
    """Pieces that stand in at least `least` pages, at most `most` of them, the most useful first."""
    cuts = [list(parts(page)) for page in pages]
    counts = count_in_pages((text for text, structure in page if structure) for page in cuts)
    found = {piece: n for piece, n in counts.items() if n >= least and fit(piece)}
    best = sorted(found, key=lambda piece: (-found[piece] * len(piece), piece))[:most]
    runs = tag_runs(cuts, frozenset(best), least, max(0, most // 6), CHARACTERS)
    return [*best[: most - len(runs)], *runs]


def parts(page: str) -> Iterator[tuple[str, bool]]:
    """The page as (text, is structure) in order, no structure longer than CHARACTERS unless it is a single word."""
    for text, structure in cut(page):
        if not structure:
            yield text, False
        elif text.startswith(("<", "&")):
            yield from ((part, True) for part in tag_parts(text))
        else:
            yield from ((part, True) for part in ATOM.findall(text) if part)


def tag_parts(tag: str) -> Iterator[str]:
    """A tag in pieces: whole if it is short, else its name, then each attribute up to its value."""
    if len(tag) <= CHARACTERS and '"' not in tag:
        yield tag
        return
    held = ""
    for part in ATTRIBUTE.findall(tag):
        if held and (len(held + part) > CHARACTERS or part.startswith('">') or held.endswith('="')):
            yield held
            held = ""
        held += part
    if held:
        yield held


def fit(piece: str) -> bool:
    """Whether a piece is short and can stand for nothing but structure: it would be found inside of words, too."""
    return 2 <= len(piece) <= CHARACTERS and bool(MARKED.search(piece)) and can_be_word(piece)
