"""An upstream model behind OpenAI's chat completions: the shell works with it as with its own engine.

A stream that only grows settles as it arrives. A stream with `diffusing` brings the whole text each time, and what
stays the same settles. The module needs the extra `upstream`.
"""

import asyncio
import contextlib
import re
import ssl
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from backend.models.base import Prompt
from backend.models.openai_stream import Endpoint, completion
from backend.models.text_frames import Growing, Rewritten
from backend.models.text_tokens import EOS, join, spell, split
from backend.prompts.render import Message
from engine.core.errors import EngineClosed, GenerationFailed, InvalidParams
from engine.core.params import Params
from engine.core.results import Frame, Result

if TYPE_CHECKING:
    from engine.core.errors import DeviceLost

CONNECT_SECONDS, SILENCE_SECONDS = 10.0, 60.0
FRAME_SECONDS = 0.05
"""The minimum time between two frames, in seconds.

A server may send hundreds of tokens a second, and every frame is a draft to be made. A server that sends 14 tokens a
second is followed token by token.
"""

CHARS = 16
"""The number of characters that a token may have on average; a longer text counts as one that does not end."""

LONGEST_CANVAS = 4096
FENCE_BEGINS = re.compile(r"\s*(?:`{1,3}|```[\w-]{0,16}\n?)?")
FENCE = re.compile(r"\s*```[\w-]{0,16}\r?\n")
FENCE_ENDS = re.compile(r"`{1,3}\s*\Z")


@dataclass(frozen=True)
class Asking:
    """How the upstream model is asked.

    Attributes:
        to: The endpoint.
        model: The name of the model.
        diffusing: Whether to ask for the whole text each time, which diffusion models can send.
    """

    to: Endpoint
    model: str
    diffusing: bool = False

    def body(self, prompt: Prompt, params: Params) -> dict[str, Any]:
        """Return the body of the request.

        No such server accepts a canvas: a request that starts from a page has it in the prompt.
        """
        messages = [Message(role="user", content=prompt)] if isinstance(prompt, str) else list(prompt)
        body: dict[str, Any] = {"model": self.model, "messages": messages, "max_tokens": params.max_tokens}
        body |= {"stream": True} | ({"seed": params.seed} if params.seed is not None else {})
        return body | ({"diffusing": True} if self.diffusing else {})


class OpenAIClient:
    """A `Model`, `Reading` and `Spelling` of backend.models.base for an upstream model."""

    def __init__(self, url: str, model: str, key: str | None = None, diffusing: bool = False) -> None:
        """Prepare for requests; nothing is sent yet.

        Args:
            url: The address of the API, up to and including /v1.
            model: The name of the model.
            key: Sent as a bearer token.
            diffusing: Whether to ask for the whole text each time.
        """
        to = Endpoint(f"{url.rstrip('/')}/chat/completions", f"the model at {urlsplit(url).netloc}", key)
        self._asking, self._writings = Asking(to, model, diffusing), set[OpenAIWriting]()
        self._closed, self._tls = False, ssl.create_default_context()
        self.lasting = not diffusing
        self.defaults = Params()
        self.eos_ids: Collection[int] = (EOS,)

    def submit(self, prompt: Prompt, params: Params | None = None, *, session: str = "") -> "OpenAIWriting":
        """Ask for a text, in the running event loop. The session is not sent.

        Raises:
            EngineClosed: The client is closed.
            InvalidParams: The parameters ask to hold parts of a canvas.
        """
        if self._closed:
            raise EngineClosed("the service is closing; no further requests are taken")
        if params and params.hold:
            raise InvalidParams("hold: expected a model that starts from a canvas, got one behind an API")
        writing = OpenAIWriting(self._asking, prompt, params or self.defaults, self._tls)
        self._writings.add(writing)
        writing.task.add_done_callback(lambda _: self._writings.discard(writing))
        return writing

    def piece(self, token: int) -> bytes:
        """Return one token's bytes; b"" for special tokens."""
        return spell(token)

    def tokens(self, text: str) -> Sequence[int]:
        """Return a text as a canvas."""
        return split(text)

    def spelled(self, canvas: Sequence[int]) -> str:
        """Return the text of a canvas."""
        return join(tuple(canvas))

    def when_lost(self, call: "Callable[[DeviceLost], None]") -> None:
        """Do nothing: a server that is gone may come back."""

    def close(self) -> None:
        """Cancel the running requests. If their event loop has ended, there is nothing left to cancel."""
        self._closed = True
        for writing in tuple(self._writings):
            with contextlib.suppress(RuntimeError):
                writing.cancel()


