"""Child processes with a time limit, of which none survives the call."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

GRACE = 5.0
"""How many seconds a process that is asked to end gets before it and its children are killed."""


def run(
    command: Sequence[str], seconds: float | None, cwd: Path, out: "IO[Any] | int", err: "IO[Any] | int"
) -> int | None:
    """Run a command in a session of its own.

    Whether this returns or raises, no process of that session outlives it.

    Args:
        command: The program and its arguments.
        seconds: The time limit; None waits forever.
        cwd: The working directory.
        out: Where its standard output goes.
        err: Where its standard error goes.

    Returns:
        The exit status; None if the command did not end in time.
    """
    child = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        end(child)


def end(child: "subprocess.Popen[Any]") -> None:
    """End a session: first its leader by SIGTERM, then all that is left of it by SIGKILL.

    Within the grace period the leader may end children that have sessions of their own.
    """
    if child.poll() is None:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def end_tidily() -> None:
    """Let SIGTERM end this process as sys.exit does, so that running code is unwound and children are ended."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
