"""Which requests share the next denoising step. Pure: knows neither torch nor threads."""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Scheduler(Generic[T]):
    """Requests step together on at most `seats` seats, first come first seated. width: seats a request takes.

    While others wait, a request gives up its seat whenever it has committed a canvas and queues up again behind them,
    so a newcomer waits for the rest of one canvas and not for whole pages. Items are compared by identity.
    """

    def __init__(self, seats: int, width: Callable[[T], int] = lambda _: 1) -> None:
        if seats < 1:
            raise ValueError(f"expected at least one seat, got {seats}")
        self.seats, self._width = seats, width
        self._waiting: deque[T] = deque()
        self._live: list[T] = []

    def __len__(self) -> int:
        return len(self._waiting) + len(self._live)

    def items(self) -> list[T]:
        """All requests, seated ones first."""
        return [*self._live, *self._waiting]

    def add(self, item: T) -> None:
        self._waiting.append(item)

    def remove(self, item: T) -> None:
        """A request is done, failed or cancelled. Unknown ones are ignored: it may be both at once."""
        self._live = [other for other in self._live if other is not item]
        self._waiting = deque(other for other in self._waiting if other is not item)

    def next_step(self) -> list[T]:
        """Seat as many as may sit, and return them in the order they came."""
        while self._waiting and sum(map(self._width, [*self._live, self._waiting[0]])) <= self.seats:
            self._live.append(self._waiting.popleft())
        return list(self._live)

    def give_way(self, item: T) -> None:
        """A request that has committed a canvas and wants another, or has no room yet: the next in line goes first."""
        if self._waiting:
            self.remove(item)
            self.add(item)
