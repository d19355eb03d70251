"""The interface between work on static buffers and the way it is launched: as a CUDA graph, or as plain calls."""

from collections.abc import Callable
from typing import Any, Protocol

import torch

Work = Callable[[], None]

WARM_UPS = 2
"""How often work runs before it is captured.

The first run compiles kernels and lets libraries allocate memory, neither of which a graph may do.
"""


class Graphs(Protocol):
    """Turns work into something that can be launched again and again.

    The work must not wait for the device. It may depend only on buffers that stay at their addresses.
    """

    def captured(self, work: Work) -> Work:
        """Return a callable that launches `work`."""
        ...


class CudaGraphs:
    """Captures each work as one CUDA graph; all graphs share one memory pool, since no two run at once."""

    def __init__(self) -> None:
        self._pool: Any = None

    def captured(self, work: Work) -> Work:
        """Run `work` a few times, capture it, and return the replay of its graph."""
        side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UPS):
                work()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
            work()
        self._pool = self._pool or graph.pool()
        return graph.replay


class Direct:
    """Captures nothing: every launch is a plain call."""

    def captured(self, work: Work) -> Work:
        """Return `work` unchanged."""
        return work
