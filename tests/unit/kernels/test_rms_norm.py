import pytest
import torch

from kernels import reference
from kernels.checks import KernelError
from kernels.rms_norm import rms_norm
from tests.support.tolerances import DTYPES, assert_near, name, normal


@pytest.mark.parametrize("dtype", DTYPES, ids=name)
@pytest.mark.parametrize(("rows", "width"), [(1, 64), (3, 192), (5, 2816), (2, 129), (0, 64)], ids=lambda n: str(n))
def test_plain(rows: int, width: int, dtype: torch.dtype, device: torch.device) -> None:
    x = normal(rows, width, dtype=dtype).to(device)
    assert_near(rms_norm(x), reference.rms_norm(x, accumulate=torch.float64))


@pytest.mark.parametrize("dtype", DTYPES, ids=name)
@pytest.mark.parametrize("parts", ["w", "r", "s", "wr", "ws", "wrs"])
def test_with_weight_residual_and_scalar(parts: str, dtype: torch.dtype, device: torch.device) -> None:
    x, residual = (normal(7, 200, dtype=dtype, seed=seed).to(device) for seed in (0, 1))
    weight, scalar = normal(200, dtype=dtype, seed=2).to(device), torch.tensor([0.37], dtype=dtype, device=device)
    given = [tensor if key in parts else None for key, tensor in zip("wrs", (weight, residual, scalar), strict=True)]
    assert_near(rms_norm(x, *given), reference.rms_norm(x, *given, accumulate=torch.float64))


def test_the_result_may_go_over_the_residual(device: torch.device) -> None:
    x, residual = (normal(4, 96, seed=seed).to(device) for seed in (0, 1))
    want = reference.rms_norm(x, None, residual, accumulate=torch.float64)
    assert_near(rms_norm(x, None, residual, out=residual), want)


def test_a_row_of_zeros_stays_zero(device: torch.device) -> None:
    assert rms_norm(torch.zeros(2, 64, device=device)).tolist() == [[0.0] * 64] * 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": torch.zeros(2, 4, dtype=torch.int32)}, "x: expected dtype bfloat16 or float16 or float32, got int32"),
        ({"x": torch.zeros(4)}, r"x: expected shape \[any, any\], got \[4\]"),
        ({"x": torch.zeros(4, 6)[:, ::2]}, r"x: expected a contiguous tensor, got strides \(6, 2\)"),
        ({"weight": torch.zeros(5)}, r"weight: expected shape \[4\], got \[5\]"),
        ({"residual": torch.zeros(3, 4)}, r"residual: expected shape \[2, 4\], got \[3, 4\]"),
        ({"residual": torch.zeros(2, 4).half()}, "residual: expected dtype float32, got float16"),
        ({"scalar": torch.zeros(())}, r"scalar: expected shape \[1\], got \[\]"),
        ({"weight": torch.zeros(4, device="meta")}, "weight: expected device cpu, got meta"),
    ],
)
def test_bad_input(arguments: dict[str, torch.Tensor], message: str) -> None:
    with pytest.raises(KernelError, match=message):
        rms_norm(**({"x": torch.zeros(2, 4)} | arguments))
