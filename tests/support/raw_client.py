"""A client that sends bare websocket frames, and a service whose sockets buffer little before somebody reads."""

import asyncio
import base64
import contextlib
import json
import os
import socket
import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest

from backend.run import listen
from tests.support import fakes, running_service
from tests.support.running_service import JSON, Service

TEXT, CONTINUED, CLOSE, PING, PONG = 1, 0, 8, 9, 10
HELLO = b'{"type":"hello"}'
LONG = 200_000


def frame(opcode: int, data: bytes = b"", final: bool = True) -> bytes:
    """Return a client's frame, masked with zeros."""
    size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data))
    return bytes([0x80 * final | opcode]) + size + bytes(4) + data


class Raw:
    """A client that sends any bytes.

    Attributes:
        pause: Seconds that it takes to read 16 KiB of a frame.
        reader: The stream to read from.
        writer: The stream to write to.
    """

    pause = 0.0

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            OSError: The service has closed the connection.
        """
        self.writer.write(data)
        await asyncio.wait_for(self.writer.drain(), 10)

    async def next(self) -> tuple[int, bytes]:
        """Return the opcode and the data of the next frame.

        Raises:
            IncompleteReadError: The connection ended.
            OSError: The connection was lost.
        """
        first, size = await self.reader.readexactly(2)
        if size > 125:
            wide = size == 127
            (size,) = struct.unpack("!Q" if wide else "!H", await self.reader.readexactly(8 if wide else 2))
        data = b""
        while len(data) < size:
            data += (part := await self.reader.read(min(2**14, size - len(data))))
            if not part:
                raise ConnectionError
            await asyncio.sleep(self.pause * len(part) / 2**14)
        return first & 15, data

    async def message(self, *kinds: str) -> dict[str, Any]:
        """Return the next message of some types; pings before it are answered."""
        async with asyncio.timeout(60):
            while True:
                opcode, data = await self.next()
                if opcode == PING:
                    await self.send(frame(PONG, data))
                if opcode == TEXT and (found := json.loads(data))["type"] in kinds:
                    return dict(found)

    async def closed(self) -> int:
        """Read to the end; return the code with which the connection was closed, or 1006 without one."""
        code = 1006
        async with asyncio.timeout(10):
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    opcode, data = await self.next()
                    if opcode == CLOSE:
                        (code,) = struct.unpack("!H", data[:2])
        return code


@contextlib.asynccontextmanager
async def connected(service: Service, small: bool = False) -> AsyncIterator[Raw]:
    """Open a bare connection.

    Args:
        service: The service.
        small: Whether the client's socket buffers little before somebody reads.

    Yields:
        The client.
    """
    plain = socket.socket()
    if small:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", service.settings.port))
    reader, writer = await asyncio.open_connection(sock=plain, limit=2**12 if small else 2**16)
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


@contextlib.asynccontextmanager
async def visiting(service: Service, small: bool = False) -> AsyncIterator[Raw]:
    """Open a websocket and say hello; yields the client."""
    async with connected(service, small) as raw:
        key = base64.b64encode(os.urandom(16)).decode()
        where, name = service.settings.shell_origin, f"127.0.0.1:{service.settings.port}"
        head = f"GET /ws HTTP/1.1\r\nHost: {name}\r\nOrigin: {where}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        more = f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: {JSON}\r\n\r\n"
        await raw.send((head + more).encode())
        assert (await raw.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        await raw.send(frame(TEXT, HELLO))
        await raw.message("welcome")
        yield raw


async def refused(raw: Raw, data: bytes) -> None:
    """Send the same bytes again and again until the service has closed the connection."""
    async with asyncio.timeout(30):
        with contextlib.suppress(OSError):
            while True:
                await raw.send(data)
                await asyncio.sleep(0.005)


async def gone(service: Service) -> None:
    """Wait until no client is counted as connected."""
    async with asyncio.timeout(15):
        while service.app.state.connections.open:
            await asyncio.sleep(0.01)


def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the service's sockets buffer little before somebody reads, and let a long page have few canvases."""

    def bind(settings: Any) -> socket.socket:
        listener = listen(settings.host, settings.port, "--port")
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return listener

    monkeypatch.setattr(running_service, "bind", bind)
    monkeypatch.setattr(fakes, "CANVAS", 4096)


def long_page(_: str) -> str:
    """Return a page of about LONG characters."""
    return f"<!doctype html><title>Long</title><p>{'long ' * (LONG // 5)}</p>"
