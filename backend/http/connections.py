"""What all connections share: the first message, the limits of an address, and the removal of revoked clients."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import cached_property

from backend.auth.access import Access, Grant, Unauthorized
from backend.auth.admission import Admission
from backend.auth.client_address import network
from backend.auth.new_session_limit import NewSessionLimit
from backend.errors import ProtocolError
from backend.observability.observer import Observer
from backend.protocol.codec import MESSAGE_BYTES
from backend.protocol.messages import PROMPT_CHARS, Limits, Welcome
from backend.sessions.history import LENGTH
from backend.sessions.registry import TRY_LATER, SessionRegistry
from backend.sessions.session import Session
from backend.settings import Settings

REVIEW_SECONDS = 5.0


@dataclass(frozen=True)
class Connections:
    """What all connections share.

    Attributes:
        settings: Options of the service.
        registry: The sessions.
        model: The model's name.
        access: The tokens.
        admission: Decides which clients are let in.
        voice: Whether the service can recognise speech.
        open: How many connections each network has.
        observer: Reports the service's events.
        grants: What each connection was let in by; the key is the function that sends it away.
    """

    settings: Settings
    registry: SessionRegistry
    model: str
    access: Access
    admission: Admission
    voice: bool = False
    open: "Counter[str]" = field(default_factory=Counter)
    observer: Observer = field(default_factory=Observer)
    grants: dict[Callable[[], None], Grant] = field(default_factory=dict)

    async def keep_reviewing(self) -> None:
        """Send clients away whose tokens are not valid any more, every few seconds, for ever."""
        while True:
            await asyncio.sleep(REVIEW_SECONDS)
            for send_away in [one for one, grant in self.grants.items() if not self.access.stands(grant)]:
                send_away()

    def welcome(self, session: Session, resumed: bool, free: bool) -> Welcome:
        """Return the first message of a connection.

        Args:
            session: The connection's session.
            resumed: Whether the client came back to it.
            free: Whether the client needs no token, so that it can also speak.
        """
        settings, history = self.settings, session.items()
        limits = Limits(
            MESSAGE_BYTES,
            PROMPT_CHARS,
            settings.page_tokens,
            settings.page_seconds,
            settings.grace_seconds,
            LENGTH,
            settings.actions_burst,
            settings.actions_per_second,
            settings.page_bytes,
            settings.max_queue,
            settings.queue_seconds,
            session.identity.quota.allowance.pages_per_minute,
        )
        index = session.archive.history.index
        frames, voice = settings.frame_origin, self.voice and free
        return Welcome(session.key, resumed, self.model, frames, voice, limits, history, index)

    @cached_property
    def newcomers(self) -> NewSessionLimit:
        """The limit of new sessions for each network."""
        return NewSessionLimit(self.settings.address_connections)

    def begin(self, address: str, grant: Grant) -> Session:
        """Return a new session for a client; only a client with the same token can come back to it.

        Raises:
            ProtocolError: busy.
        """
        if not self.newcomers.admit(network(address), time.monotonic()):
            most = self.newcomers.per_second
            text = f"expected at most {most:.1f} new sessions a second from an address; try again in a moment"
            raise ProtocolError("busy", text, TRY_LATER)
        return self.registry.create(returns=True, grant=grant)

    @contextlib.asynccontextmanager
    async def while_granted(self, grant: Grant) -> AsyncIterator[None]:
        """Run a block that takes long, and end it when its client would not be let in any more.

        Raises:
            Unauthorized: The client's token is not valid any more.
        """
        try:
            async with asyncio.timeout(None) as limit:
                loop = asyncio.get_running_loop()

                def send_away() -> None:
                    limit.reschedule(loop.time())

                self.grants[send_away] = grant
                try:
                    yield
                finally:
                    del self.grants[send_away]
        except TimeoutError:
            if not limit.expired():
                raise
            raise Unauthorized("expected a token that is valid still, got one that is not any more") from None

    def claim_connection(self, address: str) -> bool:
        """Count a connection, and return whether its address may have it."""
        place = network(address)
        self.open[place] += 1
        return self.open[place] <= self.settings.address_connections

    def release_connection(self, address: str) -> None:
        """Stop counting a connection."""
        place = network(address)
        self.open[place] -= 1
        if not self.open[place]:
            del self.open[place]
