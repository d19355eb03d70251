"""OpenAI's completions, for any client that speaks them.

The routes are `POST /v1/chat/completions`, the older `POST /v1/completions` with a prompt and a suffix, and `GET
/v1/models`. The model's own name takes messages as they are. `silverprint-any`, `-web`, `-os` and `-app` make pages as
the shell does. The first of them makes a page of whatever world answers the words best.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from backend.api.openai.chat_request import Asked, asked
from backend.api.openai.completion import PAGE_MODELS, PageCompletion, TextCompletion
from backend.api.openai.infilling import Filling
from backend.api.openai.responses import Completion, ResponseWriter, TextResponseWriter, event
from backend.api.openai.text_request import asked_text
from backend.auth.client import ClientIdentity
from backend.errors import ProtocolError
from backend.http.api_requests import (
    EventStream,
    Refused,
    ServiceContext,
    admit,
    body_of,
    entrance,
    house,
    tell,
    unless_gone,
)
from backend.settings import Settings
from backend.shape import brief
from engine.core.errors import RequestError

STATUS = {
    "busy": 429,
    "rate_limited": 429,
    "unknown_page": 404,
    "store_unavailable": 503,
    "page_stopped": 503,
    "page_failed": 500,
}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
KINDS = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
log = logging.getLogger(__name__)


def routes(settings: Settings) -> list[BaseRoute]:
    """Return the routes of everything under /v1 that no earlier route takes."""
    inner = [
        Route("/chat/completions", answered(complete), methods=["POST"]),
        Route("/completions", answered(complete_text), methods=["POST"]),
        Route("/models", answered(models), methods=["GET"]),
        Route("/models/{model:path}", answered(model), methods=["GET"]),
        Route("/{path:path}", answered(unknown), methods=METHODS),
    ]
    return [Mount("/v1", routes=inner, middleware=entrance(settings.origins))]


def answered(
    route: Callable[[Request, ClientIdentity], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """Wrap a route for clients that are let in, so that its refusals have OpenAI's form."""

    async def taken(request: Request) -> Response:
        try:
            return await route(request, await admit(request, "openai"))
        except Refused as error:
            return failure(request, error)
        except ProtocolError as error:
            return failure(request, refusal(error))
        except ClientDisconnect:
            return Response(status_code=499)

    return taken


async def unknown(request: Request, _: ClientIdentity) -> Response:
    """Refuse an unknown path."""
    raise Refused(404, "unknown_url", f"expected a path of this service, got {brief(request.url.path)}")


async def models(request: Request, _: ClientIdentity) -> Response:
    """Answer GET /v1/models: the model and the names that make pages."""
    names = (house(request).connections.model, *PAGE_MODELS)
    return JSONResponse({"object": "list", "data": [card(name) for name in names]})


async def model(request: Request, _: ClientIdentity) -> Response:
    """Answer GET /v1/models/{model}."""
    return JSONResponse(card(known(house(request), request.path_params["model"])))


def card(name: str) -> dict[str, Any]:
    """Return OpenAI's object for a model."""
    return {"id": name, "object": "model", "created": 0, "owned_by": "silverprint"}


def known(faces: ServiceContext, name: str) -> str:
    """Return a model's name if it is one of ours.

    Raises:
        Refused: There is no such model.
    """
    names = (faces.connections.model, *PAGE_MODELS)
    if name not in names:
        message = f"expected a model among {', '.join(names)}, got {brief(name)}"
        raise Refused(404, "model_not_found", message, "model")
    return name


async def complete(request: Request, identity: ClientIdentity) -> Response:
    """Answer a chat completion, whole or as server-sent events."""
    wanted = asked(await body_of(request))
    return await answer(request, await begun(house(request), wanted, identity), ResponseWriter(wanted))


async def complete_text(request: Request, identity: ClientIdentity) -> Response:
    """Answer a completion of the older kind, whole or as server-sent events."""
    wanted, faces = asked_text(await body_of(request)), house(request)
    if known(faces, wanted.model) in PAGE_MODELS:
        message = f"expected the model {faces.connections.model}, got {wanted.model}: chat completions make pages"
        raise Refused(400, "unsupported_value", message, "model")
    return await answer(request, await Filling.begun(faces, wanted, identity), TextResponseWriter(wanted))


async def answer(request: Request, completion: Completion, told: ResponseWriter) -> Response:
    """Answer with a completion, whole or as server-sent events, as its request wants it."""
    if told.asked.stream:
        return EventStream(events(completion, told, partial(tell, request)), completion.close)
    try:
        return JSONResponse(await unless_gone(request, whole(completion, told)))
    finally:
        completion.close()


async def begun(faces: ServiceContext, wanted: Asked, identity: ClientIdentity) -> Completion:
    """Begin the completion that a request asks for.

    Raises:
        Refused: A value of the request is not allowed.
        ProtocolError: The completion cannot begin.
    """
    known(faces, wanted.model)
    if wanted.model in PAGE_MODELS:
        return await PageCompletion.begin(faces, wanted, PAGE_MODELS[wanted.model], identity)
    return TextCompletion.begin(faces, wanted, identity)


async def whole(completion: Completion, told: ResponseWriter) -> dict[str, Any]:
    """Return the completion in one object.

    Raises:
        Refused: The completion is not served.
        ProtocolError: The completion failed or was stopped.
    """
    text = ""
    async for piece in completion.pieces():
        text = piece.text
    return told.whole(text, completion)


async def events(completion: Completion, told: ResponseWriter, failed: Callable[[str], None]) -> AsyncIterator[str]:
    """Yield the completion as it is written; an error is an event that ends it.

    Args:
        completion: The completion.
        told: Writes it in OpenAI's objects.
        failed: Called with the code of an error.
    """
    try:
        if begun := told.begin():
            yield begun
        sent = ""
        async for piece in completion.pieces():
            if piece.waiting:
                yield f": number {piece.waiting} in line\n\n"
            elif told.asked.diffusing:
                yield told.part(piece.text, piece.progress)
            elif len(piece.text) > len(sent):
                sent, new = piece.text, piece.text[len(sent) :]
                yield told.part(new)
        yield told.end(completion)
        if told.asked.usage:
            yield told.counts(completion)
    except (Refused, ProtocolError) as error:
        failed(error.code)
        yield event(as_error(error if isinstance(error, Refused) else refusal(error)))
    yield "data: [DONE]\n\n"


def refusal(error: ProtocolError) -> Refused:
    """Return an error of the service as one of HTTP; what the client can change is a client error."""
    own = isinstance(error.__cause__, RequestError) or error.code not in STATUS
    return Refused(400 if own else STATUS[error.code], error.code, error.message)


def as_error(error: Refused) -> dict[str, Any]:
    """Return a refusal in OpenAI's form."""
    kind = "server_error" if error.status >= 500 else KINDS.get(error.status, "invalid_request_error")
    return {"error": {"message": error.message, "type": kind, "param": error.param, "code": error.code}}


def failure(request: Request, error: Refused) -> Response:
    """Answer with a refusal, and count it."""
    tell(request, error.code)
    headers = {401: {"www-authenticate": "Bearer"}, 429: {"retry-after": "1"}}.get(error.status)
    return JSONResponse(as_error(error), error.status, headers)
