"""Which clients an Origin, a token or a ticket lets in: one rule for websockets, speech and all other APIs."""

from starlette.requests import HTTPConnection

from backend.auth.access import Access, Grant, Scope, Unauthorized, shown_in
from backend.auth.client import OWN_SHELL, SITE
from backend.auth.tickets import Tickets, is_ticket
from backend.settings import Settings

SERVICE = "service"


class Admission:
    """Decides which clients are let in.

    It takes Origins from the settings, tokens from access, and tickets from the store.
    """

    def __init__(self, settings: Settings, access: Access, tickets: Tickets) -> None:
        self._settings, self._access, self._tickets = settings, access, tickets

    def knows(self, origin: str | None) -> bool:
        """Return whether an Origin is absent or listed; a client with any other Origin is refused."""
        return origin in (None, "null", *self._settings.allowed_origins)

    def free(self, origin: str | None) -> bool:
        """Return whether clients of an Origin need no token.

        The service's own shell needs none. Listed sites need none unless the service asks sites for tokens.
        """
        own = origin == self._settings.shell_origin
        return own or (origin in self._settings.origins and not self._access.asks_sites)

    async def admit(self, origin: str | None, token: str | None) -> Grant:
        """Return the grant of a client whose Origin is known.

        A client that shows a token or ticket is judged by it alone: its Origin does not make up for one that is
        refused. The service's own token admits programs but no site, because all visitors of a site could read it.

        Args:
            origin: The client's Origin, or None.
            token: Its token or ticket, or None if it shows none. A ticket is used up by this.

        Raises:
            Unauthorized: The client may not come in.
            StoreError: A ticket cannot be looked up.
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
    """Return the token or ticket that a client shows, even an empty one, or None for none.

    The Authorization header comes before the query parameter `ticket`.
    """
    given = shown_in(client.headers.get("authorization"))
    return given if given is not None else client.query_params.get("ticket")
