"""Running the service: the port first, then the store, then the model, so that what is wrong shows at once."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import uvicorn

from backend.app import create_app
from backend.errors import StartupError
from backend.protocol import MESSAGE_BYTES
from backend.settings import Settings
from backend.store_redis import open_store
from engine.errors import DeviceLost

if TYPE_CHECKING:
    from backend.model import Model

PING_SECONDS = 20.0
DRAIN_SECONDS = 5
BACKLOG = 256
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve(settings: Settings, load: "Callable[[], Model]", ready: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGINT or SIGTERM. load: gives the engine, which is closed at the end. ready: called once it listens.

    Raises StartupError, with one sentence, for whatever keeps the service from starting; DeviceLost when the GPU
    failed: everything is stored and closed in order then, and a new process can go on with the same sessions.
    """
    listener = bind(settings)
    try:
        asyncio.run(run(settings, load, ready, listener))
    finally:
        listener.close()


def bind(settings: Settings) -> socket.socket:
    """The listening address, taken before anything slow. Raises StartupError if it is in use or not ours."""
    where = f"{settings.host}:{settings.port}"
    try:
        family, *_, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise StartupError(f"expected an address to listen on, got {where}: {error.strerror}") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise StartupError(f"cannot listen on {where}: {error.strerror}; choose another with --port") from error
    return listener


async def run(
    settings: Settings, load: "Callable[[], Model]", ready: Callable[[], None], listener: socket.socket
) -> None:
    store = await open_store(settings)
    try:
        engine = await asyncio.to_thread(load)
    except BaseException:
        await store.close()
        raise
    try:
        app = create_app(settings, engine, store)
        server = Server(config(app), ready)
        loop = asyncio.get_running_loop()

        def lost(error: DeviceLost) -> None:
            loop.call_soon_threadsafe(server.give_up, error)

        engine.when_lost(lost)
        async with app.router.lifespan_context(app):
            await server.serve([listener])
    finally:
        engine.close()
    if server.failure:
        raise server.failure


class Server(uvicorn.Server):
    """Says when it listens, and ends on a signal without raising it again, so that the store is closed in order."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self.failure: Exception | None = None

    def give_up(self, failure: Exception) -> None:
        """End as on a signal, for this reason."""
        self.failure = failure
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)


def config(app: Any) -> uvicorn.Config:
    """uvicorn with the websockets library, without compression, with limits.

    Messages between our limit and four times it are read and refused with an error; larger ones end the connection.
    """
    return uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_max_size=4 * MESSAGE_BYTES,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        ws_per_message_deflate=False,
        lifespan="off",
        server_header=False,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        h11_max_incomplete_event_size=65_536,
    )
