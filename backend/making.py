"""One page being made: the engine's frames become drafts, and in the end a finished record."""

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from backend.anchors import unanchored
from backend.draft import Drafter
from backend.errors import ProtocolError
from backend.messages import Stats
from backend.outbox import Live
from backend.prompts import Dialect, messages
from backend.sanitise import sanitise, title
from backend.store import PageRecord
from engine.errors import EngineError, PromptTooLong

if TYPE_CHECKING:
    from backend.model import Model, Writing
    from backend.settings import Settings
    from engine.results import Frame, Result

log = logging.getLogger(__name__)


class Owner(Protocol):
    """Who wants the page. None of these is called once the page is stopped or has ended."""

    def drafted(self, making: "Making") -> None:
        """There is a newer draft in making.live."""

    def kept(self, making: "Making") -> None:
        """Another canvas is committed: making.record holds more of the page."""

    def ended(self, making: "Making", failure: str) -> None:
        """making.record is committed or stopped. failure: a sentence if the model failed, else ""."""


class Press:
    """Makes pages with one engine, so many at once, each within its limits.

    ahead: a page that is made before anyone asks for it, at most one, and only while nothing else is made.
    """

    def __init__(self, engine: "Model", dialect: Dialect, settings: "Settings") -> None:
        self._engine, self._dialect = engine, dialect
        self.prefetches = settings.prefetch
        self._limit, self.seconds = settings.max_pages, settings.page_seconds
        steps = engine.defaults.max_steps if settings.page_steps is None else settings.page_steps
        self._params = replace(engine.defaults, max_tokens=settings.page_tokens, max_steps=steps)
        self.running: set[Making] = set()
        self.ahead: Making | None = None

    def submit(self, record: PageRecord, canvas: tuple[int, ...], room: bool) -> "Writing":
        """Ask the engine for a page; canvas: tokens to start from, or none. room: another page makes room for it.

        A page that is made ahead gives way. Raises ProtocolError: busy, prompt_too_long, page_failed.
        """
        self.give_way()
        if len(self.running) >= self._limit + room:
            raise ProtocolError("busy", f"the service makes {self._limit} pages already; try again in a moment")
        params = replace(self._params, seed=record.seed, canvas=canvas or None)
        try:
            return self._engine.submit(messages(record.brief, self._dialect), params)
        except PromptTooLong as error:
            raise ProtocolError("prompt_too_long", str(error)) from error
        except EngineError as error:
            raise ProtocolError("page_failed", f"the model cannot make this page: {error}") from error

    def give_way(self) -> None:
        """Drop the page that is made ahead."""
        if self.ahead:
            ahead, self.ahead = self.ahead, None
            ahead.stop("superseded")

    def prompt(self, record: PageRecord) -> str:
        """What the model is asked, as people can read it."""
        return unanchored(messages(record.brief, self._dialect)[-1]["content"])

    def drafter(self) -> Drafter:
        return Drafter(self._engine.piece, self._engine.eos_ids, self._dialect)


class Making:
    """Runs from construction until it is final or stopped. record: the page so far. live: its draft."""

    def __init__(self, record: PageRecord, writing: "Writing", press: Press, owner: Owner) -> None:
        self.record, self.live = record, Live(record.id)
        self._writing, self._press, self.owner = writing, press, owner
        self._drafter = press.drafter()
        press.running.add(self)
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self, reason: str) -> PageRecord:
        """End the page now with what is committed of it; the owner is not told. Returns its final record."""
        self._writing.cancel()
        self._task.cancel()
        return self._finish(replace(self.record, state="stopped", reason=reason))

    async def _run(self) -> None:
        failure = ""
        try:
            async with asyncio.timeout(self._press.seconds):
                async for frame in self._writing:
                    self._take(frame)
                result = await self._writing.result()
            final = replace(self.record, state="committed", tokens=tuple(result.tokens), stats=stats_of(result))
        except TimeoutError:
            self._writing.cancel()
            final = replace(self.record, state="stopped", reason="timeout")
        except Exception as error:
            log.exception("page %s failed", self.record.id)
            self._writing.cancel()
            failure = f"the model failed on this page: {type(error).__name__}"
            final = replace(self.record, state="stopped", reason="failed")
        self._finish(final)
        self.owner.ended(self, failure)

    def _take(self, frame: "Frame") -> None:
        draft = self._drafter.update(frame)
        if frame.block != self.live.block:
            self.live.canvas = {}
        self.live.block, self.live.step, self.live.steps = frame.block, frame.step, frame.steps
        self.live.reading = frame.reading
        self.live.html, self.live.settled, self.live.entropy = draft.html, draft.settled, round(frame.entropy, 4)
        self.live.canvas |= {at: (text, state) for at, text, state in draft.tokens}
        self.owner.drafted(self)
        if frame.final:
            tokens = (*self.record.tokens, *map(int, frame.tokens))
            self.record = replace(self.record, html=sanitise(self._drafter.page()), tokens=tokens)
            self.owner.kept(self)

    def _finish(self, record: PageRecord) -> PageRecord:
        self._press.running.discard(self)
        html = sanitise(self._drafter.page())
        self.record = replace(record, html=html, title=title(html) or record.brief.title or record.url)
        return self.record


def stats_of(result: "Result") -> Stats:
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
