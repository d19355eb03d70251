"""The benchmark `silverprint bench load`: how fast the service is with a number of visitors, and what it needs.

The service runs in a process of its own, or anywhere with `--url`; the visitors are simulated in this process.
"""

import asyncio
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import linear_regression
from typing import Any

from tqdm import tqdm

from benchmarks.load.target import Scrape, Target
from benchmarks.load.totals import Tally
from benchmarks.load.visitors import Manner, Visitor

ARRIVALS = 50.0
"""New visitors a second; the limit keeps handshakes from dominating the measurement."""

SETTLE = 5.0
TICK = 0.02
SOAK_SECONDS = 10.0
MIB = 2**20


@dataclass(frozen=True)
class Plan:
    """What is measured.

    Attributes:
        visitors: Numbers of visitors at once; each is one measurement.
        seconds: Seconds of each measurement.
        manner: How visitors act.
    """

    visitors: tuple[int, ...] = (10, 50, 100, 200)
    seconds: float = 20.0
    manner: Manner = field(default_factory=Manner)


class Crowd:
    """Visitors who stay until they are told to leave.

    Attributes:
        tally: What they see; it may be exchanged.
    """

    def __init__(self, target: Target, manner: Manner, acts: bool = True) -> None:
        self._target, self._manner, self._acts = target, manner, acts
        self.tally = Tally()
        self._visitors: list[Visitor] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def grow(self, count: int) -> None:
        """Let more visitors come, until there are so many."""
        for number in range(len(self._visitors), count):
            visitor = Visitor(number, self._target.admission, self._manner, self.tally)
            self._visitors.append(visitor)
            self._tasks.append(asyncio.create_task(visitor.run(self._acts)))
            await asyncio.sleep(1 / ARRIVALS)

    def begin(self) -> Tally:
        """Discard what was seen so far, and return the new tally."""
        self.tally = Tally()
        for visitor in self._visitors:
            visitor.tally = self.tally
        return self.tally

    async def watched(self, seconds: float, bar: "tqdm[Any]") -> None:
        """Let so many seconds pass, and record the delay of this process' event loop; raise what a visitor raised."""
        shown = time.perf_counter()
        until = shown + seconds
        while (now := time.perf_counter()) < until:
            await asyncio.sleep(TICK)
            self.tally.lag.append(max(0.0, time.perf_counter() - now - TICK))
            if now - shown > 0.5:
                advance(bar, now - shown)
                shown = now
            for task in self._tasks:
                if task.done():
                    task.result()

    async def came(self, count: int, bar: "tqdm[Any]") -> None:
        """Wait until so many visitors are connected, or until nobody has connected for a while."""
        here = -1
        while here < (here := self.tally.messages["welcome"]) < count:
            await self.watched(2 * SETTLE, bar)
        await self.watched(SETTLE, bar)

    async def leave(self) -> None:
        """End all visitors."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def curve(target: Target, plan: Plan) -> list[dict[str, Any]]:
    """Measure latency and throughput for every number of visitors, in rising order."""
    return asyncio.run(_curve(target, plan))


async def _curve(target: Target, plan: Plan) -> list[dict[str, Any]]:
    crowd, points, empty = Crowd(target, plan.manner), [], await asyncio.to_thread(target.scrape)
    with bar_of(len(plan.visitors) * plan.seconds) as bar:
        try:
            for count in sorted(plan.visitors):
                bar.set_description(f"{count} visitors")
                await crowd.grow(count)
                await crowd.watched(SETTLE, tqdm(disable=True))
                points.append({"visitors": count, **await stretch(target, crowd, plan.seconds, bar, empty)})
        finally:
            await crowd.leave()
    return points


async def stretch(
    target: Target, crowd: Crowd, seconds: float, bar: "tqdm[Any]", empty: Scrape | None
) -> dict[str, Any]:
    """Measure both sides for a while.

    Args:
        target: The service.
        crowd: The visitors.
        seconds: How long to measure.
        bar: Progress bar.
        empty: The service's metrics before any visitor came.

    Returns:
        The figures as JSON takes them.
    """
    before = await asyncio.to_thread(target.scrape)
    tally, began = crowd.begin(), time.perf_counter()
    await crowd.watched(seconds, bar)
    passed = time.perf_counter() - began
    report = tally.report(passed)
    after = await asyncio.to_thread(target.scrape)
    return report | {"service": inside(before, after, passed, empty)}


def inside(
    before: Scrape | None, after: Scrape | None, seconds: float, empty: Scrape | None = None
) -> dict[str, Any] | None:
    """Return what the service's metrics say about a period.

    Args:
        before: Metrics at its begin.
        after: Metrics at its end.
        seconds: Its length.
        empty: Metrics before any visitor came.

    Returns:
        Frames, the service's share of their delay, and the cores and the memory that it used. Memory for each session
        is what exceeds an empty service. None without metrics.
    """
    if before is None or after is None:
        return None
    overhead = {
        f"p{part}": milliseconds(after.quantile(before, "silverprint_frame_overhead_seconds", part / 100))
        for part in (50, 95, 99)
    }
    frames = {name: round(after.since(before, f"silverprint_frames_{name}_total")) for name in ("made", "dropped")}
    frames["sent"] = round(after.since(before, "silverprint_frame_overhead_seconds_count"))
    sessions, store = int(after.value("silverprint_sessions")), "silverprint_store_seconds"
    more = after.since(empty, "process_resident_memory_bytes") if empty else 0.0
    return {
        "frame_overhead_ms": overhead,
        "frames": frames,
        "bytes_per_second": round(after.since(before, "silverprint_sent_bytes_total") / seconds),
        "cores": round(after.since(before, "process_cpu_seconds_total") / seconds, 3),
        "resident_mib": round(after.value("process_resident_memory_bytes") / MIB, 1),
        "sessions": sessions,
        "kib_per_session": round(more / sessions / 1024, 1) if empty and sessions else None,
        "store_ms": {"p95": milliseconds(after.quantile(before, store, 0.95))},
        "store_failures": int(after.since(before, "silverprint_store_failures_total")),
    }


def milliseconds(seconds: float | None) -> float | None:
    """Return seconds as milliseconds, or None for None."""
    return None if seconds is None else round(1000 * seconds, 3)


def idle(target: Target, count: int) -> dict[str, Any]:
    """Measure the service's memory without visitors, and with so many who do nothing."""
    return asyncio.run(_idle(target, count))


