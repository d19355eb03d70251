"""How much memory a model takes, told from its config before anything is loaded, and how much there is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch

from engine.core.config import ModelConfig
from engine.core.errors import NotEnoughMemory
from engine.model.diffusion_gemma import DiffusionGemma
from engine.model.fused_model import PRECISIONS, format_of
from kernels.weights import GROUP, Format

BYTES = {Format.PLAIN: 2.0, Format.FP8: 1.0, Format.INT4: 0.5 + 3 / GROUP}
"""A weight, with its share of scales and zero points."""

GIB = 2**30
SPARE = 2 * GIB
"""For activations, logits, graphs, and what the driver and other programs take."""

CACHE = 6 * GIB
"""For keys and values, at most."""

LEAST_TOKENS = 4096
"""Of keys and values: fewer would serve nobody."""

Shapes = Mapping[str, torch.Size]


@dataclass(frozen=True)
class Footprint:
    """Bytes: weights by precision (PRECISIONS), and a token's keys and values in all layers."""

    weights: Mapping[str, int]
    token: int

    def needed(self, precision: str) -> int:
        """Bytes below which a model does not work."""
        return self.weights[precision] + SPARE + LEAST_TOKENS * self.token

    def precision(self, free: int, asked: str | None = None, stored: str = "bf16") -> str:
        """The one asked for, or the most exact that fits into `free` bytes, and is no more exact than what is stored.

        Raises NotEnoughMemory.
        """
        fitting = [name for name in PRECISIONS if self.needed(name) <= free]
        worth = [name for name in list(PRECISIONS)[list(PRECISIONS).index(stored) :] if name in fitting]
        if asked in fitting or (asked is None and worth):
            return asked or worth[0]
        least = asked or min(PRECISIONS, key=self.needed)
        other = f"; {' and '.join(fitting)} would fit" if fitting else ""
        raise NotEnoughMemory(
            f"expected {self.needed(least) / GIB:.1f} GiB of free memory for {least} weights and work, "
            f"got {free / GIB:.1f} GiB{other}"
        )

    def rows(self, free: int, precision: str, most: int) -> int:
        """Tokens of keys and values to make room for: `most`, or as many as fit beside the weights, up to CACHE."""
        return int(min(most, min(CACHE, free - self.weights[precision] - SPARE) // self.token))


@lru_cache(maxsize=1)
def shapes(config: ModelConfig) -> Shapes:
    """The model's tensors by name, without any of them. Kept for the last config: laying out the 26B model takes 0.1 s,
    and footprint, check and progress bar all ask."""
    with torch.device("meta"):
        return {name: tensor.shape for name, tensor in DiffusionGemma(config).state_dict().items()}


def within(free: int, total: int, fraction: float) -> int:
    """Bytes that a process may still take of a GPU with so many `free` of `total`, if it is to have no more than a
    fraction: as if the GPU were that much smaller."""
    return max(0, int(free - (1 - fraction) * total))


def free_memory(device: torch.device) -> int:
    """Bytes a model may take: what is free on a GPU, within torch.cuda.set_per_process_memory_fraction; elsewhere the
    question is not asked."""
    if device.type != "cuda":
        return 2**62
    free, total = torch.cuda.mem_get_info(device)
    return within(free, total, torch.cuda.get_per_process_memory_fraction(device.index))


def footprint(config: ModelConfig) -> Footprint:
    found = shapes(config)
    weights = {name: int(sum(size(tensor, found[tensor], name) for tensor in found)) for name in PRECISIONS}
    kept = [config.kv_shape(layer) for layer in range(config.layers)]
    return Footprint(weights, sum(2 * 2 * heads * width for heads, width in kept))


def size(name: str, shape: torch.Size, precision: str) -> float:
    """Bytes of a tensor as it is packed."""
    return shape.numel() * BYTES[format_of(name, shape, precision)]
