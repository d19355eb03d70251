"""Who is at the other end, as far as pages are concerned."""

from dataclasses import dataclass, field

from backend.auth.access import Grant
from backend.auth.quota import Allowance, Quota


@dataclass(frozen=True)
class ClientIdentity:
    """name: of the token, or of the sort of client that needs none. address: the client's. session: its mark.
    quota: what it may have. grant: what it was let in by; None for one that is not at a door."""

    name: str = "shell"
    address: str = ""
    session: str = ""
    quota: Quota = field(default_factory=lambda: Quota(Allowance()))
    grant: Grant | None = None


OWN_SHELL, SITE = Grant("shell", frozenset(("visitor",))), Grant("site", frozenset(("visitor",)))
"""Browsers that need no token: at the service's own shell, and at a listed site when none is asked for."""
