"""What a session remembers: its history and pages, in memory and, a moment later, in the store.

Changes are made in memory and written by one task, in order, as soon as the loop turns. When the store does not answer,
memory goes on alone and what was not written is written with the next change that gets through.
"""

import asyncio
import logging
from collections.abc import Callable

from backend.errors import ProtocolError, StoreError
from backend.history import History
from backend.messages import HistoryItem
from backend.store import PageRecord, SessionRecord, Store

KNOWN = 200
HELD = 8
"""Pages of a session that stay in memory although the store has them: a page takes tens of kilobytes."""
SEQ_AHEAD = 1_000_000
log = logging.getLogger(__name__)


class Archive:
    """A session's memory. on_outage is called once when the store is lost."""

    def __init__(self, record: SessionRecord, store: Store, on_outage: Callable[[], None]) -> None:
        self.id, self.made = record.id, record.made
        self.history = History(record.history, record.index)
        self.latest = dict(record.latest)
        self.items = dict(record.pages)
        self._created, self._seq = record.created, record.seq
        self._store, self._on_outage = store, on_outage
        self._pages: dict[str, PageRecord] = {}
        self._dirty: set[str] = set()
        self._gone: set[str] = set()
        self._changed = False
        self._down = False
        self._writer: asyncio.Task[None] | None = None

    def number(self) -> int:
        """The next message number. The record in the store is always ahead of it, so a restart cannot fall back."""
        self._seq += 1
        return self._seq

    @property
    def settled(self) -> bool:
        """Whether everything is in the store."""
        return not (self._changed or (self._writer and not self._writer.done()))

    def holds(self, page: str) -> PageRecord | None:
        """A page if it is in memory."""
        return self._pages.get(page)

    async def page(self, page: str) -> PageRecord:
        """A page of this session. Raises ProtocolError: unknown_page, store_unavailable."""
        if page in self.items and page not in self._pages:
            try:
                if record := await self._store.load_page(self.id, page):
                    self._pages.setdefault(page, record)
                    if self.settled:
                        self._shed(page)
            except StoreError as error:
                raise ProtocolError(
                    "store_unavailable", "the store cannot be reached; this page is kept there"
                ) from error
        if page not in self._pages:
            raise ProtocolError("unknown_page", f"expected a page of this session, got {page!r}")
        return self._pages[page]

    def edits(self, before: str | None, after: str | None) -> bool:
        """Whether one page is a new version of another."""
        item = self.items.get(after or "")
        return item is not None and item.base != "" and item.base == before

    def put(self, record: PageRecord) -> None:
        """Keep a new state of a page."""
        self._pages.pop(record.id, None)  # the newest stand last
        self._pages[record.id] = record
        self.items[record.id] = record.item
        self._dirty.add(record.id)
        self.changed()

    def foresee(self, record: PageRecord) -> None:
        """Keep a page that nobody has asked for yet, as the latest of its address."""
        self.latest.setdefault(record.url, record.id)
        self.put(record)
        self._forget()

    def enter(self, record: PageRecord) -> None:
        """Go on to a page, new or known, and keep it as the latest of its address."""
        self.history.enter(record.id)
        self.latest[record.url] = record.id
        self.put(record)
        self._forget()

    def swap(self, old: str, record: PageRecord) -> None:
        """Let a page take the place of another of the same address."""
        self.history.swap(old, record.id)
        self.latest[record.url] = record.id
        self._drop(old)
        self.put(record)

    def changed(self) -> None:
        """Something is to be written."""
        self._changed = True
        if self._writer is None or self._writer.done():
            self._writer = asyncio.get_running_loop().create_task(self._write())

    async def flush(self) -> None:
        """Wait until everything is written, or the store failed once more."""
        if self._changed:
            self.changed()
        if self._writer:
            await self._writer

    def _forget(self) -> None:
        """Drop the oldest pages beyond the limit that no place in the history shows."""
        shown = set(self.history.entries)
        for page in [p for p in self.items if p not in shown][: max(0, len(self.items) - KNOWN)]:
            self._drop(page)

    def _shed(self, wanted: str = "") -> None:
        """Leave all but the newest pages to the store, if it has them."""
        for page in [p for p in self._pages if p != wanted and p not in self._dirty][: max(0, len(self._pages) - HELD)]:
            del self._pages[page]

    def _drop(self, page: str) -> None:
        item = self.items.pop(page, None)
        self._pages.pop(page, None)
        self._dirty.discard(page)
        self._gone.add(page)
        if item and self.latest.get(item.url) == page:
            del self.latest[item.url]

    async def _write(self) -> None:
        while self._changed:
            dirty, gone, self._dirty, self._gone, self._changed = self._dirty, self._gone, set(), set(), False
            try:
                await self._store.save(
                    self._snapshot(), tuple(self._pages[p] for p in sorted(dirty)), tuple(sorted(gone))
                )
                self._down = False
                self._shed()
            except StoreError as error:
                self._dirty |= dirty & self._pages.keys()
                self._gone |= gone
                self._changed = True
                self._lost(error)
                return

    def _lost(self, error: StoreError) -> None:
        log.warning("session goes on from memory: %s", error)
        if not self._down:
            self._down = True
            self._on_outage()

    def _snapshot(self) -> SessionRecord:
        pages: dict[str, HistoryItem] = dict(self.items)
        history = self.history
        return SessionRecord(
            self.id,
            self._created,
            self._seq + SEQ_AHEAD,
            self.made,
            pages,
            tuple(history.entries),
            history.index,
            dict(self.latest),
        )
