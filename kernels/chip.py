"""What launch parameters and weight formats depend on: the chip."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch


@dataclass(frozen=True)
class Chip:
    """What the choice depends on. shared: bytes a program may have; fp8: whether it has e4m3 conversions."""

    multiprocessors: int
    shared: int
    capability: tuple[int, int]

    @property
    def name(self) -> str:
        """By which launch parameters are recorded: parts of one architecture differ in multiprocessors."""
        return f"sm_{self.capability[0]}{self.capability[1]}-{self.multiprocessors}"

    @property
    def fp8(self) -> bool:
        return self.capability >= (8, 9)


HOPPER = Chip(132, 232_448, (9, 0))
"""H100 SXM and H200; also what the interpreter, which has no chip, takes its parameters from."""

BLACKWELL = Chip(148, 232_448, (10, 0))


@cache
def chip_of(device: torch.device) -> Chip:
    if device.type != "cuda":
        return HOPPER
    found = torch.cuda.get_device_properties(device)
    shared = found.shared_memory_per_block_optin  # type: ignore[attr-defined]
    return Chip(found.multi_processor_count, shared, (found.major, found.minor))


def driver(file: Path = Path("/proc/driver/nvidia/version")) -> str | None:
    """The version of NVIDIA's driver, as the kernel's module tells it; None without one."""
    if not file.is_file():
        return None
    words = file.read_text("utf-8", "replace").split("\n", 1)[0].split()
    return next((word for word in words if word[0].isdigit() and "." in word), None)
