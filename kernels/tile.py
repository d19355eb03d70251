"""The inner loop of every product with a weight: a tile of weights times the tokens' columns, dequantised on the way.

Weights are the rows of the tile and tokens its columns, so that 16 tokens fill a matrix instruction and dequantised
weights go from registers straight into it.
"""

import os

import triton
import triton.language as tl

from kernels.weights import GROUP

HALF: tl.constexpr = tl.constexpr(GROUP // 2)
INTERPRETED: tl.constexpr = tl.constexpr(os.environ.get("TRITON_INTERPRET") == "1")


@triton.jit
def dot(a, b, acc):
    """a @ b + acc in fp32, without tf32. The interpreter would multiply the bits of bf16 as if they were integers."""
    if INTERPRETED:
        a, b = a.to(tl.float32), b.to(tl.float32)
    return tl.dot(a, b, acc, input_precision="ieee")


@triton.jit
def bf16_rounded(x):
    """fp32, rounded to the nearest number of bf16, ties to even."""
    bits = x.to(tl.uint32, bitcast=True)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).to(tl.float32, bitcast=True)


@triton.jit
def cast(x, DTYPE: tl.constexpr):
    """fp32 to another float type, rounded to nearest; the interpreter would cut bf16 off."""
    if INTERPRETED and DTYPE == tl.bfloat16:  # noqa: SIM300
        x = bf16_rounded(x)
    return x.to(DTYPE)


@triton.jit
def product(
    acc, data_ptr, scales_ptr, zeros_ptr, x_ptr, first, last, row, row_ok, column_at, column_ok,
    OUTPUTS: tl.constexpr, DEPTH: tl.constexpr, FORMAT: tl.constexpr, STEP: tl.constexpr,
):  # fmt: skip
    """acc [rows, columns] fp32 + W[row, first:last] @ x[column_at, first:last].T.

    row int64 [rows]: matrix row over all experts (expert * OUTPUTS + output). column_at int64 [columns]: offset of each
    token's row in x. first, last: part of the axis summed over, in units of STEP for FORMAT 0 and 1, of groups for 2.
    """
    if FORMAT == 2:
        half = tl.arange(0, HALF)
        groups: tl.constexpr = DEPTH // (2 * HALF)
        for group in range(first, last):
            packed = tl.load(
                data_ptr + row[:, None] * (DEPTH // 2) + (half + group * HALF), mask=row_ok[:, None], other=0
            )
            scale = tl.load(scales_ptr + row * groups + group, mask=row_ok, other=0.0).to(tl.float32)
            zero = tl.load(zeros_ptr + row * groups + group, mask=row_ok, other=0).to(tl.float32)
            at = x_ptr + column_at[None, :] + (half + group * 2 * HALF)[:, None]
            low = tl.load(at, mask=column_ok[None, :], other=0.0)
            high = tl.load(at + HALF, mask=column_ok[None, :], other=0.0)
            # 0 to 15 and their differences with the zero point are exact in every float format served.
            a = ((packed & 15).to(tl.float32) - zero[:, None]).to(low.dtype)
            b = ((packed >> 4).to(tl.float32) - zero[:, None]).to(low.dtype)
            acc += dot(b, high, dot(a, low, tl.zeros_like(acc))) * scale[:, None]
    else:
        step = tl.arange(0, STEP)
        for block in range(first, last):
            k = block * STEP + step
            inside = k < DEPTH
            w = tl.load(data_ptr + row[:, None] * DEPTH + k, mask=row_ok[:, None] & inside, other=0.0)
            x = tl.load(x_ptr + column_at[None, :] + k[:, None], mask=column_ok[None, :] & inside[:, None], other=0.0)
            acc = dot(w.to(x.dtype), x, acc)
    return acc


@triton.jit
def channel_scaled(acc, scales_ptr, row, row_ok, FORMAT: tl.constexpr):
    """acc, times the scale of each output channel in fp8."""
    if FORMAT == 1:
        acc *= tl.load(scales_ptr + row, mask=row_ok, other=0.0)[:, None]
    return acc


@triton.jit
def gelu(x):
    """GELU in its tanh form, by the sigmoid of twice the argument."""
    return x * tl.sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x))
