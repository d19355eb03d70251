"""What a client is told of its pages, and what of it a client that reconnects has already seen. No I/O."""

from dataclasses import replace
from typing import Any

from backend.protocol.messages import Doubt, PageCommit, PageStart, PageStopped, ServerMessage
from backend.protocol.outbox import Live, Outbox
from backend.sessions.archive import Archive
from backend.storage.records import PageRecord

UNCHANGED = "Nothing changed: the page came out as it was. Try saying it another way."
"""What people are told of an edit that left the page as it was; web/static/shell.js says the same."""

HARDLY_SEEN, KNOWS = "The bundled model has hardly seen anything like this.", "It knows:"
"""What people are told of a page in doubt; the second text comes before the kinds that the model knows.

web/static/shell/doubt-notice.js says the same.
"""


def in_doubt(doubt: Doubt) -> str:
    """Return a page's doubt as one line for people."""
    return " ".join([HARDLY_SEEN, *([KNOWS, "; ".join(kind.ask for kind in doubt.kinds)] if doubt.kinds else [])])


class Notifier:
    """Puts messages into the outbox of the connection.

    Attributes:
        outbox: The outbox, or None without a connection; then nothing is told.
    """

    def __init__(self, archive: Archive) -> None:
        self.outbox: Outbox | None = None
        self._archive = archive
        # The page, the number of its start message, and the number of its end message.
        self._marks: tuple[str, int, int] = ("", -1, -1)

    def number(self, message: ServerMessage) -> int:
        """Return the number that a message is sent with."""
        seq = self._archive.number()
        page, start, _ = self._marks
        if isinstance(message, PageStart):
            self._marks = (message.page, seq, -1)
        elif isinstance(message, PageCommit | PageStopped):
            self._marks = (message.page, start if page == message.page else -1, seq)
        return seq

    def start_known(self, page: str, last_seq: int) -> bool:
        """Return whether a client that has seen everything up to last_seq knows that a page is being made."""
        marked, start, _ = self._marks
        return page == marked and 0 <= start <= last_seq

    def end_known(self, page: str, last_seq: int) -> bool:
        """Return whether a client that has seen everything up to last_seq knows a page in its final state."""
        marked, _, end = self._marks
        return page == marked and 0 <= end <= last_seq

    def tell(self, message: ServerMessage) -> None:
        """Send a message, if there is a connection."""
        if self.outbox:
            self.outbox.put(message)

    def draft(self, live: Live) -> None:
        """Send the newer draft of the page that is being made."""
        if self.outbox and live.block >= 0:
            self.outbox.draft(live)

    def start(self, record: PageRecord) -> None:
        """Tell that a page is being made."""
        self.tell(PageStart(record.id, record.url, record.world, record.prompt, record.base, **self._place()))

    def end(self, record: PageRecord) -> None:
        """Tell that a page is committed or stopped."""
        shown = (record.id, record.url, record.world, record.title, record.html, record.key)
        if record.state == "committed" and record.stats:
            end = PageCommit(*shown, record.stats, record.private, record.base, **self._place())
            self.tell(replace(end, unchanged=record.unchanged, doubt=record.doubt))
        else:
            self.tell(PageStopped(*shown, record.reason, record.base, **self._place()))

    def _place(self) -> dict[str, Any]:
        history, edits = self._archive.history, self._archive.edits
        undo, redo = edits(history.at(-1), history.at(0)), edits(history.at(0), history.at(1))
        return {"undo": undo, "redo": redo, "index": history.index, "length": len(history.entries)}