class OpenAIWriting:
    """One text that is being received, by a task of its own."""

    def __init__(self, asking: Asking, prompt: Prompt, params: Params, tls: ssl.SSLContext) -> None:
        self._asking, self._params, self._tls = asking, params, tls
        size = max(256, min(2 * params.max_tokens, LONGEST_CANVAS))
        self._canvases = Rewritten(size, params.max_steps) if asking.diffusing else Growing()
        self._frames: deque[Frame] = deque()
        self._changed = asyncio.Event()
        self.task = asyncio.get_running_loop().create_task(self._run(asking.body(prompt, params)))
        self.task.add_done_callback(self._ended)

    def __aiter__(self) -> "OpenAIWriting":
        return self

    async def __anext__(self) -> Frame:
        while not self._frames and not self.task.done():
            self._changed.clear()
            await self._changed.wait()
        if self._frames:
            return self._frames.popleft()
        await self.result()
        raise StopAsyncIteration

    async def result(self) -> Result:
        """Wait for the end and return the result.

        Raises:
            GenerationFailed: The server failed, or its answer is not usable.
        """
        await asyncio.wait((self.task,))
        if self.task.cancelled():
            return Result(self._canvases.tokens, "cancelled", self._canvases.stats())
        return self.task.result()

    def cancel(self) -> None:
        """Close the connection."""
        self.task.cancel()

    def _ended(self, task: "asyncio.Task[Result]") -> None:
        """Wake whoever waits for frames."""
        if not task.cancelled():
            task.exception()  # marks the error as retrieved, even if nobody waits for it
        self._changed.set()

    async def _run(self, body: dict[str, Any]) -> Result:
        """Send the request and return the result."""
        limits = httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
        async with httpx.AsyncClient(timeout=limits, verify=self._tls) as client:
            text, finish = await self._read(client, body)
        self._show(self._canvases.end(unfenced(text, whole=True)))
        return Result(self._canvases.tokens, "length" if finish == "length" else "eos", self._canvases.stats())

    async def _read(self, client: httpx.AsyncClient, body: dict[str, Any]) -> tuple[str, str]:
        """Return the whole text and why it ended, and show the text on the way.

        Raises:
            GenerationFailed: The server failed, or its answer is not usable.
        """
        parts, size, finish, shown = list[str](), 0, "", 0.0
        most = CHARS * self._params.max_tokens + LONGEST_CANVAS
        async with contextlib.aclosing(completion(client, self._asking.to, body)) as deltas:
            async for said in deltas:
                finish = said.finish or finish
                if said.content and self._asking.diffusing:
                    parts, size = [], 0
                parts.append(said.content)
                size += len(said.content)
                if size > most:
                    name = self._asking.to.name
                    raise GenerationFailed(f"expected at most {most:,} characters from {name}, got more")
                if said.content and time.monotonic() - shown >= FRAME_SECONDS:
                    shown = time.monotonic()
                    self._show(self._canvases.take(unfenced("".join(parts))))
        return "".join(parts), finish

    def _show(self, frames: list[Frame]) -> None:
        """Queue frames for whoever iterates."""
        self._frames += frames
        self._changed.set()


def unfenced(text: str, whole: bool = False) -> str:
    """Return the text without the code fence that a chat model may put around a page, even if told not to.

    Args:
        text: The text.
        whole: Whether the text is complete. While it grows, whatever may be part of a fence is left out for now.
    """
    fence = FENCE.match(text)
    if not fence:
        return "" if not whole and FENCE_BEGINS.fullmatch(text) else text
    return FENCE_ENDS.sub("", text[fence.end() :])
