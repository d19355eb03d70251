"""Where pages are made: with one engine, so many at once; others wait in line."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from backend.auth.client import ClientIdentity
from backend.auth.installation_secret import own_secret
from backend.drafts.drafter import Drafter
from backend.errors import RESTARTING, ProtocolError
from backend.jobs.interfaces import JobLimits, Owner, Turns
from backend.jobs.page_job import PageJob
from backend.jobs.text_job import TextJob
from backend.jobs.waiting_line import WaitingLine
from backend.kit.strip import undressed
from backend.models.base import Reading, Spelling, holds
from backend.models.doubt import Judge
from backend.observability.observer import Observer
from backend.pages.edit_region import EditRegion, Words, gap_in
from backend.prompts.render import Dialect, Message, messages, shown
from backend.prompts.sealing import PROCESS
from backend.storage.records import PageRecord
from engine.core.errors import EngineError, PromptTooLong

if TYPE_CHECKING:
    from backend.models.base import Model, Writing
    from backend.settings import Settings
    from engine.core.params import Params


def spelled_by(engine: "Model", canvas: tuple[int, ...]) -> str:
    """The text of a canvas."""
    return b"".join(map(engine.piece, canvas)).decode("utf-8", "replace")


class PageMaker:
    """Makes pages with one engine, so many at once, each within its limits; others wait in line for their turn.

    ahead: a page that is made before anyone asks for it, at most one, and only while nothing else is made.
    draining: no more pages are taken. params: what a page gets at most. judge: says which pages are in doubt, by
    default none.
    """

    def __init__(
        self, engine: "Model", dialect: Dialect, settings: "Settings", observer: Observer | None = None,
        judge: Judge | None = None,
    ) -> None:  # fmt: skip
        self._engine, self._dialect = engine, dialect
        self._secret = own_secret(settings.data) if dialect == "full" else PROCESS
        self.observer, self.judge = observer or Observer(), judge or Judge()
        self.prefetches = settings.prefetch
        steps = engine.defaults.max_steps if settings.page_steps is None else settings.page_steps
        self.params = replace(
            engine.defaults, max_tokens=settings.page_tokens, max_steps=steps, guidance=settings.guidance
        )
        self.line: WaitingLine[PageJob | TextJob] = WaitingLine(settings.max_pages, settings.max_queue)
        limits = JobLimits(settings.page_seconds, settings.page_bytes, settings.queue_seconds)
        self._turns = Turns(self.line, self.finish_job, limits, self.observer, self.judge)
        self.ahead: PageJob | None = None
        self.draining = False

    @property
    def running(self) -> set[PageJob | TextJob]:
        """The pages and texts that the engine makes now."""
        return self.line.served

    def make(
        self, record: PageRecord, canvas: tuple[int, ...], owner: Owner, identity: ClientIdentity,
        old: PageJob | None = None, moved: bool = False, gap: EditRegion | None = None,
    ) -> PageJob:  # fmt: skip
        """Begin a page, at once or in its turn; canvas: tokens to start from, or none. A page made ahead gives way.

        gap: what alone may change of the page that the canvas is.

        old: the owner's page, which the caller stops next; its place is free, but goes to those who wait first.
        moved: another process makes the owner's page, which the caller stops next.
        Raises ProtocolError, and then nothing has changed: busy, rate_limited; of a page that would begin at once
        prompt_too_long and page_failed too, which one that waits ends with.
        """
        self._admit(identity, old, moved, again=record.tries > 1)
        submit = partial(self.submit, record, canvas, identity.session, gap)
        writing = submit() if self.line.free(old) else None
        return PageJob(record, owner, identity, self._turns, self.drafter(), submit, writing, gap)

    def text(self, prompt: list[Message], params: "Params", identity: ClientIdentity) -> TextJob:
        """Begin a text that is no page, asked for in the words of others; it waits and counts as a page does.

        Raises ProtocolError as make does.
        """
        self._admit(identity)
        submit = partial(self.ask, prompt, params, identity.session)
        return TextJob(identity, self._turns, submit, submit() if self.line.free() else None)

    def _admit(
        self, identity: ClientIdentity, old: PageJob | None = None, moved: bool = False, again: bool = False
    ) -> None:
        """Make room for another page or text; old: whose place it gets. Raises ProtocolError busy, rate_limited."""
        if self.draining:
            raise ProtocolError("busy", RESTARTING)
        self.give_way()
        if self.line.full(old):
            raise ProtocolError("busy", f"{len(self.line.waiting)} pages wait in line already; try again in a moment")
        identity.quota.check(int(old is not None and old.identity.quota is identity.quota), moved, again)

    def foresee(self, record: PageRecord, owner: Owner, identity: ClientIdentity) -> None:
        """Begin a page ahead, while nothing else is made and the guest may have another; it counts from here on.

        Raises ProtocolError prompt_too_long, page_failed.
        """
        self.give_way()
        if self.draining or not self.line.free() or self.running:
            return
        try:
            identity.quota.check()
        except ProtocolError:
            return
        submit = partial(self.submit, record, (), identity.session)
        self.ahead = PageJob(record, owner, identity, self._turns, self.drafter(), submit, submit(), ahead=True)

    def submit(
        self, record: PageRecord, canvas: tuple[int, ...], session: str = "", gap: EditRegion | None = None
    ) -> "Writing":
        """Ask the engine for a page, past the line. session: what stands for it, the same for all its pages. gap: as of
        make.

        Raises ProtocolError prompt_too_long, page_failed.
        """
        engine = self._engine
        page = undressed(engine.spelled(canvas)) if isinstance(engine, Reading) else ""
        params = replace(self.params, seed=record.seed, canvas=None if page else canvas or None)
        if self._dialect == "kinds" and record.brief.edit:  # it reads the page, and begins from it, too
            page = gap.html if gap else spelled_by(engine, canvas)
        if gap:
            params = replace(params, max_tokens=len(gap.infill.canvas), hold=gap.infill.hold)
        return self.ask(messages(record.brief, self._dialect, page, self._secret), params, session)

    def gap(self, html: str, tokens: tuple[int, ...], part: tuple[int, int]) -> EditRegion | None:
        """Where a page that was made of these tokens may change if only a part of it is to; None if the engine holds
        nothing, or the page has no such part in tokens. Takes as long as reading the page does."""
        engine = self._engine
        if not holds(engine):
            return None
        length = engine.canvas_length
        most = self.params.canvases(length) * length
        spell = partial(spelled, engine) if isinstance(engine, Spelling) else None
        words = Words(engine.piece, self._dialect, min(engine.eos_ids), engine.pad_id, length, most, spell)
        return gap_in(html, tokens, part, words)

    def tokens(self, page: str) -> tuple[int, ...]:
        """What a page is made of that people have written or changed. Raises ProtocolError bad_message if the model
        cannot tell, as that of a cluster, page_failed if it cannot spell the page."""
        if not isinstance(self._engine, Spelling):
            raise ProtocolError("bad_message", "expected a page as it was made: this model takes none that was changed")
        try:
            return tuple(self._engine.tokens(page))
        except EngineError as error:
            raise ProtocolError("page_failed", f"the model cannot begin from this page: {error}") from error

    def ask(self, prompt: list[Message], params: "Params", session: str) -> "Writing":
        """Ask the engine for whatever it is, past the line. Raises ProtocolError as submit does."""
        try:
            return self._engine.submit(prompt, params, session=session)
        except PromptTooLong as error:
            raise ProtocolError("prompt_too_long", str(error)) from error
        except EngineError as error:
            raise ProtocolError("page_failed", f"the model cannot make this page: {error}") from error

    @property
    def waiting(self) -> int:
        """How many pages and texts wait for their turn."""
        return len(self.line.waiting)

    def finish_job(self, job: PageJob | TextJob) -> None:
        """A page or text is over: call those whose turn has come, and tell the others where they stand."""
        for called in self.line.remove(job):
            called.call()
        for at, waiting in enumerate(self.line.waiting, 1):
            waiting.stand(at)

    def give_way(self) -> None:
        """Drop the page that is made ahead."""
        if self.ahead:
            ahead, self.ahead = self.ahead, None
            ahead.stop("superseded")

    def prompt(self, record: PageRecord) -> str:
        """What the model is asked, as people can read it."""
        return shown(record.brief, self._dialect)

    def drafter(self) -> Drafter:
        engine = self._engine
        return Drafter(engine.piece, engine.eos_ids, self._dialect, isinstance(engine, Reading) and engine.lasting)


def spelled(engine: Spelling, text: str) -> tuple[int, ...]:
    """A text's tokens; none for one that the engine cannot spell."""
    try:
        return tuple(engine.tokens(text))
    except EngineError:
        return ()
