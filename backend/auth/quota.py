"""What the holders of one token have in use, and how much they may use."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from backend.auth.rate_limit import TokenBucket
from backend.errors import ProtocolError

TOO_MANY = 4429
MINUTE = 60.0


@dataclass(frozen=True)
class Allowance:
    """The limits of a token. None means as much as the service gives.

    Attributes:
        pages_per_minute: How many pages may begin in a minute.
        connections: How many connections may be open at once.
        pages: How many pages may be made or wait at once.
    """

    pages_per_minute: int | None = None
    connections: int | None = None
    pages: int | None = None


class Use(NamedTuple):
    """What a process has in use of a token.

    Attributes:
        connections: The open connections.
        pages: The pages that are made or wait.
        begun: The pages of the last minute, as far as they still count.
    """

    connections: int = 0
    pages: int = 0
    begun: float = 0.0

    def plus(self, other: "Use") -> "Use":
        """Return the sum of two uses."""
        return Use(self.connections + other.connections, self.pages + other.pages, self.begun + other.begun)


class Quota:
    """Counts what one token uses over all its connections in this process.

    Args:
        allowance: The limits of the token.
        elsewhere: Returns what other processes have in use.
    """

    def __init__(self, allowance: Allowance, elsewhere: Callable[[], Use] = Use) -> None:
        self.connections = self.pages = 0
        self._elsewhere = elsewhere
        self.allow(allowance)

    def allow(self, allowance: Allowance) -> None:
        """Set the limits; what is in use counts towards the new ones."""
        self.allowance, rate = allowance, allowance.pages_per_minute
        self._begun = TokenBucket(rate, rate / MINUTE) if rate else None

    def connect(self) -> None:
        """Count a connection.

        Raises:
            ProtocolError: busy, which closes the connection; then it is not counted.
        """
        most = self.allowance.connections
        if most is not None and self.connections + self._elsewhere().connections >= most:
            raise ProtocolError("busy", f"expected at most {most} connections with this token", TOO_MANY)
        self.connections += 1

    def disconnect(self) -> None:
        """Stop counting a connection."""
        self.connections -= 1

    def check(self, gives_up: int = 0, moved: bool = False, again: bool = False) -> None:
        """Check that another page may begin.

        Args:
            gives_up: How many pages of this process stop for the new one.
            moved: Whether a page in another process stops for the new one.
            again: Whether the page was already counted when it began in a process that is gone.

        Raises:
            ProtocolError: busy or rate_limited.
        """
        most, rate, elsewhere = self.allowance.pages, self.allowance.pages_per_minute, self._elsewhere()
        if most is not None and self.pages - gives_up + max(0, elsewhere.pages - (moved or again)) >= most:
            raise ProtocolError("busy", f"expected at most {most} pages at once with this token; try again in a moment")
        if self._begun and not again and not self._begun.take(1, time.monotonic(), elsewhere.begun):
            raise ProtocolError("rate_limited", f"expected at most {rate} pages a minute with this token, got more")

    def begin(self) -> None:
        """Count a page that is made or waits."""
        self.pages += 1

    def end(self) -> None:
        """Stop counting a page."""
        self.pages -= 1

    def use(self) -> Use:
        """Return what this process has in use now."""
        begun = self._begun.missing(time.monotonic(), self._elsewhere().begun) if self._begun else 0.0
        return Use(self.connections, self.pages, round(begun, 3))
