"""The texts of the MCP API's errors: each error is counted once, and none repeats a client's words at length."""

import json
from collections.abc import Callable
from typing import Any

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from backend.http.api_requests import Refused
from backend.shape import clipped

TOLD = "silverprint.told"
"""Where a request's scope holds whether its error has been counted."""

SAID, QUOTED = 300, 80
"""The most characters of an error, and of what the library says, which quotes the client."""

NAME_CHARS = 200
CODES = {404: "unknown_session", 413: "too_large", 500: "internal", 503: "busy"}
"""The service's code for each status of the library; for any other it is `bad_input`."""

RPC = {"bad_json": -32700, "bad_input": -32600}
"""JSON-RPC's code for each code of the service; for any other it is the server's own."""


def check(message: dict[str, Any]) -> None:
    """Check the names that answers repeat.

    Raises:
        Refused: One of them is longer than anybody needs.
    """
    params = message.get("params")
    meta = params.get("_meta") if isinstance(params, dict) else None
    token = meta.get("progressToken") if isinstance(meta, dict) else None
    for name, value in (("id", message.get("id")), ("method", message.get("method")), ("progressToken", token)):
        if isinstance(value, str | int) and len(str(value)) > NAME_CHARS:
            raise Refused(400, "bad_input", f"expected {name} of at most {NAME_CHARS} characters, got more")


def failure(error: Refused, call: Any = None, number: int = 0) -> Response:
    """Return an error as JSON-RPC.

    Args:
        error: The error.
        call: The id of its request, or None if the request has not been read.
        number: JSON-RPC's code; 0 takes it from RPC.
    """
    number = number or RPC.get(error.code, -32000)
    told = {"jsonrpc": "2.0", "id": call, "error": {"code": number, "message": error.message, "data": error.code}}
    headers = {"www-authenticate": "Bearer"} if error.status == 401 else None
    return Response(json.dumps(told), error.status, headers, "application/json")


class Answers:
    """A `send` that passes the library's answers on, and shortens its refusals, before or behind a handler."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, tell: Callable[[str], None]) -> None:
        self._scope, self._receive, self._send, self._tell = scope, receive, send, tell
        self._status, self._body = 0, b""

    async def __call__(self, message: Message) -> None:
        """Send a message, or collect a refusal and send it when it is complete."""
        if message["type"] == "http.response.start" and message["status"] >= 400:
            self._status, self._headers = message["status"], message.get("headers", [])
        elif not self._status:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._refuse()

    async def _refuse(self) -> None:
        """Send a shortened refusal, and count it unless it has been counted."""
        code = CODES.get(self._status, "bad_input")
        if not self._scope.get(TOLD):
            self._tell(code)
        answer = shortened(self._body, Refused(self._status, code, "the request cannot be served as it is"))
        answer.raw_headers += [(name, value) for name, value in self._headers if name.lower() == b"allow"]
        await answer(self._scope, self._receive, self._send)


def shortened(body: bytes, otherwise: Refused) -> Response:
    """Return a JSON-RPC error as it was, but short.

    Args:
        body: The answer's body.
        otherwise: The error to return for a body that is no JSON-RPC error.
    """
    try:
        found = json.loads(body)
        number, said, call = int(found["error"]["code"]), str(found["error"]["message"]), found.get("id")
    except (ValueError, TypeError, KeyError):
        return failure(otherwise)
    if len(body) <= SAID + NAME_CHARS:
        return Response(body, otherwise.status, media_type="application/json")
    return failure(Refused(otherwise.status, otherwise.code, clipped(said, QUOTED)), call, number)
