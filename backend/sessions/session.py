"""The session of one client: what each action does to the history, the pages, and the page being made."""

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from backend.auth.client import ClientIdentity
from backend.auth.rate_limit import TokenBucket
from backend.composer import continuity, intent
from backend.composer.compose import Composer
from backend.composer.intent import Intent, Standpoint
from backend.errors import ProtocolError, StoreError
from backend.handover.relay import Relay
from backend.jobs.interfaces import Running
from backend.jobs.page_maker import PageMaker
from backend.kit import look_words
from backend.offload import beside
from backend.pages.page_urls import segments
from backend.pages.selection import selected
from backend.protocol.messages import (
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
    Prefetch,
    Prompt,
    Style,
    Target,
)
from backend.sessions.archive import CAPS, Archive, Caps
from backend.sessions.current_page import CurrentPage
from backend.sessions.notifier import Notifier
from backend.storage.records import PageRecord, SessionRecord, Store

UNASKED, UNASKED_PER_SECOND = 20, 5.0
Find = Callable[[str], Awaitable[PageRecord | None]]


class Session:
    """A session in memory, while a client is connected or a page is being made; its archive outlives it.

    Args:
        record: The session as it is stored, or a new one.
        store: Where it is written.
        composer: Writes the briefs of pages.
        maker: Makes pages.
        find: Returns a page of any session that others may see.
        bucket: What the client may send. Requests that pages cause by themselves take nothing from it.
        relay: The way to other processes, if any.
        caps: The most that is kept.
        moved: Called when another process turns out to have the session.

    Attributes:
        archive: The history and pages.
        telling: Tells the client.
        work: The page that the client waits for.
        bucket: What the client may send.
        style: Words of the kit that the embedder of the shell wants for pages.
    """

    def __init__(
        self, record: SessionRecord, store: Store, composer: Composer, maker: PageMaker, find: Find,
        bucket: TokenBucket, relay: Relay | None = None, caps: Caps = CAPS,
        moved: "Callable[[Session], None]" = lambda session: None,
    ) -> None:  # fmt: skip
        self.archive = Archive(record, store, self._store_lost, lambda: moved(self), caps)
        self.telling = Notifier(self.archive)
        self.work = CurrentPage(self.archive, maker, self.telling, relay)
        self.bucket = bucket
        self.style = ""
        self._unasked = TokenBucket(UNASKED, UNASKED_PER_SECOND)
        self._composer, self._find = composer, find

    @property
    def key(self) -> str:
        """The session's secret id."""
        return self.archive.id

    @property
    def identity(self) -> ClientIdentity:
        """The client that was connected last."""
        return self.work.identity

    @identity.setter
    def identity(self, identity: ClientIdentity) -> None:
        """Set the client that is connected."""
        self.work.identity = identity

    @property
    def job(self) -> Running | None:
        """The page that the client waits for."""
        return self.work.job

    @property
    def idle(self) -> bool:
        """Whether nothing is lost by forgetting the session."""
        settled = self.archive.settled or not self.archive.items
        return self.telling.outbox is None and self.job is None and settled

    def items(self) -> tuple[HistoryItem, ...]:
        """Return the history, oldest first."""
        return tuple(self.archive.items[page] for page in self.archive.history.entries)

    async def handle(self, action: Action) -> None:
        """Act on a message.

        Raises:
            ProtocolError: The action cannot be done; then nothing has changed.
        """
        if self.work.left:
            return
        match action:
            case Navigate():
                await self._navigate(action)
            case Act():
                await self._open(await self._acted(action.target, await self.archive.page(action.page)))
            case Keep():
                await self._keep(action)
            case Prefetch():
                if self._affordable():
                    await self._prefetch(action)
            case Open():
                await self._adopt(action.page)
            case Prompt(edit=True):
                await self._edit(action)
            case Prompt():
                await self._open(intent.prompted(action.text, action.world))
            case Style():
                self.style = look_words.checked(action.words)
                return
            case Go():
                await self._go(action.delta)
            case Cancel():
                self.work.stop("cancelled")
        # A page may be opened only to be changed next, which may fail, so Open does not have the session kept yet.
        if not isinstance(action, Open):
            self.archive.keep()

    async def _navigate(self, action: Navigate) -> None:
        """Go to an address that the visitor typed."""
        known = self.archive.at("/" + "/".join(segments(action.url)))
        if known is None:
            await self._open(await self._from_here(intent.typed(action.url)), action.fresh)
        elif action.fresh:
            await self._open(intent_of(await self.archive.page(known)), True)
        else:
            await self._show(known)

    async def _acted(self, target: Target, page: PageRecord) -> Intent:
        """Return what an action on a page means, with what the page leaves for the next page.

        The title of a private page may say what was filled in. A screen that has the title in its address is therefore
        private, too.

        Raises:
            ProtocolError: bad_address.
        """
        wanted = intent.acted(target, Standpoint(page.url, page.world, page.title))
        wanted = replace(wanted, private=wanted.private or (page.private and wanted.screen != ""))
        return await carried(wanted, page) if self._composer.carries else wanted

    async def _from_here(self, wanted: Intent) -> Intent:
        """Return an address with what the current page leaves for the next page.

        Without a current page that can be read, the address is returned as it is.
        """
        current = self.archive.history.current
        if current is None or not self._composer.carries:
            return wanted
        try:
            return await carried(wanted, await self.archive.page(current))
        except ProtocolError:
            return wanted

    async def _open(self, wanted: Intent, fresh: bool = False) -> None:
        """Go to an address: to the page known there, or to a new page if none is known or another one is wanted."""
        wanted = self._composer.decided(wanted)
        known = self.archive.at(wanted.url)
        if known and not fresh and not await self._another(known, wanted):
            await self._show(known)
            return
        filled = wanted.entered if self._composer.tells_all else ()
        if not (fresh or filled) and self.work.promote(wanted.url):
            return
        draw = f"{self.key} {self.archive.made}" if fresh else self.key
        await self.work.make(self._wanted(wanted, draw))

    async def _another(self, known: str, wanted: Intent) -> bool:
        """Return whether another page is wanted than the one known at an address.

        That is so if a form was filled in differently. It is also so if the page's site has got another look since, and
        the history does not show the page. A page that was made ahead is such a case.
        """
        aside = wanted.look != "" and known not in self.archive.history.entries
        if not (self._composer.tells_all and (wanted.entered or aside)):
            return False
        brief = (await self.archive.page(known)).brief
        filled_otherwise = wanted.entered not in ((), brief.entered)
        return filled_otherwise or (aside and brief.style != wanted.look)

    def _affordable(self) -> bool:
        """Take one request from the allowance of what pages cause by themselves; return whether there was one."""
        return self._unasked.take(1, time.monotonic())

    async def _keep(self, action: Keep) -> None:
        """Keep what a page wants kept.

        Beyond the allowance of what pages cause by themselves it is still kept, so that the newest is never lost. Then
        it must cost next to nothing. Only a page in memory qualifies, as the one on view is, and it is written within a
        second.

        Raises:
            ProtocolError: store_full.
        """
        size = sum(len(name) + len(value) for name, value in action.data.items())
        if size > STORED_CHARS:
            raise ProtocolError("store_full", f"expected at most {STORED_CHARS:,} characters from a page, got {size:,}")
        affordable = self._affordable()
        page = await self.archive.page(action.page) if affordable else self.archive.holds(action.page)
        if page and page.state != "running" and page.data != action.data:
            self.archive.put(replace(page, data=action.data), soon=affordable)

    async def _prefetch(self, action: Prefetch) -> None:
        """Begin the page that an action would lead to, if nothing else is made; the client is not told of it yet."""
        if not self.work.may_begin_ahead or action.target.form:
            return
        page = await self.archive.page(action.page)
        wanted = self._composer.decided(await self._acted(action.target, page))
        if self.archive.at(wanted.url) or not self.work.may_begin_ahead:
            return
        self.work.begin_ahead(self._wanted(wanted, self.key))

    def _wanted(self, wanted: Intent, draw: str) -> PageRecord:
        """Return the record of the page to be made for an intent."""
        return self.work.new(wanted.url, self._composer.compose(wanted, draw, self.style), draw, private=wanted.private)

    async def _adopt(self, page: str) -> None:
        """Go to a page of this session, or to a copy of a page of another session.

        Raises:
            ProtocolError: unknown_page.
        """
        if page in self.archive.items:
            await self._show(page)
            return
        record = await self._found(page)
        if record is None:
            raise ProtocolError("unknown_page", "expected a page that was shared, got none: it may have expired")
        copy = replace(record, id=secrets.token_urlsafe(16), key=secrets.token_urlsafe(16), base="", data={}, part=())
        self.work.stop("superseded")
        self.archive.add(copy)
        self.telling.end(copy)

    async def _found(self, page: str) -> PageRecord | None:
        try:
            return await self._find(page)
        except StoreError as error:
            raise ProtocolError("store_unavailable", "the store cannot be reached; this page is kept there") from error

    async def _edit(self, action: Prompt) -> None:
        """Begin a new version of the current page, at the same address, from the old version's tokens.

        If the visitor selected an element, nothing else changes.
        """
        current = self.archive.history.current
        if current is None:
            raise ProtocolError("unknown_page", "expected a page to edit, got none: this session has no page yet")
        page = await self.archive.page(current)
        brief = self._composer.edit(replace(page.brief, world=page.world), action.text, action.target, page.html)
        draw = f"{self.key} {self.archive.made}"
        part = await beside(len(page.html), selected, page.html, action.target) if action.target else None
        version = self.work.new(page.url, brief, draw, page.id, page.private)
        await self.work.make(replace(version, data=page.data, part=part or ()))

    async def _show(self, page: str) -> None:
        """Go on to a known page: show a stored page at once, and make one again of which nothing was kept."""
        if self.work.makes(page):
            return
        record = await self.archive.page(page)
        if record.state == "running" or not record.html:
            await self.work.remake(record)
            return
        self.work.stop("superseded")
        self.archive.add(record)
        self.telling.end(record)

    async def _go(self, delta: int) -> None:
        """Go a number of steps through the history, and make the page there again if nothing of it was kept.

        Raises:
            ProtocolError: no_history.
        """
        history = self.archive.history
        page = history.at(delta)
        if page is None:
            raise ProtocolError("no_history", f"expected a step within {len(history.entries)} pages, got {delta:+}")
        if self.work.makes(page):
            history.go(delta)
            return
        record = await self.archive.page(page)
        if record.state == "running" or not record.html or (delta == 0 and record.state == "stopped"):
            await self.work.remake(record, delta)
            return
        self.work.stop("superseded")
        history.go(delta)
        self.archive.changed()
        self.telling.end(record)

    def _store_lost(self) -> None:
        self.telling.tell(Error("store_unavailable", "the store cannot be reached; this session goes on from memory"))


async def carried(wanted: Intent, page: PageRecord) -> Intent:
    """Return an intent with what a page leaves for the next page."""
    return await beside(len(page.html), continuity.carried, wanted, page)


def intent_of(page: PageRecord) -> Intent:
    """Return what a page was made for, so that another version of it can be made.

    A page that was opened from another page keeps the look of that page. A page that was asked for gets a new look.
    """
    brief = page.brief
    wanted = Intent(page.url, brief.world, brief.ask, brief.open, brief.screen, page.private)
    look = brief.style if brief.open else ""
    return replace(wanted, entered=brief.entered, site=brief.site, windows=brief.windows, look=look)
