"""Log lines, one an event: for people, or as JSON for what collects them. All go to stderr.

What a line says beside its words are the `extra` fields of its call: `page` (the mark of the page's id), `world`,
`outcome`, `seconds`, `code` and so on.

Whatever looks like an id, a key, a ticket or a token is written as its mark (`audit.mark`), whoever logs it: libraries
log addresses, sessions of theirs, and errors that quote what they were given.
"""

import copy
import logging
import re
import sys
from logging import LogRecord
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from backend.audit import mark

PLAIN = frozenset(vars(LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime", "taskName", "color_message"}
SECRET = re.compile(
    r"(?<![\w-])(?![a-z_-]+(?![\w-]))(?:[\w-]{47}|[\w-]{46}|[\w-]{43}|[\w-]{32}|[\w-]{22})(?![\w-])", re.ASCII
)
"""What has the length of 16, 24 or 32 random bytes in base 64, of those of a ticket or a token with its prefix, or of
16 in hexadecimal, unless it is a name in small letters."""

QUIET = ("uvicorn", "uvicorn.error", "uvicorn.access", "httpx", "httpcore", "urllib3")
WORDY = ("sse_starlette", "mcp", "python_multipart")
"""Libraries whose debugging lines hold what visitors and pages say."""


def begin(form: str, level: str) -> None:
    """From now on log like this. form: text or json. level: debug, info, warning or error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(json_lines() if form == "json" else TextLines())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for least, names in ((logging.WARNING, QUIET), (logging.INFO, WORDY)):
        for name in names:
            logging.getLogger(name).setLevel(max(least, logging.getLogger().level))


def cut(said: str) -> str:
    """What is said, with marks instead of what opens something."""
    return SECRET.sub(lambda found: mark(found[0]), said)


class Cutting(logging.Formatter):
    """Writes nothing that opens something. To be mixed into a formatter."""

    def format(self, record: LogRecord) -> str:
        """The record itself stays as it is, for other handlers."""
        ours = copy.copy(record)
        ours.msg, ours.args = cut(record.getMessage()), None
        ours.exc_text = None if record.exc_info else record.exc_text
        for name, value in vars(record).items():
            if name not in PLAIN and isinstance(value, str):
                setattr(ours, name, cut(value))
        return super().format(ours)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        return cut(super().formatException(ei))


class JsonLines(Cutting, JsonFormatter):
    """One object a line."""


def json_lines() -> JsonFormatter:
    """{"time", "level", "event", "logger", ...}; "exc_info" where something was raised."""
    names = {"levelname": "level", "name": "logger", "message": "event"}
    return JsonLines("{levelname}{message}{name}", style="{", timestamp="time", rename_fields=names)


class TextLines(Cutting):
    """2026-01-31T12:00:00 INFO page ended page=... outcome=committed; an exception follows on lines of its own."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {message}", "%Y-%m-%dT%H:%M:%S", style="{")

    def formatMessage(self, record: LogRecord) -> str:  # noqa: N802 - the name is logging's
        said = super().formatMessage(record)
        more = [f"{name}={value}" for name, value in vars(record).items() if name not in PLAIN]
        return " ".join([said.replace("\n", " "), *more])
