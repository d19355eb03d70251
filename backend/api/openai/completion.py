"""How a chat completion is made: as a text from the model, or as a page that the shell would have made."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from backend.api.openai.chat_request import Asked
from backend.api.text_stream import Text
from backend.api.visit import Finished, Visit, Waiting
from backend.auth.client import ClientIdentity
from backend.errors import ProtocolError
from backend.http.api_requests import Refused, ServiceContext
from backend.jobs.text_job import TextJob
from backend.kit.bundle import dressed, element
from backend.markup.scanner import scan
from backend.models.base import Counting
from backend.observability import audit_log
from backend.offload import beside
from backend.prompts.brief import CHOICES, WorldOrAny
from backend.prompts.render import Message
from engine.core.errors import EngineError

if TYPE_CHECKING:
    from engine.core.results import Frame, Result

PAGE_MODELS: dict[str, WorldOrAny] = {f"silverprint-{world}": world for world in CHOICES}
MARK = re.compile(r"<!--silverprint page=([A-Za-z0-9_-]{1,64})-->")


@dataclass(frozen=True)
class Piece:
    """The text so far: its committed part in an append-only stream, which only grows, else the text as it is now.

    Attributes:
        text: The text so far.
        progress: The progress of the current canvas, as the frames of the wire protocol have it; None where there is
            none.
        waiting: The position in line of a completion that has no text yet; 0 if it does not wait.
    """

    text: str
    progress: dict[str, Any] | None = None
    waiting: int = 0


class TextCompletion:
    """A completion whose messages go to the model as they are, and whose text comes back as it is.

    Attributes:
        usage: How many tokens the prompt and the text have, once the pieces are read.
        finish: Why the text ended, once the pieces are read.
        about: Always empty; see Completion.
    """

    def __init__(self, faces: ServiceContext, wanted: Asked, text: TextJob) -> None:
        self._faces, self._asked, self._text = faces, wanted, text
        self.usage, self.finish, self.about = (0, 0), "stop", dict[str, Any]()

    @classmethod
    def begin(cls, faces: ServiceContext, wanted: Asked, identity: ClientIdentity) -> Self:
        """Begin a text, at once or in its turn.

        Raises:
            Refused: A value of the request is not allowed.
            ProtocolError: The text cannot begin.
        """
        # A conversation begins with the same words each time, so its requests go where those are in the prefix cache.
        begun = f"{identity.name} {wanted.messages[0]['content']}"
        identity = replace(identity, session=audit_log.mark(begun))
        return cls(faces, wanted, faces.maker.text(wanted.messages, wanted.params(faces.maker.params), identity))

    async def pieces(self) -> AsyncIterator[Piece]:
        """Yield the text after every step or, in an append-only stream, after every canvas.

        Raises:
            ProtocolError: The text failed or was stopped.
        """
        text = Text(self._faces.engine.piece, self._faces.engine.eos_ids, self._asked.stops)
        prompt = await self._given()
        async for position in self._text.places():
            yield Piece("", waiting=position)
        try:
            writing = await self._text.writing()
            async for frame in writing:
                text.take(self._told(frame))
                if self._asked.diffusing or frame.final:
                    yield Piece(text.current if self._asked.diffusing else text.committed, progress_of(frame))
                if text.stopped:
                    break
            else:
                self.finish = self._ended(await writing.result(), text.tokens)
        except EngineError as error:
            raise ProtocolError("page_failed", f"the model failed on this text: {error}") from error
        text.end()
        self.usage = (prompt, text.tokens)
        yield Piece(text.committed)

    def close(self) -> None:
        """Stop the text, if it is still written."""
        self._text.close()

    async def _given(self) -> int:
        """Return how many tokens the model was given."""
        return await counted(self._faces, self._asked.messages)

    def _told(self, frame: "Frame") -> "Frame":
        """Return a frame without the tokens that the client is not told."""
        return frame

    def _ended(self, result: "Result", tokens: int) -> str:
        """Return why a text ended of which the client was told this many tokens."""
        return "stop" if result.finish == "eos" else "length"


class PageCompletion:
    """A completion whose last message asks for a page, or for a change of the conversation's page.

    Attributes:
        usage: How many tokens the prompt and the page have, once the pieces are read.
        finish: Why the page ended, once the pieces are read.
        about: What else there is to say of the page, once the pieces are read.
    """

    def __init__(self, faces: ServiceContext, wanted: Asked, visit: Visit) -> None:
        self._faces, self._asked, self._visit = faces, wanted, visit
        self.usage, self.finish, self.about = (0, 0), "stop", dict[str, Any]()

    @classmethod
    async def begin(
        cls, faces: ServiceContext, wanted: Asked, world: WorldOrAny, identity: ClientIdentity
    ) -> "PageCompletion":
        """Begin a page, at once or in its turn.

        Raises:
            Refused: The request asks for something that pages do not have.
            ProtocolError: The page cannot begin.
        """
        if unused := [*wanted.sampling, *(["stop"] if wanted.stops else [])]:
            message = f"expected no {unused[0]} for {wanted.model}, which makes pages as the shell does"
            raise Refused(400, "unsupported_value", message, unused[0])
        if wanted.messages[-1]["role"] != "user":
            raise Refused(400, "invalid_value", "expected the last message to be the user's", "messages")
        visit, ask, (page, html) = (
            Visit(faces.connections.registry, identity),
            wanted.messages[-1]["content"],
            sent(wanted.messages),
        )
        try:
            await (visit.edit(page, ask, html) if page else visit.make(ask, world))
        except BaseException:
            visit.close()
            raise
        return cls(faces, wanted, visit)

    async def pieces(self) -> AsyncIterator[Piece]:
        """Yield the page's drafts, or what is committed of it, and at last the page with its mark.

        Raises:
            ProtocolError: The page failed or was stopped.
        """
        async for draft in self._visit.drafts():
            if isinstance(draft, Waiting):
                yield Piece("", waiting=draft.position)
                continue
            progress = progress_of(draft.live)
            said, work = (draft.html, dressed) if self._asked.diffusing else (draft.committed, stable)
            yield Piece(await beside(len(said), work, said), progress)
        assert self._visit.finished
        self.finish = "length" if self._visit.finished.stats.finish == "length" else "stop"
        prompt = await counted(self._faces, [Message(role="user", content=self._visit.finished.prompt)])
        self.usage = (prompt, self._visit.finished.stats.tokens)
        made = self._visit.finished
        self.about = {"page": made.page, "world": made.world} | made.outcome
        yield Piece(await beside(len(made.html), marked, made))

    def close(self) -> None:
        """End the visit; a page that is still being made is stopped."""
        self._visit.close()


def marked(page: Finished) -> str:
    """Return a page that names itself, so that a client that sends it back can have it changed.

    The kit is behind the page, because an append-only stream has sent the page's beginning before its use of the kit is
    known.
    """
    return f"{page.html}{element(page.html, page.kit)}<!--silverprint page={page.page}-->"


def sent(messages: list[Message]) -> tuple[str, str]:
    """Return the page that the conversation came to: its id, and its markup as the client has it now.

    The client may have changed the markup. Both are "" without a page. The markup is also "" if the message holds more
    than a page.
    """
    for message in reversed(messages):
        if message["role"] == "assistant" and (marks := list(MARK.finditer(message["content"]))):
            html = message["content"][: marks[-1].start()].strip()
            return marks[-1][1], html if html.startswith("<") else ""
    return "", ""


def stable(committed: str) -> str:
    """Return the part of a committed page that stays however the page goes on: all but the last piece of markup."""
    parts = list(scan(committed))
    return committed[: parts[-1].start] if parts else ""


def progress_of(frame: Any) -> dict[str, Any]:
    """Return the progress of the current canvas, from a frame of the engine or the last frame of a page."""
    settled = frame.settled if isinstance(frame.settled, int) else int(frame.settled.sum())
    steps = {"block": frame.block, "step": frame.step, "steps": frame.steps, "reading": frame.reading}
    return steps | {"settled": settled, "entropy": round(float(frame.entropy), 4)}


async def counted(faces: ServiceContext, messages: list[Message]) -> int:
    """Return how many tokens a prompt has, or 0 if an upstream model does not say."""
    engine = faces.engine
    return len(await asyncio.to_thread(engine.encode, messages)) if isinstance(engine, Counting) else 0
