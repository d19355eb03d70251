"""The seam between work on static buffers and how it is launched: as a CUDA graph, or call by call."""

from collections.abc import Callable
from typing import Any, Protocol

import torch

Work = Callable[[], None]

WARM_UPS = 2
"""Runs before a capture: the first compiles kernels and lets libraries allocate, neither of which a graph may do."""


class Graphs(Protocol):
    """Turns work into something that can be launched again and again. The work must neither wait for the device nor
    depend on anything but buffers that stay where they are."""

    def captured(self, work: Work) -> Work: ...


class CudaGraphs:
    """One CUDA graph a capture; all share one pool of memory, since no two run at once."""

    def __init__(self) -> None:
        self._pool: Any = None

    def captured(self, work: Work) -> Work:
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
    """No capture: every launch is a call."""

    def captured(self, work: Work) -> Work:
        return work
