"""What browsers load over HTTP: the shell and its files, frames, shared pages, and how to embed them."""

import re
from collections.abc import Mapping
from html import escape
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from backend.errors import StoreError
from backend.http.connections import Connections
from backend.kit import bundle, host_look
from backend.markup.sanitize import sanitise
from backend.offload import beside
from backend.pages import kit_gallery
from backend.pages.documents import (
    COMMON,
    STATIC_HEADERS,
    WEB,
    ServedDocument,
    csp,
    draft_frame,
    granted,
    guard_frame,
    live_frame,
    shell_page,
)
from backend.pages.page_urls import slug
from backend.pages.preamble import alone
from backend.pages.visibility import owns

LINK = re.compile(r"/p/([A-Za-z0-9_-]{1,64})")
FILE = COMMON | {
    "content-security-policy": "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; media-src data: blob:; font-src data:",
    "cache-control": "private, no-store",
}
"""Headers of pages that are downloaded.

A browser that shows such a page all the same runs it on no origin and without a network.
"""

EMBEDDED = {"maxwidth": 800, "maxheight": 600}
"""The size of an embedded page in pixels, if no smaller one is asked for."""


def routes() -> list[BaseRoute]:
    """Return the routes of everything that browsers load."""
    return [
        Route("/", shell),
        Route("/p/{page}.html", download),
        Route("/p/{page}", shared),
        Route("/embed/{page}", embedded),
        Route("/oembed", oembed),
        Route("/kit", gallery_page),
        Route("/kit/{version}/{name}", sheet),
        Route("/frame/guard", guard),
        Route("/frame/draft", draft),
        Route("/frame/live/{page}", live),
        Mount("/static", Static(directory=WEB / "static")),
    ]


async def shell(request: Request) -> Response:
    """Serve the shell."""
    return served(shell_page([connections(request).settings.frame_origin]))


async def shared(request: Request) -> Response:
    """Serve the shell, which then opens a page that somebody shares."""
    settings = connections(request).settings
    link = f"{settings.shell_origin}/p/{request.path_params['page']}"
    return served(
        shell_page([settings.frame_origin], oembed=f"{settings.shell_origin}/oembed?{urlencode({'url': link})}")
    )


async def download(request: Request) -> Response:
    """Serve a page as a file that works alone, with the kit's parts that it uses and the look of its host.

    A private page needs its key.
    """
    headers = shared_with(request)
    try:
        page = await connections(request).registry.page(
            request.path_params["page"], request.query_params.get("key", "")
        )
    except StoreError:
        return plain("the store cannot be reached", 503, headers)
    if page is None or not page.html:
        return plain("no such page", 404, headers)
    rules = host_look.from_address(request.query_params.get("look", ""))
    body = await beside(len(page.html), as_file, page.html, page.kit, rules)
    name = quote(slug(page.title)[:60] or "page")
    return HTMLResponse(
        body, headers=FILE | headers | {"content-disposition": f"attachment; filename*=UTF-8''{name}.html"}
    )


def shared_with(request: Request) -> dict[str, str]:
    """Return headers that let shells in the sites that the operator lists read an answer and its file's name."""
    origin, readers = request.headers.get("origin", ""), connections(request).settings.origins
    told = {"access-control-allow-origin": origin, "access-control-expose-headers": "content-disposition"}
    return {"vary": "origin"} | (told if origin in readers else {})


def as_file(page: str, version: str = "", rules: str = "") -> str:
    """Return a stored page as one that needs nothing around it.

    Args:
        page: The page's markup.
        version: The version of the kit that it was made with.
        rules: The style rules of a host's look.
    """
    return alone(sanitise(page), version, rules)


async def embedded(request: Request) -> Response:
    """Serve the shell without controls, for iframes of the origins that may embed it."""
    settings = connections(request).settings
    return served(shell_page([settings.frame_origin], around=settings.origins or ("'none'",)))


async def oembed(request: Request) -> Response:
    """Tell how to embed a shared page (oembed.com, type rich): an iframe of a size within maxwidth and maxheight."""
    settings = connections(request).settings
    if request.query_params.get("format", "json") != "json":
        return plain("expected format json", 501)
    link = LINK.fullmatch(request.query_params.get("url", "").removeprefix(settings.shell_origin))
    try:
        page = await connections(request).registry.page(link[1]) if link else None
        width, height = (min(most, int(request.query_params.get(name, most))) for name, most in EMBEDDED.items())
    except StoreError:
        return plain("the store cannot be reached", 503)
    except ValueError:
        return plain("expected maxwidth and maxheight in pixels", 400)
    if page is None:
        return plain("no such page", 404)
    source, title = f"{settings.shell_origin}/embed/{page.id}", escape(page.title)
    frame = (
        f'<iframe src="{source}" title="{title}" width="{width}" height="{height}" allow="clipboard-write"></iframe>'
    )
    size = {"width": width, "height": height}
    about = {"version": "1.0", "type": "rich", "provider_name": "Silverprint", "title": page.title}
    return JSONResponse(about | size | {"html": frame}, headers=COMMON | {"access-control-allow-origin": "*"})


