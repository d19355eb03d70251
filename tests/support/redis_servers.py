"""Real Redis servers for tests: a single one, one with TLS, a cluster of three, and one that a sentinel watches."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

from tests.support.running_service import free_port

REDIS = shutil.which("redis-server") or "redis-server"
NODES = 3
GUARD = "a sentinel's own"
"""The sentinel's password."""


@contextmanager
def redis(folder: Path, *options: str, port: int = 0) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Run a redis-server.

    Args:
        folder: Where its files are.
        options: More options.
        port: The port; 0 takes a free one.

    Yields:
        Its address and its process.
    """
    port = port or free_port()
    log = folder / f"log-{port}"
    words = ("--port", str(port), "--dir", str(folder), "--save", "", "--logfile", str(log), *options)
    process = subprocess.Popen([REDIS, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield f"redis://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait()


def wait_for(port: int) -> None:
    """Wait until a server accepts connections on a port.

    Raises:
        TimeoutError: There is none after ten seconds.
    """
    for _ in range(1000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise TimeoutError(f"expected a server on port {port}")


def ask(port: int, *words: str, password: str = "") -> str:
    """Return a server's answer to a command of redis-cli."""
    command, asked = ["redis-cli", "-p", str(port), *words], {**os.environ, "REDISCLI_AUTH": password}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=asked).stdout


def until(port: int, command: str, wanted: str, password: str = "") -> None:
    """Wait until a server's answer contains some text.

    Raises:
        TimeoutError: It does not after ten seconds.
    """
    for _ in range(500):
        if wanted in ask(port, *command.split(), password=password):
            return
        time.sleep(0.02)
    raise TimeoutError(f"expected {wanted!r} of {command}")


@contextmanager
def secured(folder: Path) -> Iterator[tuple[str, Path]]:
    """Run a server that speaks only TLS; yields its address and its self-signed certificate."""
    key, certificate, port = folder / "key.pem", folder / "ca.pem", free_port()
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    files = ("--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-ca-cert-file", str(certificate))
    plain = free_port()
    with redis(folder, "--tls-port", str(port), "--tls-auth-clients", "no", *files, port=plain):
        wait_for(port)
        yield f"rediss://localhost:{port}/0", certificate


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Run three masters with a third of the slots each; yields the cluster's address."""
    with ExitStack() as stack:
        ports = [free_port() for _ in range(NODES)]
        for port in ports:
            home = folder / str(port)
            home.mkdir()
            options = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()), "--cluster-node-timeout", "2000")
            stack.enter_context(redis(home, *options, port=port))
        nodes = [f"127.0.0.1:{port}" for port in ports]
        command = ["redis-cli", "--cluster", "create", *nodes, "--cluster-yes"]
        subprocess.run(command, check=True, capture_output=True)
        for port in ports:
            until(port, "cluster info", "cluster_state:ok")
        yield "redis+cluster://" + ",".join(nodes[:2])


@contextmanager
def watched(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]", int]]:
    """Run a master with a replica and a sentinel; yields the address, the master's process and the sentinel's port."""
    with ExitStack() as stack:
        first, second, port = free_port(), free_port(), free_port()
        homes = [folder / name for name in ("first", "second", "sentinel")]
        for home in homes:
            home.mkdir()
        _, master = stack.enter_context(redis(homes[0], port=first))
        stack.enter_context(redis(homes[1], "--replicaof", f"127.0.0.1 {first}", port=second))
        file = homes[2] / "sentinel.conf"
        lines = (f"port {port}", f"dir {homes[2]}", f"sentinel monitor pages 127.0.0.1 {first} 1")
        times = ("sentinel down-after-milliseconds pages 300", "sentinel failover-timeout pages 2000")
        file.write_text("\n".join((*lines, *times, f'requirepass "{GUARD}"', "")))
        command = [REDIS, str(file), "--sentinel"]
        sentinel = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stack.callback(sentinel.wait)
        stack.callback(sentinel.kill)
        wait_for(port)
        until(port, "sentinel master pages", "num-slaves\n1", GUARD)
        yield f"redis+sentinel://127.0.0.1:1,127.0.0.1:{port}/pages/0?password={quote(GUARD)}", master, port
