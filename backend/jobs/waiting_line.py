"""Which jobs are served now and which wait: first come, first served. No I/O."""

from typing import Generic, TypeVar

T = TypeVar("T")


class WaitingLine(Generic[T]):
    """A line with a limited number of places.

    Attributes:
        served: Those who are served now.
        waiting: Those who wait, in order.

    Args:
        places: How many are served at once.
        longest: How many may wait.
    """

    def __init__(self, places: int, longest: int) -> None:
        self._places, self._longest = places, longest
        self.served: set[T] = set()
        self.waiting: list[T] = []

    def free(self, gone: T | None = None) -> bool:
        """Return whether a newcomer would be served at once if `gone` left; nobody passes those who wait."""
        others = [one for one in self.waiting if one is not gone]
        return not others and len(self.served - {gone}) < self._places

    def full(self, gone: T | None = None) -> bool:
        """Return whether a newcomer would be turned away if `gone` left."""
        if gone in self.served and self.waiting:
            return False  # The place goes to the first who waits, whose own place in line goes to the newcomer.
        return not self.free(gone) and len([one for one in self.waiting if one is not gone]) >= self._longest

    def add(self, one: T, at_once: bool) -> None:
        """Add a newcomer.

        Args:
            one: The newcomer.
            at_once: Whether it is served at once, as `free` said.
        """
        if at_once:
            self.served.add(one)
        else:
            self.waiting.append(one)

    def remove(self, one: T) -> list[T]:
        """Remove one that is done or gives up waiting, and return those whose turn has come."""
        self.served.discard(one)
        if one in self.waiting:
            self.waiting.remove(one)
        called: list[T] = []
        while self.waiting and len(self.served) < self._places:
            called.append(self.waiting.pop(0))
            self.served.add(called[-1])
        return called

    def position(self, one: T) -> int:
        """Return a position among those who wait, from 1, or 0 for one that does not wait."""
        return self.waiting.index(one) + 1 if one in self.waiting else 0
