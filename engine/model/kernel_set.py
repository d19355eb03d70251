"""The operations that a packed model is made of: Triton kernels on a GPU, their plain references elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib import import_module
from typing import Any

import torch

MODULES = {"route": "moe"}
"""Modules of kernels that are not named after their operation."""


@dataclass(frozen=True)
class KernelSet:
    """One function an operation; arguments and results are those that the kernels' launchers describe."""

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


def kernels() -> KernelSet:
    """The kernels; under TRITON_INTERPRET=1 they run on a CPU, too."""
    return KernelSet(*(getattr(import_module(f"kernels.{MODULES.get(name, name)}"), name) for name in NAMES))


def references() -> KernelSet:
    """The references: the same results up to rounding, and no word of Triton."""
    from kernels.peers import references

    return KernelSet(*map(references, NAMES))


def operations(device: torch.device) -> KernelSet:
    """Those that serve a device."""
    return kernels() if device.type == "cuda" else references()
