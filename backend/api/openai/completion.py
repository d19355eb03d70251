"""What a chat completion is made of: a text from the model, or a page as the shell would have it made."""

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
    """The text so far: of an append-only stream what is committed, which only grows; else as it is now.

    progress: of the canvas at work, as the wire protocol's frames have it; None where there is none. waiting: the place
    in line of one that has no text yet; 0 if it does not wait.
    """

    text: str
    progress: dict[str, Any] | None = None
    waiting: int = 0


class TextCompletion:
    """Messages go to the model as they are, and what it writes comes back as it is."""

    def __init__(self, faces: ServiceContext, wanted: Asked, text: TextJob) -> None:
        self._faces, self._asked, self._text = faces, wanted, text
        self.usage, self.finish, self.about = (0, 0), "stop", dict[str, Any]()

    @classmethod
    def begin(cls, faces: ServiceContext, wanted: Asked, identity: ClientIdentity) -> Self:
        """At once or in its turn. Raises Refused, ProtocolError."""
        # A conversation begins with the same words each time, and is encoded where they were before.
        begun = f"{identity.name} {wanted.messages[0]['content']}"
        identity = replace(identity, session=audit_log.mark(begun))
        return cls(faces, wanted, faces.maker.text(wanted.messages, wanted.params(faces.maker.params), identity))

    async def pieces(self) -> AsyncIterator[Piece]:
        """The text after every step, or, of an append-only stream, after every canvas. Raises ProtocolError."""
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
        self._text.close()

    async def _given(self) -> int:
        """How many tokens the model was given."""
        return await counted(self._faces, self._asked.messages)

    def _told(self, frame: "Frame") -> "Frame":
        """A frame without what the client is not told."""
        return frame

    def _ended(self, result: "Result", tokens: int) -> str:
        """Why a text has ended of which the client was told so many tokens."""
        return "stop" if result.finish == "eos" else "length"


class PageCompletion:
    """The last message asks for a page, or for a change of the page that the conversation has already."""

    def __init__(self, faces: ServiceContext, wanted: Asked, visit: Visit) -> None:
        self._faces, self._asked, self._visit = faces, wanted, visit
        self.usage, self.finish, self.about = (0, 0), "stop", dict[str, Any]()

    @classmethod
    async def begin(
        cls, faces: ServiceContext, wanted: Asked, world: WorldOrAny, identity: ClientIdentity
    ) -> "PageCompletion":
        """Raises Refused, ProtocolError."""
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
        """The page as it develops: drafts, or what is committed; last the page with its mark. Raises ProtocolError."""
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
        self._visit.close()


def marked(page: Finished) -> str:
    """A page that names itself, so that a client that sends it back can have it changed.

    The kit stands behind it: a stream that only grows has told the page's beginning before anyone knew what it uses.
    """
    return f"{page.html}{element(page.html, page.kit)}<!--silverprint page={page.page}-->"


def sent(messages: list[Message]) -> tuple[str, str]:
    """The page that the conversation came to: its id, and how the client has it now, which may have been written into;
    "" for none, and for what is more than a page."""
    for message in reversed(messages):
        if message["role"] == "assistant" and (marks := list(MARK.finditer(message["content"]))):
            html = message["content"][: marks[-1].start()].strip()
            return marks[-1][1], html if html.startswith("<") else ""
    return "", ""


def stable(committed: str) -> str:
    """What stands of a committed page however it goes on: all but the last piece of markup."""
    parts = list(scan(committed))
    return committed[: parts[-1].start] if parts else ""


def progress_of(frame: Any) -> dict[str, Any]:
    """Where the canvas at work stands. frame: of the engine, or the last one of a page."""
    settled = frame.settled if isinstance(frame.settled, int) else int(frame.settled.sum())
    steps = {"block": frame.block, "step": frame.step, "steps": frame.steps, "reading": frame.reading}
    return steps | {"settled": settled, "entropy": round(float(frame.entropy), 4)}


async def counted(faces: ServiceContext, messages: list[Message]) -> int:
    """How many tokens a prompt has; 0 where the model is elsewhere and does not say."""
    engine = faces.engine
    return len(await asyncio.to_thread(engine.encode, messages)) if isinstance(engine, Counting) else 0
