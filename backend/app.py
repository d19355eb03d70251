"""The service as an ASGI application: routes, which host serves what, and what lives as long as the service does."""

import contextlib
import hmac
import os
import re
import secrets
from collections.abc import AsyncIterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from backend.card import read_card
from backend.compose import Composer
from backend.connection import Desk, serve_socket
from backend.errors import StartupError, StoreError
from backend.facts import FactsIndex
from backend.frames import COMMON, STATIC_HEADERS, WEB, Served, draft_frame, live_frame, shell_page
from backend.hub import Hub
from backend.making import Press
from backend.settings import Settings
from backend.store import Store
from backend.store_redis import open_store
from backend.voice import hears
from backend.voice_routes import Ear, hear, transcribe

if TYPE_CHECKING:
    from backend.model import Model

TOKEN_FILE = "token"

LINK = re.compile(r"/p/([A-Za-z0-9_-]{1,64})")
EMBEDDED = {"maxwidth": 800, "maxheight": 600}
"""The size of an embedded page in pixels, if nobody asks for less."""


def create_app(settings: Settings, engine: "Model", store: Store | None = None) -> Starlette:
    """The service around an engine. store: by default the one that settings name, opened with the application.

    Its lifespan raises StartupError for whatever keeps it from starting; it closes the store, never the engine.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            opened = store or await open_store(settings)
            stack.push_async_callback(opened.close)
            card = read_card(settings.model)
            facts = FactsIndex.open(settings.facts, settings.data)
            if facts:
                stack.callback(facts.close)
            hub = Hub(opened, Composer(card, facts), Press(engine, card.dialect, settings), settings)
            stack.push_async_callback(hub.close)
            token = settings.token or read_token(settings.data)
            app.state.ear = Ear(settings, token)
            app.state.desk = Desk(settings, hub, card.name, token, hears(settings.voice_model))
            yield

    routes = [
        Route("/", shell),
        Route("/p/{page}", shared),
        Route("/embed/{page}", embedded),
        Route("/oembed", oembed),
        Route("/healthz", health),
        Route("/frame/draft", draft),
        Route("/frame/live/{page}", live),
        Mount("/static", Static(directory=WEB / "static")),
        WebSocketRoute("/ws", socket),
        Route("/v1/audio/transcriptions", transcribe, methods=["POST"]),
        WebSocketRoute("/voice", hear),
    ]
    handlers = {404: missing, 405: missing}
    middleware = [Middleware(HostCheck, settings=settings)]
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers, middleware=middleware)


def read_token(data: Path) -> str:
    """The bearer token in the data folder, made on first use, readable by its owner alone. Raises StartupError."""
    path = data / TOKEN_FILE
    try:
        data.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError), open(path, "x", encoding="ascii", opener=private) as file:
            file.write(secrets.token_urlsafe(32))
        token = path.read_text("ascii").strip()
    except (OSError, ValueError) as error:
        raise StartupError(f"expected a token in {path}, got: {error}") from error
    if not token:
        raise StartupError(f"expected a token in {path}, got an empty file; delete it to have a new one made")
    return token


def private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


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
    return served(live_frame(page.html, desk(request).settings.allowed_origins, page.data if own else {}))


async def health(request: Request) -> Response:
    return JSONResponse({"status": "ok", "model": desk(request).model}, headers={"cache-control": "no-store"})


async def missing(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return plain("not found" if status == 404 else "not allowed", status)


async def socket(websocket: WebSocket) -> None:
    await serve_socket(websocket, websocket.app.state.desk)


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


class HostCheck:
    """Frames on the frame origin's host, the shell on its own, nothing on another name, as DNS rebinding would need."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._shell = app, settings.shell_origin
        self._shell_host, self._frame_host = host_of(settings.shell_origin), host_of(settings.frame_origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != "/healthz" and not self._fits(scope):
            text = f"nothing is served here under this name; the service is at {self._shell}/"
            await plain(text, 421)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _fits(self, scope: Scope) -> bool:
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").lower()
        path = scope["path"]
        if path.startswith("/static/"):
            return host in (self._shell_host, self._frame_host)
        return bool(host == (self._frame_host if path.startswith("/frame/") else self._shell_host))


def host_of(origin: str) -> str:
    """The Host header of requests to an origin: the port only where it is not the scheme's own."""
    parts = urlsplit(origin.lower())
    default = {"http": ":80", "https": ":443"}[parts.scheme]
    return parts.netloc.removesuffix(default)
