"""Processes with a limit of time, of which nothing is left behind."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

GRACE = 5.0
"""Seconds between asking a process to end and ending it and all that it began."""


def run(
    command: Sequence[str], seconds: float | None, cwd: Path, out: "IO[Any] | int", err: "IO[Any] | int"
) -> int | None:
    """Run a command in a session of its own; returns its exit status, None if it did not end in time.

    However this is left, by an exception too, no process of that session outlives it.
    """
    child = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        end(child)


def end(child: "subprocess.Popen[Any]") -> None:
    """End a session: its leader may tidy up first, with children in sessions of their own."""
    if child.poll() is None:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def end_tidily() -> None:
    """From now on SIGTERM ends this process as sys.exit does: what is under way is left, and children are ended."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
