"""The pages that a client visited, in order, and the current position among them. No I/O."""

from collections.abc import Iterable

LENGTH = 100


class History:
    """Page ids with a position; a page may be at several places.

    Attributes:
        entries: The page ids.
        index: The position; -1 if there are no entries.
    """

    def __init__(self, entries: Iterable[str] = (), index: int = -1) -> None:
        self.entries = list(entries)
        self.index = min(index, len(self.entries) - 1)

    @property
    def current(self) -> str | None:
        """The id of the current page, or None if there are no entries."""
        return self.entries[self.index] if self.entries else None

    def add(self, page: str) -> None:
        """Go on to a page. The entries ahead are dropped, and the oldest entry if there are more than LENGTH.

        Nothing changes if the page is the current one.
        """
        if page == self.current:
            return
        self.entries[self.index + 1 :] = [page]
        del self.entries[: max(0, len(self.entries) - LENGTH)]
        self.index = len(self.entries) - 1

    def at(self, delta: int) -> str | None:
        """Return the page that is `delta` entries away, or None beyond either end."""
        place = self.index + delta
        return self.entries[place] if 0 <= place < len(self.entries) else None

    def go(self, delta: int) -> None:
        """Move the position by `delta`, which must stay within the entries."""
        assert self.at(delta) is not None
        self.index += delta

    def remove(self, page: str) -> None:
        """Remove a page from every place; it must not be the current one."""
        assert page != self.current
        self.index -= self.entries[: self.index].count(page) if self.index > 0 else 0
        self.entries = [entry for entry in self.entries if entry != page]

    def swap(self, old: str, new: str) -> None:
        """Replace a page by another one at every place."""
        self.entries = [new if page == old else page for page in self.entries]
