"""Where a generation's random numbers come from."""

import secrets
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor


class Noise(Protocol):
    """The random numbers of one request. A request draws in an order that depends on nothing else in its batch:
    tokens for a new canvas, then in every step uniforms to sample with and tokens to renoise with."""

    def tokens(self, count: int, vocabulary: int) -> Tensor:
        """Uniform token ids, int64 [count], on the CPU."""
        ...

    def uniforms(self, count: int) -> Tensor:
        """fp32 [count] in [0, 1), on the CPU."""
        ...


def pass_over(noise: Noise, length: int, vocabulary: int, steps: Sequence[int]) -> None:
    """Draw what a page has drawn once canvases of `length` tokens have taken so many steps each."""
    for count in steps:
        noise.tokens(length, vocabulary)
        for _ in range(count):
            noise.uniforms(length)
            noise.tokens(length, vocabulary)


class SeededNoise:
    """The default: a CPU generator of the request's own, so that a seed repeats on any device and in any company."""

    def __init__(self, seed: int | None) -> None:
        self.seed = secrets.randbits(63) if seed is None else seed
        self._generator = torch.Generator().manual_seed(self.seed % 2**63)

    def tokens(self, count: int, vocabulary: int) -> Tensor:
        return torch.randint(vocabulary, (count,), generator=self._generator)

    def uniforms(self, count: int) -> Tensor:
        return torch.rand(count, generator=self._generator)
