"""A session registry over fakes, and scenes that are run with it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from backend.errors import ProtocolError
from backend.protocol.messages import Act, Target
from backend.sessions.registry import SessionRegistry
from tests.support.clients import Visitor
from tests.support.fakes import FakeEngine, MemoryStore, hub_of, settings_in


class House:
    """A session registry over fakes for one test."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.engine, self.store, self.settings = FakeEngine(), MemoryStore(), settings_in(folder, **options)
        self.registry = self.reopened()

    def reopened(self) -> SessionRegistry:
        """Return a new registry on the same store, as after a restart of the service."""
        self.registry = hub_of(self.settings, self.engine, self.store)
        return self.registry

    async def visitor(self, key: str = "", last_seq: int = -1) -> Visitor:
        """Return a client that is connected to a new session, or to the one with this key."""
        return await Visitor(self.registry).connect(key, last_seq)


def play(folder: Path, scene: Callable[[House], Awaitable[None]], **options: Any) -> None:
    """Run a scene with a new registry."""

    async def whole() -> None:
        house = House(folder, **options)
        await scene(house)
        await house.registry.close()

    asyncio.run(whole())


@contextmanager
def refused(code: str, message: str) -> Iterator[None]:
    """Check that the block raises a ProtocolError with this code and with this text in its message."""
    with pytest.raises(ProtocolError) as caught:
        yield
    assert caught.value.code == code
    assert message in caught.value.message


def click(page: Any, text: str, href: str | None = None, **more: Any) -> Act:
    """Return the action of a click on a link of a page."""
    return Act(page.page, Target("a", text, href, **more))
