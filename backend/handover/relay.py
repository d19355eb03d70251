"""What processes on one store ask of each other: a session's record when its visitor comes here, and its running page.

`SingleProcess` is for a store that no other process uses; `relay_redis.py` is for one that several share.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

from backend.jobs.interfaces import Owner, Running
from backend.storage.records import PageRecord

HandOver = Callable[[str], Awaitable[None]]
"""Writes a session, lets go of it, and releases it."""


class Follower(Owner, Protocol):
    """Who follows a page that another process makes."""

    async def cut_off(self, running: Running) -> None:
        """That process is gone; running.record holds what it committed. Called once, instead of `ended`."""


class Relay(Protocol):
    """claim, release and follow raise StoreError when the store does not answer."""

    async def start(self, hand_over: HandOver) -> None:
        """From now on other processes may ask for sessions of this one."""

    async def claim(self, session: str) -> bool:
        """Hold a session; whoever holds it lets go of it. Whether what we may have of it in memory is still true."""

    async def release(self, session: str, page: str = "", maker: str = "") -> None:
        """Hold a session no longer. page: of it, being made by process `maker`."""

    def free(self, session: str) -> None:
        """Release a session beside; if the store does not answer, it stays ours."""

    def lend(self, session: str, running: Running) -> str:
        """Go on making a session's page for whoever asks; stop following one that is made elsewhere. Returns its
        maker."""

    async def follow(self, session: str, record: PageRecord, owner: Follower) -> Running | None:
        """The page of a session that changed hands while it was made; None if nobody makes it any more."""

    async def close(self) -> None:
        """Nothing is lent or followed from now on."""


class SingleProcess:
    """There is no other process."""

    async def start(self, hand_over: HandOver) -> None:
        pass

    async def claim(self, session: str) -> bool:
        return True

    async def release(self, session: str, page: str = "", maker: str = "") -> None:
        pass

    def free(self, session: str) -> None:
        pass

    def lend(self, session: str, running: Running) -> str:
        raise AssertionError("nobody asks for a session")

    async def follow(self, session: str, record: PageRecord, owner: Follower) -> Running | None:
        return None

    async def close(self) -> None:
        pass
