"""Makes pages with one engine, a limited number at once, while others wait in line."""

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
    """Return the text of a canvas."""
    return b"".join(map(engine.piece, canvas)).decode("utf-8", "replace")


class PageMaker:
    """Makes pages with one engine, a limited number at once and each within its limits; others wait in line.

    Attributes:
        observer: Reports the pages' events.
        judge: Says which pages are in doubt; the default judge doubts none.
        prefetches: Whether pages may be made ahead at all.
        params: The parameters of a page, with its limits.
        line: Which jobs are served and which wait.
        ahead: The page that is made before anyone asks for it: at most one, and only while nothing else is made.
        draining: Whether the service is about to end, so that no more pages are taken.
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
        """Begin a page, at once or in its turn; a page made ahead gives way.

        If an error is raised, nothing has changed. A page that waits ends with prompt_too_long or page_failed instead
        of raising them.

        Args:
            record: The page to be made.
            canvas: The tokens to start from, or none.
            owner: Who wants the page.
            identity: The client that the page is made for.
            old: The owner's page, which the caller stops next. Its place counts as free, but goes to those who wait
                first.
            moved: Whether another process makes the owner's page, which the caller stops next.
            gap: The region that alone may change of the page that the canvas holds, or None.

        Raises:
            ProtocolError: busy or rate_limited. If the page would begin at once, also prompt_too_long and page_failed.
        """
        self._admit(identity, old, moved, again=record.tries > 1)
        submit = partial(self.submit, record, canvas, identity.session, gap)
        writing = submit() if self.line.free(old) else None
        return PageJob(record, owner, identity, self._turns, self.drafter(), submit, writing, gap)

    def text(self, prompt: list[Message], params: "Params", identity: ClientIdentity) -> TextJob:
        """Begin a text that is no page, for a prompt in a client's own words; it waits and counts as a page does.

        Raises:
            ProtocolError: As `make` does.
        """
        self._admit(identity)
        submit = partial(self.ask, prompt, params, identity.session)
        return TextJob(identity, self._turns, submit, submit() if self.line.free() else None)

    def _admit(
        self, identity: ClientIdentity, old: PageJob | None = None, moved: bool = False, again: bool = False
    ) -> None:
        """Make room for another page or text, which takes the place of `old`, if there is one.

        Raises:
            ProtocolError: busy or rate_limited.
        """
        if self.draining:
            raise ProtocolError("busy", RESTARTING)
        self.give_way()
        if self.line.full(old):
            raise ProtocolError("busy", f"{len(self.line.waiting)} pages wait in line already; try again in a moment")
        identity.quota.check(int(old is not None and old.identity.quota is identity.quota), moved, again)

    def foresee(self, record: PageRecord, owner: Owner, identity: ClientIdentity) -> None:
        """Begin a page ahead, if nothing else is made and the client may have another; it counts from here on.

        Raises:
            ProtocolError: prompt_too_long or page_failed.
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
        """Ask the engine for a page without waiting in line.

        Args:
            record: The page to be made.
            canvas: The tokens to start from, or none.
            session: The mark of the session, the same for all its pages.
            gap: The region that alone may change, as for `make`.

        Raises:
            ProtocolError: prompt_too_long or page_failed.
        """
        engine = self._engine
        page = undressed(engine.spelled(canvas)) if isinstance(engine, Reading) else ""
        params = replace(self.params, seed=record.seed, canvas=None if page else canvas or None)
        if self._dialect == "kinds" and record.brief.edit:  # This model reads the page, and begins from it, too.
            page = gap.html if gap else spelled_by(engine, canvas)
        if gap:
            params = replace(params, max_tokens=len(gap.infill.canvas), hold=gap.infill.hold)
        return self.ask(messages(record.brief, self._dialect, page, self._secret), params, session)

    def gap(self, html: str, tokens: tuple[int, ...], part: tuple[int, int]) -> EditRegion | None:
        """Return where a page may change if only one element of it is to change.

        This takes as long as reading the page does.

        Args:
            html: The page.
            tokens: The tokens that it was made of.
            part: Start and end of the element in the page.

        Returns:
            The region, or None if the engine cannot hold tokens or the page has no such element in tokens.
        """
        engine = self._engine
        if not holds(engine):
            return None
        length = engine.canvas_length
        most = self.params.canvases(length) * length
        spell = partial(spelled, engine) if isinstance(engine, Spelling) else None
        words = Words(engine.piece, self._dialect, min(engine.eos_ids), engine.pad_id, length, most, spell)
        return gap_in(html, tokens, part, words)

    def tokens(self, page: str) -> tuple[int, ...]:
        """Return the tokens of a page that people have written or changed.

        Raises:
            ProtocolError: bad_message if the model cannot tell, as that of a cluster; page_failed if it cannot spell
                the page.
        """
        if not isinstance(self._engine, Spelling):
            raise ProtocolError("bad_message", "expected a page as it was made: this model takes none that was changed")
        try:
            return tuple(self._engine.tokens(page))
        except EngineError as error:
            raise ProtocolError("page_failed", f"the model cannot begin from this page: {error}") from error

    def ask(self, prompt: list[Message], params: "Params", session: str) -> "Writing":
        """Ask the engine for any prompt without waiting in line.

        Raises:
            ProtocolError: prompt_too_long or page_failed.
        """
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
        """End a page or text: call those whose turn has come, and tell the others their new positions."""
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
        """Return what the model is asked, as people can read it."""
        return shown(record.brief, self._dialect)

    def drafter(self) -> Drafter:
        """Return a new drafter for one page of this engine."""
        engine = self._engine
        return Drafter(engine.piece, engine.eos_ids, self._dialect, isinstance(engine, Reading) and engine.lasting)


def spelled(engine: Spelling, text: str) -> tuple[int, ...]:
    """Return a text's tokens, or none for a text that the engine cannot spell."""
    try:
        return tuple(engine.tokens(text))
    except EngineError:
        return ()
