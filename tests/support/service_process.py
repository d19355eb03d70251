"""A service with a fake engine as a process: python -m tests.support.service_process FOLDER PORT PAUSE [STORE].

Tokens are those of FOLDER/tokens.json, if that file exists.
"""

import sys
from pathlib import Path

from backend.errors import SilverprintError
from backend.run import serve
from tests.support.fakes import FakeEngine, settings_in


def main(folder: str, port: str, pause: str, store: str = "") -> int:
    """Serve until stopped.

    Args:
        folder: Folder of the service's files.
        port: The port.
        pause: Seconds before each step of the engine.
        store: Address of the store; empty for the default one.

    Returns:
        The exit code: 0 if the engine was closed, 1 if not, and 2 if the service cannot start.
    """
    engine, tokens = FakeEngine(pause=float(pause)), Path(folder, "tokens.json")
    try:
        settings = settings_in(
            Path(folder), port=int(port), store=store or None, tokens=tokens if tokens.exists() else None
        )
        serve(settings, lambda: engine, lambda: print("ready", flush=True))  # type: ignore[arg-type,return-value]
    except SilverprintError as error:
        print(f"silverprint: {error}", file=sys.stderr)
        return 2
    return 0 if engine.closed else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
