"""OpenAI's objects that a completion is sent in, whole or in parts; they are those of chat and of the older kind."""

import json
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from backend.api.openai.chat_request import Asked
from backend.api.openai.completion import Piece
from backend.http.api_requests import on_one_line


class Completion(Protocol):
    """A text on its way. The attributes are complete once its pieces are read.

    Attributes:
        usage: How many tokens the prompt and the completion have.
        finish: Why it ended.
        about: What else there is to say of a page.
    """

    usage: tuple[int, int]
    finish: str
    about: dict[str, Any]

    def pieces(self) -> AsyncIterator[Piece]:
        """Yield the text so far, again and again."""

    def close(self) -> None:
        """Stop what is still being made."""


@dataclass(frozen=True)
class ResponseWriter:
    """Writes one answer in the objects of chat completions.

    Attributes:
        asked: The request.
        id: The answer's id.
        created: When the answer was begun, in seconds since the epoch.
        prefix: What ids begin with.
        kinds: The names of the objects for a whole answer and for a part.
    """

    asked: Asked
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    created: int = field(default_factory=lambda: int(time.time()))

    prefix: ClassVar[str] = "chatcmpl-"
    kinds: ClassVar[tuple[str, str]] = "chat.completion", "chat.completion.chunk"

    def whole(self, text: str, completion: Completion) -> dict[str, Any]:
        """Return the whole answer as one object."""
        choice = self._choice(text, completion.finish)
        return self._object(self.kinds[0], [choice]) | {"usage": usage(completion)} | ours(completion)

    def begin(self) -> str:
        """Return the event that an answer in parts begins with."""
        return self._chunk({"delta": {"role": "assistant", "content": ""}})

    def part(self, text: str, progress: dict[str, Any] | None = None) -> str:
        """Return the event of a part of the text, with the progress of the current canvas, if any."""
        return self._chunk({"delta": {"content": text}}, more=of_canvas(progress))

    def end(self, completion: Completion) -> str:
        """Return the event that says why the text ended."""
        return self._chunk({"delta": {}}, completion.finish, ours(completion))

    def counts(self, completion: Completion) -> str:
        """Return the event that counts the tokens."""
        return event(self._object(self.kinds[1], []) | {"usage": usage(completion)})

    def _choice(self, text: str, finish: str) -> dict[str, Any]:
        message = {"role": "assistant", "content": text, "refusal": None}
        return {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}

    def _chunk(self, said: dict[str, Any], finish: str | None = None, more: dict[str, Any] | None = None) -> str:
        choice = {"index": 0} | said | {"logprobs": None, "finish_reason": finish}
        counts: dict[str, Any] = {"usage": None} if self.asked.usage else {}
        return event(self._object(self.kinds[1], [choice]) | counts | (more or {}))

    def _object(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        about = {"id": f"{self.prefix}{self.id}", "object": kind, "created": self.created, "model": self.asked.model}
        return about | {"choices": choices}


class TextResponseWriter(ResponseWriter):
    """Writes one answer in the objects of the older completions."""

    prefix: ClassVar[str] = "cmpl-"
    kinds: ClassVar[tuple[str, str]] = "text_completion", "text_completion"

    def begin(self) -> str:
        """Return nothing: such an answer has no first event."""
        return ""

    def part(self, text: str, progress: dict[str, Any] | None = None) -> str:
        """Return the event of a part of the text, with the progress of the current canvas, if any."""
        return self._chunk({"text": text}, more=of_canvas(progress))

    def end(self, completion: Completion) -> str:
        """Return the event that says why the text ended."""
        return self._chunk({"text": ""}, completion.finish, ours(completion))

    def _choice(self, text: str, finish: str) -> dict[str, Any]:
        return {"index": 0, "text": text, "logprobs": None, "finish_reason": finish}


def of_canvas(progress: dict[str, Any] | None) -> dict[str, Any]:
    """Return the progress of the current canvas, as a field beside a part of the text."""
    return {"diffusion": progress} if progress else {}


def ours(completion: Completion) -> dict[str, Any]:
    """Return what OpenAI's objects have no field for.

    Of a page it is the id, the world, and whether a change left the page as it was.
    """
    return {"silverprint": completion.about} if completion.about else {}


def usage(completion: Completion) -> dict[str, int]:
    """Return the counts of tokens in OpenAI's form."""
    prompt, written = completion.usage
    return {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written}


def event(data: dict[str, Any]) -> str:
    """Return an object as a server-sent event."""
    said = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return on_one_line(f"data: {said}\n\n")
