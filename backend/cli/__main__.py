"""`python -m backend.cli` runs the command line without its console script."""

import sys

from backend.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
