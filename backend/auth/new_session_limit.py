"""How many new sessions a client network may open. No I/O: the caller passes the time."""

from backend.auth.rate_limit import TokenBucket

LEAST = 30
REFILL_SECONDS = 12.0


class NewSessionLimit:
    """A token bucket for each network that opened a session a moment ago.

    Args:
        at_once: How many sessions a network may open at once, and again within REFILL_SECONDS. It is at least LEAST,
            because a whole household may share one address.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = max(LEAST, at_once)
        self._buckets: dict[str, tuple[TokenBucket, float]] = {}

    @property
    def per_second(self) -> float:
        """How many sessions a second each network may open."""
        return self._at_once / REFILL_SECONDS

    def admit(self, network: str, now: float) -> bool:
        """Return whether a network may open another session.

        Args:
            network: The client's network.
            now: The time in seconds.
        """
        self._forget(now)
        bucket, _ = self._buckets.pop(network, (None, 0.0))  # The newest entries are last.
        bucket = bucket or TokenBucket(self._at_once, self.per_second)
        self._buckets[network] = (bucket, now)
        return bucket.take(1, now)

    def _forget(self, now: float) -> None:
        """Drop buckets that are full again."""
        while self._buckets:
            network, (_, asked) = next(iter(self._buckets.items()))
            if now - asked < REFILL_SECONDS:
                return
            del self._buckets[network]
