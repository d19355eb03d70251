"""Who is served now and who waits: first come, first served. Pure."""

from typing import Generic, TypeVar

T = TypeVar("T")


class WaitingLine(Generic[T]):
    """places: how many are served at once. longest: how many may wait."""

    def __init__(self, places: int, longest: int) -> None:
        self._places, self._longest = places, longest
        self.served: set[T] = set()
        self.waiting: list[T] = []

    def free(self, gone: T | None = None) -> bool:
        """Whether a newcomer would be served at once, if one left for it. Nobody passes those who wait."""
        others = [one for one in self.waiting if one is not gone]
        return not others and len(self.served - {gone}) < self._places

    def full(self, gone: T | None = None) -> bool:
        """Whether a newcomer would be turned away, if one left for it."""
        if gone in self.served and self.waiting:
            return False  # the place goes to the first who waits, whose own goes to the newcomer
        return not self.free(gone) and len([one for one in self.waiting if one is not gone]) >= self._longest

    def add(self, one: T, at_once: bool) -> None:
        """at_once: as `free` said."""
        if at_once:
            self.served.add(one)
        else:
            self.waiting.append(one)

    def remove(self, one: T) -> list[T]:
        """One is done, or gives up waiting. Returns those whose turn has come."""
        self.served.discard(one)
        if one in self.waiting:
            self.waiting.remove(one)
        called: list[T] = []
        while self.waiting and len(self.served) < self._places:
            called.append(self.waiting.pop(0))
            self.served.add(called[-1])
        return called

    def position(self, one: T) -> int:
        """Its place among those who wait, from 1; 0 for one who does not."""
        return self.waiting.index(one) + 1 if one in self.waiting else 0
