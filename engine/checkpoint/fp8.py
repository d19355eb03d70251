"""Writes checkpoints in fp8, which take half the bytes of bf16.

Their layout is the one that engine/checkpoint/quantization.py reads.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from engine.checkpoint.quantization import FORMAT, SCALE
from engine.model.fused_model import format_of
from kernels import reference
from kernels.weights import Format

QUANTIZATION = {
    "quant_method": "compressed-tensors",
    "format": FORMAT,
    "quantization_status": "compressed",
    "config_groups": {
        "group_0": {
            "targets": ["Linear"],
            "weights": {"num_bits": 8, "type": "float", "strategy": "channel", "symmetric": True, "dynamic": False},
        }
    },
}
"""The `quantization_config` that config.json holds for them."""


def in_fp8(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Quantise matrices to e4m3, and add an fp32 scale for each output beside each of them.

    The embedding, routers and tensors that are no matrices keep their dtype. Experts stay stacked.
    """
    found: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if format_of(name, tensor.shape, "fp8") is Format.PLAIN:
            found[name] = tensor
            continue
        weight = reference.quantize(tensor, Format.FP8)
        assert weight.scales is not None, "fp8 has scales"
        found[name] = weight.data.view(tensor.shape)
        found[name + SCALE] = weight.scales.to(torch.float32).reshape(*tensor.shape[:-1], 1)
    return found
