"""Messages between the processes on one store: each has a stream as its inbox, and a key that says that it is alive."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, NoReturn, TypeAlias

import msgpack

from backend.errors import StoreError
from backend.storage.keys import Keys
from backend.storage.redis_store import answering
from backend.storage.store_url import Client

BEAT_SECONDS, DEAD_SECONDS = 1.0, 3
ANSWER_SECONDS = 0.5
BLOCK_MS = 2000
MESSAGES = 10_000
KEPT_SECONDS = 60
Message: TypeAlias = Mapping[str, Any]
log = logging.getLogger(__name__)


class Mailbox:
    """The inbox of this process, and its way to write to others.

    Args:
        client: The connection to the store.
        keys: The names of the keys.
        process: The id of this process.
        handle: Acts on a message; when it returns, the sender is told.
    """

    def __init__(self, client: Client, keys: Keys, process: str, handle: Callable[[Message], Awaitable[None]]) -> None:
        self._client, self._keys, self.process, self._handle = client, keys, process, handle
        self._answers: dict[str, asyncio.Future[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Announce that this process is alive, and begin to read messages.

        Raises:
            StoreError: The store did not answer.
        """
        await self._beat()
        self.run(self._beats())
        self.run(self._reads())

    async def close(self) -> None:
        """Announce at once that this process is gone, rather than let its key expire."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()  # Again and again, because redis-py swallows a cancellation while it connects.
            await asyncio.wait(set(self._tasks), timeout=BEAT_SECONDS / 10)
        with contextlib.suppress(StoreError), answering():
            await self._client.delete(self._keys.alive(self.process))
            await self._client.delete(self._keys.inbox(self.process))

    def run(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Run work in a task of its own, until it is done or the mailbox closes."""
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def send(self, to: str, **fields: Any) -> None:
        """Put a message into a process's inbox.

        Raises:
            StoreError: The store did not answer.
        """
        inbox, data = self._keys.inbox(to), msgpack.packb(fields)
        with answering():
            await self._client.xadd(inbox, {b"m": data}, maxlen=MESSAGES)
            await self._client.expire(inbox, KEPT_SECONDS)

    def tell(self, to: str, **fields: Any) -> None:
        """Send a message without waiting; one that cannot be sent is lost."""
        self.run(self._tell(to, fields))

    async def ask(self, to: str, **fields: Any) -> bool:
        """Send a message and wait until it is handled.

        Returns:
            False if the process is not alive or does not handle the message in time.

        Raises:
            StoreError: The store did not answer.
        """
        with answering():
            if not await self._client.exists(self._keys.alive(to)):
                return False
        number = secrets.token_urlsafe(6)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            await self.send(to, **fields, reply=self.process, number=number)
            async with asyncio.timeout(ANSWER_SECONDS):
                await answer
        except TimeoutError:
            return False
        finally:
            del self._answers[number]
        return True

    async def _tell(self, to: str, fields: dict[str, Any]) -> None:
        with contextlib.suppress(StoreError):
            await self.send(to, **fields)

    async def _beat(self) -> None:
        with answering():
            await self._client.set(self._keys.alive(self.process), b"1", ex=DEAD_SECONDS)

    async def _beats(self) -> NoReturn:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            with contextlib.suppress(StoreError):
                await self._beat()

    async def _reads(self) -> NoReturn:
        """Read messages for ever, and try again after a while when the store does not answer."""
        inbox, last = self._keys.inbox(self.process), b"0"
        while True:
            try:
                with answering():
                    found: Any = await self._client.xread({inbox: last}, block=BLOCK_MS)
            except StoreError:
                await asyncio.sleep(ANSWER_SECONDS)
                continue
            for number, fields in entries(found):
                last = number
                self._take(msgpack.unpackb(fields[b"m"]))

    def _take(self, message: Message) -> None:
        if message["do"] == "answer":
            if (answer := self._answers.get(message["number"])) and not answer.done():
                answer.set_result(None)
            return
        self.run(self._act(message))

    async def _act(self, message: Message) -> None:
        await self._handle(message)
        if to := message.get("reply"):
            await self._tell(to, {"do": "answer", "number": message["number"]})

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a message between processes failed", exc_info=error)


def entries(found: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """Return the entries that a read of one stream gave, in either version of Redis's protocol."""
    if not found:
        return []
    if isinstance(found, dict):
        return list(next(iter(found.values()))[0])
    return list(found[0][1])
