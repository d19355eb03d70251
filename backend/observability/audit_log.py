"""Who came, who was refused, and which pages were made, as JSON lines. Never what was asked, shown or sent.

Ids of sessions and pages open them, so they stand here as marks: whoever has an id can find its lines, and no line
gives an id away.
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
"""Of a fact, whoever words it."""
KINDS = ("wiki", "thread", "forum", "topics", "shop", "news", "search", "ask", "os", "app")
log = logging.getLogger("silverprint.audit")


def tell(event: str, **facts: str | float | bool | None) -> None:
    """One line: the event, the time in seconds since the epoch, and facts; those that are None are left out.

    A fact that is text is cut and on one line, wherever it comes from.
    """
    told = {k: cut_line(v, FACT_CHARS) if isinstance(v, str) else v for k, v in facts.items() if v is not None}
    said = {"event": event, "time": round(time.time(), 3), **told}
    log.info(json.dumps(said, ensure_ascii=True))


def mark(secret: str) -> str:
    """What stands for an id that opens something: the beginning of its SHA-256, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()[:MARK_CHARS]


def kind(url: str) -> str:
    """The kind of an address, out of a few that are ours; other addresses may be a visitor's own words."""
    first, _, rest = url.lstrip("/").partition("/")
    return first if rest and first in KINDS else "other"


class OwnFile(WatchedFileHandler):
    """Makes its file for its owner alone, each time that it is begun anew."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="utf-8", opener=private)


class AuditLog:
    """The audit log, appended to a file that only its owner can read; a file that is moved away is begun anew.

    file: None for wherever logging is told to put it. Raises StartupError if it cannot be written.
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
        if self._handler:
            log.removeHandler(self._handler)
            with suppress(OSError):
                self._handler.close()
