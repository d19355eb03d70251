"""A store that wraps another store, limits how many operations run at once, and measures them.

Saves have a limit of their own, apart from all other operations. For each operation it records how long it took and
whether it failed.
"""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, cast

from backend.errors import SessionMoved, StoreError
from backend.observability.metrics import Metrics
from backend.storage.records import Store

AT_ONCE = 32
"""How many saves, and how many other operations, run at once.

Each takes a connection, and a thousand sessions may want to write at the same time. With two limits, reads do not wait
behind saves.
"""


def timed(store: Store, metrics: Metrics) -> Store:
    """Return the same store, measured from when it is asked, including the wait for one of the AT_ONCE places.

    Everything but its coroutine methods is passed through.
    """
    return cast(Store, _Timed(store, metrics))


class _Timed:
    """The wrapped store: each coroutine method is measured when it is first asked for."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._inner, self._metrics = store, metrics
        self._saving, self._other = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(AT_ONCE)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not inspect.iscoroutinefunction(found):
            return found
        measured = self._measured(name, found)
        setattr(self, name, measured)
        return measured

    def _measured(self, name: str, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """Return a method that waits for one of the AT_ONCE places, measures itself, and records whether it failed."""
        room = self._saving if name == "save" else self._other

        @wraps(method)
        async def call(*args: Any, **options: Any) -> Any:
            began, failed = time.perf_counter(), False
            try:
                async with room:
                    return await method(*args, **options)
            except SessionMoved:
                raise  # The store answered, so this is no failure of the store.
            except StoreError:
                failed = True
                raise
            finally:
                self._metrics.store(name, time.perf_counter() - began, failed)

        return call