async def sheet(request: Request) -> Response:
    """Serve the whole kit of a version.

    An address that is gone is answered with the newest of its version, and a version that is gone with the newest of
    all. Caches keep neither under that address.
    """
    version = bundle.at_hand(request.path_params["version"])
    exact = request.url.path == bundle.address(version)
    keep = "public, max-age=31536000, immutable" if exact else "no-cache"
    return Response(bundle.whole(version), media_type="text/css", headers=STATIC_HEADERS | {"cache-control": keep})


def gallery_page(request: Request) -> Response:
    """Serve the kit's gallery, the same file that `silverprint kit --gallery` writes.

    This is not async, so that it is made in a thread beside the event loop.
    """
    headers = COMMON | {
        "content-security-policy": csp(kit_gallery.policy() | {"frame-ancestors": "'none'"}),
        "cache-control": "no-cache",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": granted("clipboard-write"),
        "vary": "accept-encoding",
    }
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return HTMLResponse(kit_gallery.gallery(), headers=headers)
    return HTMLResponse(kit_gallery.squeezed(), headers=headers | {"content-encoding": "gzip"})


async def guard(request: Request) -> Response:
    """Serve the document of the frame that guards a page's frame."""
    settings = connections(request).settings
    return unframed(request) or served(guard_frame(settings.frame_origin, settings.allowed_origins))


async def draft(request: Request) -> Response:
    """Serve the document of the frame that shows drafts."""
    return unframed(request) or served(draft_frame(around(request), connections(request).settings.frame_origin))


async def live(request: Request) -> Response:
    """Serve a page with its scripts: a committed one, or what was kept of a stopped one.

    A private page needs its key.
    """
    if refusal := unframed(request):
        return refusal
    key = request.query_params.get("key", "")
    try:
        page = await connections(request).registry.page(request.path_params["page"], key)
    except StoreError:
        return plain("the store cannot be reached", 503)
    if page is None:
        return plain("no such page", 404)
    data = page.data if owns(page, key) else {}
    rules = host_look.from_address(request.query_params.get("look", ""))
    return served(await beside(len(page.html), live_frame, page.html, around(request), data, page.kit, rules))


async def missing(request: Request, error: Exception) -> Response:
    """Answer a request for an unknown path or with a method that is not allowed."""
    status = getattr(error, "status_code", 404)
    return plain("not found" if status == 404 else "not allowed", status)


def unframed(request: Request) -> Response | None:
    """Refuse a client that asks for a frame's document but would not show it in a frame.

    In a tab of its own, a page can imitate any site and leave for any other. Browsers say what they ask for, but over
    plain HTTP only to their own machine. On other plain origins, the page's own script stops where it is not framed.

    Returns:
        The refusal, or None for a request that may go on.
    """
    wanted = request.headers.get("sec-fetch-dest")
    if wanted == "iframe" or (wanted is None and not says_destination(connections(request).settings.frame_origin)):
        return None
    got = f"Sec-Fetch-Dest: {wanted[:20]}" if wanted else "no Sec-Fetch-Dest, which every current browser sends"
    return plain(f"this is a part of Silverprint that is shown in its frame alone: expected an iframe, got {got}", 403)


def says_destination(origin: str) -> bool:
    """Return whether browsers send Sec-Fetch-Dest to an origin.

    They do if the origin is potentially trustworthy (Fetch Metadata).
    """
    parts = urlsplit(origin)
    host = parts.hostname or ""
    local = host in ("localhost", "::1") or host.endswith(".localhost") or host.startswith("127.")
    return parts.scheme == "https" or local


def around(request: Request) -> tuple[str, ...]:
    """Return the origins of the documents around a page's frame: the shells, and the guard between them."""
    settings = connections(request).settings
    return (*settings.allowed_origins, settings.frame_origin)


def connections(request: Request) -> Connections:
    """Return what all connections of the service share."""
    found: Connections = request.app.state.connections
    return found


def served(document: ServedDocument) -> Response:
    """Return a document as a response."""
    return HTMLResponse(document.body, headers=document.headers)


def plain(text: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response of plain text."""
    return PlainTextResponse(text, status, headers={**COMMON, **(headers or {})})


class Static(StaticFiles):
    """The shell's modules and the frames' scripts."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Serve a file with the headers of static files."""
        response = await super().get_response(path, scope)
        response.headers.update(STATIC_HEADERS)
        return response
