"""Norm of queries, keys and values, rotary embedding, and the store into the key/value cache, in one pass."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from kernels.checks import FLOATS, check, check_head
from kernels.tile import cast


@triton.jit
def _normed(low, high, weight_ptr, eps, column, HALF: tl.constexpr, HAS_WEIGHT: tl.constexpr):
    """RMS norm of one head, given as its two halves [HALF]."""
    scale = tl.rsqrt((tl.sum(low * low) + tl.sum(high * high)) / (2 * HALF) + eps)
    low, high = low * scale, high * scale
    if HAS_WEIGHT:
        low *= tl.load(weight_ptr + column).to(tl.float32)
        high *= tl.load(weight_ptr + HALF + column).to(tl.float32)
    return low, high


@triton.jit
def _qkv_kernel(
    packed_ptr, q_weight_ptr, k_weight_ptr, positions_ptr, frequencies_ptr, slots_ptr, q_ptr, keys_ptr, values_ptr, eps,
    HEADS: tl.constexpr, KV_HEADS: tl.constexpr, HALF: tl.constexpr, OWN_VALUES: tl.constexpr,
):  # fmt: skip
    """One head of one token a program: first the query heads, then the key heads, then those of values."""
    token, head = tl.program_id(0).to(tl.int64), tl.program_id(1)
    columns: tl.constexpr = HEADS + (2 if OWN_VALUES else 1) * KV_HEADS
    column = tl.arange(0, HALF)
    source = packed_ptr + (token * columns + head) * 2 * HALF + column
    low, high = tl.load(source).to(tl.float32), tl.load(source + HALF).to(tl.float32)
    angle = tl.load(positions_ptr + token).to(tl.float32) * tl.load(frequencies_ptr + column)
    cos, sin = tl.cos(angle), tl.sin(angle)
    if head < HEADS:
        a, b = _normed(low, high, q_weight_ptr, eps, column, HALF, True)
        target = q_ptr + (token * HEADS + head) * 2 * HALF + column
        tl.store(target, cast(a * cos - b * sin, q_ptr.dtype.element_ty))
        tl.store(target + HALF, cast(b * cos + a * sin, q_ptr.dtype.element_ty))
    else:
        slot = tl.load(slots_ptr + token)
        place = (slot * KV_HEADS + (head - HEADS) % KV_HEADS) * 2 * HALF + column
        if head < HEADS + KV_HEADS:
            a, b = _normed(low, high, k_weight_ptr, eps, column, HALF, True)
            tl.store(keys_ptr + place, cast(a * cos - b * sin, keys_ptr.dtype.element_ty))
            tl.store(keys_ptr + place + HALF, cast(b * cos + a * sin, keys_ptr.dtype.element_ty))
        if head >= HEADS + (KV_HEADS if OWN_VALUES else 0):
            a, b = _normed(low, high, k_weight_ptr, eps, column, HALF, False)
            tl.store(values_ptr + place, cast(a, values_ptr.dtype.element_ty))
            tl.store(values_ptr + place + HALF, cast(b, values_ptr.dtype.element_ty))


def qkv(
    packed: Tensor,
    q_weight: Tensor,
    k_weight: Tensor,
    positions: Tensor,
    frequencies: Tensor,
    slots: Tensor,
    keys: Tensor,
    values: Tensor,
    own_values: bool = True,
    eps: float = 1e-6,
    q: Tensor | None = None,
) -> Tensor:
    """Queries [T, heads, d], normed and rotated; keys and values go to rows `slots` of `keys` and `values` in place.

    packed [T, (heads + kv_heads (+ kv_heads)) * d]: what the projections gave; without own_values (full layers) the raw
    keys serve as values. q_weight, k_weight [d]; values are normed without a weight. positions, slots int64 [T];
    frequencies fp32 [d / 2], zero for dimensions that do not turn; keys, values [S, kv_heads, d]: cache or canvas
    buffer. Slots must be distinct. Raises KernelError. Source: DiffusionGemma's attention; rotary embedding by halves.
    """
    check("packed", packed, FLOATS, (None, None))
    check("keys", keys, (packed.dtype,), (None, None, None), packed)
    check("values", values, (packed.dtype,), keys.shape, packed)
    tokens, (_, kv_heads, size) = packed.shape[0], keys.shape
    check_head(size)
    heads = packed.shape[1] // size - (2 if own_values else 1) * kv_heads
    check("packed", packed, FLOATS, (tokens, (max(heads, 1) + (2 if own_values else 1) * kv_heads) * size))
    check("q_weight", q_weight, FLOATS, (size,), packed)
    check("k_weight", k_weight, FLOATS, (size,), packed)
    check("positions", positions, (torch.int64,), (tokens,), packed)
    check("slots", slots, (torch.int64,), (tokens,), packed)
    check("frequencies", frequencies, (torch.float32,), (size // 2,), packed)
    q = packed.new_empty(tokens, heads, size) if q is None else q
    check("q", q, (packed.dtype,), (tokens, heads, size), packed)
    if tokens:
        _qkv_kernel[(tokens, packed.shape[1] // size)](
            packed, q_weight, k_weight, positions, frequencies, slots, q, keys, values, eps,
            heads, kv_heads, size // 2, own_values, num_warps=1 if size <= 256 else 2,
        )  # fmt: skip
    return q
