"""Log lines, one an event: for people, or as JSON for what collects them. All go to stderr.

What a line says beside its words are the `extra` fields of its call: `page` (the id of the request), `world`,
`outcome`, `seconds`, `code` and so on. Libraries log what clients sent, however long it is, so every line is cut, and
nothing in it ends it or moves the cursor.
"""

import copy
import logging
import sys
import textwrap
from logging import LogRecord
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from backend.cut_line import cut_line

LINE_CHARS, FIELD_CHARS, TRACE_CHARS = 4_000, 200, 16_000
PLAIN = frozenset(vars(LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime", "taskName", "color_message"}


QUIET = ("uvicorn", "uvicorn.error", "httpx", "httpcore", "urllib3")
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


def json_lines() -> logging.Formatter:
    """{"time", "level", "event", "logger", ...}; "exc_info" where something was raised."""
    names = {"levelname": "level", "name": "logger", "message": "event"}
    return JsonLines("{levelname}{message}{name}", style="{", timestamp="time", rename_fields=names)


class Short(logging.Formatter):
    """Cuts what a record says, its fields, and what was raised."""

    def format(self, record: LogRecord) -> str:
        short = copy.copy(record)
        short.msg, short.args, short.exc_text = cut_line(record.getMessage(), LINE_CHARS), None, None
        for name, value in vars(record).items():
            if name not in PLAIN and isinstance(value, str):
                setattr(short, name, cut_line(value, FIELD_CHARS))
        return super().format(short)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        """A traceback's beginning and end, as its last lines quote what was wrong."""
        text = super().formatException(ei)
        if len(text) > TRACE_CHARS:
            text = f"{text[: TRACE_CHARS // 2]}\n...\n{text[-TRACE_CHARS // 2 :]}"
        return "\n".join(cut_line(line, LINE_CHARS) for line in text.split("\n"))


class JsonLines(Short, JsonFormatter):
    """What collects log lines reads."""


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
