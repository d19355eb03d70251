"""How close a kernel has to come to its reference: one table by dtype, one comparison, and random inputs."""

import torch
from torch import Tensor

RATIO = {torch.bfloat16: 5e-3, torch.float16: 1e-3, torch.float32: 1e-5}
"""Most RMS error that a result may have, as a share of the reference's RMS, by the dtype of the result."""

DTYPES = tuple(RATIO)


def name(dtype: torch.dtype) -> str:
    """Return the name of a dtype without "torch."."""
    return str(dtype).removeprefix("torch.")


def generator(seed: int = 0) -> torch.Generator:
    """Return a generator of random numbers with this seed."""
    return torch.Generator().manual_seed(seed)


def normal(*shape: int, dtype: torch.dtype = torch.float32, seed: int = 0, scale: float = 1.0) -> Tensor:
    """Return normally distributed values."""
    return (torch.randn(shape, generator=generator(seed)) * scale).to(dtype)


def assert_near(got: Tensor, want: Tensor) -> None:
    """Check that the error's RMS divided by the reference's RMS is within RATIO of got's dtype.

    NaN and infinity fail.
    """
    assert got.shape == want.shape
    assert got.dtype == want.dtype
    if not want.numel():
        return
    wide, reference = got.double(), want.double()
    assert torch.isfinite(wide).all(), f"{int((~torch.isfinite(wide)).sum())} of {wide.numel()} elements not finite"
    error = (wide - reference).square().mean().sqrt().item()
    scale = reference.square().mean().sqrt().item()
    assert error <= RATIO[got.dtype] * scale, f"RMS error {error / scale:.2e} of the reference's RMS"
