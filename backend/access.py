"""Who may come in, and for what: bearer tokens and the scopes they carry."""

import hmac
from dataclasses import dataclass
from typing import Literal

Scope = Literal["visitor", "embed", "admin"]


class Unauthorized(Exception):
    """A client that may not come in. message: one sentence for it. known: whether its token is one of ours (403)."""

    def __init__(self, message: str, known: bool = False) -> None:
        super().__init__(message)
        self.message, self.known = message, known


@dataclass(frozen=True)
class Grant:
    """Who a client is. name: of its token, for logs and limits; never the token itself."""

    name: str
    scopes: frozenset[Scope]


class Access:
    """Looks tokens up. token: the service's own, with every scope."""

    def __init__(self, token: str) -> None:
        self._token = token

    def grant(self, authorization: str | None, scope: Scope) -> Grant:
        """The grant behind an Authorization header ("Bearer ..."). Raises Unauthorized without one for the scope."""
        given = (authorization or "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            raise Unauthorized("expected a bearer token of this service, got none or another")
        return Grant("service", frozenset(("visitor", "embed", "admin")))
