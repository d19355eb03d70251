"""The fast forms against the plain ones, with and without gradients."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.model import ops

TOLERANCE = {torch.float32: 2e-6, torch.bfloat16: 1e-2}


def values(dtype: torch.dtype) -> Tensor:
    return (torch.randn(33, 48, generator=torch.Generator().manual_seed(0)) * 6).to(dtype)


def plain_norm(x: Tensor, weight: Tensor | None) -> Tensor:
    wide = x.double()
    wide = wide * (wide.pow(2).mean(-1, keepdim=True) + 1e-6) ** -0.5
    return wide if weight is None else wide * weight


@pytest.fixture(params=[True, False], ids=["training", "serving"], autouse=True)
def _gradients(request: pytest.FixtureRequest) -> object:
    with torch.set_grad_enabled(request.param):
        yield


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("scaled", [False, True], ids=["plain", "scaled"])
def test_rms_norm(dtype: torch.dtype, scaled: bool) -> None:
    x, weight = values(dtype), torch.linspace(0.5, 2, 48) if scaled else None
    got = ops.rms_norm(x, weight, 1e-6)
    assert got.dtype == dtype
    torch.testing.assert_close(got.double(), plain_norm(x, weight), atol=TOLERANCE[dtype], rtol=TOLERANCE[dtype])


def test_rms_norm_of_zeros_is_zero() -> None:
    assert not ops.rms_norm(torch.zeros(2, 4), None, 1e-6).any()


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_gelu(dtype: torch.dtype) -> None:
    x = values(dtype)
    expected = F.gelu(x.double(), approximate="tanh")
    torch.testing.assert_close(ops.gelu(x).double(), expected, atol=TOLERANCE[dtype], rtol=TOLERANCE[dtype])


def test_gelu_far_out() -> None:
    assert ops.gelu(torch.tensor([-1e4, 1e4])).tolist() == [0, 1e4]


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_soft_cap(dtype: torch.dtype) -> None:
    x = values(dtype) * 10
    expected = torch.tanh(x.double() / 30) * 30
    got = ops.soft_cap(x, 30.0)
    assert got.dtype == torch.float32
    torch.testing.assert_close(got.double(), expected, atol=1e-5, rtol=1e-5)
