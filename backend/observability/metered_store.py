"""A store around a store: it lets only so many operations go on at once, saves apart from all else, and tells how long
each took and whether it failed.
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
"""Each takes a connection, and a thousand sessions may want to write at once; who reads does not wait behind them."""


def timed(store: Store, metrics: Metrics) -> Store:
    """The same store, measured from when it is asked, the wait for room included.

    Whatever it has beside coroutine methods is passed through.
    """
    return cast(Store, _Timed(store, metrics))


class _Timed:
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
        room = self._saving if name == "save" else self._other

        @wraps(method)
        async def call(*args: Any, **options: Any) -> Any:
            began, failed = time.perf_counter(), False
            try:
                async with room:
                    return await method(*args, **options)
            except SessionMoved:
                raise  # an answer, though not the one that was hoped for
            except StoreError:
                failed = True
                raise
            finally:
                self._metrics.store(name, time.perf_counter() - began, failed)

        return call
