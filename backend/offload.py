"""Work on large pages, done in a thread beside the event loop so that no other client waits for it.

One thread does all of it, in order. It shares the interpreter with the loop. Two threads would finish no sooner, and
the loop would have to take turns with each of them.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

LARGE = 16_384
"""The size of a page, in characters or bytes, from which work on it goes to the thread.

The way to the thread and back takes 0.15 ms. On a busy machine it takes as long as the interpreter needs to change
threads, which is 5 ms. The next draft of an ordinary page of 3 to 60 kB takes 0.2 to 0.5 ms, so the loop does that
sooner itself. A page that consists only of tags takes 2 ms for each kB. That is 33 ms at this size, about as long as
all other clients may be kept waiting, and 450 ms at 200 kB. The times were measured on one core of an AMD EPYC.
"""

_THREAD = ThreadPoolExecutor(1, "silverprint-beside")


def large(size: int) -> bool:
    """Return whether work on a page of this size goes to the thread."""
    return size >= LARGE


async def beside(size: int, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """Do some work: at once and without a pause if the page is small, else in the thread.

    A caller that is cancelled does not stop the thread.

    Args:
        size: The size of the page in characters or bytes.
        work: The function to call.
        *args: Its positional arguments.
        **named: Its keyword arguments.

    Returns:
        What `work` returns.
    """
    if not large(size):
        return work(*args, **named)
    return await asyncio.wrap_future(_THREAD.submit(work, *args, **named))
