"""The options of the service: one frozen dataclass; the environment is read once."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import inf
from pathlib import Path
from typing import Any, get_args, get_origin
from urllib.parse import urlsplit

from backend.errors import SettingsError
from backend.trusted_proxies import TrustedProxies

SWITCH = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}
PREFIX = "SILVERPRINT_"
BUNDLED_MODEL = Path(__file__).resolve().parent.parent / "models" / "silverprint-s"
POSITIVE = (
    "page_tokens", "page_seconds", "grace_seconds", "session_days", "max_sessions", "max_pages",
    "session_pages", "session_bytes", "stored_sessions",
    "page_bytes", "queue_seconds", "actions_burst", "actions_per_second", "address_connections",
)  # fmt: skip
NOT_NEGATIVE = ("max_queue", "drain_seconds")
SENT = re.compile(r"(?!http:.*:80$|https:.*:443$)https?://(?:[a-z0-9_.-]*[a-z0-9_-]|\[[0-9a-f:.]+\])(?::[0-9]+)?")
"""Matches an origin in the one spelling that browsers use, so that the same origin is always the same text."""
AS_SENT = "as browsers send it: in small letters, without a user, a last dot and the scheme's own port"
PAGE_BYTES = 2_097_152
"""The most bytes of HTML that `page_bytes` may allow: a page and its brief must fit into one record of the store."""
PRECISIONS = ("bf16", "fp8", "int4")
LOGS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")
STORE_SCHEMES = (
    "redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster",
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """Options of the service.

    Attributes:
        host: The address to listen on.
        port: The port to listen on.
        model: The checkpoint folder.
        precision: The precision of the weights on a GPU: bf16, fp8 or int4. None chooses the most exact that fits.
        data: The folder for sessions, the facts index and the token.
        store: The address of a server, of sentinels or of a cluster (see backend/storage/store_url.py). None starts an
            embedded server with its files under `data`.
        facts: A folder of .md, .html and .txt files. None uses the encyclopedia package, if it is installed.
        shell_origin: The origin of the shell. By default http://HOST:port, with 127.0.0.1 where HOST is a wildcard.
        frame_origin: The origin of frames, which must differ from the shell's. By default http://localhost:port.
        origins: Further origins that may open the websocket, for shells embedded elsewhere.
        token: The bearer token for clients without an Origin. None makes one once and keeps it in `data`/token.
        embed_token: What shells in other sites must send, besides coming from one of `origins`. None asks for nothing.
        voice_model: The folder of a Whisper model in CTranslate2's layout. None uses that of an installed package.
        tenant: The prefix of the store's keys, so that several services can share a store.
        prefetch: Whether likely pages are begun while nothing else is made.
        page_tokens: The most tokens of a page.
        page_steps: The most denoising steps of a canvas. None uses the checkpoint's own number.
        guidance: The weight of classifier-free guidance, which computes two canvases for one
            (engine.core.params.Params). None uses no guidance.
        page_seconds: How long a page may take, in seconds.
        grace_seconds: How long a page runs on without a connection, in seconds.
        session_days: How long a session is kept, in days.
        max_sessions: The most sessions in memory at once.
        max_pages: The most pages that are made at once.
        store_ca: Certificates (PEM) that a store with TLS is checked against. None uses the system's.
        session_pages: The most pages that are kept of a session. Beyond it the oldest pages are forgotten.
        session_bytes: The most bytes that are kept of a session. Beyond it the oldest pages are forgotten.
        stored_sessions: The most sessions with pages in the store. Beyond it the oldest that no process holds are
            forgotten.
        page_bytes: The most bytes of HTML that a page may have.
        max_queue: The most pages that may wait for their turn.
        queue_seconds: How long a page waits for its turn at most, in seconds.
        drain_seconds: How long a service that is told to end lets pages be finished, in seconds.
        actions_burst: How many actions one client may send at once.
        actions_per_second: How many actions a second one client may send.
        address_connections: The most websockets and requests of APIs and of speech from one client address. An address
            may also open as many new sessions at once.
        proxy: Addresses and networks of proxies whose word about a client's address is trusted. By default no proxy is.
        tokens: A file of bearer tokens.
        tokens_json: The same as JSON text.
        audit: A file that the audit log is appended to.
        engine: Where pages are made. None means this process. ray://... names a Ray cluster (see
            backend.models.ray.url). http(s)://... up to and with /v1 names an upstream model behind OpenAI's API.
        engine_model: The name of an upstream model.
        engine_key: The bearer token for an upstream model.
        engine_diffusing: Whether an upstream model is asked for the whole text at every step, as diffusion models can
            give it.
        log: The form of log lines: text or json.
        log_level: One of debug, info, warning and error.
        traces: Whether traces are sent to OpenTelemetry; see the OTEL_* variables.
        metrics_port: The port where metrics are served without a token, besides /metrics with one. None opens no such
            port.
        metrics_host: The address of that port.

    Raises:
        SettingsError: A value cannot be used.
    """

    host: str = "127.0.0.1"
    port: int = 8017
    model: Path = BUNDLED_MODEL
    precision: str | None = None
    data: Path = Path("data")
    store: str | None = None
    facts: Path | None = None
    shell_origin: str = ""
    frame_origin: str = ""
    origins: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)
    embed_token: str | None = field(default=None, repr=False)
    voice_model: Path | None = None
    tenant: str = "main"
    prefetch: bool = True
    page_tokens: int = 1024
    page_steps: int | None = None
    guidance: float | None = None
    page_seconds: float = 120.0
    grace_seconds: float = 60.0
    session_days: float = 30.0
    max_sessions: int = 1000
    max_pages: int = 64
    store_ca: Path | None = None
    session_pages: int = 200
    session_bytes: int = 67_108_864
    stored_sessions: int = 100_000
    page_bytes: int = 1_048_576
    max_queue: int = 256
    queue_seconds: float = 120.0
    drain_seconds: float = 8.0
    actions_burst: int = 20
    actions_per_second: float = 5.0
    address_connections: int = 64
    proxy: tuple[str, ...] = ()
    tokens: Path | None = None
    tokens_json: str | None = field(default=None, repr=False)
    audit: Path | None = None
    engine: str | None = None
    engine_model: str = ""
    engine_key: str | None = field(default=None, repr=False)
    engine_diffusing: bool = False
    log: str = "text"
    log_level: str = "warning"
    traces: bool = False
    metrics_port: int | None = None
    metrics_host: str = "127.0.0.1"

    def __post_init__(self) -> None:
        self._derive_origins()
        check(self.log in LOGS, "log", " or ".join(LOGS), self.log)
        check(self.log_level in LEVELS, "log_level", " or ".join(LEVELS), self.log_level)
        metrics_port = self.metrics_port
        check(
            metrics_port is None or 1 <= metrics_port <= 65535, "metrics_port", "a number from 1 to 65535", metrics_port
        )
        check(1 <= self.port <= 65535, "port", "a number from 1 to 65535", self.port)
        for name in POSITIVE:
            check(getattr(self, name) > 0, name, "a positive number", getattr(self, name))
        for name in NOT_NEGATIVE:
            check(getattr(self, name) >= 0, name, "a number of 0 or more", getattr(self, name))
        check(self.page_bytes <= PAGE_BYTES, "page_bytes", f"{PAGE_BYTES:,} or less", self.page_bytes)
        check(self.page_steps is None or self.page_steps > 0, "page_steps", "a positive number", self.page_steps)
        check(self.guidance is None or 0 <= self.guidance < inf, "guidance", "a number >= 0", self.guidance)
        check(self.precision in (None, *PRECISIONS), "precision", " or ".join(PRECISIONS), self.precision)
        check(self.tenant.isidentifier(), "tenant", "letters, digits and underscores", self.tenant)
        for name, origin in [("origin", one) for one in self.allowed_origins] + [("frame_origin", self.frame_origin)]:
            check(is_origin(origin), name, "scheme://host[:port] without a path", origin)
            check(bool(SENT.fullmatch(origin)), name, AS_SENT, origin)
        if self.frame_origin in self.allowed_origins:
            raise SettingsError(f"expected frames on another origin than the shell, got {self.frame_origin} for both")
        if self.store is not None:
            known = urlsplit(self.store).scheme in STORE_SCHEMES
            check(known, "store", f"an address of {', '.join(STORE_SCHEMES)}", self.store)
        self._check_engine()
        self._check_proxy()
        for name in ("token", "embed_token"):
            if (value := getattr(self, name)) is not None:
                check(1 <= len(value) <= 256, name, "1 to 256 characters", f"{len(value)} characters")

    @property
    def upstream(self) -> bool:
        """Whether an upstream model behind OpenAI's API makes the pages."""
        return self.engine is not None and urlsplit(self.engine).scheme in ("http", "https")

    def _check_engine(self) -> None:
        """Check that an engine elsewhere has an address without secrets, and an upstream model its name.

        An address can end up in logs, so it must hold no secrets.
        """
        if self.engine is None:
            return
        parts = urlsplit(self.engine)
        fits = self.upstream and parts.hostname and not (parts.username or parts.query)
        expected = "ray://... or http(s)://host[:port]/path without user, password and query"
        check(parts.scheme == "ray" or bool(fits), "engine", expected, self.engine)
        check(not fits or bool(self.engine_model), "engine_model", "the name of a model of that engine", "")

    def _check_proxy(self) -> None:
        try:
            TrustedProxies(self.proxy)
        except ValueError:
            expected = "addresses, or networks such as 10.1.0.0/16"
            raise SettingsError(f"expected proxy to be {expected}, got {', '.join(self.proxy)!r}") from None

    def _derive_origins(self) -> None:
        """Fill in the origins that were left open; a frozen dataclass needs object.__setattr__ for that."""
        shell_host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "localhost", "") else self.host
        shell_host = f"[{shell_host}]" if ":" in shell_host else shell_host
        object.__setattr__(self, "shell_origin", self.shell_origin or f"http://{shell_host}:{self.port}")
        object.__setattr__(self, "frame_origin", self.frame_origin or f"http://localhost:{self.port}")

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins that may open the websocket, with the shell's own first."""
        return (self.shell_origin, *self.origins)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, **options: Any) -> "Settings":
        """Read settings from SILVERPRINT_* variables and from options.

        Args:
            environ: The environment variables.
            **options: Values that win over the environment, as the command line does. None means not given.

        Raises:
            SettingsError: A variable or option names no setting, or its value cannot be used.
        """
        values: dict[str, Any] = {}
        known = {f.name: f for f in fields(cls)}
        for key, text in environ.items():
            if key.startswith(PREFIX) and (name := key.removeprefix(PREFIX).lower()) in known:
                values[name] = parse(key, text, known[name].type)
        values |= {name: value for name, value in options.items() if value is not None}
        if unknown := sorted(set(values) - set(known)):
            raise SettingsError(f"expected settings among {', '.join(known)}; got {', '.join(unknown)}")
        return cls(**values)


def parse(key: str, text: str, kind: Any) -> Any:
    """Return the value of one environment variable, by the annotated type of its setting."""
    kinds = (kind, *get_args(kind))
    if bool in kinds:
        check(text.lower() in SWITCH, key, "on or off", text)
        return SWITCH[text.lower()]
    try:
        if number := next((k for k in (int, float) if k in kinds), None):
            return number(text)
    except ValueError:
        raise SettingsError(f"expected a number in {key}, got {text!r}") from None
    if Path in kinds:
        return Path(text)
    return tuple(text.replace(",", " ").split()) if get_origin(kind) is tuple else text


def is_origin(text: str) -> bool:
    """Return whether text is an origin as browsers send it: scheme, host and port, nothing else."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and text == f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        return False


def check(ok: bool, name: str, expected: str, got: object) -> None:
    """Raise SettingsError unless `ok`."""
    if not ok:
        raise SettingsError(f"expected {name} to be {expected}, got {got!r}")
