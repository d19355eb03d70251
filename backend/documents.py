"""What browsers load over HTTP: the shell, frames, shared pages and how to embed them, the shell's own files."""

import hmac
import re
from html import escape
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from backend.beside import beside
from backend.desk import Desk
from backend.errors import StoreError
from backend.frames import COMMON, STATIC_HEADERS, WEB, Served, draft_frame, live_frame, shell_page

LINK = re.compile(r"/p/([A-Za-z0-9_-]{1,64})")
EMBEDDED = {"maxwidth": 800, "maxheight": 600}
"""The size of an embedded page in pixels, if nobody asks for less."""


def routes() -> list[BaseRoute]:
    return [
        Route("/", shell),
        Route("/p/{page}", shared),
        Route("/embed/{page}", embedded),
        Route("/oembed", oembed),
        Route("/frame/draft", draft),
        Route("/frame/live/{page}", live),
        Mount("/static", Static(directory=WEB / "static")),
    ]


async def shell(request: Request) -> Response:
    return served(shell_page([desk(request).settings.frame_origin]))


async def shared(request: Request) -> Response:
    """The shell, about to open a page that somebody shares."""
    settings = desk(request).settings
    link = f"{settings.shell_origin}/p/{request.path_params['page']}"
    return served(
        shell_page([settings.frame_origin], oembed=f"{settings.shell_origin}/oembed?{urlencode({'url': link})}")
    )


async def embedded(request: Request) -> Response:
    """The shell without controls, for iframes of the origins that may embed it."""
    settings = desk(request).settings
    return served(shell_page([settings.frame_origin], around=settings.origins or ("'none'",)))


async def oembed(request: Request) -> Response:
    """How to embed a shared page (oembed.com, type rich): an iframe of a size within maxwidth and maxheight."""
    settings = desk(request).settings
    if request.query_params.get("format", "json") != "json":
        return plain("expected format json", 501)
    link = LINK.fullmatch(request.query_params.get("url", "").removeprefix(settings.shell_origin))
    try:
        page = await desk(request).hub.page(link[1]) if link else None
        width, height = (min(most, int(request.query_params.get(name, most))) for name, most in EMBEDDED.items())
    except StoreError:
        return plain("the store cannot be reached", 503)
    except ValueError:
        return plain("expected maxwidth and maxheight in pixels", 400)
    if page is None or page.private or not page.html:
        return plain("no such page", 404)
    source, title = f"{settings.shell_origin}/embed/{page.id}", escape(page.title)
    frame = (
        f'<iframe src="{source}" title="{title}" width="{width}" height="{height}" allow="clipboard-write"></iframe>'
    )
    size = {"width": width, "height": height}
    about = {"version": "1.0", "type": "rich", "provider_name": "Silverprint", "title": page.title}
    return JSONResponse(about | size | {"html": frame}, headers=COMMON | {"access-control-allow-origin": "*"})


async def draft(request: Request) -> Response:
    return served(draft_frame(desk(request).settings.allowed_origins))


async def live(request: Request) -> Response:
    """A page with its scripts; committed, or what was kept of a stopped one."""
    try:
        page = await desk(request).hub.page(request.path_params["page"])
    except StoreError:
        return plain("the store cannot be reached", 503)
    if page is None or page.state == "running":
        return plain("no such page", 404)
    own = page.key and hmac.compare_digest(request.query_params.get("key", "").encode(), page.key.encode())
    shells, data = desk(request).settings.allowed_origins, page.data if own else {}
    return served(await beside(len(page.html), live_frame, page.html, shells, data))


async def missing(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return plain("not found" if status == 404 else "not allowed", status)


def desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


def served(document: Served) -> Response:
    return HTMLResponse(document.body, headers=document.headers)


def plain(text: str, status: int) -> Response:
    return PlainTextResponse(text, status, headers=COMMON)


class Static(StaticFiles):
    """The shell's modules and the frames' scripts."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(STATIC_HEADERS)
        return response
