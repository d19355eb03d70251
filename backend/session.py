"""One visitor: what each action means for the history, the pages, and the page being made."""

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from backend import draws, intent, memory
from backend.address import segments
from backend.archive import Archive
from backend.brief import Brief
from backend.bucket import Bucket
from backend.compose import Composer
from backend.errors import ProtocolError, StoreError
from backend.intent import Intent, Standpoint
from backend.making import Making, Press
from backend.messages import (
    STORED_CHARS,
    Act,
    Action,
    Cancel,
    Error,
    Go,
    HistoryItem,
    Keep,
    Navigate,
    Open,
    PageCommit,
    PageStart,
    PageStopped,
    Prefetch,
    Prompt,
    ServerMessage,
    Target,
)
from backend.outbox import Outbox
from backend.store import PageRecord, SessionRecord, Store

TRIES = 2
Find = Callable[[str], Awaitable[PageRecord | None]]
BURST, PER_SECOND = 20, 5.0


class Session:
    """Lives in memory while someone is connected or a page is being made; its archive outlives it.

    outbox: of the connection, None without one. key: secret id of the session. find: gives a page of any session.
    """

    def __init__(self, record: SessionRecord, store: Store, composer: Composer, press: Press, find: Find) -> None:
        self.archive = Archive(record, store, self._store_lost)
        self.outbox: Outbox | None = None
        self.making: Making | None = None
        self.bucket = Bucket(BURST, PER_SECOND)
        self._composer, self._press, self._find = composer, press, find
        self._marks: tuple[str, int, int] = ("", -1, -1)  # page, seq of its start, seq of its end

    @property
    def key(self) -> str:
        return self.archive.id

    @property
    def idle(self) -> bool:
        """Whether nothing is lost by forgetting the session."""
        return self.outbox is None and self.making is None and self.archive.settled

    def items(self) -> tuple[HistoryItem, ...]:
        """The history, oldest first."""
        return tuple(self.archive.items[page] for page in self.archive.history.entries)

    async def handle(self, action: Action) -> None:
        """Act on a message. Raises ProtocolError; then nothing has changed."""
        match action:
            case Navigate():
                await self._navigate(action)
            case Act():
                await self._open(self._acted(action.target, await self.archive.page(action.page)))
            case Keep():
                await self._keep(action)
            case Prefetch():
                await self._prefetch(action)
            case Open():
                await self._adopt(action.page)
            case Prompt(edit=True):
                await self._edit(action)
            case Prompt():
                current = self.archive.items.get(self.archive.history.current or "")
                world = action.world or (current.world if current else "web")
                await self._open(intent.prompted(action.text, world))
            case Go():
                await self._go(action.delta)
            case Cancel():
                self.stop("cancelled")

    async def resume(self, last_seq: int) -> None:
        """Send what a client that has seen everything up to last_seq misses of the current page."""
        current = self.archive.history.current
        if current is None:
            return
        page, started, ended = self._marks
        if self.making:
            if page != self.making.record.id or not 0 <= started <= last_seq:
                self._emit(self._start_of(self.making.record))
            self.drafted(self.making)
            return
        record = await self.archive.page(current)
        if record.state == "running" and record.tries < TRIES:
            await self._make(replace(record, tries=record.tries + 1, html="", tokens=()))
        elif record.state == "running":
            self._conclude(replace(record, state="stopped", reason="interrupted"))
        elif page != record.id or not 0 <= ended <= last_seq:
            self._emit(self._end_of(record))

    def number(self, message: ServerMessage) -> int:
        """The number a message is sent with."""
        seq = self.archive.number()
        page, start, _ = self._marks
        if isinstance(message, PageStart):
            self._marks = (message.page, seq, -1)
        elif isinstance(message, PageCommit | PageStopped):
            self._marks = (message.page, start if page == message.page else -1, seq)
        return seq

    def stop(self, reason: str) -> None:
        """Stop the running page, if any; what was committed of it is kept. A page that is made ahead is dropped."""
        if self._press.ahead and self._press.ahead.owner is self:
            self._press.give_way()
        if self.making:
            making, self.making = self.making, None
            self._conclude(making.stop(reason))

    def drafted(self, making: Making) -> None:
        if self.outbox and making is self.making and making.live.block >= 0:
            self.outbox.draft(making.live)

    def kept(self, making: Making) -> None:
        if making is self.making:
            self.archive.put(making.record)

    def ended(self, making: Making, failure: str) -> None:
        if making is self._press.ahead:
            self._press.ahead = None
            if making.record.state == "committed":
                self.archive.foresee(making.record)
            return
        self.making = None
        if failure:
            self._emit(Error("page_failed", failure, making.record.id))
        self._conclude(making.record)

    async def _navigate(self, action: Navigate) -> None:
        known = self.archive.latest.get("/" + "/".join(segments(action.url)))
        if known is None:
            await self._open(await self._from_here(intent.typed(action.url)), action.fresh)
        elif action.fresh:
            await self._open(intent_of(await self.archive.page(known)), True)
        else:
            await self._show(known)

    def _acted(self, target: Target, page: PageRecord) -> Intent:
        """What an action on a page means, with what the page leaves for the next. Raises ProtocolError bad_address."""
        wanted = intent.acted(target, Standpoint(page.url, page.world, page.title))
        return memory.carried(wanted, page) if self._composer.carries else wanted

    async def _from_here(self, wanted: Intent) -> Intent:
        """An address with what the current page leaves for the next; without, if that page cannot be had."""
        current = self.archive.history.current
        if current is None or not self._composer.carries:
            return wanted
        try:
            return memory.carried(wanted, await self.archive.page(current))
        except ProtocolError:
            return wanted

    async def _open(self, wanted: Intent, fresh: bool = False) -> None:
        """Go to an address: the page known there, else, or if a fresh one is wanted, a new page.

        A form filled in otherwise than for the page known there wants a new one, too.
        """
        known = self.archive.latest.get(wanted.url)
        filled = wanted.entered if self._composer.carries else ()
        if known and not fresh and not (filled and (await self.archive.page(known)).brief.entered != filled):
            await self._show(known)
            return
        if not (fresh or filled) and (ahead := self._made_ahead(wanted.url)):
            self._promote(ahead)
            return
        draw = f"{self.key} {self.archive.made}" if fresh else self.key
        await self._make(self._new(wanted.url, self._composer.compose(wanted, draw), draw, private=wanted.private))

    async def _keep(self, action: Keep) -> None:
        """Keep what a page wants kept. Raises ProtocolError store_full."""
        size = sum(len(name) + len(value) for name, value in action.data.items())
        if size > STORED_CHARS:
            raise ProtocolError("store_full", f"expected at most {STORED_CHARS:,} characters from a page, got {size:,}")
        page = await self.archive.page(action.page)
        if page.state != "running" and page.data != action.data:
            self.archive.put(replace(page, data=action.data))

    async def _prefetch(self, action: Prefetch) -> None:
        """Begin the page that an action would lead to, if nothing else is made. Nobody is told of it yet."""
        if not self._press.prefetches or self._press.running or action.target.form:
            return
        page = await self.archive.page(action.page)
        wanted = self._acted(action.target, page)
        if wanted.url in self.archive.latest or self._press.running:
            return
        record = self._new(wanted.url, self._composer.compose(wanted, self.key), self.key, private=wanted.private)
        generation = self._press.submit(record, (), room=False, session=self.key)
        self._press.ahead = Making(record, generation, self._press, self)

    def _made_ahead(self, url: str) -> Making | None:
        """The page that this session has begun ahead, if it is the one at an address."""
        ahead = self._press.ahead
        return ahead if ahead and ahead.owner is self and ahead.record.url == url else None

    def _promote(self, ahead: Making) -> None:
        """The visitor asks for the page that is made ahead: it goes on as any other."""
        self._press.ahead = None
        self.stop("superseded")
        self.archive.made += 1
        self.archive.enter(ahead.record)
        self.making = ahead
        self._emit(self._start_of(ahead.record))
        self.drafted(ahead)

    async def _adopt(self, page: str) -> None:
        """Go to a page of this session, or to a copy of one of another. Raises ProtocolError unknown_page."""
        if page in self.archive.items:
            await self._show(page)
            return
        record = await self._found(page)
        if record is None or record.private or record.state == "running" or not record.html:
            raise ProtocolError("unknown_page", "expected a page that was shared, got none: it may have expired")
        copy = replace(record, id=secrets.token_urlsafe(16), key=secrets.token_urlsafe(16), base="", data={})
        self.stop("superseded")
        self.archive.enter(copy)
        self._emit(self._end_of(copy))

    async def _found(self, page: str) -> PageRecord | None:
        try:
            return await self._find(page)
        except StoreError as error:
            raise ProtocolError("store_unavailable", "the store cannot be reached; this page is kept there") from error

    async def _edit(self, action: Prompt) -> None:
        """A new version of the current page, at the same address, begun from the old one's tokens."""
        current = self.archive.history.current
        if current is None:
            raise ProtocolError("unknown_page", "expected a page to edit, got none: this session has no page yet")
        page = await self.archive.page(current)
        brief = self._composer.edit(page.brief, action.text, action.target)
        draw = f"{self.key} {self.archive.made}"
        version = self._new(page.url, brief, draw, page.id, page.private)
        await self._make(replace(version, data=page.data))

    async def _show(self, page: str) -> None:
        """Go on to a known page: stored pages at once; one of which nothing was kept is made again."""
        if self.making and self.making.record.id == page:
            return
        record = await self.archive.page(page)
        if record.state == "running" or not record.html:
            await self._make(renewed(record), record.id)
            return
        self.stop("superseded")
        self.archive.enter(record)
        self._emit(self._end_of(record))

    async def _go(self, delta: int) -> None:
        history = self.archive.history
        page = history.at(delta)
        if page is None:
            raise ProtocolError("no_history", f"expected a step within {len(history.entries)} pages, got {delta:+}")
        if self.making and self.making.record.id == page:
            history.go(delta)
            return
        record = await self.archive.page(page)
        if record.state == "running" or not record.html or (delta == 0 and record.state == "stopped"):
            await self._make(renewed(record), record.id, delta)
            return
        self.stop("superseded")
        history.go(delta)
        self.archive.changed()
        self._emit(self._end_of(record))

    def _new(self, url: str, brief: Brief, draw: str, base: str = "", private: bool = False) -> PageRecord:
        seed, now = draws.seed(draw, url), time.time()
        page = PageRecord(secrets.token_urlsafe(16), url, brief.world, brief, "", seed, now, base, private=private)
        return replace(page, prompt=self._press.prompt(page), key=secrets.token_urlsafe(16))

    async def _make(self, record: PageRecord, replaces: str = "", delta: int = 0) -> None:
        """Begin a page: as the next of the history, or in the place of another, delta steps away."""
        base = await self.archive.page(record.base) if record.base in self.archive.items else None
        canvas = base.tokens if base else ()
        generation = self._press.submit(record, canvas, room=bool(self.making), session=self.key)
        self.stop("superseded")
        if replaces:
            self.archive.history.go(delta)
            self.archive.swap(replaces, record)
        self.archive.made += 1
        self.archive.enter(record)
        self._emit(self._start_of(record))
        self.making = Making(record, generation, self._press, self)

    def _conclude(self, record: PageRecord) -> None:
        self.archive.put(record)
        self._emit(self._end_of(record))

    def _emit(self, message: ServerMessage) -> None:
        if self.outbox:
            self.outbox.put(message)

    def _store_lost(self) -> None:
        self._emit(Error("store_unavailable", "the store cannot be reached; this session goes on from memory"))

    def _start_of(self, record: PageRecord) -> PageStart:
        return PageStart(record.id, record.url, record.world, record.prompt, record.base, **self._place())

    def _end_of(self, record: PageRecord) -> PageCommit | PageStopped:
        shown = (record.id, record.url, record.world, record.title, record.html, record.key)
        if record.state == "committed" and record.stats:
            return PageCommit(*shown, record.stats, record.private, record.base, **self._place())
        return PageStopped(*shown, record.reason, record.base, **self._place())

    def _place(self) -> dict[str, Any]:
        history, edits = self.archive.history, self.archive.edits
        undo, redo = edits(history.at(-1), history.at(0)), edits(history.at(0), history.at(1))
        return {"undo": undo, "redo": redo, "index": history.index, "length": len(history.entries)}


def intent_of(page: PageRecord) -> Intent:
    """What a page was made for, so that another version of it can be made."""
    brief = page.brief
    wanted = Intent(page.url, page.world, brief.ask, brief.open, brief.screen, page.private)
    return replace(wanted, entered=brief.entered, site=brief.site, windows=brief.windows)


def renewed(record: PageRecord) -> PageRecord:
    """A page to be made again, from the same brief and seed, under an id of its own."""
    clean: dict[str, Any] = {"state": "running", "html": "", "reason": "", "tokens": (), "stats": None, "tries": 1}
    return replace(record, id=secrets.token_urlsafe(16), created=time.time(), **clean)
