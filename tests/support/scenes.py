"""A house with one hub over fakes, and scenes played in it."""

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
    """A hub over fakes for one test."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.engine, self.store, self.settings = FakeEngine(), MemoryStore(), settings_in(folder, **options)
        self.registry = self.reopened()

    def reopened(self) -> SessionRegistry:
        """A new service process on the same store."""
        self.registry = hub_of(self.settings, self.engine, self.store)
        return self.registry

    async def visitor(self, key: str = "", last_seq: int = -1) -> Visitor:
        return await Visitor(self.registry).connect(key, last_seq)


def play(folder: Path, scene: Callable[[House], Awaitable[None]], **options: Any) -> None:
    """Run a scene in a house of its own."""

    async def whole() -> None:
        house = House(folder, **options)
        await scene(house)
        await house.registry.close()

    asyncio.run(whole())


@contextmanager
def refused(code: str, message: str) -> Iterator[None]:
    with pytest.raises(ProtocolError) as caught:
        yield
    assert caught.value.code == code
    assert message in caught.value.message


def click(page: Any, text: str, href: str | None = None, **more: Any) -> Act:
    return Act(page.page, Target("a", text, href, **more))
