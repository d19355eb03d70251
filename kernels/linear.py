"""Skinny matrix products: y = x @ W.T for 1 to 2,048 tokens, with W in bf16, fp8 or grouped int4."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from kernels import chip, launch
from kernels.checks import FLOATS, KernelError, check
from kernels.results import MOST_TOKENS
from kernels.tile import cast, channel_scaled, product
from kernels.weights import Format, Weight, require


@triton.jit
def _linear_kernel(
    x_ptr, data_ptr, scales_ptr, zeros_ptr, out_ptr, tokens, per_split, parts,
    OUTPUTS: tl.constexpr, DEPTH: tl.constexpr, FORMAT: tl.constexpr,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, STEP: tl.constexpr, SPLIT: tl.constexpr,
):  # fmt: skip
    """One program computes a tile of ROWS outputs for COLUMNS tokens, over one share of the depth."""
    output = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    token = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    row_ok, column_ok = output < OUTPUTS, token < tokens
    row, column = output.to(tl.int64), token.to(tl.int64)
    first = tl.program_id(2) * per_split
    last = tl.minimum(first + per_split, parts)
    acc = tl.zeros((ROWS, COLUMNS), tl.float32)
    acc = product(acc, data_ptr, scales_ptr, zeros_ptr, x_ptr, first, last, row, row_ok, column * DEPTH, column_ok,
                  DEPTH, FORMAT, STEP)  # fmt: skip
    acc = channel_scaled(acc, scales_ptr, row, row_ok, FORMAT)
    at = column[None, :] * OUTPUTS + row[:, None]
    if SPLIT:
        at += tl.program_id(2).to(tl.int64) * tokens * OUTPUTS
    tl.store(out_ptr + at, cast(acc, out_ptr.dtype.element_ty), mask=row_ok[:, None] & column_ok[None, :])


@triton.jit
def _sum_kernel(parts_ptr, out_ptr, size, SPLITS: tl.constexpr, BLOCK: tl.constexpr):
    """Sums the splits, always in the same order, so that runs repeat exactly."""
    at = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = at < size
    total = tl.zeros((BLOCK,), tl.float32)
    for split in tl.static_range(SPLITS):
        total += tl.load(parts_ptr + split * size + at, mask=inside, other=0.0)
    tl.store(out_ptr + at, cast(total, out_ptr.dtype.element_ty), mask=inside)


def linear(x: Tensor, weight: Weight, out: Tensor | None = None) -> Tensor:
    """Return x @ W.T, summed in fp32, [T, outputs] in x's dtype.

    Args:
        x: [T, depth] in bf16, fp16 or fp32, T from 0 to 2048.
        weight: One matrix (E = 1); a plain one must have x's dtype.
        out: [T, outputs], where to write the result; None allocates it.

    Raises:
        KernelError: An argument is not served.
    """
    check("x", x, FLOATS, (None, weight.depth), weight.data)
    if weight.experts != 1:
        raise KernelError(f"weight: expected one matrix, got {weight.experts}")
    if weight.format is Format.PLAIN and weight.data.dtype != x.dtype:
        raise KernelError(f"weight: expected dtype {x.dtype} as x has, got {weight.data.dtype}")
    on = chip.chip_of(x.device)
    require(weight, on)
    tokens, outputs = x.shape[0], weight.outputs
    if tokens > MOST_TOKENS:
        raise KernelError(f"x: expected at most {MOST_TOKENS} rows, got {tokens}")
    out = x.new_empty(tokens, outputs) if out is None else out
    check("out", out, (*FLOATS,), (tokens, outputs), x)
    if not tokens:
        return out
    plan = launch.product(outputs, tokens, weight.depth, weight.format is Format.INT4, on)
    parts = triton.cdiv(weight.depth, plan.depth)
    per_split = triton.cdiv(parts, plan.splits)
    splits = triton.cdiv(parts, per_split)
    target = x.new_empty(splits, tokens, outputs, dtype=torch.float32) if splits > 1 else out
    grid = (triton.cdiv(outputs, plan.rows), triton.cdiv(tokens, plan.columns), splits)
    scales = x if weight.scales is None else weight.scales
    zeros = x if weight.zeros is None else weight.zeros
    _linear_kernel[grid](
        x, weight.data, scales, zeros, target, tokens, per_split, parts, outputs, weight.depth, int(weight.format),
        plan.rows, plan.columns, plan.depth, splits > 1, num_warps=plan.warps, num_stages=plan.stages,
    )  # fmt: skip
    return sum_splits(target, out) if splits > 1 else out


def sum_splits(parts: Tensor, out: Tensor) -> Tensor:
    """Sum fp32 [splits, ...] over the splits into `out` [...], and return `out`."""
    size = out.numel()
    _sum_kernel[(triton.cdiv(size, 1024),)](parts, out, size, parts.shape[0], 1024, num_warps=4)
    return out
