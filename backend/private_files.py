"""Files that only the service's own user may read."""

import os


def private(path: str, flags: int) -> int:
    """Open a file so that, if it is new, only its owner can read and write it (mode 0600).

    This is an opener for the built-in `open`.
    """
    return os.open(path, flags, 0o600)
