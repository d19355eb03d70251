"""Frames -> drafts: remembers, over the steps of a canvas, which tokens may be shown, and hands them to `safe_html`.

The sampler changes its mind, and a page that followed every whim would flicker. So each position has a token that is
*shown*, apart from the one the frame brings:
- it is firm once it has settled: text at once, a token with markup in it after `TAG_STEPS` settled steps in a row;
- a firm token stays while it is the model's best guess, accepted or not, and outlives `PATIENCE` steps with another;
- a guess of text that turns into a guess of markup, which would hide all that follows, gets the same patience.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from backend.anchors import LISTED
from backend.prompts import Dialect, plain
from backend.safe_html import safe_html

if TYPE_CHECKING:
    from engine.results import Frame

TAG_STEPS = 2
PATIENCE = 1
UNSETTLED, SETTLED, CORRECTED = 0, 1, 2


@dataclass(frozen=True)
class Draft:
    """What a visitor may see after a step.

    html: safe to show. settled: settled positions of the canvas. tokens: the positions whose token or state changed
    since the last update of this block, as (position in the canvas, text, state).
    """

    html: str
    settled: int
    tokens: list[tuple[int, str, int]]


class Drafter:
    """The drafts of one page.

    piece: the bytes of a token, b"" for special tokens. eos: the tokens that end a page. dialect: of the model.
    """

    def __init__(self, piece: Callable[[int], bytes], eos: Collection[int], dialect: Dialect = "full") -> None:
        self._piece = lru_cache(maxsize=None)(piece)
        self._eos = frozenset(eos)
        self._dialect = dialect
        self._listed = tuple(tag.encode() for tag in LISTED) if dialect == "anchored" else ()
        self._committed = b""
        self._ended = False
        self._block: int | None = None
        self._canvas: list[_Position] = []
        self._sent: dict[int, tuple[int, int]] = {}

    def update(self, frame: "Frame") -> Draft:
        """The draft after a frame.

        Wants every frame of a page, in order. Raises ValueError if a canvas lacks its final frame.
        """
        if frame.block != self._block:
            self._begin(frame.block, len(frame.tokens))
        tokens = [int(token) for token in frame.tokens]
        settled = [bool(flag) for flag in frame.settled]
        for position, token, flag in zip(self._canvas, tokens, settled, strict=True):
            position.observe(token, flag, self._is_markup(token), frame.final)
        changes = self._changes(tokens, settled)
        if frame.final:
            self._commit(tokens)
        return Draft(self._html(), sum(settled), changes)

    def page(self) -> str:
        """The page text so far: committed canvases, cut at EOS, without what the model's dialect puts into it."""
        return plain(self._committed.decode("utf-8", "replace"), self._dialect)

    def _begin(self, block: int, size: int) -> None:
        if self._canvas:
            raise ValueError(f"expected the final frame of block {self._block}, got block {block}")
        self._block = block
        self._canvas = [_Position() for _ in range(size)]
        self._sent = {}

    def _commit(self, tokens: list[int]) -> None:
        for token in tokens:
            self._ended = self._ended or token in self._eos
            if not self._ended:
                self._committed += self._behind(self._committed, self._piece(token))
        self._canvas = []

    def _html(self) -> str:
        """The safe HTML of what is committed and what the canvas shows, up to a firm EOS."""
        pieces, flags = [self._committed], [b"\1" * len(self._committed)]
        for position in () if self._ended else self._canvas:
            if position.firm and position.shown in self._eos:
                break
            piece = self._piece(position.shown) or (b"" if position.firm else b" ")
            piece = self._behind(pieces[-1], piece) if position.firm else piece
            pieces.append(piece)
            flags.append((b"\1" if position.firm else b"\0") * len(piece))
        return safe_html(b"".join(pieces), b"".join(flags))

    def _behind(self, before: bytes, piece: bytes) -> bytes:
        """A piece without the blank that the dialect puts before a listed thing."""
        return piece.removeprefix(b" ") if before.endswith(self._listed) else piece

    def _changes(self, tokens: list[int], settled: list[bool]) -> list[tuple[int, str, int]]:
        changes = []
        for index, (token, flag) in enumerate(zip(tokens, settled, strict=True)):
            state = (CORRECTED if self._canvas[index].corrected else SETTLED) if flag else UNSETTLED
            if self._sent.get(index) != (token, state):
                self._sent[index] = (token, state)
                changes.append((index, self._piece(token).decode("utf-8", "replace"), state))
        return changes

    def _is_markup(self, token: int) -> bool:
        """Whether showing the token opens or closes something: a tag or the end of the page."""
        return token in self._eos or not {b"<"[0], b">"[0]}.isdisjoint(self._piece(token))


class _Position:
    """One position of a canvas: the token shown there, and how sure we are of it."""

    __slots__ = ("_doubts", "_last", "_markup", "_streak", "corrected", "firm", "shown")

    def __init__(self) -> None:
        self.shown = -1
        self.firm = False
        self.corrected = False
        self._markup = True
        self._last: int | None = None  # the token it settled on last
        self._streak = 0
        self._doubts = 0

    def observe(self, token: int, settled: bool, markup: bool, final: bool) -> None:
        """Take in one step: its token, whether it is settled, whether it is markup, whether the step is the last."""
        self._streak = (self._streak + 1 if token == self._last else 1) if settled else 0
        if settled:
            self.corrected = self.corrected or self._last not in (None, token)
            self._last = token
        if final or self._streak >= (TAG_STEPS if markup else 1):
            self._show(token, markup, True)
        elif self.firm and token == self.shown:
            self._doubts = 0
        elif (self.firm or (markup and not self._markup)) and self._doubts < PATIENCE:
            self._doubts += 1
        else:
            self._show(token, markup, False)

    def _show(self, token: int, markup: bool, firm: bool) -> None:
        self.shown, self.firm, self._markup, self._doubts = token, firm, markup, 0
