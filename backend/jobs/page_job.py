"""One page being made: it waits for its turn, the engine's frames become drafts, and it ends as a finished record."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from backend.auth.client import ClientIdentity
from backend.errors import ProtocolError
from backend.jobs.interfaces import Owner, Turns
from backend.kit import bundle
from backend.kit.strip import undressed
from backend.markup.sanitize import sanitise, title
from backend.observability import audit_log
from backend.offload import beside, large
from backend.pages.finished_page import settled
from backend.pages.page_world import page_world
from backend.prompts.brief import ANY
from backend.protocol.messages import Stats
from backend.protocol.outbox import Live
from backend.storage.records import PageRecord
from engine.core.errors import PromptTooLong

if TYPE_CHECKING:
    from backend.drafts.drafter import Draft, Drafter, Spelled
    from backend.models.base import Writing
    from backend.pages.edit_region import EditRegion
    from engine.core.results import Frame, Result

log = logging.getLogger(__name__)


class TooLong(Exception):
    """The page has more bytes than a page may have."""


class PageJob:
    """A page from the construction of this object until it is final or stopped.

    Args:
        record: The page to be made.
        owner: Who wants the page.
        identity: The client that the page is made for.
        turns: Where the job takes its turn.
        drafter: Turns frames into drafts.
        submit: Asks the engine for the page, once its turn has come.
        writing: What `submit` gave for a page that need not wait, else None.
        gap: The region that alone may change, or None.
        ahead: Whether the page is made before anyone asks for it.

    Attributes:
        record: The page so far.
        live: Its draft.
        position: Its position in line, from 1; 0 once its turn has come.
    """

    def __init__(
        self, record: PageRecord, owner: Owner, identity: ClientIdentity, turns: Turns, drafter: "Drafter",
        submit: "Callable[[], Writing]", writing: "Writing | None", gap: "EditRegion | None" = None,
        ahead: bool = False,
    ) -> None:  # fmt: skip
        self.record, self.live = record, Live(record.id)
        self.owner, self.identity, self._turns = owner, identity, turns
        self._submit, self._writing, self._gap, self._drafter, self._ahead = submit, writing, gap, drafter, ahead
        self._watch = turns.observer.page(record)
        self._turn = asyncio.Event()
        turns.line.add(self, at_once=writing is not None)
        self.position = turns.line.position(self)
        self._entered, self._began = time.monotonic(), 0.0
        identity.quota.begin()
        self.task = asyncio.get_running_loop().create_task(self._run())

    def call(self) -> None:
        """Begin the page: its turn has come."""
        self.stand(0)
        self._turn.set()

    def stand(self, position: int) -> None:
        """Set the position in line; the owner is told if it is new."""
        if position != self.position:
            self.position = position
            self.owner.queued(self)

    def stop(self, reason: str) -> PageRecord:
        """End the page now with what is committed of it, without a call to the owner, and return its final record."""
        self._cancel()
        self.task.cancel()
        return self._finish(replace(self.record, state="stopped", reason=reason))

    async def _run(self) -> None:
        """Wait, take every frame, and end the page as committed or stopped, with the reason for whatever went wrong."""
        failure, final = None, replace(self.record, state="stopped")
        try:
            result = await self._written()
            doubt = self._turns.judge.doubt(self.record.brief, result.stats)
            final = replace(self.record, state="committed", tokens=tuple(result.tokens), stats=stats_of(result))
            final = replace(final, doubt=doubt)
            if self._gap:
                filled = await beside(len(self._gap.html), self._gap.filled, result.tokens)
                final = replace(final, tokens=filled.tokens)
        except TimeoutError:
            final = replace(self.record, state="stopped", reason="timeout" if self._writing else "queue_timeout")
        except TooLong:
            final = replace(self.record, state="stopped", reason="too_long")
        except ProtocolError as error:
            failure, final = error, replace(self.record, state="stopped", reason="failed")
        except PromptTooLong as error:  # An upstream model learns late how long the prompt is.
            failure = ProtocolError("prompt_too_long", str(error))
            final = replace(self.record, state="stopped", reason="failed")
        except Exception as error:
            log.exception("page %s failed", audit_log.mark(self.record.id))
            failure = ProtocolError("page_failed", f"the model failed on this page: {type(error).__name__}")
            final = replace(self.record, state="stopped", reason="failed")
        if final.state == "stopped":
            self._cancel()
        self._finish(final)
        self.owner.ended(self, failure)

    async def _written(self) -> "Result":
        """Wait for the turn, then take every frame.

        Raises:
            TimeoutError: The wait or the page took too long.
            TooLong: The page has too many bytes.
            ProtocolError: The model refused the page.
            EngineError: The model failed.
        """
        if self._writing is None:
            async with asyncio.timeout(self._turns.limits.patience):
                await self._turn.wait()
            self._writing = self._submit()
        self._began = time.monotonic()
        self._watch.turn()
        self._tell("page.started", waited=round(self._began - self._entered, 3), ahead=self._ahead)
        async with asyncio.timeout(self._turns.limits.seconds):
            async for frame in self._writing:
                await self._take(frame)
            return await self._writing.result()

    async def _take(self, frame: "Frame") -> None:
        """Take a frame in.

        While a large draft is drawn, frames wait. Of those that waited, the newest is drawn next.
        """
        await self.live.still()
        self.live.ready = self._watch.frame(frame)
        self._drafter.observe(frame)
        self.live.step_to(frame, self._draw)
        self.owner.drafted(self)
        if frame.final:
            await self._keep(frame)

    def _draw(self) -> "asyncio.Future[None] | None":
        """Fill in the draft, because somebody wants to see it: at once, or for a large page by the returned future."""
        spelled = self._drafter.spell()
        if large(len(spelled.page)):
            return asyncio.get_running_loop().create_task(self._draw_beside(spelled))
        self._fill(self._drafter.expose(spelled))
        return None

    async def _draw_beside(self, spelled: "Spelled") -> None:
        self._fill(await beside(len(spelled.page), self._drafter.expose, spelled))

    def _fill(self, draft: "Draft") -> None:
        self.live.fill(draft.html, draft.settled, draft.tokens)

    async def _keep(self, frame: "Frame") -> None:
        """Keep another committed canvas, unless it makes the page too long.

        Of a page with an edit region, the whole page is present from the first canvas on.

        Raises:
            TooLong: The page has too many bytes.
        """
        tokens = (*self.record.tokens, *map(int, frame.tokens))
        filled = await beside(len(self._gap.html), self._gap.filled, tokens) if self._gap else None
        page = filled.html if filled else self._drafter.page()
        html, size, name = await beside(len(page), kept, page)
        if size > self._turns.limits.bytes:
            raise TooLong
        world = await beside(len(html), page_world, html) if self.record.brief.world == ANY else self.record.world
        self.record = replace(self.record, html=html, title=name, world=world, tokens=tokens, kit=bundle.VERSION)
        self.owner.kept(self)

    def _cancel(self) -> None:
        if self._writing:
            self._writing.cancel()

    def _finish(self, record: PageRecord) -> PageRecord:
        """Make the record final, report it, and give up the job's place in line and in the quota."""
        self.record = settled(replace(record, html=self.record.html, title=self.record.title, world=self.record.world))
        seconds = round(time.monotonic() - self._began, 3) if self._began else 0.0
        doubt = record.doubt.score if record.doubt else None
        about = {"seconds": seconds, "tokens": len(record.tokens), "doubt": doubt}
        self._tell("page.ended", state=record.state, reason=record.reason or None, **about)
        self._watch.ended(self.record)
        self.identity.quota.end()
        self._turns.on_done(self)
        return self.record

    def _tell(self, event: str, **facts: str | float | bool | None) -> None:
        """Write a line of the audit log: whose page it is and of which kind, but none of its words."""
        record, identity = self.record, self.identity
        where = {"session": identity.session, "page": audit_log.mark(record.id), "world": record.world}
        who = {"token": identity.name, "address": identity.address, "kind": audit_log.kind(record.url)}
        audit_log.tell(event, **where, **who, edit=bool(record.base), **facts)


def kept(page: str) -> tuple[str, int, str]:
    """Return a page as it is kept, its size in bytes, and its title.

    A kit that a model has copied into the page is not kept.
    """
    html = sanitise(undressed(page))
    return html, len(html.encode(errors="surrogatepass")), title(html)


def stats_of(result: "Result") -> Stats:
    """Return the figures of a result, rounded for clients."""
    stats = result.stats
    return Stats(
        tokens=stats.tokens,
        canvases=stats.canvases,
        steps=tuple(stats.steps),
        tokens_per_second=round(stats.tokens_per_second, 2),
        first_frame=round(stats.first_frame, 4),
        seconds=round(stats.seconds, 4),
        corrections=stats.corrections,
        readings=tuple(stats.readings),
        finish=result.finish,
    )
