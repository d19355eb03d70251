"""The history and pages of a session, kept in memory and, a moment later, in the store.

Changes are made in memory. One task writes them in order as soon as the event loop runs. When the store does not
answer, the session goes on from memory. All that memory holds is written when the store is back, with the next change
or by a retry.

The number and bytes of a session's pages are limited. Beyond the limit the oldest pages are dropped: first those that
the history does not show, then those at the far ends of the history. The page on view stays, whatever its size.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backend.errors import ProtocolError, SessionMoved, StoreError
from backend.protocol.messages import HistoryItem
from backend.sessions.history import History
from backend.shape import brief
from backend.storage.records import PageRecord, SessionRecord, Store, weight

HELD = 8
"""How many pages of a session stay in memory although the store has them; a page takes tens of kilobytes."""
SEQ_AHEAD = 1_000_000
LATER_SECONDS = 1.0
RETRY_SECONDS = (0.25, 15.0)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Caps:
    """The most that is kept of a session.

    Attributes:
        pages: The most pages.
        bytes: The most bytes of its pages, as backend.storage.records.weight counts them.
    """

    pages: int = 200
    bytes: int = 67_108_864


CAPS = Caps()


class Archive:
    """The history and pages of one session.

    Args:
        record: The session as it is stored, or a new one.
        store: Where it is written.
        on_outage: Called once when the store stops answering.
        on_moved: Called when another process has written to the session, or is about to; nothing is written after that.
        caps: The most that is kept.

    Attributes:
        id: The session's secret id.
        made: How many pages were ever begun.
        opener: The seal of the token that opened the session, or None.
        withheld: Whether nothing is written until `keep` is called.
        history: The page ids in the order in which they were visited.
        latest: The id of the latest page of each address.
        items: The pages as clients see them, by id.
    """

    def __init__(
        self, record: SessionRecord, store: Store, on_outage: Callable[[], None],
        on_moved: Callable[[], None] = lambda: None, caps: Caps = CAPS,
    ) -> None:  # fmt: skip
        self.id, self.made, self.opener = record.id, record.made, record.opener
        self._on_moved, self._caps = on_moved, caps
        self._sizes = dict(record.sizes)
        self._closed = self.withheld = False
        self._retry: asyncio.TimerHandle | None = None
        self._later: asyncio.TimerHandle | None = None
        self._wait = RETRY_SECONDS[0]
        self.history = History(record.history, record.index)
        self.latest = dict(record.latest)
        self.items = dict(record.pages)
        self._created, self._seq, self._reserved = record.created, record.seq, record.seq
        self._store, self._on_outage = store, on_outage
        self._pages: dict[str, PageRecord] = {}
        self._dirty: set[str] = set()
        self._gone: set[str] = set()
        self._changed = False
        self._down = False
        self._writer: asyncio.Task[None] | None = None

    def number(self) -> int:
        """Return the next message number.

        The record in the store is always ahead of it, so numbers do not fall back after a restart.
        """
        self._seq += 1
        if self._seq > self._reserved:
            self.changed()
        return self._seq

    @property
    def settled(self) -> bool:
        """Whether everything is in the store."""
        return self._closed or not (self._changed or (self._writer and not self._writer.done()))

    def holds(self, page: str) -> PageRecord | None:
        """Return a page if it is in memory, else None."""
        return self._pages.get(page)

    async def page(self, page: str) -> PageRecord:
        """Return a page of this session.

        Raises:
            ProtocolError: unknown_page or store_unavailable.
        """
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
            raise ProtocolError("unknown_page", f"expected a page of this session, got {brief(page)}")
        return self._pages[page]

    def edits(self, before: str | None, after: str | None) -> bool:
        """Return whether the page `after` is a new version of the page `before`."""
        item = self.items.get(after or "")
        return item is not None and item.base != "" and item.base == before

    def put(self, record: PageRecord, soon: bool = True) -> None:
        """Keep a new state of a page.

        Args:
            record: The page.
            soon: Whether it is written at once, rather than with everything that changes within a second.
        """
        self._pages.pop(record.id, None)  # The newest entries are last.
        self._pages[record.id] = record
        self.items[record.id] = record.item
        self._sizes[record.id] = weight(record)
        self._dirty.add(record.id)
        self._forget()
        if soon:
            self.changed()
        else:
            self._postpone()

    def at(self, url: str) -> str | None:
        """Return the latest page of an address.

        For an address under /any/, it is the latest page of the address that its page turned out to have.
        """
        page = self.latest.get(url)
        item = self.items.get(page or "")
        return self.latest.get(item.url, page) if item else page

    def settle(self, record: PageRecord) -> None:
        """Keep a page in its final state.

        If the page was the latest at its old address, it is now also the latest at its final address. The old address
        still leads to it.
        """
        had = self.items.get(record.id)
        if had and had.url != record.url and self.latest.get(had.url) == record.id:
            self.latest[record.url] = record.id
        self.put(record)

    def foresee(self, record: PageRecord) -> None:
        """Keep a page that nobody has asked for yet, as the latest of its address unless there is one already."""
        self.latest.setdefault(record.url, record.id)
        self.put(record)

    def add(self, record: PageRecord) -> None:
        """Go on to a page, new or known, and keep it as the latest of its address."""
        self.history.add(record.id)
        self.latest[record.url] = record.id
        self.put(record)

    def swap(self, old: str, record: PageRecord) -> None:
        """Replace a page by another one of the same address."""
        self.history.swap(old, record.id)
        self.latest[record.url] = record.id
        self._drop(old)
        self.put(record)

    def changed(self) -> None:
        """Note that something is to be written, and begin to write it."""
        self._changed = True
        if not (self._closed or self.withheld) and (self._writer is None or self._writer.done()):
            self._writer = asyncio.get_running_loop().create_task(self._write())

    def _postpone(self) -> None:
        """Note that something is to be written within a second, or earlier with the next write."""
        self._changed = True
        if self._later is None and not self._closed:
            self._later = asyncio.get_running_loop().call_later(LATER_SECONDS, self._due)

    def _due(self) -> None:
        self._later = None
        if self._changed:
            self.changed()

    def keep(self) -> None:
        """Write what was withheld."""
        if self.withheld:
            self.withheld = False
            if self._changed:
                self.changed()

    def touch(self) -> None:
        """Have a session without pages written again, because the store keeps it for a short time only."""
        if not self.items:
            self.changed()

    def close(self) -> None:
        """Stop writing for good."""
        self._closed = True
        for timer in (self._retry, self._later):
            if timer:
                timer.cancel()

    async def flush(self) -> None:
        """Wait until everything is written, or the store has failed once more."""
        if self._changed:
            self.changed()
        if self._writer:
            await self._writer

    def _forget(self) -> None:
        """Drop the oldest pages beyond the caps."""
        if self._fits():
            return
        for page in list(self._oldest()):
            self.history.remove(page)
            self._drop(page)
            if self._fits():
                return

    def _fits(self) -> bool:
        return len(self.items) <= self._caps.pages and sum(self._sizes.values()) <= self._caps.bytes

    def _oldest(self) -> Iterator[str]:
        """Yield the pages in the order in which they may be dropped."""
        history, current = dict.fromkeys(self.history.entries), self.history.current
        yield from (page for page in self.items if page not in history)
        behind = self.history.index
        far = [*self.history.entries[:behind], *reversed(self.history.entries[behind + 1 :])]
        yield from (page for page in dict.fromkeys(far) if page != current)

    def _shed(self, wanted: str = "") -> None:
        """Drop pages from memory that the store has, except the newest ones and the one on view.

        They still count towards the caps.
        """
        needed = self._dirty | {wanted, self.history.current}
        for page in [p for p in self._pages if p not in needed][: max(0, len(self._pages) - HELD)]:
            del self._pages[page]

    def _drop(self, page: str) -> None:
        """Remove a page from memory and, with the next write, from the store."""
        self.items.pop(page, None)
        self._sizes.pop(page, None)
        self._pages.pop(page, None)
        self._dirty.discard(page)
        self._gone.add(page)
        for url in [url for url, latest in self.latest.items() if latest == page]:
            del self.latest[url]

    async def _write(self) -> None:
        """Write changes until there are none; stop when the store fails or another process has the session."""
        while self._changed:
            dirty, gone, self._dirty, self._gone, self._changed = self._dirty, self._gone, set(), set(), False
            try:
                await self._store.save(
                    self._snapshot(), tuple(self._pages[p] for p in sorted(dirty)), tuple(sorted(gone))
                )
                self._down, self._wait = False, RETRY_SECONDS[0]
                self._shed()
            except SessionMoved:
                self.close()
                self._on_moved()
                return
            except StoreError as error:
                self._gone |= gone
                self._changed = True
                self._lost(error)
                return

    def _lost(self, error: StoreError) -> None:
        """Mark everything in memory to be written again, because the store may have lost what it had.

        It is written when the store is back.
        """
        log.warning("session goes on from memory: %s", error)
        self._dirty |= self._pages.keys()
        if self._retry:
            self._retry.cancel()
        if not self._closed:
            wait = self._wait * random.uniform(0.5, 1.0)
            self._retry = asyncio.get_running_loop().call_later(wait, self.changed)
        self._wait = min(2 * self._wait, RETRY_SECONDS[1])
        if not self._down:
            self._down = True
            self._on_outage()

    def _snapshot(self) -> SessionRecord:
        """Return the session as it is to be written, with message numbers reserved ahead."""
        pages: dict[str, HistoryItem] = dict(self.items)
        history, self._reserved = self.history, self._seq + SEQ_AHEAD
        return SessionRecord(
            self.id,
            self._created,
            self._reserved,
            self.made,
            pages,
            tuple(history.entries),
            history.index,
            dict(self.latest),
            dict(self._sizes),
            self.opener,
        )
