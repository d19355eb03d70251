"""A token bucket: so much at once, so much a second. Pure: the caller brings the time."""


class TokenBucket:
    """burst: most that can be taken at once. per_second: how fast it fills again."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst, self._per_second = burst, per_second
        self._level, self._time = burst, 0.0

    def missing(self, now: float, elsewhere: float = 0.0) -> float:
        """How much is missing at a time in seconds. elsewhere: how much others have taken from what is one bucket
        with this; each part of what is missing fills in its share."""
        missing = self._burst - self._level
        share = missing / (missing + elsewhere) if elsewhere else 1.0
        self._level = min(self._burst, self._level + max(0.0, now - self._time) * self._per_second * share)
        self._time = now
        return self._burst - self._level

    def take(self, cost: float, now: float, elsewhere: float = 0.0) -> bool:
        """Take cost at a time in seconds; False, and nothing taken, if there is not enough. elsewhere: as above."""
        self.missing(now, elsewhere)
        if self._level - elsewhere < cost:
            return False
        self._level -= cost
        return True
