"""The secret of an installation, from which prompts get the words that seal their data (backend.prompts.sealing)."""

import contextlib
import secrets
from pathlib import Path

from backend.errors import StartupError
from backend.private_files import private
from backend.prompts.sealing import SECRET_BYTES

OWN_FILE = "prompt-secret"


def own_secret(data: Path) -> bytes:
    """Return the secret in the data folder, which is made on first use and readable by its owner alone.

    Raises:
        StartupError: The file cannot be read or written, or has the wrong length.
    """
    path = data / OWN_FILE
    try:
        data.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError), open(path, "xb", opener=private) as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
        found = path.read_bytes()
    except OSError as error:
        raise StartupError(f"expected a secret in {path}, got: {error}") from error
    if len(found) != SECRET_BYTES:
        raise StartupError(f"expected {SECRET_BYTES} bytes in {path}, got {len(found)}; delete it to have it made anew")
    return found
