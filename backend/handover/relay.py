"""What processes on one store ask of each other when a client moves: its session's record and its running page.

`SingleProcess` is for a store that no other process uses. `redis_relay.py` is for a store that several processes share.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

from backend.jobs.interfaces import Owner, Running
from backend.storage.records import PageRecord

HandOver = Callable[[str], Awaitable[None]]
"""Writes a session, drops it from memory, and releases it."""


class Follower(Owner, Protocol):
    """The owner of a page that another process makes."""

    async def cut_off(self, running: Running) -> None:
        """The other process is gone; running.record holds what it committed. Called once, instead of `ended`."""


class Relay(Protocol):
    """The way to the other processes on the store.

    The methods claim, release and follow raise StoreError when the store does not answer.
    """

    async def start(self, hand_over: HandOver) -> None:
        """Let other processes ask for sessions of this one from now on.

        Args:
            hand_over: Called with the session that another process takes.
        """

    async def claim(self, session: str) -> bool:
        """Hold a session; another process that holds it lets go of it.

        Returns:
            Whether what this process may have of the session in memory is still true.
        """

    async def release(self, session: str, page: str = "", maker: str = "") -> None:
        """Stop holding a session.

        Args:
            session: The session's id.
            page: A page of it that is still being made, or "".
            maker: The process that makes that page, or "".
        """

    def free(self, session: str) -> None:
        """Release a session without waiting; if the store does not answer, this process goes on holding it."""

    def lend(self, session: str, running: Running) -> str:
        """Go on making a session's page for another process, or stop following a page that is made elsewhere.

        Returns:
            The process that makes the page.
        """

    async def follow(self, session: str, record: PageRecord, owner: Follower) -> Running | None:
        """Return the page of a session that changed hands while it was made, or None if nobody makes it any more."""

    async def close(self) -> None:
        """End all lending and following."""


class SingleProcess:
    """The relay of a store that no other process uses."""

    async def start(self, hand_over: HandOver) -> None:
        """Do nothing: no other process will ask."""
        pass

    async def claim(self, session: str) -> bool:
        """Return True: no other process holds a session."""
        return True

    async def release(self, session: str, page: str = "", maker: str = "") -> None:
        """Do nothing: there is no lease."""
        pass

    def free(self, session: str) -> None:
        """Do nothing: there is no lease."""
        pass

    def lend(self, session: str, running: Running) -> str:
        """Raise AssertionError: no other process asks for a session."""
        raise AssertionError("nobody asks for a session")

    async def follow(self, session: str, record: PageRecord, owner: Follower) -> Running | None:
        """Return None: no other process makes a page."""
        return None

    async def close(self) -> None:
        """Do nothing: nothing is lent or followed."""
        pass
