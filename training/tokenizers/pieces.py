"""The recurring structure of pages, as pieces that a tokenizer takes as one token each.

A page is cut into tags, the rules of its <style>, the lines of its <script>, entities and free text. Parts that recur
in many pages become pieces. So do runs of adjacent tags that nearly always occur together ("</a></li>").
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tokenizers.pre_tokenizers import ByteLevel

from backend.prompts.anchors import all_anchors

SLOTS = ("ask", "open", "edit", "screen", "style", "title", "facts", "links", "names", "site", "nav", "window")
SEPARATOR = "; "
ENTITIES = ("&amp;", "&lt;", "&gt;")
RUN_CHARACTERS = 160
PART = re.compile(
    r"(?P<style>(?<=<style>).+?(?=</style>))|(?P<script>(?<=<script>).+?(?=</script>))|(?P<tag><[^>]*>)|&\w+;", re.S
)
RULE = re.compile(r"[^{}]*\{(?:[^{}]|\{[^{}]*\})*\}")
VALUE = re.compile(r"""(?<==)("[^"]*"|'[^']*'|[^\s"'>]+)""")
BYTES = frozenset(ByteLevel.alphabet())


def dialect() -> list[str]:
    """Return what every prompt consists of.

    These are slot markers with their trailing blank, the list separator, entities and anchors.
    """
    return [*(f"\n{slot}: " for slot in SLOTS), SEPARATOR, *ENTITIES, *all_anchors()]


def cut(page: str) -> list[tuple[str, bool]]:
    """Return the page as (text, whether it is structure) in order; joined, the texts are the page."""
    cuts: list[tuple[str, bool]] = []
    end = 0
    for match in PART.finditer(page):
        if match.start() > end:
            cuts.append((page[end : match.start()], False))
        cuts.extend((text, True) for text in _within(match))
        end = match.end()
    return [*cuts, (page[end:], False)] if end < len(page) else cuts


def _within(match: re.Match[str]) -> Iterable[str]:
    """Return the rules of a style or the lines of a script; a tag or an entity is returned as it is."""
    text = match.group()
    if match["script"]:
        return text.splitlines(keepends=True)
    if not match["style"]:
        return (text,)
    rules = RULE.findall(text)
    rest = text[sum(map(len, rules)) :]
    return [*rules, rest] if rest else rules


def count_in_pages(pages: Iterable[Iterable[str]]) -> Counter[str]:
    """Return the number of pages in which each piece occurs."""
    return Counter(piece for page in pages for piece in set(page))


def can_be_word(piece: str) -> bool:
    """Return False for text that a byte-level decoder would take for bytes: only its letters beyond ASCII."""
    return piece.isascii() or not set(piece) <= BYTES


def recurring(pages: Sequence[str], least: int, most: int) -> list[str]:
    """Return the most frequent pieces.

    Opening tags whose values differ from page to page are taken up to the value (`<li data-id="`), so that the value is
    spelled as free text.

    Args:
        pages: The pages.
        least: Least number of pages in which a piece occurs.
        most: Most pieces.
    """
    cuts = [cut(page) for page in pages]
    counts = count_in_pages((text for text, structure in page if structure) for page in cuts)
    found = {piece: n for piece, n in counts.items() if n >= least and can_be_word(piece)}
    stems = count_in_pages(
        (s for text, structure in page if structure and text not in found for s in stem_pieces(text)) for page in cuts
    )
    found |= {piece: n for piece, n in stems.items() if n >= least and can_be_word(piece)}
    best = sorted(found, key=lambda piece: (-found[piece] * len(piece), piece))[:most]
    return best + tag_runs(cuts, frozenset(best), least, most - len(best))


def stem_pieces(text: str) -> list[str]:
    """Return the parts of a rare tag around its values, e.g. `<li data-id="` and `">`; nothing for other texts."""
    if not text.startswith("<"):
        return []
    parts = VALUE.split(text)
    quoted = [value[0] if value[0] in "\"'" else "" for value in parts[1::2]]
    fixed = parts[::2]
    opened = [stem + quote for stem, quote in zip(fixed, [*quoted, ""], strict=True)]
    return [quote + stem for stem, quote in zip(opened, ["", *quoted], strict=True) if len(quote + stem) > 1]


def tag_runs(cuts: list[list[tuple[str, bool]]], pieces: frozenset[str], least: int, most: int) -> list[str]:
    """Return runs of adjacent tags that deserve a token: the most frequent pair is joined, again and again.

    A pair is joined if it occurs at least `least` times, and in half or more of the places of one of its halves.

    Args:
        cuts: The pages, cut.
        pieces: The pieces.
        least: Least number of places.
        most: Most runs.
    """
    rows = Counter(tuple(row) for page in cuts for row in _rows(page, pieces))
    runs: list[str] = []
    while len(runs) < most:
        pair = _best_pair(rows, least)
        if pair is None:
            break
        runs.append("".join(pair))
        rows = _join_pair(rows, pair)
    return runs


def _rows(page: list[tuple[str, bool]], pieces: frozenset[str]) -> Iterable[list[str]]:
    """Yield maximal rows of tags that are pieces."""
    row: list[str] = []
    for text, _ in [*page, ("", False)]:
        if text in pieces and text.startswith("<"):
            row.append(text)
        elif row:
            yield row
            row = []


def _best_pair(rows: Counter[tuple[str, ...]], least: int) -> tuple[str, str] | None:
    single: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for row, n in rows.items():
        for piece in row:
            single[piece] += n
        for pair in pairwise(row):
            pairs[pair] += n
    fit = (
        (n, pair)
        for pair, n in pairs.items()
        if n >= least and 2 * n >= min(single[pair[0]], single[pair[1]]) and len(pair[0] + pair[1]) <= RUN_CHARACTERS
    )
    return max(fit, default=(0, None))[1]


def _join_pair(rows: Counter[tuple[str, ...]], pair: tuple[str, str]) -> Counter[tuple[str, ...]]:
    joined: Counter[tuple[str, ...]] = Counter()
    for row, n in rows.items():
        new: list[str] = []
        for piece in row:
            if new and (new[-1], piece) == pair:
                new[-1] += piece
            else:
                new.append(piece)
        joined[tuple(new)] += n
    return joined
