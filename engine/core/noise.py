"""The source of a generation's random numbers."""

import secrets
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor


class Noise(Protocol):
    """The random numbers of one request.

    A request draws in an order that does not depend on its batch. It draws tokens for a new canvas; then in every step,
    uniforms to sample with and tokens to renoise with.
    """

    def tokens(self, count: int, vocabulary: int) -> Tensor:
        """Return uniform token ids, int64 [count], on the CPU."""
        ...

    def uniforms(self, count: int) -> Tensor:
        """Return fp32 [count] in [0, 1), on the CPU."""
        ...


def pass_over(noise: Noise, length: int, vocabulary: int, steps: Sequence[int]) -> None:
    """Draw and discard what the canvases of a page have already drawn.

    Args:
        noise: The random numbers to advance.
        length: Tokens in a canvas.
        vocabulary: Number of tokens to draw from.
        steps: How many denoising steps each finished canvas took.
    """
    for count in steps:
        noise.tokens(length, vocabulary)
        for _ in range(count):
            noise.uniforms(length)
            noise.tokens(length, vocabulary)


class SeededNoise:
    """The default noise: a CPU generator for each request.

    A seed therefore gives the same numbers on any device and in any batch.

    Attributes:
        seed: The seed; a fresh one of 63 bits if none was given.
    """

    def __init__(self, seed: int | None) -> None:
        self.seed = secrets.randbits(63) if seed is None else seed
        self._generator = torch.Generator().manual_seed(self.seed % 2**63)

    def tokens(self, count: int, vocabulary: int) -> Tensor:
        """Return uniform token ids, int64 [count], on the CPU."""
        return torch.randint(vocabulary, (count,), generator=self._generator)

    def uniforms(self, count: int) -> Tensor:
        """Return fp32 [count] in [0, 1), on the CPU."""
        return torch.rand(count, generator=self._generator)
