"""The pages a visitor came by, in order, and where among them they are. Pure."""

from collections.abc import Iterable

LENGTH = 100


class History:
    """Page ids with a position; a page may stand at several places. index is -1 when there are none."""

    def __init__(self, entries: Iterable[str] = (), index: int = -1) -> None:
        self.entries = list(entries)
        self.index = min(index, len(self.entries) - 1)

    @property
    def current(self) -> str | None:
        return self.entries[self.index] if self.entries else None

    def add(self, page: str) -> None:
        """Go on to a page: what lay ahead goes, and the oldest entry beyond the limit. The current page stays put."""
        if page == self.current:
            return
        self.entries[self.index + 1 :] = [page]
        del self.entries[: max(0, len(self.entries) - LENGTH)]
        self.index = len(self.entries) - 1

    def at(self, delta: int) -> str | None:
        """The page so many entries away; None beyond either end."""
        place = self.index + delta
        return self.entries[place] if 0 <= place < len(self.entries) else None

    def go(self, delta: int) -> None:
        assert self.at(delta) is not None
        self.index += delta

    def remove(self, page: str) -> None:
        """Take a page out wherever it stands. It must not be the current one."""
        assert page != self.current
        self.index -= self.entries[: self.index].count(page) if self.index > 0 else 0
        self.entries = [entry for entry in self.entries if entry != page]

    def swap(self, old: str, new: str) -> None:
        """Let another page take the place of one, wherever it stands."""
        self.entries = [new if page == old else page for page in self.entries]
