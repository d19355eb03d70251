"""AG-UI 1.0: `POST /ag-ui` runs one page and streams it as an activity that CopilotKit and other clients can render."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from backend.http.api_requests import Refused, admit, body_of, entrance, installed, tell
from backend.settings import Settings

PATH = "/ag-ui"


def routes(settings: Settings) -> list[BaseRoute]:
    """Return the route of the API, or without its package one that answers with a sentence that says so."""
    if not installed("ag_ui"):
        return [Route(PATH, absent, methods=["POST"])]
    from backend.api.ag_ui.run import begin

    async def run(request: Request) -> Response:
        try:
            identity = await admit(request, "ag-ui")
            return await begin(request, await body_of(request), identity)
        except Refused as error:
            return failure(request, error)

    # OPTIONS is for the middleware, which answers what browsers ask before they post.
    return [Route(PATH, run, methods=["POST", "OPTIONS"], middleware=entrance(settings.origins))]


async def absent(request: Request) -> Response:
    """Refuse a request, because the extra `agui` is not installed."""
    return failure(request, Refused(501, "not_installed", "expected the extra agui (pip install 'silverprint[agui]')"))


def failure(request: Request, error: Refused) -> Response:
    """Refuse a request before there is a run, with the event that ends a run as JSON."""
    tell(request, error.code)
    return JSONResponse({"type": "RUN_ERROR", "message": error.message, "code": error.code}, error.status)
