"""Attention of ragged queries to ragged key ranges with grouped heads, shared by canvas and prefill attention."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from kernels import chip, launch
from kernels.checks import FLOATS, KernelError, check, check_head
from kernels.tile import cast, dot

LOG2E: tl.constexpr = tl.constexpr(1.4426950408889634)


@triton.jit
def _attention_kernel(
    q_ptr, keys_ptr, values_ptr, q_start_ptr, q_count_ptr, k_start_ptr, k_count_ptr, out_ptr, sums_ptr, tokens,
    KV_HEADS: tl.constexpr, GROUP: tl.constexpr, D: tl.constexpr, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr,
    SPLITS: tl.constexpr, CAUSAL: tl.constexpr, WINDOW: tl.constexpr,
):  # fmt: skip
    """One program handles a block of one request's queries that share a key head, and one split of the request's keys.

    The last of q_count queries stands at the last of k_count keys. With SPLITS of 1 the program writes the result. With
    more it writes the split's own result in fp32 and the log2 of its sum of exponentials. `_combine_kernel` merges
    these.
    """
    request, kv = tl.program_id(1) // KV_HEADS, tl.program_id(1) % KV_HEADS
    split = tl.program_id(2)
    q_start, count = tl.load(q_start_ptr + request), tl.load(q_count_ptr + request)
    k_start, total = tl.load(k_start_ptr + request).to(tl.int64), tl.load(k_count_ptr + request)
    first = tl.program_id(0) * BLOCK_M
    if first < count * GROUP:
        row = first + tl.arange(0, BLOCK_M)
        live = row < count * GROUP
        at = ((q_start + row // GROUP) * KV_HEADS + kv) * GROUP + row % GROUP
        column = tl.arange(0, D)
        q = tl.load(q_ptr + at[:, None] * D + column, mask=live[:, None], other=0.0)
        place = total - count + row // GROUP

        share = tl.cdiv(tl.cdiv(total, SPLITS), BLOCK_N) * BLOCK_N
        low, high = split * share, tl.minimum(split * share + share, total)
        if CAUSAL:
            high = tl.minimum(high, total - count + (first + BLOCK_M - 1) // GROUP + 1)
        if WINDOW:
            seen = tl.maximum(total - count + first // GROUP - WINDOW + 1, 0)
            low = tl.maximum(low, seen // BLOCK_N * BLOCK_N)

        top = tl.full((BLOCK_M,), float("-inf"), tl.float32)
        mass = tl.zeros((BLOCK_M,), tl.float32)
        result = tl.zeros((BLOCK_M, D), tl.float32)
        for begin in range(low, high, BLOCK_N):
            key = begin + tl.arange(0, BLOCK_N)
            here = key < high
            address = ((k_start + key) * KV_HEADS + kv) * D
            k = tl.load(keys_ptr + address[None, :] + column[:, None], mask=here[None, :], other=0.0)
            scores = dot(q, k, tl.zeros((BLOCK_M, BLOCK_N), tl.float32)) * LOG2E
            visible = here[None, :]
            if CAUSAL:
                visible = visible & (key[None, :] <= place[:, None])
            if WINDOW:
                visible = visible & (key[None, :] > place[:, None] - WINDOW)
            scores = tl.where(visible, scores, float("-inf"))
            higher = tl.maximum(top, tl.max(scores, 1))
            base = tl.where(higher == float("-inf"), 0.0, higher)
            weights = tl.exp2(scores - base[:, None])
            shrink = tl.exp2(top - base)
            mass = mass * shrink + tl.sum(weights, 1)
            v = tl.load(values_ptr + address[:, None] + column, mask=here[:, None], other=0.0)
            result = dot(cast(weights, v.dtype), v, result * shrink[:, None])
            top = higher

        result = result / tl.where(mass == 0, 1.0, mass)[:, None]
        if SPLITS == 1:
            tl.store(out_ptr + at[:, None] * D + column, cast(result, out_ptr.dtype.element_ty), mask=live[:, None])
        else:
            at += split * tokens * KV_HEADS * GROUP
            tl.store(out_ptr + at[:, None] * D + column, result, mask=live[:, None])
            tl.store(
                sums_ptr + at, tl.where(mass > 0, top + tl.log2(tl.maximum(mass, 1e-37)), float("-inf")), mask=live
            )


@triton.jit
def _combine_kernel(parts_ptr, sums_ptr, out_ptr, rows, D: tl.constexpr, SPLITS: tl.constexpr, BLOCK: tl.constexpr):
    """One program handles one head of one query: the mean of its splits, weighted by their sums of exponentials."""
    row = tl.program_id(0).to(tl.int64)
    column, split = tl.arange(0, D), tl.arange(0, BLOCK)
    sums = tl.load(sums_ptr + split * rows + row, mask=split < SPLITS, other=float("-inf"))
    weights = tl.exp2(sums - tl.max(sums))
    address = (split[:, None] * rows + row) * D + column
    parts = tl.load(parts_ptr + address, mask=split[:, None] < SPLITS, other=0.0)
    result = tl.sum(parts * weights[:, None], 0) / tl.sum(weights)
    tl.store(out_ptr + row * D + column, cast(result, out_ptr.dtype.element_ty))


def attend(
    q: Tensor, keys: Tensor, values: Tensor, q_start: Tensor, q_count: Tensor, k_start: Tensor, k_count: Tensor,
    longest: int, most_keys: int, causal: bool, window: int, out: Tensor | None,
) -> Tensor:  # fmt: skip
    """Check the arguments, choose launch parameters and run the kernel.

    `canvas_attention` and `prefill_attention`, the two public operations, describe the arguments.

    Raises:
        KernelError: An argument is not served.
    """
    check("q", q, FLOATS, (None, None, None))
    tokens, heads, size = q.shape
    check_head(size)
    check("keys", keys, (q.dtype,), (None, None, size), q)
    check("values", values, (q.dtype,), keys.shape, q)
    kv_heads = keys.shape[1]
    if heads % kv_heads:
        raise KernelError(f"q: expected a multiple of {kv_heads} heads, got {heads}")
    for name, tensor in (("q_start", q_start), ("q_count", q_count), ("k_start", k_start), ("k_count", k_count)):
        check(name, tensor, (torch.int32,), q_start.shape[:1], q)
    if longest < 1 or most_keys < longest:
        raise KernelError(f"expected 1 query or more and no fewer keys, got {longest} queries and {most_keys} keys")
    out = torch.empty_like(q) if out is None else out
    check("out", out, (q.dtype,), q.shape, q)
    group, requests = heads // kv_heads, q_start.shape[0]
    plan = launch.attention(
        size, group, longest, requests * kv_heads, most_keys, q.element_size(), chip.chip_of(q.device)
    )
    parts, sums = out, out
    if plan.splits > 1:
        parts = q.new_empty(plan.splits, tokens, heads, size, dtype=torch.float32)
        sums = q.new_empty(plan.splits, tokens, heads, dtype=torch.float32)
    grid = (triton.cdiv(longest * group, plan.rows), requests * kv_heads, plan.splits)
    _attention_kernel[grid](
        q, keys, values, q_start, q_count, k_start, k_count, parts, sums, tokens, kv_heads, group, size,
        plan.rows, plan.columns, plan.splits, causal, window, num_warps=plan.warps, num_stages=plan.stages,
    )  # fmt: skip
    if plan.splits > 1:
        block = triton.next_power_of_2(plan.splits)
        _combine_kernel[(tokens * heads,)](parts, sums, out, tokens * heads, size, plan.splits, block, num_warps=2)
    return out
