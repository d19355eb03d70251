"""The real application on a real port with a fake engine, and websocket clients for it, in the test's event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from backend.app import create_app
from backend.protocol.codec import CODECS, Codec, encode
from backend.protocol.messages import ClientMessage, Hello
from backend.run import Server, bind, config
from backend.settings import Settings
from backend.storage.records import Store
from tests.support.clients import View, message_of
from tests.support.fakes import FakeEngine, MemoryStore, settings_in

MSGPACK, JSON = CODECS
HELLO = Hello()


def free_port() -> int:
    """Return a port that is free on the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def serving(settings: Settings, engine: Any, store: Store) -> AsyncIterator[Starlette]:
    """Run the service until the block ends; it accepts connections when the block begins."""
    listens = asyncio.Event()
    app = create_app(settings, engine, store)
    async with app.router.lifespan_context(app):
        listener = bind(settings)
        server = Server(config(app), listens.set)
        task = asyncio.create_task(server.serve([listener]))
        await listens.wait()
        try:
            yield app
        finally:
            server.should_exit = True
            await task
            listener.close()


class Client(View):
    """A websocket client that speaks one of the subprotocols."""

    def __init__(self, socket: ClientConnection, codec: Codec) -> None:
        super().__init__()
        self.socket, self.codec = socket, codec

    async def send(self, message: ClientMessage) -> None:
        """Send a message."""
        await self.socket.send(encode(message, self.codec))

    async def receive(self) -> Any:
        """Return the next message."""
        seq, message = message_of(self.codec.loads(await asyncio.wait_for(self.socket.recv(), 30)))
        self.take(seq, message)
        return message

    async def until(self, done: Callable[[], bool]) -> Any:
        """Receive messages until a condition holds; return the last one."""
        while not done():
            await self.receive()
        return self.last

    async def page(self, message: ClientMessage) -> Any:
        """Send an action; return the final message of the page that results."""
        before = len(self.final)
        await self.send(message)
        return await self.until(lambda: len(self.final) > before)

    async def error(self) -> str:
        """Return the code of the next error."""
        before = len(self.errors)
        await self.until(lambda: len(self.errors) > before)
        return self.errors[-1]

    async def closed(self) -> int | None:
        """Read until the server closes the connection; return its close code."""
        async with asyncio.timeout(5):
            with contextlib.suppress(ConnectionClosed):
                while await self.socket.recv():
                    pass
        return self.socket.close_code


class Service:
    """What a test has of a running service.

    Attributes:
        settings: Its settings.
        engine: Its engine.
        store: Its store.
        app: The application; None if the service runs in a process of its own.
    """

    def __init__(self, settings: Settings, engine: FakeEngine, store: Any, app: Any = None) -> None:
        self.settings, self.engine, self.store, self.app = settings, engine, store, app

    async def post(self, path: str, **headers: str) -> httpx.Response:
        """Send an empty POST request."""
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.post(f"http://127.0.0.1:{self.settings.port}{path}", headers=headers)

    @contextlib.asynccontextmanager
    async def client(
        self,
        protocol: str = MSGPACK,
        hello: Hello | None = HELLO,
        query: str = "",
        **options: Any,
    ) -> AsyncIterator[Client]:
        """Connect a client.

        Args:
            protocol: The subprotocol.
            hello: The message that it sends first; None sends none.
            query: Query of the address.
            options: Options of the handshake.

        Yields:
            The client.
        """
        options = {"origin": self.settings.shell_origin, "proxy": None, "ping_interval": None} | options
        url = f"ws://127.0.0.1:{self.settings.port}/ws{query}"
        async with connect(url, subprotocols=[Subprotocol(protocol)], **options) as socket:
            client = Client(socket, CODECS.get(protocol, CODECS[JSON]))
            if hello:
                await client.send(hello)
                await client.until(lambda: bool(client.messages))
            yield client


def visit(
    folder: Path, scene: Callable[[Service], Awaitable[None]], fake: FakeEngine | None = None, **options: Any
) -> None:
    """Run a scene against a new service with a store in memory.

    Args:
        folder: Where the service's files are.
        scene: The scene.
        fake: The service's engine; None takes a plain FakeEngine.
        options: Settings.
    """

    async def whole() -> None:
        settings = settings_in(folder, port=free_port(), **options)
        engine, store = fake or FakeEngine(), MemoryStore()
        async with serving(settings, engine, store) as app:
            await scene(Service(settings, engine, store, app))
        assert store.closed
        assert not engine.closed

    asyncio.run(whole())
