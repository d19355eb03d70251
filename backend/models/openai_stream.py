"""Read the chat completion of an upstream server as a stream of what its model says. Nothing it sends is trusted."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from backend.text.cleaning import one_line
from backend.text.shorten import shortened
from engine.core.errors import GenerationFailed

LINE_BYTES, COMPLAINT_BYTES, COMPLAINT_CHARS = 2**20, 4096, 200
TRIES, PATIENCE_SECONDS, LONGEST_PAUSE = 3, 0.5, 5.0
AGAIN = (408, 429, 502, 503, 504)


@dataclass(frozen=True)
class Said:
    """One piece of what the model says.

    Attributes:
        content: The text of one delta.
        finish: Why the text ends, with the last delta.
    """

    content: str
    finish: str | None = None


@dataclass(frozen=True)
class Endpoint:
    """Where completions are asked for.

    Attributes:
        url: The address of the endpoint.
        name: The name of the server in errors.
        key: The bearer token, if there is one.
    """

    url: str
    name: str
    key: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a request."""
        plain = {"accept": "text/event-stream", "accept-encoding": "identity"}
        return plain | ({"authorization": f"Bearer {self.key}"} if self.key else {})


async def completion(client: httpx.AsyncClient, to: Endpoint, body: dict[str, Any]) -> AsyncGenerator[Said, None]:
    """Yield what the model says. The request is tried again only while nothing has arrived yet.

    Raises:
        GenerationFailed: The server failed, or its answer is not usable.
    """
    for left in reversed(range(TRIES)):
        try:
            async with client.stream("POST", to.url, json=body, headers=to.headers) as response:
                if response.status_code in AGAIN and left:
                    pause = pause_of(response, TRIES - left)
                else:
                    await expect_events(response, to)
                    async with contextlib.aclosing(said(response, to)) as deltas:
                        async for one in deltas:
                            yield one
                    return
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            if not left:
                raise GenerationFailed(f"{to.name} cannot be reached: {type(error).__name__}") from error
            pause = PATIENCE_SECONDS * (TRIES - left)
        except httpx.TimeoutException as error:
            raise GenerationFailed(f"{to.name} stopped sending") from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise GenerationFailed(f"{to.name} closed the connection: {type(error).__name__}") from error
        await asyncio.sleep(pause)


def pause_of(response: httpx.Response, tried: int) -> float:
    """Return the seconds to wait before the next try: as the server asks, up to `LONGEST_PAUSE`."""
    try:
        return min(max(0.0, float(response.headers.get("retry-after", ""))), LONGEST_PAUSE)
    except ValueError:
        return PATIENCE_SECONDS * tried


async def expect_events(response: httpx.Response, to: Endpoint) -> None:
    """Check that server-sent events follow.

    Raises:
        GenerationFailed: The server answers something else, which the error quotes.
    """
    if response.status_code != 200:
        raise GenerationFailed(f"{to.name} answered {response.status_code}: {await complaint(response)}")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "text/event-stream" or response.headers.get("content-encoding", "identity") != "identity":
        raise GenerationFailed(f"expected server-sent events from {to.name}, got {quoted(kind) or 'something else'}")


async def complaint(response: httpx.Response) -> str:
    """Return what an error of the server says, on one line."""
    data = bytearray()
    async for part in response.aiter_raw():
        data += part
        if len(data) > COMPLAINT_BYTES:
            break
    text = bytes(data[:COMPLAINT_BYTES]).decode("utf-8", "replace")
    with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
        text = str(json.loads(text)["error"]["message"])
    return quoted(text) or "nothing"


def quoted(text: str) -> str:
    """Return what a server says, on one line of a log."""
    return shortened(one_line(text), COMPLAINT_CHARS)


async def said(response: httpx.Response, to: Endpoint) -> AsyncGenerator[Said, None]:
    """Yield the deltas of a response.

    Raises:
        GenerationFailed: The response holds something else, or ends without a reason.
    """
    finish = None
    async for data in payloads(response, to):
        if data == b"[DONE]":
            return
        one = delta(data, to)
        finish = one.finish or finish
        yield one
    if finish is None:
        raise GenerationFailed(f"{to.name} ended in the middle of a text")


async def payloads(response: httpx.Response, to: Endpoint) -> AsyncIterator[bytes]:
    """Yield the data of one event after another, each on one line, as this API sends them.

    Raises:
        GenerationFailed: A line is too long.
    """
    buffer, searched = bytearray(), 0
    async for part in response.aiter_raw():
        buffer += part
        while (end := buffer.find(b"\n", searched)) >= 0:
            line, searched = bytes(buffer[:end]).strip(), 0
            del buffer[: end + 1]
            if line.startswith(b"data:"):
                yield line[5:].strip()
        searched = len(buffer)
        if searched > LINE_BYTES:
            raise GenerationFailed(f"expected lines of at most {LINE_BYTES:,} bytes from {to.name}, got a longer one")


def delta(data: bytes, to: Endpoint) -> Said:
    """Parse one event.

    Raises:
        GenerationFailed: The event is an error of the server, or no chunk of a chat completion.
    """
    try:
        found = json.loads(data)
        if "error" in found:
            message = found["error"]["message"] if isinstance(found["error"], dict) else found["error"]
            raise GenerationFailed(f"{to.name} reported an error: {quoted(str(message))}")
        if not found["choices"]:
            return Said("")
        choice = found["choices"][0]
        content, finish = (choice.get("delta") or {}).get("content"), choice.get("finish_reason")
        if not isinstance(content, str | None) or not isinstance(finish, str | None):
            raise TypeError("no text")
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise GenerationFailed(f"expected chat completion chunks from {to.name}, got something else") from error
    return Said(content or "", finish)
