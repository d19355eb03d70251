"""What may change of a page when someone changes one element of it: all else is held, and stays byte for byte.

The model writes tokens, and a token may reach over the edge of the element (the bundled model has tokens that close one
and open the next). Such a token stays as it is, with what it holds of the element; where none lies inside, the page is
spelled anew in three parts. What the model makes of the element is put into the page that stands, as far as it stands
for itself. Pure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from backend.kit.strip import undressed
from backend.markup.sanitize import sanitise
from backend.pages.selection import Stretch, closed, stretches
from backend.prompts.render import Dialect, plain
from engine.requests.infill import Infill, infill

SPARE = 16
"""Tokens that an element may grow by, and half as many as it has."""


@dataclass(frozen=True)
class Words:
    """Of a model. piece: the bytes of a token. spell: a text's tokens, where it can tell. length: tokens of a canvas.
    eos, pad: the tokens that end a page and that show nothing. most: tokens of a page. spell gives none for a text that
    cannot be spelled."""

    piece: Callable[[int], bytes]
    dialect: Dialect
    eos: int
    pad: int
    length: int
    most: int
    spell: Callable[[str], Sequence[int]] | None = None

    def said(self, tokens: Sequence[int]) -> bytes:
        return b"".join(map(self.piece, tokens))

    def kept(self, raw: bytes) -> str:
        """What is kept of what a model wrote."""
        return sanitise(undressed(plain(raw.decode("utf-8", "replace"), self.dialect)))


@dataclass(frozen=True)
class Filled:
    """A page after its change, and the tokens that it is made of."""

    html: str
    tokens: tuple[int, ...]


@dataclass(frozen=True)
class EditRegion:
    """html: the page as it is kept; part: the element in it. around: what of the element is held, before and behind the
    gap, as the model spelled it. infill: the page as a canvas."""

    html: str
    part: tuple[int, int]
    around: tuple[bytes, bytes]
    infill: Infill
    begun: tuple[int, ...]
    words: Words

    def filled(self, tokens: Sequence[int]) -> Filled:
        """The page with what the model made of the element; as it was while that is not done, if nothing of it stands
        for itself, or if it would change what stands around it. tokens: of the page, as far as they go."""
        gap, (start, end), (before, behind) = self.infill, self.part, self.around
        if len(tokens) < gap.stop:
            return self._made(self.html, self.begun)
        made = [int(token) for token in tokens[gap.start : gap.stop]]
        said = self.words.said(made).decode("utf-8", "replace")
        words = self._alone(said).encode()
        if said.strip() and not words.strip():
            return self._made(self.html, self.begun)
        element = self.words.kept(before + words + behind)
        html = self.html[:start] + element + self.html[end:]
        if sanitise(html) != html:
            return self._made(self.html, self.begun)
        ends = accumulate((len(self.words.piece(token)) for token in made), initial=0)
        count = max((at for at, size in enumerate(ends) if size == len(words)), default=-1)
        if count < 0 or self.words.said(made[:count]) != words:
            return Filled(html, self._spelled(html, made))
        while count > len(self.begun) and made[count - 1] == self.words.pad:
            count -= 1
        return self._made(html, (*made[:count], *[self.words.pad] * (len(self.begun) - count)))

    def _alone(self, text: str) -> str:
        """As much of what was written as stands for itself; where the gap is the whole element, one element."""
        text = closed(text)
        if self.around == (b"", b"") and text.lstrip().startswith("<"):
            return text[: next((one.end for one in stretches(text)), len(text))]
        return text

    def _made(self, html: str, middle: Sequence[int]) -> Filled:
        gap = self.infill
        return Filled(html, (*gap.canvas[: gap.start], *middle, *gap.after))

    def _spelled(self, html: str, made: Sequence[int]) -> tuple[int, ...]:
        """A page's tokens where it ends within one that the model wrote."""
        spell = self.words.spell
        return tuple(spell(html)) if spell else self._made(html, made).tokens


def gap_in(html: str, tokens: Sequence[int], part: tuple[int, int], words: Words) -> EditRegion | None:
    """Where a page may change of which one part is to change; None if that cannot be done in tokens.

    tokens: what the page was made of. part: start and end of an element of html.
    """
    found = _inside(html, tokens, part, words) or _anew(html, part, words)
    if found is None:
        return None
    before, begun, after, around = found
    spare = min(SPARE + len(begun) // 2, words.most - len(before) - len(begun) - len(after) - 1)
    if not begun or spare < 0:
        return None
    room, (eos, pad) = len(begun) + spare, (words.eos, words.pad)
    whole = infill(before, after, room, length=words.length, pad=pad, eos=eos, begun=begun)
    return EditRegion(html, part, around, whole, tuple(begun), words)


Parts = tuple[Sequence[int], Sequence[int], Sequence[int], tuple[bytes, bytes]]
"""Tokens before the gap, in it and behind it, and what of the element is held before and behind it."""


def _inside(html: str, tokens: Sequence[int], part: tuple[int, int], words: Words) -> Parts | None:
    """The tokens that lie within an element, if these tokens are those of the page and any does."""
    raw = words.said(tokens)
    text = raw.decode("utf-8", "replace")
    if text.encode() != raw or words.kept(raw) != html:
        return None
    there = _same(stretches(html), stretches(text), part)
    if there is None:
        return None
    start, end = (len(text[:at].encode()) for at in (there.start, there.end))
    ends = list(accumulate(len(words.piece(token)) for token in tokens))
    starts = [0, *ends[:-1]]
    first = next((at for at, place in enumerate(starts) if start <= place and start < ends[at]), len(tokens))
    last = next((at for at in range(len(tokens) - 1, -1, -1) if ends[at] <= end and starts[at] < end), -1)
    if first > last:
        return None
    around = raw[start : starts[first]], raw[ends[last] : end]
    return tokens[:first], tokens[first : last + 1], tokens[last + 1 :], around


def _same(kept: list[Stretch], spelled: list[Stretch], part: tuple[int, int]) -> Stretch | None:
    """The element that a part of a page is, in the page as its model spelled it."""
    it = next((one for one in kept if (one.start, one.end) == part), None)
    if it is None:
        return None
    mine, theirs = ([one for one in all_ if one.name == it.name] for all_ in (kept, spelled))
    return theirs[mine.index(it)] if len(mine) == len(theirs) else None


def _anew(html: str, part: tuple[int, int], words: Words) -> Parts | None:
    """The page spelled in three parts, if the model can do that without changing it."""
    if words.spell is None:
        return None
    texts = html[: part[0]], html[part[0] : part[1]], html[part[1] :]
    before, begun, after = (list(words.spell(text)) for text in texts)
    wanted = [text.encode(errors="surrogatepass") for text in texts]
    if [words.said(spelled) for spelled in (before, begun, after)] != wanted:
        return None
    return before, begun, after, (b"", b"")