async def _idle(target: Target, count: int) -> dict[str, Any]:
    crowd, empty = Crowd(target, Manner(), acts=False), target.resident()
    with bar_of(count / ARRIVALS + SETTLE, f"{count} idle visitors") as bar:
        try:
            await crowd.grow(count)
            await crowd.came(count, bar)
            full, here = target.resident(), crowd.tally.messages["welcome"]
        finally:
            await crowd.leave()
    each = round((full - empty) / here / 1024, 1) if full and empty and here else None
    return {"visitors": here, "empty_mib": mib(empty), "resident_mib": mib(full), "kib_per_visitor": each}


def soak(target: Target, count: int, minutes: float, manner: Manner) -> dict[str, Any]:
    """Measure the service's memory over time under a steady load; its growth is that of the second half."""
    return asyncio.run(_soak(target, count, minutes, manner))


async def _soak(target: Target, count: int, minutes: float, manner: Manner) -> dict[str, Any]:
    crowd, samples = Crowd(target, manner), []
    with bar_of(60 * minutes, f"{count} visitors") as bar:
        try:
            await crowd.grow(count)
            tally, began = crowd.begin(), time.perf_counter()
            for _ in range(max(4, round(60 * minutes / SOAK_SECONDS))):
                await crowd.watched(min(SOAK_SECONDS, 15 * minutes), bar)
                samples.append((time.perf_counter() - began, target.resident()))
            passed = time.perf_counter() - began
        finally:
            await crowd.leave()
    report = {"visitors": count, "minutes": round(passed / 60, 2), **tally.report(passed)}
    known = [(at, size) for at, size in samples if size is not None]
    return report | growth(known)


def growth(samples: Sequence[tuple[float, int]]) -> dict[str, Any]:
    """Return samples in MiB, and the slope of their second half in MiB an hour.

    Args:
        samples: Seconds and bytes of each sample.
    """
    late = samples[len(samples) // 2 :]
    slope = linear_regression(*zip(*late, strict=True)).slope if len(late) > 1 else math.nan
    return {
        "resident_mib": [[round(at), round(size / MIB, 1)] for at, size in samples],
        "growth_mib_per_hour": None if math.isnan(slope) else round(3600 * slope / MIB, 1),
    }


def mib(size: int | None) -> float | None:
    """Return bytes as MiB, or None for None."""
    return None if size is None else round(size / MIB, 1)


def bar_of(seconds: float, words: str = "") -> "tqdm[Any]":
    """Return a progress bar over so many seconds."""
    form = "{l_bar}{bar}| {n:.0f}/{total:.0f} s"
    return tqdm(total=seconds, desc=words, file=sys.stderr, leave=False, bar_format=form)


def advance(bar: "tqdm[Any]", seconds: float) -> None:
    """Advance a progress bar, but not beyond its total, because tqdm would then no longer show the total."""
    bar.update(min(seconds, max(0.0, (bar.total or 0.0) - bar.n)))
