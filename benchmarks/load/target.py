"""The service of a load test: one that already runs, or one that the test starts in a process of its own."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from prometheus_client.parser import text_string_to_metric_families

from backend.errors import StartupError
from backend.settings import PREFIX, Settings
from benchmarks.load.visitors import Door
from benchmarks.service import end, wait_for

LOOPBACK = ("127.0.0.1", "localhost")
MANY = 10_000


@dataclass(frozen=True)
class Target:
    """The service.

    Attributes:
        admission: How visitors connect to it.
        address: Its address, http://HOST:PORT/.
        token: The token for its metrics; None if they are not available.
        pid: Process id of a service that the test started.
        model: Name of what writes its pages.
    """

    admission: Door
    address: str
    token: str | None
    pid: int | None = None
    model: str = "as the service at --url has it"

    def scrape(self) -> "Scrape | None":
        """Return the service's metrics at this moment, or None without a token.

        Raises:
            StartupError: The service refuses.
        """
        if self.token is None:
            return None
        request = urllib.request.Request(f"{self.address}metrics", headers={"authorization": f"Bearer {self.token}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Scrape.read(answer.read().decode())
        except OSError as error:
            raise StartupError(f"expected metrics at {self.address}metrics, got: {error}") from error

    def resident(self) -> int | None:
        """Return the bytes of memory of the service's process, or None if they are not known."""
        if self.pid is None:
            scrape = self.scrape()
            return int(scrape.value("process_resident_memory_bytes")) if scrape else None
        pages = int(Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Scrape:
    """Metrics at one moment.

    Attributes:
        values: By name, the sum over labels.
        buckets: By the histogram's name and the upper limit, how many values there were so far.
    """

    values: Mapping[str, float]
    buckets: Mapping[str, Mapping[float, float]]

    @classmethod
    def read(cls, text: str) -> "Scrape":
        """Parse metrics from the text that Prometheus reads."""
        values: defaultdict[str, float] = defaultdict(float)
        buckets: defaultdict[str, defaultdict[float, float]] = defaultdict(lambda: defaultdict(float))
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                values[sample.name] += sample.value
                if sample.name.endswith("_bucket"):
                    buckets[sample.name.removesuffix("_bucket")][float(sample.labels["le"])] += sample.value
        return cls(values, buckets)

    def value(self, name: str) -> float:
        """Return a metric's sum, or 0 if it is missing."""
        return self.values.get(name, 0.0)

    def since(self, before: "Scrape", name: str) -> float:
        """Return by how much a counter rose."""
        return self.value(name) - before.value(name)

    def quantile(self, before: "Scrape", name: str, part: float) -> float | None:
        """Return a quantile of what a histogram counted since another moment.

        Args:
            before: The other moment.
            name: Name of the histogram.
            part: The quantile, from 0 to 1.

        Returns:
            The quantile, interpolated linearly within a bucket; None if nothing was counted.
        """
        counts = {limit: count - before.buckets[name][limit] for limit, count in self.buckets[name].items()}
        total = max(counts.values(), default=0.0)
        low = below = 0.0
        for limit, count in sorted(counts.items()):
            if total and count >= part * total:
                return low if limit == float("inf") else low + (limit - low) * (part * total - below) / (count - below)
            low, below = limit, count
        return None


def remote(url: str, token: str | None) -> Target:
    """Return a service that already runs.

    Args:
        url: Its address.
        token: Its token, if any.

    Raises:
        StartupError: The address is not an http address.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise StartupError(f"expected --url to be http://HOST:PORT, got {url!r}")
    origin = f"{parts.scheme}://{parts.netloc}"
    socket_url = f"{origin.replace('http', 'ws', 1)}/ws"
    admission = Door(socket_url, None if token else origin, token, parts.hostname in LOOPBACK)
    return Target(admission, f"{origin}/", token)


@contextlib.contextmanager
def own(settings: Settings, rate: float | None) -> Iterator[Target]:
    """Run a service in a process of its own, with limits that admit all visitors.

    Args:
        settings: Settings with the model and the facts.
        rate: Frames a second of the recorded model; None takes the real model of the settings.

    Yields:
        The service.

    Raises:
        StartupError: The service fails to start.
    """
    token = secrets.token_urlsafe(16)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    module = ["backend.cli", "serve"] if rate is None else ["benchmarks.load.serve_replay", f"--rate={rate}"]
    model = f"recorded, {rate:g} frames a second" if rate else settings.model.name
    with tempfile.TemporaryDirectory(prefix="silverprint-load-") as folder:
        environ = environment(settings, token)
        command = [sys.executable, "-m", *module, "--port", str(port), "--data", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environ)
        address = f"http://127.0.0.1:{port}/"
        try:
            wait_for(address, process)
            admission = Door(f"ws://127.0.0.1:{port}/ws", f"http://127.0.0.1:{port}", None, loopback=True)
            yield Target(admission, address, token, process.pid, model)
        finally:
            end(process)


def environment(settings: Settings, token: str) -> dict[str, str]:
    """Return the environment of the test's own service.

    It has no other settings of this process, so that visitors of a test cannot reach a store that is in use.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    told = {
        "TOKEN": token,
        "MAX_PAGES": str(MANY),
        "MAX_SESSIONS": str(MANY),
        "MODEL": str(settings.model),
        "PREFETCH": "off",
        "FACTS": str(settings.facts or ""),
        "PRECISION": settings.precision or "",
    }
    return kept | {f"{PREFIX}{name}": value for name, value in told.items() if value}
