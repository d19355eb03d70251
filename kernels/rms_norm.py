"""RMS norm of rows, with the residual addition and the layer scalar that follow it, in one pass over memory."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from kernels.checks import FLOATS, check
from kernels.tile import cast


@triton.jit
def _rms_norm_kernel(
    x_ptr, weight_ptr, residual_ptr, scalar_ptr, out_ptr, width, eps,
    HAS_WEIGHT: tl.constexpr, HAS_RESIDUAL: tl.constexpr, HAS_SCALAR: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """One program handles one row, which stays in registers between the sum of squares and the result."""
    row = tl.program_id(0).to(tl.int64) * width
    column = tl.arange(0, BLOCK)
    inside = column < width
    x = tl.load(x_ptr + row + column, mask=inside, other=0.0).to(tl.float32)
    y = x * tl.rsqrt(tl.sum(x * x) / width + eps)
    if HAS_WEIGHT:
        y *= tl.load(weight_ptr + column, mask=inside, other=0.0).to(tl.float32)
    if HAS_RESIDUAL:
        y += tl.load(residual_ptr + row + column, mask=inside, other=0.0).to(tl.float32)
    if HAS_SCALAR:
        y *= tl.load(scalar_ptr).to(tl.float32)
    tl.store(out_ptr + row + column, cast(y, out_ptr.dtype.element_ty), mask=inside)


def rms_norm(
    x: Tensor,
    weight: Tensor | None = None,
    residual: Tensor | None = None,
    scalar: Tensor | None = None,
    eps: float = 1e-6,
    out: Tensor | None = None,
) -> Tensor:
    """Return (x / rms(x) * weight + residual) * scalar over the last axis, computed in fp32 and rounded once.

    All tensors but `weight` and `scalar` have x's dtype. Source: Zhang and Sennrich 2019; the order of factors is that
    of DiffusionGemma's layer.

    Args:
        x: [T, width], the rows.
        weight: [width], the weight; None is 1.
        residual: [T, width], what to add; None is 0.
        scalar: [1], the final factor; None is 1.
        eps: The epsilon of the norm.
        out: [T, width], where to write the result; None allocates it.

    Raises:
        KernelError: An argument is not served.
    """
    check("x", x, FLOATS, (None, None))
    rows, width = x.shape
    out = torch.empty_like(x) if out is None else out
    for name, tensor in (("residual", residual), ("out", out)):
        if tensor is not None:
            check(name, tensor, (x.dtype,), (rows, width), x)
    if weight is not None:
        check("weight", weight, FLOATS, (width,), x)
    if scalar is not None:
        check("scalar", scalar, FLOATS, (1,), x)
    block = triton.next_power_of_2(width)
    if rows:
        _rms_norm_kernel[(rows,)](
            x, x if weight is None else weight, x if residual is None else residual, x if scalar is None else scalar,
            out, width, eps, weight is not None, residual is not None, scalar is not None, block,
            num_warps=min(8, max(1, block // 512)),
        )  # fmt: skip
    return out
