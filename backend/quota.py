"""What the holders of one token have in use, and how much of it they may have."""

import time
from dataclasses import dataclass

from backend.bucket import Bucket
from backend.errors import ProtocolError

TOO_MANY = 4429
MINUTE = 60.0


@dataclass(frozen=True)
class Allowance:
    """None: as much as the service gives. pages: being made or waiting at once."""

    pages_per_minute: int | None = None
    connections: int | None = None
    pages: int | None = None


class Quota:
    """Counts for one token, over all its connections of this process."""

    def __init__(self, allowance: Allowance) -> None:
        self.connections = self.pages = 0
        self.allow(allowance)

    def allow(self, allowance: Allowance) -> None:
        """From now on so much, what is in use included."""
        self.allowance, rate = allowance, allowance.pages_per_minute
        self._begun = Bucket(rate, rate / MINUTE) if rate else None

    def connect(self) -> None:
        """Count a connection. Raises ProtocolError busy, which closes it; then it is not counted."""
        most = self.allowance.connections
        if most is not None and self.connections >= most:
            raise ProtocolError("busy", f"expected at most {most} connections with this token", TOO_MANY)
        self.connections += 1

    def disconnect(self) -> None:
        self.connections -= 1

    def check(self, gives_up: int = 0) -> None:
        """Whether another page may begin, when so many give up their place. Raises ProtocolError busy, rate_limited."""
        most, rate = self.allowance.pages, self.allowance.pages_per_minute
        if most is not None and self.pages - gives_up >= most:
            raise ProtocolError("busy", f"expected at most {most} pages at once with this token; try again in a moment")
        if self._begun and not self._begun.take(1, time.monotonic()):
            raise ProtocolError("rate_limited", f"expected at most {rate} pages a minute with this token, got more")

    def begin(self) -> None:
        self.pages += 1

    def end(self) -> None:
        self.pages -= 1
