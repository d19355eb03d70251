"""A client without a browser: one session in which one page is made, stored and shared like any other."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

from backend.auth.client import ClientIdentity
from backend.errors import RESTARTING, ProtocolError
from backend.kit.bundle import dressed
from backend.kit.strip import undressed
from backend.observability import audit_log
from backend.prompts.brief import ANY, WorldOrAny
from backend.protocol.codec import plain
from backend.protocol.messages import (
    Act,
    Doubt,
    Error,
    Open,
    PageCommit,
    PageQueued,
    PageStart,
    PageStopped,
    Prompt,
    Stats,
    Target,
)
from backend.protocol.outbox import Live, Outbox
from backend.sessions.registry import SessionRegistry
from backend.shape import build

PACE_SECONDS = 0.1
"""The time between two drafts: the APIs send whole drafts, and a reader cannot see more of them than that."""

LEAVING: set[asyncio.Task[None]] = set()
"""Visits that are ending. The set holds their tasks, because the event loop may drop a task that nobody holds."""


@dataclass(frozen=True)
class Draft:
    """A page as it develops.

    Attributes:
        page: The page's id.
        html: The draft, safe to show.
        committed: What is committed, as a page.
        live: Its last frame.
    """

    page: str
    html: str
    committed: str
    live: Live


@dataclass(frozen=True)
class Waiting:
    """A page that waits in line.

    Attributes:
        position: Its position, from 1.
    """

    position: int


@dataclass(frozen=True)
class Finished:
    """A page that is made.

    Attributes:
        page: The page's id.
        url: Its address.
        world: Its world.
        title: Its title.
        html: Its sanitized markup.
        prompt: What the model was asked.
        stats: Figures of the generation.
        private: Whether its link opens for nobody else.
        kit: The version of the kit that it was made with.
        unchanged: Whether it was to be changed but came out as it was.
        doubt: Present if the model was not sure of it.
    """

    page: str
    url: str
    world: WorldOrAny
    title: str
    html: str
    prompt: str
    stats: Stats
    private: bool
    kit: str
    unchanged: bool = False
    doubt: Doubt | None = None

    @property
    def outcome(self) -> dict[str, Any]:
        """What every client is told in addition; it has "doubt" only for a page in doubt."""
        return {"unchanged": self.unchanged} | ({"doubt": plain(self.doubt)} if self.doubt else {})

    def dressed(self) -> str:
        """Return the page for a client that shows it by itself, with the kit inside."""
        return dressed(self.html, self.kit)


class Visit:
    """A session that makes one page.

    Begin the page with `make`, `edit` or `follow`. Then read its positions in line, its drafts and its end. Close the
    visit in any case. Every method raises ProtocolError where the service would answer with an error.

    Attributes:
        finished: The page, once it is made.
    """

    def __init__(self, registry: SessionRegistry, identity: ClientIdentity) -> None:
        self._registry, self._changed = registry, asyncio.Event()
        self._session, self._outbox = registry.create(), Outbox(self._changed.set)
        identity = replace(identity, session=audit_log.mark(self._session.key))
        registry.attach(self._session, self._outbox, identity)
        audit_log.tell(
            "connect", token=identity.name, address=identity.address, session=identity.session, resumed=False
        )
        self._start: PageStart | None = None
        self._waiting: Waiting | None = None
        self.finished: Finished | None = None

    @property
    def page(self) -> str:
        """The page's id, once it is begun."""
        return self._start.page if self._start else ""

    async def make(self, text: str, world: WorldOrAny = ANY) -> None:
        """Begin a new page from words; in the world "any", it is whatever answers the words best."""
        await self._session.handle(prompt(text, world))
        self._pump()

    async def edit(self, page: str, text: str, html: str = "") -> None:
        """Begin a new version of a page that anyone made and that is not private.

        Args:
            page: The page's id.
            text: How to change it.
            html: The page as its reader has it now, or "" if it is as it was made.
        """
        copy = await self._adopt(page)
        if html:
            await self._session.work.rewrite(copy, html)
        await self._session.handle(prompt(text, None))
        self._pump()

    async def follow(self, page: str, target: Target) -> None:
        """Begin the page that a link, a button or a form of a page leads to."""
        copy = await self._adopt(page)
        await self._session.handle(Act(copy, target))
        self._pump()

    async def drafts(self) -> AsyncIterator[Draft | Waiting]:
        """Yield the page's positions in line, then its drafts, until the page is `finished`.

        There is at most one draft every tenth of a second.
        """
        while self.finished is None:
            await self._changed.wait()
            self._changed.clear()
            self._pump()
            if waiting := self._waiting:
                self._waiting = None
                yield waiting
            if self.finished is None and (job := self._session.job) and job.live.block >= 0:
                live = await job.live.drawn()
                yield Draft(job.record.id, live.html, job.record.html, live)
                await self._pause()

    async def whole(self) -> Finished:
        """Wait until the page is made and return it."""
        async for _ in self.drafts():
            pass
        assert self.finished
        return self.finished

    def close(self) -> None:
        """Stop what is still being made, and leave; the session stays in the store with its page."""
        leaving = asyncio.get_running_loop().create_task(self._registry.leave_session(self._session, self._outbox))
        LEAVING.add(leaving)
        leaving.add_done_callback(LEAVING.discard)

    async def _adopt(self, page: str) -> str:
        """Copy a page into this session and return the id of the copy."""
        await self._session.handle(build(Open, {"page": page}, "open"))
        copy = ""
        while message := self._outbox.pop():
            copy = message.page if isinstance(message, PageCommit | PageStopped) else copy
        return copy

    def _pump(self) -> None:
        """Take in the session's messages.

        Raises:
            ProtocolError: The page was stopped or failed, or the service is about to end.
        """
        while message := self._outbox.pop():
            match message:
                case PageStart():
                    self._start = message
                case PageQueued():
                    self._waiting = Waiting(message.position) if message.position else None
                case PageCommit():
                    self.finished = self._end(message)
                case Error(code="page_failed" | "prompt_too_long"):
                    raise ProtocolError(message.code, message.message)
                case PageStopped():
                    raise ProtocolError("page_stopped", f"the page was stopped before it was done: {message.reason}")
        if self._outbox.closing is not None and self.finished is None:
            raise ProtocolError("busy", RESTARTING)

    def _end(self, message: PageCommit) -> Finished:
        """Return the finished page that a commit message describes."""
        asked = self._start.prompt if self._start else ""
        place = (message.page, message.url, message.world, message.title)
        made = self._session.archive.holds(message.page)
        kit = made.kit if made else ""
        told = (message.unchanged, message.doubt)
        return Finished(*place, message.html, asked, message.stats, message.private, kit, *told)

    async def _pause(self) -> None:
        """Wait for PACE_SECONDS, but no longer than until the page is finished."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PACE_SECONDS):
                while self.finished is None:
                    await self._changed.wait()
                    self._changed.clear()
                    self._pump()
        self._changed.set()


def prompt(text: str, world: WorldOrAny | None) -> Prompt:
    """Return words as the message that the shell would send: a new page in a world, or else an edit.

    A page that was copied into the words goes without the kit that it carries.

    Raises:
        ProtocolError: The words are empty or too long.
    """
    return build(
        Prompt, {"text": undressed(text), "edit": world is None} | ({"world": world} if world else {}), "prompt"
    )
