"""Which clients may come in, and for what: bearer tokens and the scopes they carry."""

import hashlib
import hmac
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from backend.auth.quota import Allowance, Quota, Use
from backend.auth.token_file import Token, digest, given_tokens, own_token, read_tokens
from backend.errors import StartupError
from backend.observability import audit_log

if TYPE_CHECKING:
    from backend.settings import Settings

Scope = Literal["visitor", "embed", "admin"]
ALL: frozenset[str] = frozenset(("visitor", "embed", "admin"))
UNLIMITED, UNUSED = Allowance(), Use()
log = logging.getLogger(__name__)


class Unauthorized(Exception):
    """A client that may not come in.

    Attributes:
        message: One sentence for the client.
        known: Whether its token is one of ours, so that the answer is 403.
    """

    def __init__(self, message: str, known: bool = False) -> None:
        super().__init__(message)
        self.message, self.known = message, known


@dataclass(frozen=True)
class Grant:
    """Who a client is and what it may do.

    Attributes:
        name: The name of its token, for logs and limits; never the token itself.
        scopes: What it may do.
        allowance: The limits of its token.
        digest: The SHA-256 of its token; empty for clients that need none.
    """

    name: str
    scopes: frozenset[str]
    allowance: Allowance = field(default_factory=Allowance)
    digest: bytes = field(default=b"", repr=False)

    def seal(self, secret: str) -> str:
        """Return a seal that ties something with a secret to the token that opened it, or "" without a token.

        The seal is kept with that thing. It discloses neither the secret nor the token.
        """
        return hmac.new(secret.encode(), self.digest, hashlib.sha256).hexdigest() if self.digest else ""

    def opened(self, secret: str, seal: str | None) -> bool:
        """Return whether this client may use something with a secret and a seal.

        It may if its token is the one that opened the thing, or if no token opened it.
        """
        return not seal or hmac.compare_digest(seal.encode(), self.seal(secret).encode())


class Access:
    """Looks up tokens.

    The file is read again when it has changed. If it cannot be used then, the old tokens stay valid, and the log says
    so.

    Args:
        token: The service's own token, which has every scope.
        embed: What shells in other sites send. None means nothing.
        file: A file of further tokens.
        given: Tokens besides those, which never change.

    Raises:
        StartupError: The file cannot be used.
    """

    def __init__(
        self, token: str, embed: str | None = None, file: Path | None = None, given: tuple[Token, ...] = ()
    ) -> None:
        self._own = (Token("service", digest(token), ALL), *given)
        if embed is not None:
            self._own += (Token("embed", digest(embed), frozenset(("embed",))),)
        self._file, self._seen = file, signature(file)
        self._tokens = self._read()
        self._quotas: dict[str, Quota] = {}
        self.elsewhere: Mapping[str, Use] = {}
        """What other processes have in use, by the token's name."""
        self.asks_sites = embed is not None or file is not None or bool(given)
        """Whether shells in other sites must send a token, which stays so when the last such token is revoked."""

    def grant(self, authorization: str | None, *scopes: Scope) -> Grant:
        """Return the grant behind an Authorization header ("Bearer ...").

        Args:
            authorization: The header's value, or None without one.
            *scopes: The scopes of which the token must have one.

        Raises:
            Unauthorized: There is no valid token, or it has none of the scopes.
        """
        self._refresh()
        found = self._find(bearer(authorization))
        if found is None or expired(found):
            raise Unauthorized("expected a bearer token of this service, got none, another or one that has expired")
        if found.scopes.isdisjoint(scopes):
            wanted, got = " or ".join(scopes), ", ".join(sorted(found.scopes))
            raise Unauthorized(f"expected a token for {wanted}, got one for {got}", True)
        if "admin" in scopes:
            audit_log.tell("admin", token=found.name)
        return granted(found)

    def named(self, name: str) -> Grant | None:
        """Return the grant of the token with a name, or None if there is no such token or it has expired."""
        self._refresh()
        found = next((one for one in self._tokens if one.name == name), None)
        return granted(found) if found and not expired(found) else None

    def stands(self, grant: Grant) -> bool:
        """Return whether a grant would still be given: the token is there, valid, and has at least the same scopes."""
        now = self.named(grant.name) if grant.digest else grant
        return now is not None and now.digest == grant.digest and grant.scopes <= now.scopes

    def quota(self, grant: Grant) -> Quota:
        """Return what the holders of a grant's token have in use, with the token's current limits."""
        if (quota := self._quotas.get(grant.name)) is None:
            name = grant.name
            quota = self._quotas[name] = Quota(grant.allowance, lambda: self.elsewhere.get(name, UNUSED))
        if quota.allowance != grant.allowance:
            quota.allow(grant.allowance)
        return quota

    @property
    def limited(self) -> bool:
        """Whether any token has limits."""
        self._refresh()
        return any(one.allowance != UNLIMITED for one in self._tokens)

    def uses(self) -> dict[str, Use]:
        """Return what this process uses of tokens with limits, by their names, without those that are not in use."""
        limited = ((name, quota) for name, quota in self._quotas.items() if quota.allowance != UNLIMITED)
        return {name: use for name, quota in limited if (use := quota.use()) != UNUSED}

    def reload(self) -> None:
        """Read the file again. If it cannot be used, the log says why, and the old tokens stay valid."""
        self._seen = signature(self._file)
        try:
            self._tokens = self._read()
        except StartupError as error:
            log.error("tokens stay as they were: %s", error)
            audit_log.tell("tokens.refused")
            return
        audit_log.tell("tokens.read", count=len(self._tokens))

    def _read(self) -> tuple[Token, ...]:
        tokens = self._own + (read_tokens(self._file) if self._file else ())
        if len({one.name for one in tokens}) < len(tokens):
            raise StartupError("expected every token to have a name of its own, over file and environment")
        return tokens

    def _refresh(self) -> None:
        if self._file and signature(self._file) != self._seen:
            self.reload()

    def _find(self, token: str) -> Token | None:
        """Return the token of this text, if any.

        Every token is compared by digest, even after a match, so that the time does not tell which one matched.
        """
        given, found = digest(token), None
        for one in self._tokens:
            if hmac.compare_digest(given, one.digest):
                found = one
        return found


def granted(token: Token) -> Grant:
    """Return the grant of a token."""
    return Grant(token.name, token.scopes, token.allowance, token.digest)


def open_access(settings: "Settings") -> Access:
    """Return the tokens that the settings and files name.

    Raises:
        StartupError: A token or a file of tokens cannot be used.
    """
    token = settings.token or own_token(settings.data)
    return Access(token, settings.embed_token, settings.tokens, given_tokens(settings.tokens_json))


def bearer(authorization: str | None) -> str:
    """Return the token in an Authorization header, or "" for none."""
    return shown_in(authorization) or ""


def shown_in(authorization: str | None) -> str | None:
    """Return the token in an Authorization header: "" for an empty one, None if the header shows none."""
    scheme, _, token = (authorization or "").partition(" ")
    return token if scheme.lower() == "bearer" else None


def expired(token: Token) -> bool:
    """Return whether a token's time is over."""
    return token.expires is not None and time.time() >= token.expires


def signature(file: Path | None) -> tuple[int, int, int] | None:
    """Return the inode, change time and size of a file, which change when the file does; None without a file."""
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size) if found else None
