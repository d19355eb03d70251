"""Who may come in, and for what: bearer tokens and the scopes they carry."""

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
    """A client that may not come in. message: one sentence for it. known: whether its token is one of ours (403)."""

    def __init__(self, message: str, known: bool = False) -> None:
        super().__init__(message)
        self.message, self.known = message, known


@dataclass(frozen=True)
class Grant:
    """Who a client is. name: of its token, for logs and limits; never the token itself. digest: its SHA-256; empty for
    those who need none."""

    name: str
    scopes: frozenset[str]
    allowance: Allowance = field(default_factory=Allowance)
    digest: bytes = field(default=b"", repr=False)

    def seal(self, secret: str) -> str:
        """What is kept with something that has a secret, to know by it the token that opened it; "" for none. It gives
        neither away."""
        return hmac.new(secret.encode(), self.digest, hashlib.sha256).hexdigest() if self.digest else ""

    def opened(self, secret: str, seal: str | None) -> bool:
        """Whether something with a secret and a seal may be used: its own token came, or no token opened it."""
        return not seal or hmac.compare_digest(seal.encode(), self.seal(secret).encode())


class Access:
    """Looks tokens up. token: the service's own, with every scope. embed: what shells in other sites send, if anything.

    file: more tokens; it is read anew when it has changed. given: tokens besides those, for good.
    Raises StartupError if the file cannot be used. When that happens later, the tokens of before stay, as logged.
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
        """Whether shells in other sites must send a token: not only while there is one, for the last may be revoked."""

    def grant(self, authorization: str | None, *scopes: Scope) -> Grant:
        """The grant behind an Authorization header ("Bearer ..."). Raises Unauthorized without one for any of the
        scopes."""
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
        """The grant of the token of a name, while it is valid."""
        self._refresh()
        found = next((one for one in self._tokens if one.name == name), None)
        return granted(found) if found and not expired(found) else None

    def stands(self, grant: Grant) -> bool:
        """Whether what was granted would be granted still: the token is there, valid, and for no less than then."""
        now = self.named(grant.name) if grant.digest else grant
        return now is not None and now.digest == grant.digest and grant.scopes <= now.scopes

    def quota(self, grant: Grant) -> Quota:
        """What the holders of a grant's token have in use, with its limits as they are now."""
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
        """What this process has in use of tokens with limits, by their names; none that are not in use."""
        limited = ((name, quota) for name, quota in self._quotas.items() if quota.allowance != UNLIMITED)
        return {name: use for name, quota in limited if (use := quota.use()) != UNUSED}

    def reload(self) -> None:
        """Read the file anew. If it cannot be used, the log says why, and the tokens of before stay."""
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
        """Every token is compared, by digest, whatever was found already."""
        given, found = digest(token), None
        for one in self._tokens:
            if hmac.compare_digest(given, one.digest):
                found = one
        return found


def granted(token: Token) -> Grant:
    return Grant(token.name, token.scopes, token.allowance, token.digest)


def open_access(settings: "Settings") -> Access:
    """Who may come in, by settings and files. Raises StartupError."""
    token = settings.token or own_token(settings.data)
    return Access(token, settings.embed_token, settings.tokens, given_tokens(settings.tokens_json))


def bearer(authorization: str | None) -> str:
    """The token in an Authorization header; "" for none."""
    return shown_in(authorization) or ""


def shown_in(authorization: str | None) -> str | None:
    """The token that an Authorization header shows, "" for an empty one; None if it shows none."""
    scheme, _, token = (authorization or "").partition(" ")
    return token if scheme.lower() == "bearer" else None


def expired(token: Token) -> bool:
    return token.expires is not None and time.time() >= token.expires


def signature(file: Path | None) -> tuple[int, int, int] | None:
    """Whatever changes with a file."""
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size) if found else None
