"""Whose MCP sessions are open: an address has a share of them, and beyond it gives up what it has not used longest."""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

SESSION_KEY = "mcp-session-id"
"""The header that names a session."""

GUEST = "silverprint.guest"
"""Where a request's scope holds whose it is."""


@dataclass(eq=False)
class McpSession:
    """A session. address: of who opened it. opener: what nobody else has, by which it is told from others. key: ""
    until it has one, and at its end. busy: requests under way."""

    address: str
    opener: bytes = field(default=b"", repr=False)
    key: str = ""
    busy: int = 0


class McpSessions:
    """most: sessions in all. share: sessions of one address."""

    def __init__(self, most: int, share: int) -> None:
        self._most, self._share = most, share
        self._seats: list[McpSession] = []  # what was used last is last

    def of(self, key: str, opener: bytes = b"") -> McpSession | None:
        """The session with a key, for whoever opened it."""
        same = (seat for seat in self._seats if hmac.compare_digest(seat.key.encode(), key.encode()))
        found = next(same, None) if key else None
        return found if found and hmac.compare_digest(found.opener, opener) else None

    def room(self, address: str) -> bool:
        """Whether an address may open another session."""
        return len(self._seats) < self._most and not self._sated(address)

    def give_up(self, address: str) -> McpSession | None:
        """Forget the idle session that has to end for another one of an address; None if none is idle."""
        sated = self._sated(address)
        idle = (seat for seat in self._seats if not seat.busy and (seat.address == address or not sated))
        if found := next(idle, None):
            self._seats.remove(found)
        return found

    @contextmanager
    def use(self, seat: McpSession) -> Iterator[None]:
        """While a request of a session is under way. One that has no key by then is forgotten."""
        if not seat.busy and not seat.key:
            self._seats.append(seat)
        seat.busy += 1
        try:
            yield
        finally:
            seat.busy -= 1
            self._seats.remove(seat)
            if seat.key or seat.busy:
                self._seats.append(seat)

    def _sated(self, address: str) -> bool:
        return sum(seat.address == address for seat in self._seats) >= self._share
