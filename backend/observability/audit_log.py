"""The audit log: who came, who was refused, and which pages were made, as JSON lines.

It never holds what was asked, shown or sent. The ids of sessions and pages open them, so lines hold marks of the ids.
Whoever has an id can find its lines, and no line discloses an id.
"""

import hashlib
import json
import logging
import time
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import WatchedFileHandler
from pathlib import Path

from backend.errors import StartupError
from backend.private_files import private
from backend.text.log_line import cut_line

MARK_CHARS = 16
FACT_CHARS = 200
"""The most characters of a fact, whoever words it."""
KINDS = ("wiki", "thread", "forum", "topics", "shop", "news", "search", "ask", "os", "app")
log = logging.getLogger("silverprint.audit")


def tell(event: str, **facts: str | float | bool | None) -> None:
    """Write one line: the event, the time in seconds since the epoch, and facts.

    A fact that is text is cut and put on one line, wherever it comes from.

    Args:
        event: The name of the event.
        **facts: Further fields of the line. Those that are None are left out.
    """
    told = {k: cut_line(v, FACT_CHARS) if isinstance(v, str) else v for k, v in facts.items() if v is not None}
    said = {"event": event, "time": round(time.time(), 3), **told}
    log.info(json.dumps(said, ensure_ascii=True))


def mark(secret: str) -> str:
    """Return what stands for an id that opens something: the beginning of its SHA-256, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()[:MARK_CHARS]


def kind(url: str) -> str:
    """Return the kind of an address, one of KINDS, or "other".

    Other addresses are not named, because they may be a visitor's own words.
    """
    first, _, rest = url.lstrip("/").partition("/")
    return first if rest and first in KINDS else "other"


class OwnFile(WatchedFileHandler):
    """A log file that is readable by its owner alone, also each time that it is begun anew."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="utf-8", opener=private)


class AuditLog:
    """The audit log, appended to a file that only its owner can read; if the file is moved away, a new one is begun.

    Args:
        file: The file. None sends the lines wherever logging is configured to send them.

    Raises:
        StartupError: The file cannot be written.
    """

    def __init__(self, file: Path | None) -> None:
        log.setLevel(logging.INFO)
        self._handler: logging.Handler | None = None
        if file:
            try:
                self._handler = OwnFile(file)
            except OSError as error:
                why = f"expected an audit log that can be written, got {file}: {error.strerror}"
                raise StartupError(why) from error
            self._handler.setFormatter(logging.Formatter("%(message)s"))
            log.addHandler(self._handler)

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._handler:
            log.removeHandler(self._handler)
            with suppress(OSError):
                self._handler.close()
