"""The identity of a client, as far as pages are concerned."""

from dataclasses import dataclass, field

from backend.auth.access import Grant
from backend.auth.quota import Allowance, Quota


@dataclass(frozen=True)
class ClientIdentity:
    """Who a page is made for.

    Attributes:
        name: The name of the client's token, or of the kind of client that needs none.
        address: The client's address.
        session: The mark of its session.
        quota: What it may use.
        grant: What it was let in by. None if nobody had to be let in.
    """

    name: str = "shell"
    address: str = ""
    session: str = ""
    quota: Quota = field(default_factory=lambda: Quota(Allowance()))
    grant: Grant | None = None


OWN_SHELL, SITE = Grant("shell", frozenset(("visitor",))), Grant("site", frozenset(("visitor",)))
"""Browsers that need no token: at the service's own shell, and at a listed site when none is asked for."""
