"""How much a request may send: the bytes are counted on every route, whatever the headers say."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.http.api_requests import BODY_BYTES, Refused
from backend.http.browser_files import plain


class BodyLimit:
    """Middleware that ends bodies at a limit, before anything beyond it is kept.

    Args:
        app: The application behind it.
        larger: Paths that take more than BODY_BYTES, with their limits in bytes.
    """

    def __init__(self, app: ASGIApp, larger: Mapping[str, int]) -> None:
        self._app, self._larger = app, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request with a counted body, and answer 413 if no route answers a body that is too large."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = CountedBody(self._larger.get(scope["path"], BODY_BYTES), receive, send, declared(scope))
        try:
            await self._app(scope, body.receive, body.send)
        except Refused as error:
            if body.answered:
                raise
            await plain(error.message, error.status)(scope, receive, send)


class CountedBody:
    """The body of one request.

    A route that reads on at the limit gets Refused, which it words as its protocol does. Once an answer has begun, the
    client counts as gone.

    Args:
        most: The most bytes.
        receive: The server's receive.
        send: The server's send.
        declared: The body's size by its headers, which may be too much before any byte has come.
    """

    def __init__(self, most: int, receive: Receive, send: Send, declared: int = 0) -> None:
        self._most, self._receive, self._send = most, receive, send
        self._declared, self._came, self.answered = declared, 0, False

    async def receive(self) -> Message:
        """Return the next message of the request.

        Raises:
            Refused: The body is too large and no answer has begun.
        """
        if not self._over:
            message = await self._receive()
            self._came += len(message.get("body", b""))
            if not self._over:
                return message
        if self.answered:
            return {"type": "http.disconnect"}
        raise Refused(413, "too_large", f"expected a body of at most {self._most:,} bytes, got more")

    async def send(self, message: Message) -> None:
        """Send a message, and note that an answer has begun."""
        self.answered = True
        await self._send(message)

    @property
    def _over(self) -> bool:
        return max(self._declared, self._came) > self._most


def declared(scope: Scope) -> int:
    """Return the size that a request's headers give for its body, or 0 if they give none."""
    value = dict(scope["headers"]).get(b"content-length", b"")
    return int(value) if value.isdigit() and len(value) <= 20 else 0
