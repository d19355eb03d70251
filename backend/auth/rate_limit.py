"""A token bucket: a burst at once, and then a rate. No I/O: the caller passes the time."""


class TokenBucket:
    """A bucket that fills again over time.

    Args:
        burst: The most that can be taken at once.
        per_second: How fast the bucket fills again.
    """

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst, self._per_second = burst, per_second
        self._level, self._time = burst, 0.0

    def missing(self, now: float, elsewhere: float = 0.0) -> float:
        """Return how much is missing from the bucket.

        Args:
            now: The time in seconds.
            elsewhere: How much other processes have taken from the same bucket. What fills in again is shared in
                proportion to what each has taken.
        """
        missing = self._burst - self._level
        share = missing / (missing + elsewhere) if elsewhere else 1.0
        self._level = min(self._burst, self._level + max(0.0, now - self._time) * self._per_second * share)
        self._time = now
        return self._burst - self._level

    def take(self, cost: float, now: float, elsewhere: float = 0.0) -> bool:
        """Take something from the bucket.

        Args:
            cost: How much to take.
            now: The time in seconds.
            elsewhere: How much other processes have taken from the same bucket.

        Returns:
            False, with nothing taken, if there is not enough.
        """
        self.missing(now, elsewhere)
        if self._level - elsewhere < cost:
            return False
        self._level -= cost
        return True
