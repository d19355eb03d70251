"""The file of bearer tokens: who has one, for what, until when. Only the SHA-256 of a token is kept."""

import contextlib
import hashlib
import json
import re
import secrets
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from backend.auth.quota import Allowance
from backend.errors import StartupError
from backend.private_files import private

OWN_FILE = "token"
SCOPES = ("visitor", "embed", "admin")
FEWEST, MOST = 16, 256
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SHA256 = re.compile(r"[0-9a-f]{64}")
LIMITS = ("pages_per_minute", "connections", "pages")
FIELDS = ("name", "token", "sha256", "scopes", "expires", *LIMITS)
OWN = ("service", "embed", "shell", "site")
"""Names that the service itself gives."""
NAMED = f"a name of letters and digits other than {', '.join(OWN)}"


@dataclass(frozen=True)
class Token:
    """What is known of a token.

    Attributes:
        name: Its name, for logs and limits.
        digest: Its SHA-256.
        scopes: What its holder may do.
        expires: When it expires, in seconds since the epoch. None means never.
        allowance: Its limits.
    """

    name: str
    digest: bytes = field(repr=False)
    scopes: frozenset[str]
    expires: float | None = None
    allowance: Allowance = field(default_factory=Allowance)


def own_token(data: Path) -> str:
    """Return the service's own token from the data folder, made on first use and readable by its owner alone.

    Raises:
        StartupError: The file cannot be read or written, or is empty.
    """
    path = data / OWN_FILE
    try:
        data.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError), open(path, "x", encoding="ascii", opener=private) as file:
            file.write(secrets.token_urlsafe(32))
        token = path.read_text("ascii").strip()
    except (OSError, ValueError) as error:
        raise StartupError(f"expected a token in {path}, got: {error}") from error
    if not token:
        raise StartupError(f"expected a token in {path}, got an empty file; delete it to have a new one made")
    return token


def digest(token: str) -> bytes:
    """Return the SHA-256 of a token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def read_tokens(path: Path) -> tuple[Token, ...]:
    """Return the tokens in a file, which is JSON if its name ends in .json, else TOML.

    Raises:
        StartupError: The file cannot be used. The message repeats nothing of its content.
    """
    try:
        return parse_tokens(path.read_text("utf-8"), path.suffix == ".json")
    except OSError as error:
        raise StartupError(f"expected a file of tokens, got {path}: {error.strerror}") from error
    except ValueError as error:
        raise StartupError(f"expected tokens in {path}: {error}") from None


def given_tokens(text: str | None) -> tuple[Token, ...]:
    """Return the tokens in an environment variable, given as JSON.

    Raises:
        StartupError: The text cannot be used. The message repeats nothing of it.
    """
    try:
        return parse_tokens(text, as_json=True) if text else ()
    except ValueError as error:
        raise StartupError(f"expected tokens in SILVERPRINT_TOKENS_JSON: {error}") from None


def parse_tokens(text: str, as_json: bool) -> tuple[Token, ...]:
    """Return the tokens in a text, which must hold nothing but `token`, a list of maps.

    Raises:
        ValueError: The text cannot be used. The message repeats nothing of it but names.
    """
    try:
        data = json.loads(text) if as_json else tomllib.loads(text)
    except ValueError as error:
        where = re.search(r"line \d+", str(error))
        said = f"expected {'JSON' if as_json else 'TOML'}, got something else at {where[0] if where else 'its end'}"
        raise ValueError(said) from None
    entries = data.get("token", []) if isinstance(data, dict) and set(data) <= {"token"} else None
    if not isinstance(entries, list):
        raise ValueError("expected nothing but a list named token")
    tokens = tuple(token_of(entry, number) for number, entry in enumerate(entries, 1))
    for what, found in (("name", [one.name for one in tokens]), ("token", [one.digest for one in tokens])):
        if len(set(found)) < len(found):
            raise ValueError(f"expected every {what} once, got one twice")
    return tokens


def token_of(entry: object, number: int) -> Token:
    """Return the token that an entry describes.

    Args:
        entry: The entry.
        number: Its number in the list, from 1.

    Raises:
        ValueError: The entry cannot be used.
    """
    if not isinstance(entry, Mapping):
        raise ValueError(f"expected token {number} to be a map")
    name = entry.get("name")
    expect(isinstance(name, str) and NAME.fullmatch(name) and name not in OWN, number, NAMED)
    unknown = sorted(set(entry) - set(FIELDS))
    expect(not unknown, name, f"no other fields than {', '.join(FIELDS)}")
    scopes = entry.get("scopes")
    named = isinstance(scopes, list) and bool(scopes) and all(scope in SCOPES for scope in scopes)
    expect(named, name, f"scopes among {', '.join(SCOPES)}")
    allowance = Allowance(**{limit: limited(entry.get(limit), name, limit) for limit in LIMITS})
    return Token(str(name), digest_of(entry), frozenset(scopes or ()), expiry(entry.get("expires"), name), allowance)


def digest_of(entry: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of an entry's token, which is given either as `token` or as `sha256`.

    Raises:
        ValueError: Both or neither is given, or it cannot be used.
    """
    token, known = entry.get("token"), entry.get("sha256")
    expect((token is None) != (known is None), entry["name"], "either token or sha256")
    if known is not None:
        expect(isinstance(known, str) and SHA256.fullmatch(known.lower()), entry["name"], "sha256 in hexadecimal")
        return bytes.fromhex(known)
    fits = isinstance(token, str) and FEWEST <= len(token) <= MOST
    expect(fits, entry["name"], f"a token of {FEWEST} to {MOST} characters")
    return digest(str(token))


