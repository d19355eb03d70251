"""Running the service: the port first, then the store, then the model, so that what is wrong shows at once."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette

from backend.app import create_app
from backend.errors import StartupError
from backend.http.health import side_door
from backend.http.uvicorn_protocols import Http, Protocol
from backend.protocol.codec import MESSAGE_BYTES
from backend.settings import Settings
from backend.storage.redis_store import open_store
from engine.core.errors import DeviceLost

if TYPE_CHECKING:
    from backend.models.base import Model

PING_SECONDS = 20.0
CLOSE_SECONDS = 5
BACKLOG = 256
ALLOW = "FORWARDED_ALLOW_IPS"
"""What uvicorn would read by itself."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)
log = logging.getLogger(__name__)


def serve(settings: Settings, load: "Callable[[], Model]", ready: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGINT or SIGTERM. load: gives the engine, which is closed at the end. ready: called once it listens.

    Raises StartupError, with one sentence, for whatever keeps the service from starting; DeviceLost when the GPU
    failed: everything is stored and closed in order then, and a new process can go on with the same sessions.
    """
    if os.environ.get(ALLOW):
        log.warning("%s is not read; name the proxies that are to be believed with --proxy", ALLOW)
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(bind(settings))
        port = settings.metrics_port
        side = stack.enter_context(listen(settings.metrics_host, port, "--metrics-port")) if port else None
        asyncio.run(run(settings, load, ready, listener, side))


def bind(settings: Settings) -> socket.socket:
    """The listening address, taken before anything slow. Raises StartupError if it is in use or not ours."""
    return listen(settings.host, settings.port, "--port")


def listen(host: str, port: int, option: str) -> socket.socket:
    """option: what chooses another port. Raises StartupError if the address is in use or not ours."""
    where = f"{host}:{port}"
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # else asyncio leaves Nagle's delay on
    except OSError as error:
        raise StartupError(f"expected an address to listen on, got {where}: {error.strerror}") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise StartupError(f"cannot listen on {where}: {error.strerror}; choose another with {option}") from error
    return listener


async def run(
    settings: Settings,
    load: "Callable[[], Model]",
    ready: Callable[[], None],
    listener: socket.socket,
    side: socket.socket | None = None,
) -> None:
    """side: where metrics are given without a token, if anywhere."""
    store = await open_store(settings)
    try:
        began = time.perf_counter()
        engine = await asyncio.to_thread(load)
        log.info("model loaded", extra={"seconds": round(time.perf_counter() - began, 3)})
    except BaseException:
        await store.close()
        raise
    try:
        app = create_app(settings, engine, store)
        server = Server(config(app), ready)
        loop = asyncio.get_running_loop()

        def lost(error: DeviceLost) -> None:
            app.state.readiness.lost = error
            loop.call_soon_threadsafe(server.give_up, error)

        engine.when_lost(lost)
        async with app.router.lifespan_context(app), beside(app, side):
            server.drain = app.state.connections.registry.drain
            gc.collect()
            gc.freeze()  # what is loaded stays, and need not be looked through again: that would stop every frame
            loop.add_signal_handler(signal.SIGHUP, app.state.access.reload)
            log.info("listening", extra={"host": settings.host, "port": settings.port})
            await server.serve([listener])
    finally:
        engine.close()
    log.info("ended")
    if server.failure:
        raise server.failure


@contextlib.asynccontextmanager
async def beside(app: Starlette, listener: socket.socket | None) -> AsyncIterator[None]:
    """Serve the application's metrics on a listener of their own, if there is one."""
    if listener is None:
        yield
        return
    server = SideServer(configured(side_door(app), ws="none"))
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


class SideServer(uvicorn.Server):
    """Leaves signals to the service's own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Server(uvicorn.Server):
    """Says when it listens, and ends on a signal without raising it again, so that the store is closed in order.

    drain: what is waited for after SIGTERM, while it listens still. SIGINT, or a second SIGTERM, ends it at once.
    """

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self.failure: Exception | None = None
        self.drain: Callable[[], Awaitable[None]] | None = None
        self._draining: asyncio.Task[None] | None = None

    def give_up(self, failure: Exception) -> None:
        """End as on a signal, for this reason."""
        self.failure = failure
        self.should_exit = True

    def terminate(self) -> None:
        """SIGTERM."""
        if self.drain and not self._draining:
            self._draining = asyncio.get_running_loop().create_task(self._drain(self.drain))
        else:
            self.handle_exit(signal.SIGTERM, None)

    async def _drain(self, drain: Callable[[], Awaitable[None]]) -> None:
        try:
            await drain()
        finally:
            self.handle_exit(signal.SIGTERM, None)  # which streams of the MCP face listen for, too

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self.handle_exit, signal.SIGINT, None)
        loop.add_signal_handler(signal.SIGTERM, self.terminate)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)


def config(app: Any) -> uvicorn.Config:
    """uvicorn with protocols of our own, with limits.

    Messages between our limit and four times it are read and refused with an error; larger ones end the connection.
    """
    return configured(
        app,
        ws=Protocol,
        ws_max_size=4 * MESSAGE_BYTES,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        log_level="warning",
        timeout_graceful_shutdown=CLOSE_SECONDS,
        h11_max_incomplete_event_size=65_536,
    )


def configured(app: Any, **options: Any) -> uvicorn.Config:
    """What all our listeners have in common. Proxies are believed by backend/http/forwarded_headers.py, never by
    uvicorn, which would trust whatever connects from this machine."""
    common: dict[str, Any] = {"http": Http, "lifespan": "off", "server_header": False, "log_config": None}
    trust: dict[str, Any] = {"proxy_headers": False, "forwarded_allow_ips": "", "access_log": False}
    return uvicorn.Config(app, **common, **trust, **options)
