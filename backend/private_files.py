"""Files that nobody but the service's own user may read."""

import os


def private(path: str, flags: int) -> int:
    """An opener for `open`: a new file can be read and written by its owner alone (mode 0600)."""
    return os.open(path, flags, 0o600)
