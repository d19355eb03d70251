"""How much memory a model takes, computed from its config before anything is loaded, and how much there is."""

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
"""The bytes of one weight in each format, with its share of scales and zero points."""

GIB = 2**30
SPARE = 2 * GIB
"""Bytes for activations, logits and graphs, and for what the driver and other programs take."""

CACHE = 6 * GIB
"""The most bytes for keys and values."""

LEAST_TOKENS = 4096
"""The fewest tokens of keys and values that a model must have room for; with fewer, it could serve no request."""

Shapes = Mapping[str, torch.Size]
"""The shapes of tensors by name."""


@dataclass(frozen=True)
class Footprint:
    """The memory that a model takes, in bytes.

    Attributes:
        weights: The bytes of all weights in each precision (PRECISIONS).
        token: The bytes of one token's keys and values in all layers.
    """

    weights: Mapping[str, int]
    token: int

    def needed(self, precision: str) -> int:
        """Return the fewest bytes with which a model works in a precision."""
        return self.weights[precision] + SPARE + LEAST_TOKENS * self.token

    def precision(self, free: int, asked: str | None = None, stored: str = "bf16") -> str:
        """Return the precision to serve in.

        Args:
            free: Free memory, in bytes.
            asked: The precision asked for. None takes the most exact one that fits and is no more exact than what is
                stored.
            stored: The precision of the checkpoint.

        Raises:
            NotEnoughMemory: No such precision fits.
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
        """Return how many tokens of keys and values to make room for.

        Args:
            free: Free memory, in bytes.
            precision: The precision of the weights.
            most: The number to make room for if it fits beside the weights and within CACHE.
        """
        return int(min(most, min(CACHE, free - self.weights[precision] - SPARE) // self.token))


@lru_cache(maxsize=1)
def shapes(config: ModelConfig) -> Shapes:
    """Return the shapes of the model's tensors by name, without allocating any of them.

    The last config's result is cached. Building the 26B model takes 0.1 s, and footprint, check and progress bar all
    ask.
    """
    with torch.device("meta"):
        return {name: tensor.shape for name, tensor in DiffusionGemma(config).state_dict().items()}


def within(free: int, total: int, fraction: float) -> int:
    """Return how many bytes a process may still take of a GPU, as if the GPU were smaller.

    Args:
        free: The GPU's free memory, in bytes.
        total: All of its memory, in bytes.
        fraction: The share of `total` that the GPU is treated as having.
    """
    return max(0, int(free - (1 - fraction) * total))


def free_memory(device: torch.device) -> int:
    """Return how many bytes a model may take on a device.

    On a GPU that is the free memory within torch.cuda.set_per_process_memory_fraction. Elsewhere nothing is measured,
    and the result is 2**62.
    """
    if device.type != "cuda":
        return 2**62
    free, total = torch.cuda.mem_get_info(device)
    return within(free, total, torch.cuda.get_per_process_memory_fraction(device.index))


def footprint(config: ModelConfig) -> Footprint:
    """Return how much memory a model of this configuration takes."""
    found = shapes(config)
    weights = {name: int(sum(size(tensor, found[tensor], name) for tensor in found)) for name in PRECISIONS}
    kept = [config.kv_shape(layer) for layer in range(config.layers)]
    return Footprint(weights, sum(2 * 2 * heads * width for heads, width in kept))


def size(name: str, shape: torch.Size, precision: str) -> float:
    """Return the bytes of a tensor in the format that a precision gives it."""
    return shape.numel() * BYTES[format_of(name, shape, precision)]
