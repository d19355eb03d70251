"""The chip, which launch parameters and weight formats depend on."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch


@dataclass(frozen=True)
class Chip:
    """The properties of a chip that launch parameters and weight formats depend on.

    Attributes:
        multiprocessors: The number of multiprocessors.
        shared: The most shared memory that one program may use, in bytes.
        capability: The compute capability, major and minor.
    """

    multiprocessors: int
    shared: int
    capability: tuple[int, int]

    @property
    def name(self) -> str:
        """Return the name under which launch parameters are recorded.

        It includes the number of multiprocessors, in which chips of one architecture differ.
        """
        return f"sm_{self.capability[0]}{self.capability[1]}-{self.multiprocessors}"

    @property
    def fp8(self) -> bool:
        """Tell whether the chip converts e4m3."""
        return self.capability >= (8, 9)


HOPPER = Chip(132, 232_448, (9, 0))
"""H100 SXM and H200. The interpreter, which has no chip, uses the launch parameters of this one."""

BLACKWELL = Chip(148, 232_448, (10, 0))
"""A Blackwell chip of compute capability 10.0."""


@cache
def chip_of(device: torch.device) -> Chip:
    """Return the chip of a device; HOPPER for a CPU."""
    if device.type != "cuda":
        return HOPPER
    found = torch.cuda.get_device_properties(device)
    shared = found.shared_memory_per_block_optin  # type: ignore[attr-defined]
    return Chip(found.multi_processor_count, shared, (found.major, found.minor))


def driver(file: Path = Path("/proc/driver/nvidia/version")) -> str | None:
    """Return the version of NVIDIA's driver from its kernel module; None without one."""
    if not file.is_file():
        return None
    words = file.read_text("utf-8", "replace").split("\n", 1)[0].split()
    return next((word for word in words if word[0].isdigit() and "." in word), None)
