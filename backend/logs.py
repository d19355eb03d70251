"""Log lines, one an event: for people, or as JSON for what collects them. All go to stderr.

What a line says beside its words are the `extra` fields of its call: `page` (the id of the request), `world`,
`outcome`, `seconds`, `code` and so on.
"""

import logging
import sys
import textwrap
from logging import LogRecord
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from backend.cleaning import clean, one_line

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


def json_lines() -> JsonFormatter:
    """{"time", "level", "event", "logger", ...}; "exc_info" where something was raised."""
    names = {"levelname": "level", "name": "logger", "message": "event"}
    return JsonFormatter("{levelname}{message}{name}", style="{", timestamp="time", rename_fields=names)


class TextLines(logging.Formatter):
    """2026-01-31T12:00:00 INFO page ended page=... outcome=committed; an exception follows on lines that are indented,
    so that nothing that is told can begin a line as an event does."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {message}", "%Y-%m-%dT%H:%M:%S", style="{")

    def formatMessage(self, record: LogRecord) -> str:  # noqa: N802 - the name is logging's
        said = super().formatMessage(record)
        more = [f"{name}={value}" for name, value in vars(record).items() if name not in PLAIN]
        return one_line(" ".join([said, *more]))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return textwrap.indent(clean(super().formatException(ei)), "  ", lambda line: True)
