"""What the MCP face says of errors, whoever found them: each is counted once, and none repeats a client at length."""

import json
from collections.abc import Callable
from typing import Any

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from backend.http.api_requests import Refused
from backend.shape import clipped

TOLD = "silverprint.told"
"""Where a request's scope holds whether its error is counted."""

SAID, QUOTED = 300, 80
"""Characters of an error, and of what the library says, which quotes the client."""

NAME_CHARS = 200
CODES = {404: "unknown_session", 413: "too_large", 500: "internal", 503: "busy"}
"""Statuses of the library -> our codes; any other is `bad_input`."""

RPC = {"bad_json": -32700, "bad_input": -32600}
"""Our codes -> JSON-RPC's; any other is the server's own."""


def check(message: dict[str, Any]) -> None:
    """Raises Refused for names that answers repeat, as long as nobody needs them."""
    params = message.get("params")
    meta = params.get("_meta") if isinstance(params, dict) else None
    token = meta.get("progressToken") if isinstance(meta, dict) else None
    for name, value in (("id", message.get("id")), ("method", message.get("method")), ("progressToken", token)):
        if isinstance(value, str | int) and len(str(value)) > NAME_CHARS:
            raise Refused(400, "bad_input", f"expected {name} of at most {NAME_CHARS} characters, got more")


def failure(error: Refused, call: Any = None, number: int = 0) -> Response:
    """An error as JSON-RPC. call: the id of its request, None while nobody has read it. number: JSON-RPC's code."""
    number = number or RPC.get(error.code, -32000)
    told = {"jsonrpc": "2.0", "id": call, "error": {"code": number, "message": error.message, "data": error.code}}
    headers = {"www-authenticate": "Bearer"} if error.status == 401 else None
    return Response(json.dumps(told), error.status, headers, "application/json")


class Answers:
    """Sends what the library answers on; what it refuses, before or behind a handler, in our words' length."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, tell: Callable[[str], None]) -> None:
        self._scope, self._receive, self._send, self._tell = scope, receive, send, tell
        self._status, self._body = 0, b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 400:
            self._status, self._headers = message["status"], message.get("headers", [])
        elif not self._status:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._refuse()

    async def _refuse(self) -> None:
        code = CODES.get(self._status, "bad_input")
        if not self._scope.get(TOLD):
            self._tell(code)
        answer = shortened(self._body, Refused(self._status, code, "the request cannot be served as it is"))
        answer.raw_headers += [(name, value) for name, value in self._headers if name.lower() == b"allow"]
        await answer(self._scope, self._receive, self._send)


def shortened(body: bytes, otherwise: Refused) -> Response:
    """A JSON-RPC error as it was, but short. otherwise: for a body that is none."""
    try:
        found = json.loads(body)
        number, said, call = int(found["error"]["code"]), str(found["error"]["message"]), found.get("id")
    except (ValueError, TypeError, KeyError):
        return failure(otherwise)
    if len(body) <= SAID + NAME_CHARS:
        return Response(body, otherwise.status, media_type="application/json")
    return failure(Refused(otherwise.status, otherwise.code, clipped(said, QUOTED)), call, number)
