"""Checkpoints that are stored quantised: what config.json says of them, and how their tensors are named and scaled.

Only what compressed-tensors calls "float-quantized" (an "FP8-dynamic" checkpoint) is served. Its matrices are in e4m3;
beside each is a scale for every output, or one for all. Its experts may be stored one by one instead of stacked.
Activations keep the model's dtype here, so stored scales for them are not used. This module is pure.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.core.errors import CheckpointError

SCALE = "_scale"
"""The suffix that the name of a weight in e4m3 gets for its scales."""

FORMAT, STRATEGIES = "float-quantized", ("channel", "tensor")

_STACKED = re.compile(r"(.*\.experts\.)(gate_up|down)_proj")
_PARTS = {"gate_up": ("gate", "up"), "down": ("down",)}

Part = tuple[str, list[int]]
"""The name and shape of a stored tensor."""


def stored_precision(config: Mapping[str, Any]) -> str:
    """Return "fp8", or "bf16" for a checkpoint that is not quantised, from the contents of config.json.

    Raises:
        CheckpointError: The weights are quantised in another way.
    """
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
    """Return the tensors that a stack of experts may be stored as, in order; an empty list for other tensors.

    Args:
        name: The name of the stacked tensor.
        shape: Its shape, [E, outputs, depth] for a stack of experts.
    """
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
    """Yield the shapes that the scales of a weight [..., outputs, depth] may have.

    There is one scale for each output, or for a single matrix also one in all.
    """
    yield [*shape[:-1], 1]
    if len(shape) == 2:
        yield from ([1], [])
