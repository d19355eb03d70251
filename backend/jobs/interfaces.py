"""The interfaces between a job and its surroundings: who the page is made for, and where a job takes its turn."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from backend.errors import ProtocolError
from backend.jobs.waiting_line import WaitingLine
from backend.models.doubt import Judge
from backend.observability.observer import Observer
from backend.protocol.outbox import Live
from backend.storage.records import PageRecord


class Running(Protocol):
    """A page that is being made, here or in another process.

    Attributes:
        owner: Who wants the page.
        record: The page so far.
        live: Its draft.
        position: Its position in line, from 1; 0 once its turn has come.
    """

    owner: "Owner"
    record: PageRecord
    live: Live
    position: int

    def stop(self, reason: str) -> PageRecord:
        """End the page now with what is committed of it, without a call to the owner, and return its final record."""


class Owner(Protocol):
    """Who wants a page. None of these methods is called once the page is stopped or has ended."""

    def queued(self, job: Running) -> None:
        """The page waits at another job.position now; at 0 its turn has come."""

    def drafted(self, job: Running) -> None:
        """There is a newer draft in job.live."""

    def kept(self, job: Running) -> None:
        """Another canvas is committed: job.record holds more of the page."""

    def ended(self, job: Running, failure: ProtocolError | None) -> None:
        """The page has ended: job.record is committed or stopped.

        Args:
            job: The page.
            failure: prompt_too_long or page_failed if the model failed, else None.
        """


@dataclass(frozen=True)
class JobLimits:
    """The limits of one job.

    Attributes:
        seconds: How long it may be written, from its turn on.
        bytes: The most bytes of a page.
        patience: How long it may wait in line, in seconds.
    """

    seconds: float
    bytes: int
    patience: float


@dataclass(frozen=True)
class Turns:
    """Where jobs take their turns.

    Attributes:
        line: Which jobs are served and which wait.
        on_done: Called once with a job that is over, which is when the next ones are called.
        limits: The limits of each job.
        observer: See PageMaker.
        judge: See PageMaker.
    """

    line: WaitingLine[Any]
    on_done: Callable[[Any], None]
    limits: JobLimits
    observer: Observer
    judge: Judge
