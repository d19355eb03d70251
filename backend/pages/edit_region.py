"""Restrict a change to one element of a page: all else is held, and stays byte for byte.

The model writes tokens, and a token may extend over the edge of the element. The bundled model, for instance, has
tokens that close one element and open the next. Such a token stays as it is, with the part of the element that it
holds. If no token lies inside, the page is spelled again in three parts. What the model makes of the element is put
into the existing page, as far as it is complete markup by itself. The module is pure.
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
"""How many tokens an element may grow by, besides half as many as it has."""


@dataclass(frozen=True)
class Words:
    """The tokens and limits of a model.

    Attributes:
        piece: Returns the bytes of a token.
        dialect: The dialect of the model.
        eos: The token that ends a page.
        pad: The token that shows nothing.
        length: The number of tokens of a canvas.
        most: The maximum number of tokens of a page.
        spell: Returns a text's tokens, none for a text that cannot be spelled. None if the model cannot tell.
    """

    piece: Callable[[int], bytes]
    dialect: Dialect
    eos: int
    pad: int
    length: int
    most: int
    spell: Callable[[str], Sequence[int]] | None = None

    def said(self, tokens: Sequence[int]) -> bytes:
        """Return the bytes of some tokens."""
        return b"".join(map(self.piece, tokens))

    def kept(self, raw: bytes) -> str:
        """Return what is kept of what a model wrote."""
        return sanitise(undressed(plain(raw.decode("utf-8", "replace"), self.dialect)))


@dataclass(frozen=True)
class Filled:
    """A page after its change.

    Attributes:
        html: The page.
        tokens: The tokens that it is made of.
    """

    html: str
    tokens: tuple[int, ...]


@dataclass(frozen=True)
class EditRegion:
    """A page, one element of which may change.

    Attributes:
        html: The page as it is kept.
        part: The start and end of the element in it.
        around: What of the element is held, before and behind the gap, as the model spelled it.
        infill: The page as a canvas with a gap.
        begun: The tokens of the gap before the change.
        words: The tokens and limits of the model.
    """

    html: str
    part: tuple[int, int]
    around: tuple[bytes, bytes]
    infill: Infill
    begun: tuple[int, ...]
    words: Words

    def filled(self, tokens: Sequence[int]) -> Filled:
        """Return the page with what the model made of the element.

        The page is unchanged while the gap is not finished. It also stays unchanged if nothing in the gap is complete
        by itself, or if the gap would change its surroundings.

        Args:
            tokens: The tokens of the page, as far as they are known.
        """
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
        """Return the longest beginning of the written text that is complete by itself.

        If the gap is the whole element, the result is one element.
        """
        text = closed(text)
        if self.around == (b"", b"") and text.lstrip().startswith("<"):
            return text[: next((one.end for one in stretches(text)), len(text))]
        return text

    def _made(self, html: str, middle: Sequence[int]) -> Filled:
        """Return a page with the tokens before and behind the gap and those between them."""
        gap = self.infill
        return Filled(html, (*gap.canvas[: gap.start], *middle, *gap.after))

    def _spelled(self, html: str, made: Sequence[int]) -> tuple[int, ...]:
        """Return a page's tokens where the element ends within a token that the model wrote."""
        spell = self.words.spell
        return tuple(spell(html)) if spell else self._made(html, made).tokens


def gap_in(html: str, tokens: Sequence[int], part: tuple[int, int], words: Words) -> EditRegion | None:
    """Return where a page may change if only one part of it is to change.

    Args:
        html: The page.
        tokens: The tokens that the page was made of.
        part: The start and end of an element in `html`.
        words: The tokens and limits of the model.

    Returns:
        The region; None if the change cannot be expressed in tokens.
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
    """Return the tokens that lie within an element.

    The result is None if the tokens are not those of the page, or none lies within the element.
    """
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
    """Return the stretch of an element of the kept page in the page as its model spelled it."""
    it = next((one for one in kept if (one.start, one.end) == part), None)
    if it is None:
        return None
    mine, theirs = ([one for one in all_ if one.name == it.name] for all_ in (kept, spelled))
    return theirs[mine.index(it)] if len(mine) == len(theirs) else None


def _anew(html: str, part: tuple[int, int], words: Words) -> Parts | None:
    """Return the page spelled in three parts, or None if the model cannot do that without changing the page."""
    if words.spell is None:
        return None
    texts = html[: part[0]], html[part[0] : part[1]], html[part[1] :]
    before, begun, after = (list(words.spell(text)) for text in texts)
    wanted = [text.encode(errors="surrogatepass") for text in texts]
    if [words.said(spelled) for spelled in (before, begun, after)] != wanted:
        return None
    return before, begun, after, (b"", b"")
