"""Measurements one after another, each of which may fail alone; results are written to disk after each of them."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
NO_TIME = "no time left"


class Doubtful(Exception):
    """A measurement gave figures, but there is a reason not to trust them.

    Attributes:
        result: The figures.
    """

    def __init__(self, problem: str, result: Any) -> None:
        super().__init__(problem)
        self.result = result


class Journal:
    """Keeps the results of measurements.

    Attributes:
        found: What is known so far, as JSON takes it. It holds `about`, each measurement's result under its name, the
            `seconds` of each, and the `problems` of those that failed or are doubtful.
    """

    def __init__(self, about: dict[str, Any], file: Path | None = None, limit: float = float("inf")) -> None:
        """Begin, and write the file for the first time.

        Args:
            about: What is known before any measurement.
            file: Where results are written; None writes none.
            limit: Seconds after which no further measurement is begun.
        """
        self.found: dict[str, Any] = {**about, "seconds": {}, "problems": {}}
        self._file, self._end = file, time.monotonic() + limit
        self._write()

    @property
    def left(self) -> float:
        """Seconds until no further measurement is begun."""
        return self._end - time.monotonic()

    def keep(self, name: str, work: Callable[[], T]) -> T | None:
        """Take a measurement and keep its result under a name.

        Doubtful figures are kept as well, with the reason for the doubt.

        Args:
            name: Name of the measurement.
            work: Takes it.

        Returns:
            The result; None if the measurement failed or no time was left.
        """
        begin = time.monotonic()
        if begin >= self._end:
            self._fail(name, NO_TIME)
            return None
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            result = work()
        except Doubtful as doubt:
            self.found["problems"][name], result = str(doubt), doubt.result
        except Exception as error:  # the other measurements are useful whatever failed here
            self._fail(name, f"{type(error).__name__}: {first_line(error)}")
            return None
        self.found["seconds"][name] = round(time.monotonic() - begin, 1)
        self.found[name] = result
        self._write()
        return result

    def _fail(self, name: str, problem: str) -> None:
        self.found["problems"][name] = problem
        self._write()

    def _write(self) -> None:
        """Replace the file atomically, so that it stays whole if the process is stopped while it writes."""
        if self._file is None:
            return
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(self.found, indent=1) + "\n", "utf-8")
        fresh.replace(self._file)


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, at most 300 characters."""
    return (str(error).splitlines() or [""])[0][:300]
