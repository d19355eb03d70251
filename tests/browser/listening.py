"""Ears on the loopback: whatever a page sends out in any way that its browser has arrives here."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Ears:
    """tcp, udp: the ports that listen. heard: what came, each with the protocol before it."""

    tcp: int
    udp: int
    heard: list[str] = field(default_factory=list)


@contextlib.contextmanager
def listening() -> Iterator[Ears]:
    with contextlib.ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        ears = Ears(tcp.getsockname()[1], udp.getsockname()[1])
        ended = threading.Event()
        threads = [threading.Thread(target=hear, args=(ears, one, ended)) for one in (tcp, udp)]
        for one, thread in zip((tcp, udp), threads, strict=True):
            one.settimeout(0.1)
            thread.start()
        try:
            yield ears
        finally:
            ended.set()
            for thread in threads:
                thread.join()


def hear(ears: Ears, one: socket.socket, ended: threading.Event) -> None:
    while not ended.is_set():
        with contextlib.suppress(TimeoutError):
            if one.type == socket.SOCK_DGRAM:
                ears.heard.append(f"udp {one.recv(2048)!r}")
                continue
            connection, _ = one.accept()
            with connection:
                ears.heard.append("tcp connected")
                connection.settimeout(1)
                ears.heard.append(f"tcp {connection.recv(2048)!r}")
