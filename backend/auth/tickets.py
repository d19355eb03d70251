"""Tickets admit the visitors of a site whose server holds a token.

The site's server gets a ticket for each visitor, and the visitor's browser shows it once within a minute. A ticket is
kept in the store under its SHA-256. So every process accepts it, and reading the store discloses none.
"""

import re
import secrets
from typing import TYPE_CHECKING

import msgpack
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend.auth.access import Access, Grant, Scope, Unauthorized
from backend.auth.client_address import address_of
from backend.auth.token_file import digest
from backend.errors import ProtocolError, StoreError
from backend.observability import audit_log

if TYPE_CHECKING:
    from backend.storage.records import Store

SECONDS = 60
TICKET = re.compile(r"spt_[A-Za-z0-9_-]{43}")
STALE = "expected a ticket that is not used and not older than a minute; get a new one"


def is_ticket(token: str | None) -> bool:
    """Return whether a token looks like a ticket; no token of a file does."""
    return bool(token and TICKET.fullmatch(token))


class Tickets:
    """Issues tickets and takes them in."""

    def __init__(self, access: Access, store: "Store") -> None:
        self._access, self._store = access, store

    async def give(self, grant: Grant) -> str:
        """Return a new ticket for what a token may do, except administration.

        Raises:
            StoreError: The store did not answer.
        """
        ticket = f"spt_{secrets.token_urlsafe(32)}"
        scopes = sorted(grant.scopes - {"admin"})
        kept = msgpack.packb([grant.name, scopes, grant.seal(ticket)])
        await self._store.lend(digest(ticket).hex(), kept, SECONDS)
        return ticket

    async def take(self, ticket: str, *scopes: Scope) -> Grant:
        """Use up a ticket.

        Args:
            ticket: The ticket.
            *scopes: The scopes of which it must carry one.

        Returns:
            The grant of the token that the ticket was made with.

        Raises:
            Unauthorized: The ticket or its token is not valid, or not any more.
            StoreError: The store did not answer.
        """
        kept = await self._store.take(digest(ticket).hex()) if is_ticket(ticket) else None
        match msgpack.unpackb(kept) if kept is not None else None:
            case [str(name), list(given), str(seal)]:
                grant = self._access.named(name)
            case _:
                raise Unauthorized(STALE)
        if grant is None or not grant.opened(ticket, seal) or grant.scopes.intersection(given).isdisjoint(scopes):
            what = f"a ticket for {' or '.join(scopes)}"
            raise Unauthorized(f"expected {what}, made with a token that is valid still", True)
        audit_log.tell("ticket.used", token=name, ticket=audit_log.mark(ticket))
        return grant


def routes() -> list[Route]:
    """Return the route of POST /v1/tickets."""
    return [Route("/v1/tickets", make, methods=["POST"])]


async def make(request: Request) -> Response:
    """Issue a ticket to a client with a token of scope visitor or embed: `{"ticket", "expires_in"}`, status 201."""
    state, address = request.app.state, address_of(request)
    refused = state.connections.observer.refused
    try:
        check_origin(request)
        grant = granted(state.access, request.headers.get("authorization"))
        ticket = await state.tickets.give(grant)
    except ProtocolError as error:
        status = {"foreign_origin": 403, "forbidden": 403}.get(error.code, 401)
        audit_log.tell("refuse", code=error.code, address=address, at="tickets")
        refused(error.code)
        return answer({"type": "error", "code": error.code, "message": error.message}, status)
    except StoreError:
        refused("store_unavailable")
        said = "the store cannot be reached, and tickets are kept there"
        return answer({"type": "error", "code": "store_unavailable", "message": said}, 503)
    audit_log.tell("ticket.made", token=grant.name, address=address, ticket=audit_log.mark(ticket))
    return answer({"ticket": ticket, "expires_in": SECONDS}, 201)


def check_origin(request: Request) -> None:
    """Refuse browsers of foreign sites; servers send no Origin.

    Raises:
        ProtocolError: foreign_origin, if there is an Origin and it is not a listed one.
    """
    origin = request.headers.get("origin")
    if origin is not None and origin not in request.app.state.connections.settings.allowed_origins:
        raise ProtocolError("foreign_origin", "expected an allowed Origin, got a foreign one")


def granted(access: Access, authorization: str | None) -> Grant:
    """Return the grant of a token of scope visitor or embed.

    Raises:
        ProtocolError: unauthorized or forbidden.
    """
    try:
        return access.grant(authorization, "visitor", "embed")
    except Unauthorized as error:
        raise ProtocolError("forbidden" if error.known else "unauthorized", error.message) from None


def answer(body: dict[str, object], status: int) -> Response:
    """Build a JSON answer that no cache may keep."""
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return JSONResponse(body, status, headers=headers)
