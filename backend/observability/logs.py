"""Log lines, one an event: for people, or as JSON for what collects them. All go to stderr.

What a line says beside its words are the `extra` fields of its call: `page` (the mark of the page's id), `world`,
`outcome`, `seconds`, `code` and so on. Libraries log what clients sent, however long it is, so every line is cut, and
nothing in it ends it or moves the cursor.

Whatever looks like an id, a key, a ticket or a token is written as its mark (`audit.mark`), whoever logs it: libraries
log addresses, sessions of theirs, and errors that quote what they were given.
"""

import copy
import logging
import re
import sys
import textwrap
from logging import LogRecord
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from backend.observability.audit_log import mark
from backend.text.log_line import cut_line

LINE_CHARS, FIELD_CHARS, TRACE_CHARS = 4_000, 200, 16_000
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


def told(said: str, most: int) -> str:
    """What is said, on one line and cut, with marks instead of what opens something."""
    return cut_line(SECRET.sub(lambda found: mark(found[0]), said[: 2 * most]), most)


def json_lines() -> logging.Formatter:
    """{"time", "level", "event", "logger", ...}; "exc_info" where something was raised."""
    names = {"levelname": "level", "name": "logger", "message": "event"}
    return JsonLines("{levelname}{message}{name}", style="{", timestamp="time", rename_fields=names)


class Short(logging.Formatter):
    """Cuts what a record says, its fields, and what was raised, and writes nothing that opens something."""

    def format(self, record: LogRecord) -> str:
        """The record itself stays as it is, for other handlers."""
        ours = copy.copy(record)
        ours.msg, ours.args, ours.exc_text = told(record.getMessage(), LINE_CHARS), None, None
        for name, value in vars(record).items():
            if name not in PLAIN and isinstance(value, str):
                setattr(ours, name, told(value, FIELD_CHARS))
        return super().format(ours)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        """A traceback's beginning and end, as its last lines quote what was wrong."""
        text = super().formatException(ei)
        if len(text) > TRACE_CHARS:
            text = f"{text[: TRACE_CHARS // 2]}\n...\n{text[-TRACE_CHARS // 2 :]}"
        return "\n".join(told(line, LINE_CHARS) for line in text.split("\n"))


class JsonLines(Short, JsonFormatter):
    """One object a line."""


class TextLines(Short):
    """2026-01-31T12:00:00 INFO page ended page=... outcome=committed; an exception follows on lines that are indented,
    so that nothing that is told can begin a line as an event does."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {message}", "%Y-%m-%dT%H:%M:%S", style="{")

    def formatMessage(self, record: LogRecord) -> str:  # noqa: N802 - the name is logging's
        said = super().formatMessage(record)
        more = [f"{name}={value}" for name, value in vars(record).items() if name not in PLAIN]
        return " ".join([said, *more])

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return textwrap.indent(super().formatException(ei), "  ", lambda line: True)
