"""How the CPU is used: threads of arithmetic for a model's width, and memory that is kept between steps."""

import ctypes
import os
from functools import cache

import torch

from engine.core.config import ModelConfig

NARROW = 512
"""Hidden size up to which one thread beats several: a step of the bundled model (width 192) enters 440 parallel loops
of some 50 us each, and took 155 ms with two threads and 76 ms with one."""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3


def threads_for(config: ModelConfig) -> int:
    """Threads of arithmetic for a model on the CPU: one for a narrow model, else all cores. OMP_NUM_THREADS wins."""
    if "OMP_NUM_THREADS" in os.environ:
        return torch.get_num_threads()
    return 1 if config.hidden_size <= NARROW else os.cpu_count() or 1


def settle(config: ModelConfig, threads: int | None = None) -> None:
    """Set up the thread that calls, once, to run a model on the CPU. threads: in place of `threads_for`."""
    torch.set_num_threads(threads or threads_for(config))
    keep_memory()


@cache
def keep_memory() -> bool:
    """Let glibc keep what a step frees for the next: 600 page faults and a tenth of a step's time less.

    True where that is possible (Linux with glibc); elsewhere nothing changes.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, 2**30) and mallopt(M_TRIM_THRESHOLD, 2**31 - 1))
