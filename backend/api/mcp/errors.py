"""Errors that the MCP library finds after admission, of methods and of tools: each is counted and cut to a length."""

import json
from collections.abc import Callable
from typing import Any

from mcp import MCPError
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp_types import INTERNAL_ERROR
from pydantic import ValidationError

from backend.api.mcp.error_texts import QUOTED, SAID, TOLD
from backend.errors import ProtocolError, StoreError
from backend.http.api_requests import complaint
from backend.shape import clipped


class Errors:
    """Middleware of the library around each message, which counts errors by the service's codes."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Handle a message; an error is counted, and an MCPError is cut."""
        try:
            return await call_next(ctx)
        except MCPError as error:
            self._count(ctx, code_of(error))
            raise short(error) from error
        except Exception as error:
            self._count(ctx, "bad_input" if isinstance(error, ValidationError) else "internal")
            raise

    def of_tool(self, error: ToolError) -> ToolError:
        """Count a tool's failure and return it with a shorter text."""
        self._tell(code_of(error))
        if isinstance(error.__cause__, ValidationError):
            return ToolError(f"expected other arguments: {complaint(error.__cause__)}")
        return type(error)(clipped(str(error), SAID))

    def _count(self, ctx: ServerRequestContext[Any, Any], code: str) -> None:
        if ctx.request_id is None:
            return  # A notification has no answer.
        self._tell(code)
        if ctx.request is not None:
            ctx.request.scope[TOLD] = True


def code_of(error: BaseException) -> str:
    """Return the service's code of an error, by its first cause that has one."""
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, ProtocolError):
            return cause.code
        if isinstance(cause, StoreError):
            return "store_unavailable"
        cause = cause.__cause__ or cause.__context__
    ours = isinstance(error, UnexpectedToolError) or (isinstance(error, MCPError) and error.code == INTERNAL_ERROR)
    return "internal" if ours else "bad_input"


def short(error: MCPError) -> MCPError:
    """Return the same error without data and text that a client may have made as long as it liked."""
    data = error.error.data
    if len(json.dumps(data, default=str)) > QUOTED:
        data = None
    return MCPError(error.code, clipped(error.error.message, SAID), data)
