"""Whom an Origin, a token or a ticket lets in: the same for websockets, speech and everything else with an Origin."""

from starlette.requests import HTTPConnection

from backend.auth.access import Access, Grant, Scope, Unauthorized, shown_in
from backend.auth.client import OWN_SHELL, SITE
from backend.auth.tickets import Tickets, is_ticket
from backend.settings import Settings

SERVICE = "service"


class Admission:
    """Origins from settings, tokens from access, tickets from the store."""

    def __init__(self, settings: Settings, access: Access, tickets: Tickets) -> None:
        self._settings, self._access, self._tickets = settings, access, tickets

    def knows(self, origin: str | None) -> bool:
        """Whether an Origin is none or a listed one; any other is refused whatever else it brings."""
        return origin in (None, "null", *self._settings.allowed_origins)

    def free(self, origin: str | None) -> bool:
        """Whether clients of an Origin need no token: the service's own shell, and sites unless they are asked."""
        own = origin == self._settings.shell_origin
        return own or (origin in self._settings.origins and not self._access.asks_sites)

    async def admit(self, origin: str | None, token: str | None) -> Grant:
        """The grant of a client of a known origin; token: its token or ticket, which is used up; None if it shows none.

        Who shows one is judged by it alone: the Origin stands in for none that is refused.
        The service's own token lets programs in and no site, where all visitors could read it.
        Raises Unauthorized, and StoreError for a ticket that cannot be looked up.
        """
        own = origin == self._settings.shell_origin
        if token is None and self.free(origin):
            return OWN_SHELL if own else SITE
        site = not own and origin in self._settings.allowed_origins
        scopes: tuple[Scope, ...] = ("visitor", "embed") if own else ("embed",) if site else ("visitor",)
        if token and is_ticket(token):
            return await self._tickets.take(token, *scopes)
        grant = self._access.grant(f"Bearer {token or ''}", *scopes)
        if site and grant.name == SERVICE:
            raise Unauthorized("expected a token for embed from another site, got the service's own", True)
        return grant


def shown(client: HTTPConnection) -> str | None:
    """The token or ticket that a client shows, even if it is empty, in its Authorization header, else in its address;
    None for none."""
    given = shown_in(client.headers.get("authorization"))
    return given if given is not None else client.query_params.get("ticket")
