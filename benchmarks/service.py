"""The service as visitors run it, in a process of its own, and another site that may hold the shell."""

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
    """A running service with the settings' model and facts, its data in ``folder``, and more options of `silverprint
    serve`. Gives its address. Raises StartupError if it fails."""
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
    """Let the service finish, or do without."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(address: str, process: "subprocess.Popen[bytes]", seconds: float = 300) -> None:
    """Until the service answers. Raises StartupError if it ends or stays silent."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}healthz", timeout=1).close()
            return
        time.sleep(0.1)
    raise StartupError(f"expected the service at {address}, got none; silverprint doctor says what is missing")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def site(folder: Path) -> Iterator[ThreadingHTTPServer]:
    """Another site, which serves a folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