def limited(value: object, name: object, limit: str) -> int | None:
    """Return a limit of a token, or None if it is not given.

    Raises:
        ValueError: It is no integer of 1 or more.
    """
    fits = value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0)
    expect(fits, name, f"{limit} of 1 or more")
    return value if isinstance(value, int) else None


def expiry(value: object, name: object) -> float | None:
    """Return when a token expires, in seconds since the epoch, or None for never.

    A date means the end of that day. A date or time without a time zone is in UTC.

    Raises:
        ValueError: The value is neither a date nor a date with a time.
    """
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        moment = None
    whole = (isinstance(moment, date) and not isinstance(moment, datetime)) or (
        isinstance(value, str) and len(value) == len("2027-01-01")
    )
    if isinstance(moment, date) and whole:
        moment = datetime.combine(moment, time.max)
    expect(isinstance(moment, datetime), name, "expires as a date, 2027-01-31 or 2027-01-31T12:00:00Z")
    assert isinstance(moment, datetime)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def expect(ok: object, of: object, what: str) -> None:
    """Raise ValueError unless `ok`.

    The message names the token, but does not repeat what stands in the file, because that may be a secret.

    Args:
        ok: Whether the condition holds.
        of: The name of the token, or its number.
        what: What was expected.
    """
    if not ok:
        raise ValueError(f"expected {what} in token {of}")


def add_token(path: Path, name: str, scopes: Iterable[str], expires: str | None = None) -> str:
    """Make a token, keep its digest in a file, and return the token, which is shown only this once.

    The file is made if it does not exist.

    Args:
        path: The file of tokens.
        name: The name of the new token.
        scopes: What its holder may do.
        expires: When it expires, as in the file. None means never.

    Raises:
        StartupError: The file, name, scope or date cannot be used.
    """
    token = f"sp_{secrets.token_urlsafe(32)}"
    known = read_tokens(path) if path.exists() else ()
    entry = {"name": name, "sha256": digest(token).hex(), "scopes": list(scopes)} | (
        {"expires": expires} if expires else {}
    )
    try:
        made = token_of(entry, len(known) + 1)
    except ValueError as error:
        raise StartupError(str(error)) from None
    if any(one.name == made.name for one in known):
        raise StartupError(f"expected a name that no token in {path} has, got {name}")
    try:
        (add_json if path.suffix == ".json" else add_toml)(path, entry)
    except OSError as error:
        raise StartupError(f"expected a file that can be written, got {path}: {error.strerror}") from error
    return token


def add_toml(path: Path, entry: Mapping[str, Any]) -> None:
    """Append an entry to a TOML file and keep what is there, comments included.

    JSON's strings and lists are valid TOML, so the values are written as JSON.
    """
    lines = ["[[token]]", *(f"{key} = {json.dumps(value)}" for key, value in entry.items())]
    before = path.read_text("utf-8") if path.exists() else ""
    added = "\n" * bool(before) + "\n".join(lines) + "\n"
    try:
        parse_tokens(before + added, as_json=False)
    except ValueError:
        raise StartupError(f"expected tokens as tables [[token]] in {path}, to which one can be added") from None
    with open(path, "a", encoding="utf-8", opener=private) as file:
        file.write(added)


def add_json(path: Path, entry: Mapping[str, Any]) -> None:
    """Add an entry to a JSON file by writing a new file and moving it into place, so that nobody reads half of it."""
    data = json.loads(path.read_text("utf-8")) if path.exists() else {}
    data["token"] = [*data.get("token", []), dict(entry)]
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with open(beside, "x", encoding="utf-8", opener=private) as file:
        file.write(json.dumps(data, indent=2) + "\n")
    beside.replace(path)
