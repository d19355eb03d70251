"""Work on a large page, done beside the event loop, so that nobody else waits for it.

One thread does it all, in order. It shares the interpreter with the loop: two threads would finish no sooner, and the
loop would have to take turns with each of them.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

LARGE = 16_384
"""Characters or bytes of a page from which on work on it goes to the thread.

The way there and back takes 0.15 ms, and on a busy machine as long as the interpreter takes to change threads, 5 ms;
the next draft of an ordinary page of 3 to 60 kB takes 0.2 to 0.5 ms, which the loop does sooner itself. But a page that
is nothing but tags takes 2 ms for each kB: 33 ms at this size, about as long as everybody else may be kept waiting, and
450 ms at 200 kB (one core of an AMD EPYC)."""

_THREAD = ThreadPoolExecutor(1, "silverprint-beside")


def large(size: int) -> bool:
    return size >= LARGE


async def beside(size: int, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """What the work gives: done here and now, without a pause, if it is on little; else in the thread.

    A caller that is cancelled does not stop the thread.
    """
    if not large(size):
        return work(*args, **named)
    return await asyncio.wrap_future(_THREAD.submit(work, *args, **named))
