"""The scheduler decides which requests share the next denoising step.

It is pure and knows neither torch nor threads.
"""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Scheduler(Generic[T]):
    """Requests step together on at most `seats` slots, in order of arrival.

    While others wait, a request gives up its slots after each canvas that it commits and queues again behind them.
    A newcomer therefore waits for the rest of one canvas and not for whole pages. Items are compared by identity.
    """

    def __init__(self, seats: int, width: Callable[[T], int] = lambda _: 1) -> None:
        """Create a scheduler without requests.

        Args:
            seats: The number of slots, at least one.
            width: Returns how many slots a request takes.

        Raises:
            ValueError: There is no slot.
        """
        if seats < 1:
            raise ValueError(f"expected at least one seat, got {seats}")
        self.seats, self._width = seats, width
        self._waiting: deque[T] = deque()
        self._live: list[T] = []

    def __len__(self) -> int:
        return len(self._waiting) + len(self._live)

    def items(self) -> list[T]:
        """Return all requests, those with slots first."""
        return [*self._live, *self._waiting]

    def add(self, item: T) -> None:
        """Queue a request behind all others."""
        self._waiting.append(item)

    def remove(self, item: T) -> None:
        """Remove a request that is done, failed or cancelled.

        Unknown requests are ignored, since a request may be removed for two of these reasons at once.
        """
        self._live = [other for other in self._live if other is not item]
        self._waiting = deque(other for other in self._waiting if other is not item)

    def next_step(self) -> list[T]:
        """Give free slots to waiting requests, and return all requests with slots in order of arrival."""
        while self._waiting and sum(map(self._width, [*self._live, self._waiting[0]])) <= self.seats:
            self._live.append(self._waiting.popleft())
        return list(self._live)

    def give_way(self, item: T) -> None:
        """Queue a request again behind those that wait; if none wait, it keeps its slots.

        This is for a request that has committed a canvas and wants another, or that finds no room yet.
        """
        if self._waiting:
            self.remove(item)
            self.add(item)
