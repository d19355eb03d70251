"""What a session has made: the page its visitor waits for, at most one, and the page it begins ahead."""

import secrets
import time
from dataclasses import replace
from typing import Any

from backend import draws
from backend.archive import Archive
from backend.brief import Brief
from backend.making import Making, Press
from backend.messages import Error
from backend.store import PageRecord
from backend.telling import Telling

TRIES = 2


class Work:
    """Begins pages, and keeps and tells what becomes of them. making: the page the visitor waits for."""

    def __init__(self, archive: Archive, press: Press, telling: Telling) -> None:
        self.making: Making | None = None
        self._archive, self._press, self._telling = archive, press, telling

    def new(self, url: str, brief: Brief, draw: str, base: str = "", private: bool = False) -> PageRecord:
        """The record of a page to be made. draw: what its seed is drawn from. base: the page it is a version of."""
        seed, now = draws.seed(draw, url), time.time()
        page = PageRecord(secrets.token_urlsafe(16), url, brief.world, brief, "", seed, now, base, private=private)
        return replace(page, prompt=self._press.prompt(page), key=secrets.token_urlsafe(16))

    async def make(self, record: PageRecord, replaces: str = "", delta: int = 0) -> None:
        """Begin a page: as the next of the history, or in the place of another, delta steps away."""
        archive = self._archive
        base = await archive.page(record.base) if record.base in archive.items else None
        generation = self._press.submit(record, base.tokens if base else (), room=bool(self.making))
        self.stop("superseded")
        if replaces:
            archive.history.go(delta)
            archive.swap(replaces, record)
        archive.made += 1
        archive.enter(record)
        self._telling.start(record)
        self.making = Making(record, generation, self._press, self)

    async def remake(self, record: PageRecord, delta: int = 0) -> None:
        """Make a page again in its own place, delta steps away."""
        await self.make(renewed(record), record.id, delta)

    def makes(self, page: str) -> bool:
        """Whether it is this page that the visitor waits for."""
        return self.making is not None and self.making.record.id == page

    def stop(self, reason: str) -> None:
        """Stop the running page, if any; what was committed of it is kept. A page that is made ahead is dropped."""
        if self._press.ahead and self._press.ahead.owner is self:
            self._press.give_way()
        if self.making:
            making, self.making = self.making, None
            self._conclude(making.stop(reason))

    async def resume(self, last_seq: int) -> None:
        """Tell a client that has seen everything up to last_seq what it misses of the current page.

        A page that a service before this one was making is made again, once.
        """
        current = self._archive.history.current
        if current is None:
            return
        if self.making:
            if not self._telling.start_known(self.making.record.id, last_seq):
                self._telling.start(self.making.record)
            self._telling.draft(self.making.live)
            return
        record = await self._archive.page(current)
        if record.state == "running" and record.tries < TRIES:
            await self.make(replace(record, tries=record.tries + 1, html="", tokens=()))
        elif record.state == "running":
            self._conclude(replace(record, state="stopped", reason="interrupted"))
        elif not self._telling.end_known(record.id, last_seq):
            self._telling.end(record)

    @property
    def may_begin_ahead(self) -> bool:
        """Whether pages are made ahead at all, and nobody waits for one now."""
        return self._press.prefetches and not self._press.running

    def begin_ahead(self, record: PageRecord) -> None:
        """Begin a page that nobody has asked for yet."""
        generation = self._press.submit(record, (), room=False)
        self._press.ahead = Making(record, generation, self._press, self)

    def promote(self, url: str) -> bool:
        """Let the page that is made ahead go on as any other, if it is the one at an address; whether it is."""
        ahead = self._press.ahead
        if ahead is None or ahead.owner is not self or ahead.record.url != url:
            return False
        self._press.ahead = None
        self.stop("superseded")
        self._archive.made += 1
        self._archive.enter(ahead.record)
        self.making = ahead
        self._telling.start(ahead.record)
        self._telling.draft(ahead.live)
        return True

    def drafted(self, making: Making) -> None:
        if making is self.making:
            self._telling.draft(making.live)

    def kept(self, making: Making) -> None:
        if making is self.making:
            self._archive.put(making.record)

    def ended(self, making: Making, failure: str) -> None:
        if making is self._press.ahead:
            self._press.ahead = None
            if making.record.state == "committed":
                self._archive.foresee(making.record)
            return
        self.making = None
        if failure:
            self._telling.tell(Error("page_failed", failure, making.record.id))
        self._conclude(making.record)

    def _conclude(self, record: PageRecord) -> None:
        self._archive.put(record)
        self._telling.end(record)


def renewed(record: PageRecord) -> PageRecord:
    """A page to be made again, from the same brief and seed, under an id of its own."""
    clean: dict[str, Any] = {"state": "running", "html": "", "reason": "", "tokens": (), "stats": None, "tries": 1}
    return replace(record, id=secrets.token_urlsafe(16), created=time.time(), **clean)
