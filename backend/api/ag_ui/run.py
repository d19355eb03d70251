"""One AG-UI run: a page from the last message, or a change of the page that the client's state names."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from ag_ui.core import (
    ActivityDeltaEvent,
    ActivitySnapshotEvent,
    BaseEvent,
    CustomEvent,
    RunAgentInput,
    RunErrorEvent,
    RunFinishedEvent,
    RunStartedEvent,
    StateSnapshotEvent,
)
from ag_ui.encoder import EventEncoder
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from backend.api.ag_ui.generative_ui import ACTIVITY, content, patch
from backend.api.visit import Finished, Visit, Waiting
from backend.auth.client import ClientIdentity
from backend.errors import ProtocolError
from backend.http.api_requests import EventStream, Refused, complaint, house, on_one_line
from backend.http.connections import Connections
from backend.offload import beside
from backend.prompts.brief import ANY, CHOICES, WorldOrAny
from backend.shape import brief

STATE = "silverprint"
"""The key of the client's state under which the thread's page is kept; everything else in the state stays as it is."""

QUEUED = "silverprint.queued"
"""The name of an event that tells the page's position in line."""


@dataclass(frozen=True)
class Wanted:
    """What a run is to make.

    Attributes:
        text: The words that ask for it.
        world: The world of a new page.
        page: The id of the page to change, or "" for a new one.
    """

    text: str
    world: WorldOrAny
    page: str


async def begin(request: Request, data: dict[str, Any], identity: ClientIdentity) -> Response:
    """Return the run as server-sent events.

    Raises:
        Refused: The body is no RunAgentInput, or asks for something that is not served.
    """
    try:
        given = RunAgentInput.model_validate(data)
    except ValidationError as error:
        raise Refused(400, "bad_input", f"expected a RunAgentInput, got {complaint(error)}") from error
    connections = house(request).connections
    run = Run(given, lambda: Visit(connections.registry, identity), connections)
    return EventStream(run.encoded(wanted(given)), run.close)


def wanted(given: RunAgentInput) -> Wanted:
    """Return what the last message asks for.

    Raises:
        Refused: It asks for something that is not served, or there is no such message.
    """
    props = given.forwarded_props if isinstance(given.forwarded_props, dict) else {}
    world, edit = props.get("world", ANY), props.get("edit", True)
    if world not in CHOICES:
        raise Refused(400, "bad_input", f"expected forwardedProps.world among {', '.join(CHOICES)}, got {brief(world)}")
    if not isinstance(edit, bool):
        raise Refused(400, "bad_input", f"expected forwardedProps.edit to be true or false, got {brief(edit)}")
    last = given.messages[-1] if given.messages else None
    if last is None or last.role != "user":
        raise Refused(400, "bad_input", "expected a last message of the user, got none")
    texts = [last.content] if isinstance(last.content, str) else [getattr(p, "text", "") for p in last.content]
    return Wanted("\n".join(texts).strip(), world, page_of(given.state) if edit else "")


def page_of(state: Any) -> str:
    """Return the page that the thread has come to, as its client tells, or "" for none."""
    known = state.get(STATE) if isinstance(state, dict) else None
    page = known.get("page") if isinstance(known, dict) else None
    return page if isinstance(page, str) else ""


class Run:
    """One run, from its first event to its last; the visit begins with the stream, so that its errors are events."""

    def __init__(self, given: RunAgentInput, arrive: Callable[[], Visit], connections: Connections) -> None:
        self._given, self._arrive, self._connections = given, arrive, connections
        self._visit: Visit | None = None

    async def encoded(self, wanted: Wanted) -> AsyncIterator[str]:
        """Yield the run's events as server-sent events."""
        encoder = EventEncoder()
        yield on_one_line(encoder.encode(RunStartedEvent(thread_id=self._given.thread_id, run_id=self._given.run_id)))
        try:
            async for event in self._events(wanted):
                yield on_one_line(encoder.encode(event))
        except ProtocolError as error:
            self._connections.observer.refused(error.code)
            yield on_one_line(encoder.encode(RunErrorEvent(message=error.message, code=error.code)))

    def close(self) -> None:
        """End the visit, if it has begun."""
        if self._visit:
            self._visit.close()

    async def _events(self, wanted: Wanted) -> AsyncIterator[BaseEvent]:
        """Yield the events between the start and the end of the run: the activity, its changes, and the new state."""
        visit = self._visit = self._arrive()
        await (visit.edit(wanted.page, wanted.text) if wanted.page else visit.make(wanted.text, wanted.world))
        shown = content("", done=False)
        yield ActivitySnapshotEvent(message_id=visit.page, activity_type=ACTIVITY, content=shown)
        async for draft in visit.drafts():
            if isinstance(draft, Waiting):
                yield CustomEvent(name=QUEUED, value={"position": draft.position})
                continue
            new = await beside(len(draft.html), content, draft.html, done=False)
            if changes := patch(shown, new):
                yield self._delta(visit.page, changes)
            shown = new
        assert visit.finished
        whole, kit = visit.finished.html, visit.finished.kit
        yield self._delta(visit.page, patch(shown, await beside(len(whole), content, whole, done=True, version=kit)))
        told = self._told(visit.finished)
        state = self._given.state if isinstance(self._given.state, dict) else {}
        yield StateSnapshotEvent(snapshot={**state, STATE: told})
        yield RunFinishedEvent(thread_id=self._given.thread_id, run_id=self._given.run_id, result=told)

    def _delta(self, page: str, changes: list[dict[str, Any]]) -> BaseEvent:
        return ActivityDeltaEvent.model_validate({"messageId": page, "activityType": ACTIVITY, "patch": changes})

    def _told(self, page: Finished) -> dict[str, Any]:
        link = f"{self._connections.settings.shell_origin}/p/{page.page}"
        about = {"page": page.page, "url": page.url, "title": page.title, "world": page.world, "link": link}
        return about | page.outcome
