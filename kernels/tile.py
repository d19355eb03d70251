"""The inner loop of every product with a weight: a tile of weights, dequantised on the way, times the tokens' columns.

Weights are the rows of the tile and tokens its columns. So 16 tokens fill a matrix instruction, and dequantised weights
go from registers straight into it.
"""

import os

import triton
import triton.language as tl

from kernels.weights import GROUP

HALF: tl.constexpr = tl.constexpr(GROUP // 2)
INTERPRETED: tl.constexpr = tl.constexpr(os.environ.get("TRITON_INTERPRET") == "1")
"""Whether Triton's interpreter runs the kernels."""


@triton.jit
def dot(a, b, acc):
    """Return a @ b + acc in fp32, without tf32.

    The interpreter would multiply the bits of bf16 as if they were integers, so it gets fp32.
    """
    if INTERPRETED:
        a, b = a.to(tl.float32), b.to(tl.float32)
    return tl.dot(a, b, acc, input_precision="ieee")


@triton.jit
def bf16_rounded(x):
    """Round fp32 to the nearest number of bf16, ties to even; the result is fp32."""
    bits = x.to(tl.uint32, bitcast=True)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).to(tl.float32, bitcast=True)


@triton.jit
def cast(x, DTYPE: tl.constexpr):
    """Convert fp32 to another float type, rounded to nearest; for bf16 the interpreter alone would truncate."""
    if INTERPRETED and DTYPE == tl.bfloat16:  # noqa: SIM300
        x = bf16_rounded(x)
    return x.to(DTYPE)


@triton.jit
def _codes(packed, zero, DTYPE: tl.constexpr):
    """Return the low and the high halves of packed int4 [rows, HALF], less the zero points [rows, 1], in a float type.

    Bytes are stored in the order that a matrix instruction needs for its operand (kernels.weights.byte_order). A thread
    therefore finds its eight bytes of a group in one load. Here they return to the order of the axis that is summed
    over.

    The codes 0 to 15 and their differences with a zero point are exact in every float type that is served. For bf16
    there is a faster way with one and a half instructions for each weight. It uses that the bits of 128 with the code
    in its last places are 128 + code.
    """
    rows: tl.constexpr = packed.shape[0]
    packed = tl.reshape(tl.permute(tl.reshape(packed, (rows, 4, 2, 2, 2)), (0, 2, 3, 1, 4)), (rows, HALF))
    if DTYPE == tl.bfloat16 and not INTERPRETED:  # noqa: SIM300
        base = tl.broadcast_to(-(zero.to(tl.float32) + 128).to(tl.bfloat16), packed.shape)
        low, high = tl.inline_asm_elementwise(
            """{
            .reg .b32 first, second, one;
            mov.b32 one, 0x3f803f80;
            prmt.b32 first, $4, 0, 0x4140;
            prmt.b32 second, $4, 0, 0x4342;
            lop3.b32 $0, first, 0x000f000f, 0x43004300, 0xea;
            lop3.b32 $1, second, 0x000f000f, 0x43004300, 0xea;
            shr.b32 first, first, 4;
            shr.b32 second, second, 4;
            lop3.b32 $2, first, 0x000f000f, 0x43004300, 0xea;
            lop3.b32 $3, second, 0x000f000f, 0x43004300, 0xea;
            fma.rn.bf16x2 $0, $0, one, $5;
            fma.rn.bf16x2 $1, $1, one, $6;
            fma.rn.bf16x2 $2, $2, one, $5;
            fma.rn.bf16x2 $3, $3, one, $6;
            }""",
            "=&r,=&r,=&r,=&r,r,r,r", [packed, base], dtype=(tl.bfloat16, tl.bfloat16), is_pure=True, pack=4,
        )  # fmt: skip
    else:
        low = ((packed & 15).to(tl.float32) - zero.to(tl.float32)).to(DTYPE)
        high = ((packed >> 4).to(tl.float32) - zero.to(tl.float32)).to(DTYPE)
    return low, high


@triton.jit
def _widened(w, DTYPE: tl.constexpr):
    """Convert the weights of a product to the tokens' float type.

    e4m3 goes to bf16 through fp16 and fp32, all exact. These conversions take two numbers an instruction, and the
    direct one takes one.
    """
    if w.dtype == tl.float8e4nv and DTYPE == tl.bfloat16 and not INTERPRETED:  # noqa: SIM300
        return w.to(tl.float16).to(tl.float32).to(DTYPE)
    return w.to(DTYPE)


@triton.jit
def product(
    acc, data_ptr, scales_ptr, zeros_ptr, x_ptr, first, last, row, row_ok, column_at, column_ok,
    DEPTH: tl.constexpr, FORMAT: tl.constexpr, STEP: tl.constexpr,
):  # fmt: skip
    """Return acc [rows, columns] fp32 + W[row, first:last] @ x[column_at, first:last].T.

    Args:
        acc: fp32 [rows, columns], the sum to add to.
        data_ptr: The weights' data.
        scales_ptr: The weights' scales; read in FORMAT 2 only.
        zeros_ptr: The weights' zero points; read in FORMAT 2 only.
        x_ptr: The tokens.
        first: The first part of the axis that is summed over, in units of STEP.
        last: The part behind the last, in units of STEP.
        row: int64 [rows], the matrix rows over all experts (expert * outputs + output).
        row_ok: [rows], whether a row exists.
        column_at: int64 [columns], the offset of each token's row in x.
        column_ok: [columns], whether a column exists.
        DEPTH: The size of the axis that is summed over.
        FORMAT: The value of kernels.weights.Format.
        STEP: The size of one part; in FORMAT 2 it holds whole groups.
    """
    if FORMAT == 2:
        half = tl.arange(0, HALF)
        groups: tl.constexpr = DEPTH // (2 * HALF)
        for block in range(first, last):
            for i in tl.static_range(STEP // (2 * HALF)):
                group = block * (STEP // (2 * HALF)) + i
                live = row_ok & (group < groups)
                packed = tl.load(
                    data_ptr + row[:, None] * (DEPTH // 2) + (half + group * HALF), mask=live[:, None], other=0
                )
                scale = tl.load(scales_ptr + row * groups + group, mask=live, other=0.0).to(tl.float32)
                zero = tl.load(zeros_ptr + row * groups + group, mask=live, other=0)
                at = x_ptr + column_at[None, :] + (half + group * 2 * HALF)[:, None]
                known = column_ok[None, :] & (group < groups)
                low = tl.load(at, mask=known, other=0.0)
                high = tl.load(at + HALF, mask=known, other=0.0)
                a, b = _codes(packed, zero[:, None], low.dtype)
                acc += dot(b, high, dot(a, low, tl.zeros_like(acc))) * scale[:, None]
    else:
        step = tl.arange(0, STEP)
        for block in range(first, last):
            k = block * STEP + step
            inside = k < DEPTH
            w = tl.load(data_ptr + row[:, None] * DEPTH + k, mask=row_ok[:, None] & inside, other=0.0)
            x = tl.load(x_ptr + column_at[None, :] + k[:, None], mask=column_ok[None, :] & inside[:, None], other=0.0)
            acc = dot(_widened(w, x.dtype), x, acc)
    return acc


@triton.jit
def channel_scaled(acc, scales_ptr, row, row_ok, FORMAT: tl.constexpr):
    """Return acc, times the scale of each output channel in fp8."""
    if FORMAT == 1:
        acc *= tl.load(scales_ptr + row, mask=row_ok, other=0.0)[:, None]
    return acc


@triton.jit
def gelu(x):
    """Return GELU in its tanh form, computed by the sigmoid of twice the argument."""
    return x * tl.sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x))
