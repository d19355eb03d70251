"""Log lines on stderr, one for each event: as text for people, or as JSON for programs that collect them.

Besides its words, a line has the `extra` fields of its call: `page`, `world`, `outcome`, `seconds`, `code` and so on.
The field `page` is the mark of the page's id. Libraries log what clients sent, however long it is. Therefore every line
is cut, and no character in it ends the line or moves the cursor.

Whatever looks like an id, a key, a ticket or a token is written as its mark (`audit_log.mark`), whoever logs it.
Libraries log addresses, sessions of their own, and errors that quote what they were given.
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
"""Matches what may be an id, a key, a ticket or a token, unless it is a name in small letters.

The lengths are those of 16, 24 or 32 random bytes in base 64 and of 16 bytes in hexadecimal. Two more are those of a
ticket and a token, which have a prefix.
"""

QUIET = ("uvicorn", "uvicorn.error", "uvicorn.access", "httpx", "httpcore", "urllib3")
WORDY = ("sse_starlette", "mcp", "python_multipart")
"""Libraries whose debugging lines hold what visitors and pages say."""


def begin(form: str, level: str) -> None:
    """Configure logging for this process.

    Args:
        form: text or json.
        level: debug, info, warning or error.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(json_lines() if form == "json" else TextLines())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for least, names in ((logging.WARNING, QUIET), (logging.INFO, WORDY)):
        for name in names:
            logging.getLogger(name).setLevel(max(least, logging.getLogger().level))


def told(said: str, most: int) -> str:
    """Return a text on one line, cut to `most` characters, with marks instead of ids, keys, tickets and tokens."""
    return cut_line(SECRET.sub(lambda found: mark(found[0]), said[: 2 * most]), most)


def json_lines() -> logging.Formatter:
    """Return a formatter of {"time", "level", "event", "logger", ...}, with "exc_info" where something was raised."""
    names = {"levelname": "level", "name": "logger", "message": "event"}
    return JsonLines("{levelname}{message}{name}", style="{", timestamp="time", rename_fields=names)


class Short(logging.Formatter):
    """A formatter that cuts a record's message, fields and traceback, and writes no id, key, ticket or token."""

    def format(self, record: LogRecord) -> str:
        """Format a copy, so that the record itself stays as it is for other handlers."""
        ours = copy.copy(record)
        ours.msg, ours.args, ours.exc_text = told(record.getMessage(), LINE_CHARS), None, None
        for name, value in vars(record).items():
            if name not in PLAIN and isinstance(value, str):
                setattr(ours, name, told(value, FIELD_CHARS))
        return super().format(ours)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        """Return a traceback's beginning and its end, whose last lines quote what was wrong."""
        text = super().formatException(ei)
        if len(text) > TRACE_CHARS:
            text = f"{text[: TRACE_CHARS // 2]}\n...\n{text[-TRACE_CHARS // 2 :]}"
        return "\n".join(told(line, LINE_CHARS) for line in text.split("\n"))


class JsonLines(Short, JsonFormatter):
    """A formatter that writes one JSON object a line."""


class TextLines(Short):
    """A formatter of lines such as `2026-01-31T12:00:00 INFO page ended page=... outcome=committed`.

    An exception follows on indented lines, so that nothing in it can look like the beginning of an event.
    """

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {message}", "%Y-%m-%dT%H:%M:%S", style="{")

    def formatMessage(self, record: LogRecord) -> str:  # noqa: N802 - the name is logging's
        """Return the line with its extra fields appended."""
        said = super().formatMessage(record)
        more = [f"{name}={value}" for name, value in vars(record).items() if name not in PLAIN]
        return " ".join([said, *more])

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Return the traceback, indented."""
        return textwrap.indent(super().formatException(ei), "  ", lambda line: True)
