"""A completion whose text has a beginning, and maybe an end, before the model writes: the model fills what is between.

The model is asked nothing. The prompt is the beginning of the page that it writes, and the suffix is the page's end.
Both are held (engine.core.params.Params, hold), so that neither changes.
"""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from backend.api.openai.completion import TextCompletion, counted
from backend.api.openai.text_request import AskedText
from backend.auth.client import ClientIdentity
from backend.http.api_requests import Refused, ServiceContext
from backend.jobs.text_job import TextJob
from backend.models.base import Spelling, holds
from backend.observability import audit_log
from engine.core.errors import EngineError
from engine.requests.infill import Infill, infill

if TYPE_CHECKING:
    from engine.core.results import Frame, Result


class Filling(TextCompletion):
    """A completion that fills the region between a prompt and a suffix."""

    def __init__(self, faces: ServiceContext, wanted: AskedText, text: TextJob, gap: Infill) -> None:
        super().__init__(faces, wanted, text)
        self._gap = gap

    @classmethod
    async def begun(cls, faces: ServiceContext, wanted: AskedText, identity: ClientIdentity) -> Self:
        """Begin the text, at once or in its turn.

        Raises:
            Refused: A value of the request is not allowed, or the model cannot hold tokens.
            ProtocolError: The text cannot begin.
        """
        params = wanted.params(faces.maker.params)
        gap = await gap_of(faces, wanted)
        size = max(len(gap.canvas), gap.stop)
        params = replace(params, max_tokens=size, canvas=gap.canvas or None, hold=gap.hold or None)
        identity = replace(identity, session=audit_log.mark(f"{identity.name} completions"))
        return cls(faces, wanted, faces.maker.text(wanted.messages, params, identity), gap)

    async def _given(self) -> int:
        return await counted(self._faces, self._asked.messages) + self._gap.start + len(self._gap.after)

    def _told(self, frame: "Frame") -> "Frame":
        first = frame.block * len(frame.tokens)
        inside = frame.tokens != self._gap.pad
        inside[: max(self._gap.start - first, 0)] = False
        inside[max(self._gap.stop - first, 0) :] = False
        return replace(frame, tokens=frame.tokens[inside], settled=frame.settled[inside])

    def _ended(self, result: "Result", tokens: int) -> str:
        if self._gap.after:
            return "stop" if tokens < self._gap.stop - self._gap.start else "length"
        return "stop" if result.finish == "eos" and len(result.tokens) <= self._gap.stop else "length"


async def gap_of(faces: ServiceContext, wanted: AskedText) -> Infill:
    """Return the region that the model writes; without a suffix, it ends where the client wants no more.

    Raises:
        Refused: The model cannot hold tokens, or prompt and suffix are too long.
    """
    engine = faces.engine
    speller = engine if isinstance(engine, Spelling) else None
    if speller is None or not holds(engine):
        message = "expected a service with its own engine, got one whose model is elsewhere: it serves chat completions"
        raise Refused(400, "unsupported_value", message, "suffix" if wanted.suffix else "prompt")
    before, after = [await asyncio.to_thread(spelled, speller, wanted, name) for name in ("prompt", "suffix")]
    most = faces.maker.params.canvases(engine.canvas_length) * engine.canvas_length
    room = most - len(before) - len(after) - bool(after)
    if room < 1:
        message = f"expected at most {most - 2} tokens of prompt and suffix, got {len(before) + len(after)}"
        raise Refused(400, "context_length_exceeded", message, "prompt")
    if not after:
        stop = len(before) + min(room, wanted.tokens or room)
        return Infill(before, ((0, len(before)),) if before else (), len(before), stop, engine.pad_id, ())
    room = min(room, wanted.tokens or engine.canvas_length)
    eos = min(faces.engine.eos_ids)
    return infill(before, after, room, length=engine.canvas_length, pad=engine.pad_id, eos=eos)


def spelled(engine: Spelling, wanted: AskedText, name: str) -> tuple[int, ...]:
    """Return a text of the request in tokens.

    Args:
        engine: The model.
        wanted: The request.
        name: The field that holds the text.

    Raises:
        Refused: The model cannot spell the text.
    """
    try:
        return tuple(engine.tokens(getattr(wanted, name)))
    except EngineError as error:
        raise Refused(400, "invalid_value", f"{name}: {error}", name) from error
