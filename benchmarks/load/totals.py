"""What all visitors of a load test saw, and its summary."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """What visitors saw.

    Attributes:
        first: Seconds from each action to its first frame.
        page: Seconds from each action to its commit.
        lag: Seconds that the clients' own event loop was late.
        messages: Number of messages by type.
        sizes: Bytes of messages by type.
        errors: Number of errors by code.
        actions: Number of actions by type.
        snapshot: Bytes that the sampled `frame` messages would have had as `keyframe` messages.
        delta: Bytes of the sampled `frame` messages.
        came: Visitors that the service had not seen before.
        disorder: Messages whose number did not rise.
        lost: Connections that were lost.
    """

    first: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)
    lag: list[float] = field(default_factory=list)
    messages: Counter[str] = field(default_factory=Counter)
    sizes: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    snapshot: int = 0
    delta: int = 0
    came: int = 0
    disorder: int = 0
    lost: int = 0

    def message(self, kind: str, size: int) -> None:
        """Count a message."""
        self.messages[kind] += 1
        self.sizes[kind] += size

    def report(self, seconds: float) -> dict[str, Any]:
        """Return the figures of a period of so many seconds, with latencies in milliseconds."""
        frames = self.messages["frame"] + self.messages["keyframe"]
        pages = self.messages["page.commit"]
        return {
            "seconds": round(seconds, 1),
            "pages": pages,
            "pages_per_second": round(pages / seconds, 2),
            "frames": frames,
            "frames_per_second": round(frames / seconds, 1),
            "first_frame_ms": quantiles(self.first),
            "page_ms": quantiles(self.page),
            "bytes_per_page": mean(sum(self.sizes.values()), pages),
            "bytes_per_frame": mean(self.sizes["frame"], self.messages["frame"]),
            "bytes_per_keyframe": mean(self.sizes["keyframe"], self.messages["keyframe"]),
            "delta_of_snapshot": round(self.delta / self.snapshot, 4) if self.snapshot else None,
            "actions": dict(self.actions),
            "errors": dict(self.errors),
            "disorder": self.disorder,
            "connections_lost": self.lost,
            "client_lag_ms": quantiles(self.lag),
        }


def mean(total: int, count: int) -> int | None:
    """Return the rounded mean, or None for no items."""
    return round(total / count) if count else None


def quantiles(seconds: Sequence[float]) -> dict[str, float] | None:
    """Return p50, p95 and p99 in milliseconds, by the nearest rank; None for no values."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    return {
        f"p{part}": round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * part / 100))], 2)
        for part in (50, 95, 99)
    }
