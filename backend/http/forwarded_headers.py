"""Requests that come by a trusted proxy get the client's address and scheme; what others say of that is counted."""

import logging

from starlette.types import ASGIApp, Receive, Scope, Send

from backend.trusted_proxies import TrustedProxies, canonical

FOR, PROTO = b"x-forwarded-for", b"x-forwarded-proto"
SECURE = {"http": False, "ws": False, "https": True, "wss": True}
log = logging.getLogger(__name__)


class ForwardedHeaders:
    """Puts the client's own address and scheme into requests that come by a trusted proxy; nobody else is believed."""

    def __init__(self, app: ASGIApp, proxies: TrustedProxies) -> None:
        self._app, self._proxies, self._warned = app, proxies, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            self._take(scope)
        await self._app(scope, receive, send)

    def _take(self, scope: Scope) -> None:
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
        """As the nearest proxy has it."""
        values = [value for name, value in scope["headers"] if name == PROTO]
        word = values[-1].decode("latin-1").rpartition(",")[2].strip(" \t").lower() if values else ""
        if word in SECURE:
            kind = "ws" if scope["type"] == "websocket" else "http"
            scope["scheme"] = f"{kind}s" if SECURE[word] else kind

    def _ignore(self, scope: Scope, why: str) -> None:
        """Count a header that is not taken; without any proxy, say once how to have it taken."""
        scope["app"].state.connections.observer.metrics.forwarded(why)
        if not (self._proxies or self._warned):
            self._warned = True
            log.warning("X-Forwarded-For is not read; if a proxy of yours sends it, name its address with --proxy")
