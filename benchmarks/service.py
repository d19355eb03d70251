"""The service as visitors run it, in a process of its own, and another website that may hold the shell."""

import contextlib
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from backend.errors import StartupError
from backend.settings import Settings


@contextlib.contextmanager
def service(settings: Settings, folder: Path, *options: str) -> Iterator[str]:
    """Run a service with the settings' model and facts.

    Args:
        settings: The settings.
        folder: Where its data is stored.
        options: More options of `silverprint serve`.

    Yields:
        The service's address.

    Raises:
        StartupError: The service fails to start.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "backend.cli", "serve", "--port", str(port), "--model", str(settings.model)]
    command += ["--data", str(folder / "data"), *(["--facts", str(settings.facts)] if settings.facts else []), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/"
    try:
        wait_for(address, process)
        yield address
    finally:
        end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Stop the service, and kill it if it has not finished after 30 seconds."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(address: str, process: "subprocess.Popen[bytes]", seconds: float = 300) -> None:
    """Wait until the service answers.

    Args:
        address: The service's address, with a slash at the end.
        process: The service's process.
        seconds: How long to wait at most.

    Raises:
        StartupError: The service ended, or did not answer in time.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}healthz", timeout=1).close()
            return
        time.sleep(0.1)
    raise StartupError(f"expected the service at {address}, got none; silverprint doctor says what is missing")


class Quiet(SimpleHTTPRequestHandler):
    """A file server that writes no log."""

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing."""
        pass


@contextlib.contextmanager
def site(folder: Path) -> Iterator[ThreadingHTTPServer]:
    """Serve a folder as a website of another origin; yields the server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
