"""The page that a session's client waits for, at most one, and the page that the session begins ahead."""

import asyncio
import secrets
import time
from dataclasses import replace
from typing import Any

from backend.auth.client import ClientIdentity
from backend.composer import seeded_choices
from backend.errors import ProtocolError, StoreError
from backend.handover.relay import Relay, SingleProcess
from backend.jobs.interfaces import Running
from backend.jobs.page_job import PageJob, kept
from backend.jobs.page_maker import PageMaker
from backend.observability.audit_log import mark
from backend.offload import beside
from backend.pages.edit_region import EditRegion
from backend.pages.finished_page import fingerprint
from backend.prompts.brief import Brief
from backend.protocol.messages import Error, PageQueued
from backend.sessions.archive import Archive
from backend.sessions.notifier import Notifier
from backend.storage.records import PageRecord

TRIES = 2


class CurrentPage:
    """Begins pages, keeps what becomes of them, and tells the client.

    Attributes:
        job: The page that the client waits for, made here or in another process.
        identity: The client that was connected last.
        left: Whether another process has taken the session.
    """

    def __init__(self, archive: Archive, maker: PageMaker, telling: Notifier, relay: Relay | None = None) -> None:
        self.job: Running | None = None
        self.identity, self.left = ClientIdentity(session=mark(archive.id)), False
        self._archive, self._maker, self._telling = archive, maker, telling
        self._relay: Relay = relay or SingleProcess()
        self._resuming = asyncio.Lock()

    def new(self, url: str, brief: Brief, draw: str, base: str = "", private: bool = False) -> PageRecord:
        """Return the record of a page to be made.

        Args:
            url: The page's address.
            brief: What it is made from.
            draw: What its seed is drawn from, together with the address.
            base: The id of the page that it is a version of, or "".
            private: Whether it must not be shared.
        """
        seed, now = seeded_choices.seed(draw, url), time.time()
        page = PageRecord(secrets.token_urlsafe(16), url, brief.world, brief, "", seed, now, base, private=private)
        return replace(page, prompt=self._maker.prompt(page), key=secrets.token_urlsafe(16))

    async def make(self, record: PageRecord, replaces: str = "", delta: int = 0) -> None:
        """Begin a page, as the next of the history or in the place of another page.

        The page starts from the tokens that it had when it was cut off. After those come the tokens of the page that it
        edits.

        Args:
            record: The page.
            replaces: The id of the page whose place it takes, or "".
            delta: How many steps in the history that place is away.

        Raises:
            ProtocolError: The page cannot begin; then nothing has changed.
        """
        archive, begun = self._archive, record.tokens
        base = await archive.page(record.base) if record.base in archive.items else None
        before = await beside(len(base.html), fingerprint, base.html) if base else ""
        gap = await self._gap(record, base) if base else None
        if self.left:
            return
        record = replace(record, html="", tokens=(), before=before, unchanged=False, doubt=None)
        given = gap.infill.canvas if gap else base.tokens if base else ()
        canvas = begun + given[len(begun) :]
        old = self.job if isinstance(self.job, PageJob) else None
        job = self._maker.make(record, canvas, self, self.identity, old, self.job is not old, gap)
        self.stop("superseded")
        if replaces:
            archive.history.go(delta)
            archive.swap(replaces, record)
        archive.made += 1
        archive.add(record)
        self._telling.start(record)
        self.job = job
        if job.position:
            self.queued(job)

    async def _gap(self, record: PageRecord, base: PageRecord) -> EditRegion | None:
        """Return the region of the base that alone may change, or None if all of it may."""
        if len(record.part) != 2:
            return None
        start, end = record.part
        return await beside(len(base.html), self._maker.gap, base.html, base.tokens, (start, end))

    async def remake(self, record: PageRecord, delta: int = 0) -> None:
        """Make a page again in its own place, which is `delta` steps away in the history."""
        await self.make(renewed(record), record.id, delta)

    async def rewrite(self, page: str, html: str) -> None:
        """Take over what people have changed on a page elsewhere, so that an edit begins from that.

        Raises:
            ProtocolError: As PageMaker.tokens does.
        """
        record = await self._archive.page(page)
        changed, _, name = await beside(len(html), kept, html)
        if changed.strip() == record.html.strip():
            return
        tokens = await beside(len(changed), self._maker.tokens, changed)
        self._archive.put(replace(record, html=changed, title=name or record.title, tokens=tokens))

    def makes(self, page: str) -> bool:
        """Return whether this is the page that the client waits for."""
        return self.job is not None and self.job.record.id == page

    def stop(self, reason: str) -> None:
        """Stop the running page, if any, and keep what was committed of it; a page that is made ahead is dropped."""
        self._drop_ahead()
        if self.job:
            job, self.job = self.job, None
            self._conclude(job.stop(reason))

    def hand_over(self) -> tuple[str, str]:
        """Leave the session to another process while its page goes on.

        Returns:
            The page's id and the process that makes it; "" each if no page is being made.
        """
        self.left = True
        self._drop_ahead()
        if self.job is None:
            return "", ""
        job, self.job = self.job, None
        return job.record.id, self._relay.lend(self._archive.id, job)

    def drop(self) -> None:
        """Leave the session to another process, which makes its page again."""
        self.left = True
        self._drop_ahead()
        self.park()

    def park(self) -> None:
        """End the running page but keep it marked as running, so that it goes on or is made again on resume."""
        if self.job:
            job, self.job = self.job, None
            job.stop("interrupted")

    def _drop_ahead(self) -> None:
        if self._maker.ahead and self._maker.ahead.owner is self:
            self._maker.give_way()

    async def resume(self, last_seq: int) -> None:
        """Tell a client what it has missed of the current page.

        Args:
            last_seq: The number of the last message that the client has seen.
        """
        async with self._resuming:
            await self._resume(last_seq)

    async def _resume(self, last_seq: int) -> None:
        """Tell what a client has missed; a page that is still running is continued."""
        current = self._archive.history.current
        if current is None:
            return
        if self.job:
            if not self._telling.start_known(self.job.record.id, last_seq):
                self._telling.start(self.job.record)
            self._developing(self.job)
            return
        record = await self._archive.page(current)
        if record.state == "running":
            await self._go_on(record)
        elif not self._telling.end_known(record.id, last_seq):
            self._telling.end(record)

    async def _go_on(self, record: PageRecord) -> None:
        """Continue a page that was being made when the session came here: follow whoever makes it, or make it again."""
        try:
            running = await self._relay.follow(self._archive.id, record, self)
        except StoreError:
            running = None
        if self.left:
            if running:
                self._relay.lend(self._archive.id, running)
        elif running:
            self.job = running
            self._telling.start(running.record)
            self._developing(running)
        else:
            await self._again(record)

    async def _again(self, record: PageRecord) -> None:
        """Make a page again that was cut off; this happens once.

        Raises:
            ProtocolError: The page cannot begin; then it has ended.
        """
        ended = replace(record, state="stopped", reason="interrupted")
        if record.tries >= TRIES:
            self._conclude(ended)
            return
        try:
            await self.make(replace(record, tries=record.tries + 1))
        except ProtocolError:
            self._conclude(ended)
            raise

    def _developing(self, running: Running) -> None:
        """Tell the client the position in line and the draft of a page."""
        if running.position:
            self.queued(running)
        self._telling.draft(running.live)

    async def cut_off(self, job: Running) -> None:
        """Make the page again, because the process that made it is gone."""
        if job is not self.job:
            return
        self.job = None
        try:
            await self._again(job.record)
        except ProtocolError as error:
            self._telling.tell(Error(error.code, error.message, job.record.id))

    @property
    def may_begin_ahead(self) -> bool:
        """Whether pages are made ahead at all, and none is being made now."""
        return self._maker.prefetches and not self._maker.running

    def begin_ahead(self, record: PageRecord) -> None:
        """Begin a page that nobody has asked for yet."""
        self._maker.foresee(record, self, self.identity)

    def promote(self, url: str) -> bool:
        """Let the page that is made ahead go on as the current page, if it is the one at an address.

        Returns:
            Whether it was.
        """
        ahead = self._maker.ahead
        if ahead is None or ahead.owner is not self or ahead.record.url != url:
            return False
        self._maker.ahead = None
        self.stop("superseded")
        self._archive.made += 1
        self._archive.add(ahead.record)
        self.job = ahead
        self._telling.start(ahead.record)
        self._telling.draft(ahead.live)
        return True

    def queued(self, job: Running) -> None:
        """Tell the client the page's position in line."""
        if job is self.job:
            self._telling.tell(PageQueued(job.record.id, job.position))

    def drafted(self, job: Running) -> None:
        """Tell the client the page's draft."""
        if job is self.job:
            self._telling.draft(job.live)

    def kept(self, job: Running) -> None:
        """Keep another canvas of the page."""
        if job is self.job:
            self._archive.put(job.record)

    def ended(self, job: Running, failure: ProtocolError | None) -> None:
        """Keep the page in its final state and tell the client; a page made ahead is kept without telling."""
        if job is self._maker.ahead:
            self._maker.ahead = None
            if job.record.state == "committed":
                self._archive.foresee(job.record)
            return
        self.job = None
        if failure:
            self._telling.tell(Error(failure.code, failure.message, job.record.id))
        self._conclude(job.record)

    def _conclude(self, record: PageRecord) -> None:
        self._archive.settle(record)
        self._telling.end(record)


def renewed(record: PageRecord) -> PageRecord:
    """Return the record of a page to be made again, from the same brief and seed, under a new id."""
    clean: dict[str, Any] = {"state": "running", "html": "", "reason": "", "tokens": (), "stats": None, "tries": 1}
    return replace(record, id=secrets.token_urlsafe(16), created=time.time(), **clean)
