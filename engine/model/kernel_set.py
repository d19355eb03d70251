"""The operations that a fused model consists of: Triton kernels on a GPU, their plain references elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib import import_module
from typing import Any

import torch

MODULES = {"route": "moe"}
"""The modules of kernels that are not named after their operation."""


@dataclass(frozen=True)
class KernelSet:
    """One function for each operation; their arguments and results are those of the kernels' launchers."""

    rms_norm: Callable[..., Any]
    qkv: Callable[..., Any]
    canvas_attention: Callable[..., Any]
    prefill_attention: Callable[..., Any]
    linear: Callable[..., Any]
    route: Callable[..., Any]
    moe: Callable[..., Any]
    vocab_rows: Callable[..., Any]
    soft_embedding: Callable[..., Any]
    accept_renoise: Callable[..., Any]
    quantize: Callable[..., Any]


NAMES = tuple(field.name for field in fields(KernelSet))
"""The names of all operations."""


def kernels() -> KernelSet:
    """Return the Triton kernels; with TRITON_INTERPRET=1 they also run on a CPU."""
    return KernelSet(*(getattr(import_module(f"kernels.{MODULES.get(name, name)}"), name) for name in NAMES))


def references() -> KernelSet:
    """Return the references, which give the same results up to rounding and do not use Triton."""
    from kernels.peers import references

    return KernelSet(*map(references, NAMES))


def operations(device: torch.device) -> KernelSet:
    """Return the operations that serve a device."""
    return kernels() if device.type == "cuda" else references()
