"""OpenAI's objects: what a completion, chat's or the older kind, is told in, whole or in parts."""

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
    """A text on its way. usage: (prompt, completion) tokens, finish: the reason, about: what else there is to say of a
    page, all once its pieces are read."""

    usage: tuple[int, int]
    finish: str
    about: dict[str, Any]

    def pieces(self) -> AsyncIterator[Piece]: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class ResponseWriter:
    """One answer in OpenAI's objects."""

    asked: Asked
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    created: int = field(default_factory=lambda: int(time.time()))

    prefix: ClassVar[str] = "chatcmpl-"
    kinds: ClassVar[tuple[str, str]] = "chat.completion", "chat.completion.chunk"

    def whole(self, text: str, completion: Completion) -> dict[str, Any]:
        choice = self._choice(text, completion.finish)
        return self._object(self.kinds[0], [choice]) | {"usage": usage(completion)} | ours(completion)

    def begin(self) -> str:
        """What an answer in parts begins with."""
        return self._chunk({"delta": {"role": "assistant", "content": ""}})

    def part(self, text: str, progress: dict[str, Any] | None = None) -> str:
        return self._chunk({"delta": {"content": text}}, more=of_canvas(progress))

    def end(self, completion: Completion) -> str:
        return self._chunk({"delta": {}}, completion.finish, ours(completion))

    def counts(self, completion: Completion) -> str:
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
    """One answer in the objects of the older completions."""

    prefix: ClassVar[str] = "cmpl-"
    kinds: ClassVar[tuple[str, str]] = "text_completion", "text_completion"

    def begin(self) -> str:
        return ""

    def part(self, text: str, progress: dict[str, Any] | None = None) -> str:
        return self._chunk({"text": text}, more=of_canvas(progress))

    def end(self, completion: Completion) -> str:
        return self._chunk({"text": ""}, completion.finish, ours(completion))

    def _choice(self, text: str, finish: str) -> dict[str, Any]:
        return {"index": 0, "text": text, "logprobs": None, "finish_reason": finish}


def of_canvas(progress: dict[str, Any] | None) -> dict[str, Any]:
    """How far the canvas at work is, beside a part of the text."""
    return {"diffusion": progress} if progress else {}


def ours(completion: Completion) -> dict[str, Any]:
    """What OpenAI's objects have no field for: of a page its id, its world, and whether a change came to nothing."""
    return {"silverprint": completion.about} if completion.about else {}


def usage(completion: Completion) -> dict[str, int]:
    prompt, written = completion.usage
    return {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written}


def event(data: dict[str, Any]) -> str:
    said = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return on_one_line(f"data: {said}\n\n")
