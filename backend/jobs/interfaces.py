"""What a job and those around it ask of each other: who a page is made for, and where a job takes its turn."""

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
    """A page being made, here or in another process. record: the page so far. live: its draft. position: in line, from
    1; 0 once its turn has come."""

    owner: "Owner"
    record: PageRecord
    live: Live
    position: int

    def stop(self, reason: str) -> PageRecord:
        """End the page now with what is committed of it; the owner is not told. Returns its final record."""


class Owner(Protocol):
    """Who wants the page. None of these is called once the page is stopped or has ended."""

    def queued(self, job: Running) -> None:
        """It waits at another job.position now; at 0 its turn has come."""

    def drafted(self, job: Running) -> None:
        """There is a newer draft in job.live."""

    def kept(self, job: Running) -> None:
        """Another canvas is committed: job.record holds more of the page."""

    def ended(self, job: Running, failure: ProtocolError | None) -> None:
        """job.record is committed or stopped. failure: prompt_too_long or page_failed, if the model failed."""


@dataclass(frozen=True)
class JobLimits:
    """Of one job. seconds: to be written in, from its turn on. bytes: of a page. patience: seconds in line."""

    seconds: float
    bytes: int
    patience: float


@dataclass(frozen=True)
class Turns:
    """Where jobs take their turns. line: who is served and who waits. on_done: called once with a job that is over,
    which is when the next ones are called. observer, judge: see PageMaker."""

    line: WaitingLine[Any]
    on_done: Callable[[Any], None]
    limits: JobLimits
    observer: Observer
    judge: Judge
