"""Ray as this project uses it: how it is imported, reached and called, and what its errors mean."""

import asyncio
import contextlib
import logging
import math
import os
import socket
from collections.abc import AsyncIterator, Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from backend.errors import StartupError
from backend.models.ray.stream import ReplicaLost
from engine.core.errors import GenerationFailed

if TYPE_CHECKING:
    from backend.models.ray.replica import Opened
    from engine.core.errors import EngineError
    from engine.core.results import Frame, Result

REACH_SECONDS = 3.0
STORE_BYTES = 100 * 2**20
"""The size of Ray's object store in a local cluster: we send little, and Ray would take a third of all memory."""


def ray_module() -> ModuleType:
    """Import Ray and Ray Serve.

    Ray reads its environment when it is imported. Unless the environment says otherwise, it sends no usage statistics
    and takes part only in clusters whose token it has. The token matters because whoever is in a cluster can run code
    in it.

    Raises:
        StartupError: The extra `cluster` is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_AUTH_MODE", "token")
    try:
        import ray
        import ray.serve
    except ImportError as error:
        raise StartupError(f"expected the extra cluster (pip install 'silverprint[cluster]'), got: {error}") from error
    for name in ("ray", "ray.serve"):
        logging.getLogger(name).setLevel(logging.WARNING)
    module: ModuleType = ray
    return module


def join(address: str, cpus: float = 0, gpus: float = 0) -> Callable[[], None]:
    """Make this process part of a cluster.

    Args:
        address: auto, HOST:PORT, or local for a cluster that lives as long as this process.
        cpus: How many CPUs a local cluster must have room for.
        gpus: How many GPUs a local cluster must have room for.

    Returns:
        A function that leaves the cluster.

    Raises:
        StartupError: The cluster cannot be joined.
    """
    ray = ray_module()
    if ray.is_initialized():
        return lambda: None
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.WARNING, "configure_logging": False}
    if address == "local":
        options |= {"include_dashboard": False, "object_store_memory": STORE_BYTES}
        options |= {"num_cpus": max(os.cpu_count() or 1, math.ceil(cpus)), "num_gpus": math.ceil(gpus) or None}
    elif address != "auto":
        reach(address)
    try:
        ray.init(address, **options)
    except (ConnectionError, RuntimeError, ValueError, AssertionError) as error:
        raise StartupError(refusal(address, error)) from error
    return ray.shutdown  # type: ignore[no-any-return]


def refusal(address: str, error: Exception) -> str:
    """Say in one sentence why a cluster was not joined."""
    reasons: list[str] = []
    reason: BaseException | None = error
    while reason:
        reasons.append(str(reason).strip())
        reason = reason.__cause__
    if any("authentication" in text.lower() for text in reasons):
        return (
            f"expected the token of the Ray cluster at {address} in RAY_AUTH_TOKEN or ~/.ray/auth_token, got none or "
            "another; RAY_AUTH_MODE=disabled where the cluster has none"
        )
    return f"expected a Ray cluster at {address} that this machine belongs to, got: {reasons[0].splitlines()[0]}"


def reach(address: str) -> None:
    """Check that something listens at a cluster's address, because Ray itself would try for a minute.

    Raises:
        StartupError: Nothing answers within REACH_SECONDS.
    """
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), REACH_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise StartupError(f"expected a Ray cluster at {address}, got: {error}") from error


class RayStream:
    """A Ray Serve stream of a replica that raises errors which the service knows."""

    def __init__(self, response: Any) -> None:
        self._response = response

    def __aiter__(self) -> "AsyncIterator[Opened | Frame | Result | EngineError]":
        return self

    async def __anext__(self) -> "Opened | Frame | Result | EngineError":
        from ray.exceptions import RayError, RayTaskError
        from ray.serve.exceptions import RayServeException

        try:
            return await self._response.__anext__()  # type: ignore[no-any-return]
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task and task.cancelling():
                raise
            # A replica that is being shut down does this.
            raise ReplicaLost("its replica cancelled the page") from None
        except (RayTaskError, RayServeException) as error:
            raise GenerationFailed(f"the replica failed on this request: {error}") from error
        except RayError as error:
            raise ReplicaLost(str(error)) from error

    def cancel(self) -> None:
        """Cancel the stream on the replica; never raises."""
        with contextlib.suppress(Exception):  # The stream has ended, or the cluster is gone.
            self._response.cancel()
