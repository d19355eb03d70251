"""Measurements one after another, each of which may fail alone: what is known is on disk after each of them."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
NO_TIME = "no time left"


class Doubtful(Exception):
    """A measurement gave figures, and a reason not to believe them."""

    def __init__(self, problem: str, result: Any) -> None:
        super().__init__(problem)
        self.result = result


class Journal:
    """found: what is known so far, as JSON takes it: `about`, each measure's result under its name, and of all of them
    `seconds` and, by those that gave none, `problems`. file: where it is written, None: nowhere. limit: seconds, after
    which nothing more is begun.
    """

    def __init__(self, about: dict[str, Any], file: Path | None = None, limit: float = float("inf")) -> None:
        self.found: dict[str, Any] = {**about, "seconds": {}, "problems": {}}
        self._file, self._end = file, time.monotonic() + limit
        self._write()

    @property
    def left(self) -> float:
        """Seconds until nothing more is begun."""
        return self._end - time.monotonic()

    def keep(self, name: str, work: Callable[[], T]) -> T | None:
        """Do a measurement and keep its result under a name; None if it failed, or came too late. Doubtful figures are
        kept, too, and what is wrong with them."""
        begin = time.monotonic()
        if begin >= self._end:
            self._fail(name, NO_TIME)
            return None
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            result = work()
        except Doubtful as doubt:
            self.found["problems"][name], result = str(doubt), doubt.result
        except Exception as error:  # whatever it is, the other measurements are worth having
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
        """In one move, so that who is stopped while writing leaves what was there."""
        if self._file is None:
            return
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(self.found, indent=1) + "\n", "utf-8")
        fresh.replace(self._file)


def first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:300]
