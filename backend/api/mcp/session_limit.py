"""Limits open MCP sessions: an address has a share, and beyond it gives up the session that was idle longest."""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

SESSION_KEY = "mcp-session-id"
"""The header that names a session."""

GUEST = "silverprint.guest"
"""Where a request's scope holds the client's identity."""


@dataclass(eq=False)
class McpSession:
    """An MCP session.

    Attributes:
        address: The address that opened it.
        opener: What only its opener has, by which that client is told from others.
        key: Its id; "" until it has one, and after its end.
        busy: How many of its requests are being served.
    """

    address: str
    opener: bytes = field(default=b"", repr=False)
    key: str = ""
    busy: int = 0


class McpSessions:
    """The open MCP sessions.

    Args:
        most: The most sessions in all.
        share: The most sessions of one address.
    """

    def __init__(self, most: int, share: int) -> None:
        self._most, self._share = most, share
        self._seats: list[McpSession] = []  # The session that was used last is last.

    def of(self, key: str, opener: bytes = b"") -> McpSession | None:
        """Return the session with a key, if this client opened it."""
        same = (seat for seat in self._seats if hmac.compare_digest(seat.key.encode(), key.encode()))
        found = next(same, None) if key else None
        return found if found and hmac.compare_digest(found.opener, opener) else None

    def room(self, address: str) -> bool:
        """Return whether an address may open another session."""
        return len(self._seats) < self._most and not self._sated(address)

    def give_up(self, address: str) -> McpSession | None:
        """Forget the idle session that has to end so that an address can open another, and return it.

        It is None if none is idle.
        """
        sated = self._sated(address)
        idle = (seat for seat in self._seats if not seat.busy and (seat.address == address or not sated))
        if found := next(idle, None):
            self._seats.remove(found)
        return found

    @contextmanager
    def use(self, seat: McpSession) -> Iterator[None]:
        """Count a request of a session while it is served; a session that has no key afterwards is forgotten."""
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
