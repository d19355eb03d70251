"""Weights within a limit of bytes: in bf16 where they fit, otherwise in fp8, which the engine reads as well."""

from pathlib import Path
from typing import Literal

import torch

from engine.checkpoint.loader import save_checkpoint
from engine.checkpoint.memory import shapes
from engine.core.config import ModelConfig
from engine.core.errors import CheckpointError
from engine.model.diffusion_gemma import DiffusionGemma
from engine.model.fused_model import format_of
from kernels.weights import Format
from training.quality import SAMPLING

Precision = Literal["bf16", "fp8"]
PRECISIONS: tuple[Precision, ...] = ("bf16", "fp8")
SHARD = 15 * 2**20
"""Most bytes of a file of weights."""

HEADER = 2**16
"""Bytes for the headers of files, which name the tensors."""


def weight_bytes(config: ModelConfig, precision: Precision) -> int:
    """Return the most bytes that the weights of a model take on disk."""
    return HEADER + sum(_bytes(name, shape, precision) for name, shape in shapes(config).items())


def _bytes(name: str, shape: torch.Size, precision: Precision) -> int:
    if format_of(name, shape, precision) is Format.PLAIN:
        return 2 * shape.numel()
    return shape.numel() + 4 * shape[:-1].numel()  # a scale for each output


def precision_within(config: ModelConfig, limit: int) -> Precision:
    """Return the more exact precision in which a model's weights take no more than `limit` bytes.

    Raises:
        CheckpointError: They take more in both precisions.
    """
    fitting = [name for name in PRECISIONS if weight_bytes(config, name) <= limit]
    if not fitting:
        least = weight_bytes(config, PRECISIONS[-1])
        raise CheckpointError(
            f"expected weights of at most {limit / 2**20:g} MiB, got {least / 2**20:.1f} MiB in {PRECISIONS[-1]}: "
            "choose a smaller --width or fewer --layers"
        )
    return fitting[0]


def save_compact(model: DiffusionGemma, folder: Path, precision: Precision) -> None:
    """Write a checkpoint that can be served."""
    in_eight_bits = precision == "fp8"
    save_checkpoint(model, folder, torch.bfloat16, SHARD, SAMPLING, in_eight_bits)
