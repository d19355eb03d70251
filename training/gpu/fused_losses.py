"""The element-wise formulas of a training step as one kernel each, by torch.compile.

As several kernels, norms, rotary embedding and the weighted loss read and write each row of a batch a dozen times. That
takes longer than the matrix products between them. Compiling a whole model would take minutes for each of some thirty
shapes of a batch. These formulas are compiled once for all shapes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import torch
from torch._dynamo import config as dynamo

from engine.model import diffusion_gemma as engine_model
from engine.model import ops
from training import losses

PLACES: tuple[tuple[ModuleType, str], ...] = (
    (ops, "rms_norm"),
    (engine_model, "rotate"),
    (losses, "weighted_cross_entropy"),
)
VARIANTS = 64
"""Variants of one formula: with and without weight or gradient, by dtype and by number of axes."""


@contextmanager
def fused(backend: str = "inductor") -> Iterator[None]:
    """Compile these formulas inside the block, when they are first used; afterwards they are as before."""
    plain = [getattr(module, name) for module, name in PLACES]
    before, dynamo.recompile_limit = dynamo.recompile_limit, VARIANTS
    try:
        for (module, name), function in zip(PLACES, plain, strict=True):
            setattr(module, name, torch.compile(function, dynamic=True, backend=backend))
        yield
    finally:
        for (module, name), function in zip(PLACES, plain, strict=True):
            setattr(module, name, function)
        dynamo.recompile_limit = before


def tried(device: torch.device, backend: str = "inductor") -> str:
    """Compile and run the formulas once, forwards and backwards.

    Returns:
        An empty string if that works, otherwise why not.
    """
    try:
        with fused(backend):
            _once(device)
    except Exception as error:  # training continues without a compiler, whatever failed
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return ""


def _once(device: torch.device) -> None:
    x = torch.randn(48, 4, 64, device=device, requires_grad=True)
    weight = torch.ones(64, device=device, requires_grad=True)
    turn: Any = (torch.ones(48, 1, 64, device=device), torch.zeros(48, 1, 64, device=device))
    rows = engine_model.rotate(ops.rms_norm(x, weight, 1e-6), turn).flatten(1)
    targets = torch.zeros(48, dtype=torch.int64, device=device)
    torch.autograd.backward(losses.weighted_cross_entropy(rows, targets))
