"""Turn frames into drafts: remember, over the steps of a canvas, which tokens may be shown.

The sampler often changes a token and later changes it back. A page that followed each change would flicker. So each
position has a token that is *shown*, apart from the one in the frame:
- The shown token is firm once it has settled. Text is firm at once. A token with markup in it is firm after `TAG_STEPS`
  settled steps in a row, or at once in a text that only grows.
- A firm token stays while it is the model's best guess, accepted or not. It outlives `PATIENCE` steps with another
  guess.
- A guess of text may turn into a guess of markup, which would hide all that follows. It gets the same patience.

All positions are processed together, as arrays; only those that change are processed one by one. `observe` processes a
frame. `draft` spells what is then to be shown and passes it to `Exposer`, which makes it safe. That costs more than
`observe`, and is not needed for frames that nobody sees.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from backend.markup.draft_html import Exposer
from backend.prompts.anchors import LISTED
from backend.prompts.render import Dialect, plain

if TYPE_CHECKING:
    from engine.core.results import Frame

TAG_STEPS = 2
PATIENCE = 1
UNSETTLED, SETTLED, CORRECTED = 0, 1, 2
STATES = 4
NONE = -1
Flags: TypeAlias = NDArray[np.bool_]
Numbers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Draft:
    """What a visitor may see after a step.

    Attributes:
        html: HTML that is safe to show.
        settled: The number of settled positions of the canvas.
        tokens: The positions whose token or state changed since the last draft of this block, as (position in the
            canvas, text, state).
    """

    html: str
    settled: int
    tokens: list[tuple[int, str, int]]


@dataclass(frozen=True)
class Spelled:
    """A draft before it is made safe.

    Attributes:
        page: The bytes of the page.
        firm: For each byte of the page, 1 if it is settled, else 0.
        settled: As in a Draft.
        tokens: As in a Draft.
    """

    page: bytes
    firm: bytes
    settled: int
    tokens: list[tuple[int, str, int]]


class Drafter:
    """The drafts of one page."""

    def __init__(
        self, piece: Callable[[int], bytes], eos: Collection[int], dialect: Dialect = "full", lasting: bool = False
    ) -> None:
        """Prepare for the first frame of a page.

        Args:
            piece: Returns the bytes of a token, b"" for special tokens.
            eos: The tokens that end a page.
            dialect: The dialect of the model.
            lasting: Whether a settled token never changes again, so that markup is firm at once.
        """
        self._piece = lru_cache(maxsize=None)(piece)
        self._text = lru_cache(maxsize=None)(lambda token: self._piece(token).decode("utf-8", "replace"))
        self._is_markup = lru_cache(maxsize=None)(self._opens_or_closes)
        self._eos = frozenset(eos)
        self._dialect, self._tag_steps = dialect, 1 if lasting else TAG_STEPS
        self._listed = tuple(tag.encode() for tag in LISTED) if dialect == "anchored" else ()
        self._exposer = Exposer()
        self._committed = bytearray()
        self._ended = False
        self._block: int | None = None
        self._canvas: _Canvas | None = None
        self._signs: Numbers = np.zeros(0, np.int64)  # token and state of each position
        self._sent: Numbers = np.zeros(0, np.int64)  # token and state of each position in the last draft
        self._stale: Flags = np.zeros(0, np.bool_)  # which positions must be spelled again
        self._shown: list[bytes] = []  # what each position shows
        self._flags: list[bytes] = []  # for each byte of that, whether it is settled

    def update(self, frame: "Frame") -> Draft:
        """Return the draft after a frame: `observe` and `draft` in one call."""
        self.observe(frame)
        return self.draft()

    def observe(self, frame: "Frame") -> None:
        """Process a frame. Every frame of a page must be passed, in order.

        Raises:
            ValueError: A canvas lacks its final frame.
        """
        if frame.block != self._block:
            self._begin(frame.block, len(frame.tokens))
        assert self._canvas
        tokens = frame.tokens.astype(np.int64)
        self._stale |= self._canvas.observe(tokens, frame.settled, self._is_markup, frame.final)
        states = np.where(frame.settled, np.where(self._canvas.corrected, CORRECTED, SETTLED), UNSETTLED)
        self._signs = tokens * STATES + states
        if frame.final:
            self._commit(tokens.tolist())

    def draft(self) -> Draft:
        """Return what may be shown after the frames so far: `spell` and `expose` in one call.

        Raises:
            ValueError: There was no frame.
        """
        return self.expose(self.spell())

    def expose(self, spelled: Spelled) -> Draft:
        """Return the draft of what was spelled last.

        No other method uses the state that this one changes. So it may run in another thread, as long as it ends before
        the next call.
        """
        return Draft(self._exposer.html(spelled.page, spelled.firm), spelled.settled, spelled.tokens)

    def spell(self) -> Spelled:
        """Return what is to be shown after the frames so far.

        Raises:
            ValueError: There was no frame.
        """
        if self._block is None:
            raise ValueError("expected a frame before a draft, got none")
        if self._canvas:
            self._respell(np.flatnonzero(self._stale).tolist())
            self._stale[:] = False
        settled = int(np.count_nonzero(self._signs % STATES != UNSETTLED))
        return Spelled(*self._page(), settled, self._changes())

    def page(self) -> str:
        """Return the page text so far, as the model wrote it: committed canvases, cut at EOS."""
        return plain(self._committed.decode("utf-8", "replace"), self._dialect)

    def _begin(self, block: int, size: int) -> None:
        """Start a canvas of `size` positions.

        Raises:
            ValueError: The canvas before lacks its final frame.
        """
        if self._canvas:
            raise ValueError(f"expected the final frame of block {self._block}, got block {block}")
        self._block = block
        self._canvas = _Canvas(size, self._tag_steps)
        self._sent, self._stale = np.full(size, NONE), np.zeros(size, np.bool_)
        self._shown, self._flags = [b""] * size, [b""] * size

    def _commit(self, tokens: list[int]) -> None:
        """Append the tokens of a finished canvas to the page, up to EOS."""
        for token in tokens:
            self._ended = self._ended or token in self._eos
            if not self._ended:
                self._committed += self._behind(self._committed, self._piece(token))
        self._canvas, self._shown, self._flags = None, [], []

    def _respell(self, changed: list[int]) -> None:
        """Spell the positions that show something else, and those after them that depend on it."""
        assert self._canvas
        tokens, firm = self._canvas.shown.tolist(), self._canvas.firm.tolist()
        waiting = changed[::-1]
        while waiting:
            at = waiting.pop()
            piece = self._piece(tokens[at]) or (b"" if firm[at] else b" ")
            if firm[at] and self._listed:
                piece = self._behind(self._shown[at - 1] if at else self._committed, piece)
            last = self._shown[at].endswith(self._listed)
            self._shown[at], self._flags[at] = piece, (b"\1" if firm[at] else b"\0") * len(piece)
            if self._listed and last != piece.endswith(self._listed) and at + 1 < len(tokens):
                waiting.append(at + 1)

    def _page(self) -> tuple[bytes, bytes]:
        """Return the page up to a firm EOS, and for each byte of it whether it is settled.

        The page is what is committed, followed by what the canvas shows.
        """
        end = self._end() if self._canvas and not self._ended else 0
        page = b"".join([self._committed, *self._shown[:end]])
        return page, b"".join([b"\1" * len(self._committed), *self._flags[:end]])

    def _end(self) -> int:
        """Return the position of the first firm EOS, or the size of the canvas."""
        assert self._canvas
        for at in np.flatnonzero(self._canvas.firm & self._canvas.markup).tolist():
            if int(self._canvas.shown[at]) in self._eos:
                return int(at)
        return len(self._shown)

    def _behind(self, before: bytes | bytearray, piece: bytes) -> bytes:
        """Return a piece without the blank that the dialect puts before a listed thing."""
        return piece.removeprefix(b" ") if before.endswith(self._listed) else piece

    def _changes(self) -> list[tuple[int, str, int]]:
        """Return the positions whose token or state changed since the last call."""
        places = np.flatnonzero(self._signs != self._sent)
        self._sent = signs = self._signs
        found = zip(places.tolist(), signs[places].tolist(), strict=True)
        return [(at, self._text(sign // STATES), sign % STATES) for at, sign in found]

    def _opens_or_closes(self, token: int) -> bool:
        """Return whether showing the token opens or closes something: a tag or the end of the page."""
        return token in self._eos or not {b"<"[0], b">"[0]}.isdisjoint(self._piece(token))


class _Canvas:
    """What is shown at each position of a canvas, and how sure that is. All arrays are [C], the size of the canvas.

    Attributes:
        shown: The token that is shown, int64.
        firm: Whether it is settled.
        markup: Whether it is markup.
        corrected: Whether the position had settled on another token before.
    """

    def __init__(self, size: int, tag_steps: int) -> None:
        """Create a canvas that shows nothing.

        Args:
            size: The number of positions.
            tag_steps: How many settled steps in a row make markup firm.
        """
        self._tag_steps = tag_steps
        self.shown: Numbers = np.full(size, NONE)
        self.firm: Flags = np.zeros(size, np.bool_)
        self.corrected: Flags = np.zeros(size, np.bool_)
        self.markup: Flags = np.ones(size, np.bool_)
        self._token: Numbers = np.full(size, NONE)
        self._token_markup: Flags = np.zeros(size, np.bool_)
        self._last: Numbers = np.full(size, NONE)  # the token each settled on last
        self._streak: Numbers = np.zeros(size, np.int64)
        self._doubts: Numbers = np.zeros(size, np.int64)

    def observe(self, tokens: Numbers, settled: Flags, is_markup: Callable[[int], bool], final: bool) -> Flags:
        """Process one step.

        Args:
            tokens: The token of each position, [C] int64.
            settled: Whether each position has settled, [C].
            is_markup: Returns whether a token opens or closes something.
            final: Whether this is the last frame of the canvas.

        Returns:
            Which positions show another token, or show it with another firmness, [C].
        """
        new = np.flatnonzero(tokens != self._token)
        self._token_markup[new] = [is_markup(token) for token in tokens[new].tolist()]
        self._token, markup = tokens, self._token_markup
        self._settle(tokens, settled)
        sure = (self._streak >= np.where(markup, self._tag_steps, 1)) | final
        same = ~sure & self.firm & (tokens == self.shown)
        doubted = ~(sure | same) & (self.firm | (markup & ~self.markup)) & (self._doubts < PATIENCE)
        show = ~(same | doubted)
        self._doubts = np.where(doubted, self._doubts + 1, 0)
        changed: Flags = show & ((tokens != self.shown) | (sure != self.firm))
        self.shown = np.where(show, tokens, self.shown)
        self.markup = np.where(show, markup, self.markup)
        self.firm = np.where(show, sure, self.firm)
        return changed

    def _settle(self, tokens: Numbers, settled: Flags) -> None:
        """Count the steps in a row that each position settled on its token."""
        other = tokens != self._last
        self.corrected = self.corrected | (settled & other & (self._last != NONE))
        self._streak = np.where(settled, np.where(other, 1, self._streak + 1), 0)
        self._last = np.where(settled, tokens, self._last)
