"""Where each request's keys and values lie: ranges of rows of one buffer. This module is pure."""

from dataclasses import dataclass

from engine.core.errors import OutOfRows


@dataclass(frozen=True)
class Range:
    """The rows from start to start + size of the buffer, the last one excluded."""

    start: int
    size: int

    @property
    def end(self) -> int:
        """Return the first row behind the range."""
        return self.start + self.size


class KeyValueArena:
    """Hands out ranges of `rows` rows; each comes from the first gap that is long enough."""

    def __init__(self, rows: int) -> None:
        if rows < 1:
            raise ValueError(f"expected at least one row, got {rows}")
        self.rows = rows
        self._free = [Range(0, rows)]

    @property
    def free(self) -> int:
        """Return the number of rows that are not taken."""
        return sum(gap.size for gap in self._free)

    def take(self, size: int) -> Range:
        """Take a range of `size` rows.

        Raises:
            OutOfRows: No gap is long enough.
        """
        found = next((gap for gap in self._free if gap.size >= size), None)
        if found is None:
            longest = max((gap.size for gap in self._free), default=0)
            raise OutOfRows(
                f"expected room for {size} tokens of keys and values, got {longest} free in one range, of {self.rows}"
            )
        return self.take_at(found.start, size)

    def take_at(self, start: int, size: int) -> Range:
        """Take the `size` rows from row `start`, which must be free."""
        taken = Range(start, size)
        gap = next(gap for gap in self._free if gap.start <= start and taken.end <= gap.end)
        parts = Range(gap.start, start - gap.start), Range(taken.end, gap.end - taken.end)
        self._put([other for other in self._free if other != gap] + [part for part in parts if part.size])
        return taken

    def give(self, taken: Range) -> None:
        """Return a range, which merges with the gaps beside it."""
        before = [gap for gap in self._free if gap.end == taken.start]
        behind = [gap for gap in self._free if gap.start == taken.end]
        start = before[0].start if before else taken.start
        end = behind[0].end if behind else taken.end
        self._put([gap for gap in self._free if gap not in (*before, *behind)] + [Range(start, end - start)])

    def _put(self, gaps: list[Range]) -> None:
        self._free = sorted(gaps, key=lambda gap: gap.start)
