"""Checks which host serves what: a page that a model wrote must never come from the shell's own origin."""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from backend.http.browser_files import plain
from backend.settings import Settings

ANY_HOST = ("/healthz", "/readyz", "/metrics")
"""Paths that machines ask for, by whatever name they know this one."""


class HostCheck:
    """Middleware that serves frames on the frame origin's host and the shell on its own host.

    Nothing is served under another name, which DNS rebinding would need.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._shell = app, settings.shell_origin
        self._shell_host, self._frame_host = host_of(settings.shell_origin), host_of(settings.frame_origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request on the right host, or answer 421."""
        if scope["type"] == "http" and scope["path"] not in ANY_HOST and not self._fits(scope):
            text = f"nothing is served here under this name; the service is at {self._shell}/"
            await plain(text, 421)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _fits(self, scope: Scope) -> bool:
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").lower()
        path = scope["path"]
        if path.startswith(("/static/", "/kit/")):
            return host in (self._shell_host, self._frame_host)
        return bool(host == (self._frame_host if path.startswith("/frame/") else self._shell_host))


def host_of(origin: str) -> str:
    """Return the Host header of requests to an origin, which has a port only where it is not the scheme's own."""
    parts = urlsplit(origin.lower())
    default = {"http": ":80", "https": ":443"}[parts.scheme]
    return parts.netloc.removesuffix(default)
