"""A description of this machine for reports and `silverprint doctor`: processor, memory, GPU and versions."""

import importlib.metadata
import os
import platform
from pathlib import Path

import torch

PACKAGES = (
    "silverprint",
    "torch",
    "triton",
    "transformers",
    "tokenizers",
    "safetensors",
    "starlette",
    "uvicorn",
    "redis",
)


def hardware() -> dict[str, str]:
    """Describe the hardware that computes here.

    Returns:
        A map with the keys cpu, memory and system, and where there is a GPU also gpu, cuda and driver.
    """
    found = {"cpu": f"{cpu_name()}, {cores()} cores", "memory": f"{memory_bytes() / 2**30:.0f} GiB"}
    if torch.cuda.is_available():
        from engine.runners.gpu_hardware import driver  # The engine takes long to import, and few callers ask.

        card = torch.cuda.get_device_properties(0)
        found["gpu"] = f"{card.name}, {card.multi_processor_count} SMs, {card.total_memory / 2**30:.0f} GiB"
        found["cuda"] = torch.version.cuda or "unknown"
        found["driver"] = driver() or "unknown"
    return {**found, "system": platform.platform(terse=True)}


def versions() -> dict[str, str]:
    """Return the version of Python and of every package in PACKAGES that is installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        if version := installed(name):
            found[name] = version
    return found


def installed(package: str) -> str | None:
    """Return the version of an installed package, or None if it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_bytes() -> int:
    """Return the size of the machine's main memory in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def cpu_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor's own name, or its architecture if it does not tell its name."""
    if cpuinfo.is_file():
        for line in cpuinfo.read_text("utf-8", "replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
