"""Turns frames into text: what the model has written so far, and how much of it is final."""

import codecs
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.core.results import Frame


@dataclass
class Text:
    """A text being written.

    Attributes:
        piece: Returns the bytes of a token.
        eos: The tokens that end the text.
        stops: Strings that end the text.
        committed: What nothing will change any more; it only grows.
        current: The same and the current canvas, as it is now.
        tokens: How many tokens are committed.
        stopped: Whether one of the stops was found; then `committed` ends before it.
    """

    piece: Callable[[int], bytes]
    eos: Collection[int]
    stops: Sequence[str] = ()
    committed: str = ""
    current: str = ""
    tokens: int = 0
    stopped: bool = False
    _whole: str = ""
    _ended: bool = False
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    def take(self, frame: "Frame") -> None:
        """Take in a frame; it changes nothing in a text that is stopped or ended."""
        if self.stopped:
            return
        ids = [] if self._ended else self._until_eos(frame)
        written = b"".join(map(self.piece, ids))
        if not frame.final:
            # A character that is cut off at the end of the committed text continues in the canvas.
            pending = self._decoder.getstate()[0]
            self.current = self._cut(self._whole + (pending + written).decode("utf-8", "replace"))[0]
            return
        self._ended = self._ended or len(ids) < len(frame.tokens)
        self.tokens += len(ids)
        self._whole += self._decoder.decode(written, self._ended)
        self._commit()

    def end(self) -> None:
        """Commit what was held back, because no frame comes any more."""
        if not self.stopped:
            self._whole += self._decoder.decode(b"", True)
            self._ended = True
            self._commit()

    def _until_eos(self, frame: "Frame") -> list[int]:
        ids = [int(token) for token in frame.tokens]
        return ids[: next((at for at, token in enumerate(ids) if token in self.eos), len(ids))]

    def _commit(self) -> None:
        """Commit everything that cannot be the beginning of a stop."""
        self.current, self.stopped = self._cut(self._whole)
        held = 0 if self.stopped or self._ended else self._begun(self._whole)
        self.committed = self.current[: len(self.current) - held]

    def _cut(self, text: str) -> tuple[str, bool]:
        """Return the text before the first stop, and whether there is one."""
        found = [at for stop in self.stops if (at := text.find(stop)) >= 0]
        return (text[: min(found)], True) if found else (text, False)

    def _begun(self, text: str) -> int:
        """Return how many characters at the end may be the beginning of a stop."""
        lengths = (n for stop in self.stops for n in range(len(stop) - 1, 0, -1) if text.endswith(stop[:n]))
        return max(lengths, default=0)
