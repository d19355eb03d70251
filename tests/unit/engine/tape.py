"""A stand-in for CUDA graphs: records the tensor operations of a piece of work, and replays just these.

Like a graph, a replay knows nothing of the Python that gave rise to it: it reads and writes the tensors it was recorded
with, where they lie. An operation whose result the host would have to wait for cannot be recorded.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

WAITS = ("_local_scalar_dense", "nonzero", "is_nonzero", "masked_select", "_unique2")


class Tape(TorchDispatchMode):
    """Operations in order, with their arguments and results."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, tuple[Any, ...], dict[str, Any], Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func._opname in WAITS:
            raise RuntimeError(f"expected work that no host waits for, got {func}")
        result = func(*args, **(kwargs or {}))
        self.calls.append((func, args, kwargs or {}, result))
        return result

    def play(self) -> None:
        for func, args, kwargs, recorded in self.calls:
            again = func(*args, **kwargs)
            for old, new in zip(tree_leaves(recorded), tree_leaves(again), strict=True):
                if isinstance(old, torch.Tensor) and old.data_ptr() != new.data_ptr():
                    old.copy_(new)


class Taped:
    """Graphs that record onto tapes. replays: how often each was played."""

    def __init__(self) -> None:
        self.replays: list[int] = []

    def captured(self, work: Callable[[], None]) -> Callable[[], None]:
        with Tape() as tape:
            work()
        number = len(self.replays)
        self.replays.append(0)

        def replay() -> None:
            self.replays[number] += 1
            with torch.inference_mode():
                tape.play()

        return replay
