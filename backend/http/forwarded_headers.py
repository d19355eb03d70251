"""Takes the client's address and scheme from trusted proxies, and counts such headers of all other senders."""

import logging

from starlette.types import ASGIApp, Receive, Scope, Send

from backend.trusted_proxies import TrustedProxies, canonical

FOR, PROTO = b"x-forwarded-for", b"x-forwarded-proto"
SECURE = {"http": False, "ws": False, "https": True, "wss": True}
log = logging.getLogger(__name__)


class ForwardedHeaders:
    """Middleware that puts the client's own address and scheme into requests of trusted proxies.

    The headers of any other sender are not trusted.
    """

    def __init__(self, app: ASGIApp, proxies: TrustedProxies) -> None:
        self._app, self._proxies, self._warned = app, proxies, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or websocket with the client's address and scheme."""
        if scope["type"] in ("http", "websocket"):
            self._take(scope)
        await self._app(scope, receive, send)

    def _take(self, scope: Scope) -> None:
        """Set the client's address and scheme from the headers of a trusted proxy."""
        said = b",".join(value for name, value in scope["headers"] if name == FOR).decode("latin-1")
        host, port = scope["client"] or ("", 0)
        peer = canonical(host)
        if peer is None or not self._proxies.trusts(peer):
            if said:
                self._ignore(scope, "untrusted")
            return
        self._scheme(scope)
        if not said:
            return
        found, good = self._proxies.client(peer, said)
        scope["client"] = (str(found), port if found == peer else 0)
        if not good:
            self._ignore(scope, "invalid")

    def _scheme(self, scope: Scope) -> None:
        """Set the scheme that the nearest proxy names."""
        values = [value for name, value in scope["headers"] if name == PROTO]
        word = values[-1].decode("latin-1").rpartition(",")[2].strip(" \t").lower() if values else ""
        if word in SECURE:
            kind = "ws" if scope["type"] == "websocket" else "http"
            scope["scheme"] = f"{kind}s" if SECURE[word] else kind

    def _ignore(self, scope: Scope, why: str) -> None:
        """Count a header that is not used; without any trusted proxy, log once how to have it used."""
        scope["app"].state.connections.observer.metrics.forwarded(why)
        if not (self._proxies or self._warned):
            self._warned = True
            log.warning("X-Forwarded-For is not read; if a proxy of yours sends it, name its address with --proxy")
