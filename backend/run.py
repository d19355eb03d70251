"""Start and run the service: first the port, then the store, then the model, so that faults show at once."""

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
"""The variable by which uvicorn alone would trust proxies; the service does not read it."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)
log = logging.getLogger(__name__)


def serve(settings: Settings, load: "Callable[[], Model]", ready: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        settings: Options of the service.
        load: Returns the engine, which is closed at the end.
        ready: Called once the service listens.

    Raises:
        StartupError: Something keeps the service from starting; the message is one sentence.
        DeviceLost: The GPU failed. Everything is then stored and closed in order, and a new process can go on with the
            same sessions.
    """
    if os.environ.get(ALLOW):
        log.warning("%s is not read; name the proxies to trust with --proxy", ALLOW)
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(bind(settings))
        port = settings.metrics_port
        side = stack.enter_context(listen(settings.metrics_host, port, "--metrics-port")) if port else None
        asyncio.run(run(settings, load, ready, listener, side))


def bind(settings: Settings) -> socket.socket:
    """Take the listening address before anything slow happens.

    Raises:
        StartupError: The address is in use or does not belong to this machine.
    """
    return listen(settings.host, settings.port, "--port")


def listen(host: str, port: int, option: str) -> socket.socket:
    """Open a listening socket.

    Args:
        host: The address to listen on.
        port: The port to listen on.
        option: The command-line option that chooses another port, for the error message.

    Raises:
        StartupError: The address is in use or does not belong to this machine.
    """
    where = f"{host}:{port}"
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # With an explicit protocol, asyncio turns Nagle's delay off.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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
    """Open the store, load the model, and serve on a listener until the server ends.

    Args:
        settings: Options of the service.
        load: Returns the engine, which is closed at the end.
        ready: Called once the service listens.
        listener: The socket of the service.
        side: The socket where metrics are served without a token. None means that there is none.

    Raises:
        StartupError: Something keeps the service from starting.
        DeviceLost: The GPU failed.
    """
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
            # Loaded objects stay, so later collections need not scan them: each scan would delay every frame.
            gc.freeze()
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
    """A server that leaves signals to the service's own server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no signal handlers."""
        yield


class Server(uvicorn.Server):
    """A uvicorn server that reports when it listens, and ends on a signal without raising the signal again.

    Because the signal is not raised again, the store is closed in order. A first SIGTERM waits for `drain`. SIGINT, or
    a second SIGTERM, ends the server at once.

    Attributes:
        failure: The reason why the server ends, if it is an error.
        drain: What a first SIGTERM waits for, while the server still listens.
    """

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self.failure: Exception | None = None
        self.drain: Callable[[], Awaitable[None]] | None = None
        self._draining: asyncio.Task[None] | None = None

    def give_up(self, failure: Exception) -> None:
        """End as on a signal, for this reason; `failure` is set to it."""
        self.failure = failure
        self.should_exit = True

    def terminate(self) -> None:
        """Handle SIGTERM."""
        if self.drain and not self._draining:
            self._draining = asyncio.get_running_loop().create_task(self._drain(self.drain))
        else:
            self.handle_exit(signal.SIGTERM, None)

    async def _drain(self, drain: Callable[[], Awaitable[None]]) -> None:
        try:
            await drain()
        finally:
            self.handle_exit(signal.SIGTERM, None)  # Streams of the MCP API also listen for this.

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the sockets, then call `ready`."""
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle SIGINT and SIGTERM in the event loop while the block runs."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self.handle_exit, signal.SIGINT, None)
        loop.add_signal_handler(signal.SIGTERM, self.terminate)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)


def config(app: Any) -> uvicorn.Config:
    """Configure uvicorn with our own protocols and limits.

    Messages between our limit and four times that limit are read and refused with an error. Larger ones end the
    connection.
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
    """Configure what all our listeners have in common.

    backend/http/forwarded_headers.py decides which proxies to trust. uvicorn does not, because it would trust whatever
    connects from this machine.

    Args:
        app: The ASGI application.
        **options: Further options of uvicorn.Config.
    """
    common: dict[str, Any] = {"http": Http, "lifespan": "off", "server_header": False, "log_config": None}
    trust: dict[str, Any] = {"proxy_headers": False, "forwarded_allow_ips": "", "access_log": False}
    return uvicorn.Config(app, **common, **trust, **options)
