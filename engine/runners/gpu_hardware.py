"""What the GPU of this machine is, and whether it does what the engine needs."""

from dataclasses import dataclass

import torch

from engine.checkpoint.memory import footprint, free_memory
from engine.core.errors import NotEnoughMemory
from engine.core.large import LARGE_SHAPE
from engine.runners.graph_capture import CudaGraphs, Graphs
from kernels.chip import Chip, chip_of, driver

__all__ = ["Gpu", "card", "driver", "large_precision", "replays"]

FIRST = torch.device("cuda", 0)


@dataclass(frozen=True)
class Gpu:
    """The first GPU.

    Attributes:
        name: The name that the driver gives.
        chip: The chip, as the kernels see it.
        memory: All memory, in bytes.
        free: Free memory, in bytes.
        driver: The driver's version; None if it is unknown.
        cuda: CUDA's version; None if it is unknown.
    """

    name: str
    chip: Chip
    memory: int
    free: int
    driver: str | None
    cuda: str | None


def card() -> Gpu:
    """Return the first GPU."""
    found = torch.cuda.get_device_properties(0)
    return Gpu(found.name, chip_of(FIRST), found.total_memory, free_memory(FIRST), driver(), torch.version.cuda)


def large_precision(free: int) -> str | None:
    """Return the most exact precision in which DiffusionGemma 26B fits into `free` bytes; None if none fits."""
    try:
        return footprint(LARGE_SHAPE).precision(free)
    except NotEnoughMemory:
        return None


def replays(device: torch.device = FIRST, graphs: Graphs | None = None) -> bool:
    """Check that a tiny captured graph does its work again when it is replayed."""
    number = torch.zeros(1, device=device)

    def work() -> None:
        number.add_(1).mul_(3)

    replay = (graphs or CudaGraphs()).captured(work)
    number.fill_(1)
    replay()
    return number.item() == 6
