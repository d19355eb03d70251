"""What this machine is, as reports and `silverprint doctor` name it: processor, memory, GPU, versions."""

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
    """Names of what computes here: {"cpu", "memory", "system"}, and where there is a GPU {"gpu", "cuda", "driver"}."""
    found = {"cpu": f"{cpu_name()}, {cores()} cores", "memory": f"{memory_bytes() / 2**30:.0f} GiB"}
    if torch.cuda.is_available():
        from engine.runners.gpu_hardware import driver  # the engine is heavy, and few ask

        card = torch.cuda.get_device_properties(0)
        found["gpu"] = f"{card.name}, {card.multi_processor_count} SMs, {card.total_memory / 2**30:.0f} GiB"
        found["cuda"] = torch.version.cuda or "unknown"
        found["driver"] = driver() or "unknown"
    return {**found, "system": platform.platform(terse=True)}


def versions() -> dict[str, str]:
    """Version of Python and of every package of PACKAGES that is installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        if version := installed(name):
            found[name] = version
    return found


def installed(package: str) -> str | None:
    """The version of an installed package, None without it."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_bytes() -> int:
    """Main memory of the machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def cpu_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's own name, else its architecture."""
    if cpuinfo.is_file():
        for line in cpuinfo.read_text("utf-8", "replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
