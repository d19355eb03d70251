"""Checkpoints that come quantised: what config.json says of them, and how their tensors are named and scaled. Pure.

Served is what compressed-tensors calls "float-quantized" (an "FP8-dynamic" checkpoint): matrices in e4m3, each with a
scale for every output or one for all beside it, experts one by one instead of stacked. Activations keep the model's
dtype here, so that scales stored for them are of no use.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.core.errors import CheckpointError

SCALE = "_scale"
"""What is added to the name of a weight in e4m3 for its scales."""

FORMAT, STRATEGIES = "float-quantized", ("channel", "tensor")

_STACKED = re.compile(r"(.*\.experts\.)(gate_up|down)_proj")
_PARTS = {"gate_up": ("gate", "up"), "down": ("down",)}

Part = tuple[str, list[int]]
"""Name and shape of a stored tensor."""


def stored_precision(config: Mapping[str, Any]) -> str:
    """From the contents of config.json: "fp8", or "bf16" for what is not quantised. Raises CheckpointError."""
    found = config.get("quantization_config")
    if found is None:
        return "bf16"
    if not isinstance(found, Mapping) or found.get("quant_method") != "compressed-tensors":
        got = found.get("quant_method") if isinstance(found, Mapping) else found
        raise CheckpointError(f"config.json: expected weights quantised by 'compressed-tensors', got {got!r}")
    groups = [group for group in (found.get("config_groups") or {}).values() if isinstance(group, Mapping)]
    for format in [found.get("format"), *(group.get("format") for group in groups)]:
        if format not in (FORMAT, None):
            raise CheckpointError(f"config.json: expected weights in the format {FORMAT!r}, got {format!r}")
    for group in groups:
        weights = group.get("weights") or {}
        bits, strategy = weights.get("num_bits", 8), weights.get("strategy", "channel")
        if bits != 8 or strategy not in STRATEGIES:
            raise CheckpointError(
                f"config.json: expected weights of 8 bits with a scale by channel or tensor, "
                f"got {bits} bits by {strategy}"
            )
    return "fp8"


def parts(name: str, shape: Sequence[int]) -> list[Part]:
    """The tensors that a stack of experts [E, outputs, depth] may be stored as, in order; of other tensors none."""
    match = _STACKED.fullmatch(name)
    if not match:
        return []
    experts, outputs, depth = shape
    kinds = _PARTS[match[2]]
    return [
        (f"{match[1]}{expert}.{kind}_proj.weight", [outputs // len(kinds), depth])
        for expert in range(experts)
        for kind in kinds
    ]


def scale_shapes(shape: Sequence[int]) -> Iterator[list[int]]:
    """The shapes that the scales of a weight [..., outputs, depth] may have: by output, or one for a whole matrix."""
    yield [*shape[:-1], 1]
    if len(shape) == 2:
        yield from ([1], [])
