"""A token bucket: so much at once, so much a second. Pure: the caller brings the time."""


class Bucket:
    """burst: most that can be taken at once. per_second: how fast it fills again."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst, self._per_second = burst, per_second
        self._level, self._time = burst, 0.0

    def take(self, cost: float, now: float) -> bool:
        """Take cost at a time in seconds; False, and nothing taken, if there is not enough."""
        self._level = min(self._burst, self._level + max(0.0, now - self._time) * self._per_second)
        self._time = now
        if self._level < cost:
            return False
        self._level -= cost
        return True
