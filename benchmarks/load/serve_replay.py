"""Run the service with a recording as its model.

Run it as `python -m benchmarks.load.serve_replay --rate 20 --port 8017 --data DIR`.
"""

import argparse
import sys
from pathlib import Path

from backend.errors import SilverprintError
from backend.run import serve
from backend.settings import Settings
from benchmarks.load.replay_model import RECORDING, Recorded, Recording


def main() -> int:
    """Serve until stopped; return 2 if the service cannot start, otherwise 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recording", type=Path, default=RECORDING)
    parser.add_argument(
        "--rate", type=float, default=20.0, metavar="HZ", help="frames of a page a second (default: 20)"
    )
    parser.add_argument("--port", type=int)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--store")
    args = parser.parse_args()
    try:
        settings = Settings.from_env(port=args.port, data=args.data, store=args.store)
        serve(settings, lambda: Recorded(Recording.load(args.recording), args.rate))
    except SilverprintError as error:
        print(f"silverprint: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
