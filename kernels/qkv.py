"""Norms of queries, keys and values, rotary embedding, and the store into the key-value cache, in one pass."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from kernels.checks import FLOATS, KernelError, check, check_head
from kernels.tile import cast


@triton.jit
def _normed(low, high, weight_ptr, eps, column, HALF: tl.constexpr, HAS_WEIGHT: tl.constexpr):
    """Return the RMS norm of heads, given and returned as their two halves [heads, HALF]."""
    scale = tl.rsqrt((tl.sum(low * low, 1) + tl.sum(high * high, 1)) / (2 * HALF) + eps)[:, None]
    low, high = low * scale, high * scale
    if HAS_WEIGHT:
        low *= tl.load(weight_ptr + column).to(tl.float32)
        high *= tl.load(weight_ptr + HALF + column).to(tl.float32)
    return low, high


@triton.jit
def _store(ptr, at, low, high, heads_ok, HALF: tl.constexpr):
    tl.store(ptr + at, cast(low, ptr.dtype.element_ty), mask=heads_ok)
    tl.store(ptr + at + HALF, cast(high, ptr.dtype.element_ty), mask=heads_ok)


@triton.jit
def _qkv_kernel(
    packed_ptr, q_weight_ptr, k_weight_ptr, positions_ptr, frequencies_ptr, slots_ptr, q_ptr, keys_ptr, values_ptr, eps,
    HEADS: tl.constexpr, KV_HEADS: tl.constexpr, HALF: tl.constexpr, OWN_VALUES: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """One program handles KV_HEADS heads of one token, which share sines and cosines.

    The heads of a token are its query heads, then keys, then values.
    """
    token, chunk = tl.program_id(0).to(tl.int64), tl.program_id(1)
    columns: tl.constexpr = HEADS + (2 if OWN_VALUES else 1) * KV_HEADS
    groups: tl.constexpr = HEADS // KV_HEADS
    head, column = tl.arange(0, BLOCK), tl.arange(0, HALF)
    heads_ok = (head < KV_HEADS)[:, None]
    inner = head[:, None] * 2 * HALF + column
    source = packed_ptr + (token * columns + chunk * KV_HEADS) * 2 * HALF + inner
    low = tl.load(source, mask=heads_ok, other=0.0).to(tl.float32)
    high = tl.load(source + HALF, mask=heads_ok, other=0.0).to(tl.float32)
    angle = tl.load(positions_ptr + token).to(tl.float32) * tl.load(frequencies_ptr + column)
    cos, sin = tl.cos(angle), tl.sin(angle)
    if chunk < groups:
        a, b = _normed(low, high, q_weight_ptr, eps, column, HALF, True)
        at = (token * HEADS + chunk * KV_HEADS) * 2 * HALF + inner
        _store(q_ptr, at, a * cos - b * sin, b * cos + a * sin, heads_ok, HALF)
    else:
        at = tl.load(slots_ptr + token) * KV_HEADS * 2 * HALF + inner
        if chunk == groups:
            a, b = _normed(low, high, k_weight_ptr, eps, column, HALF, True)
            _store(keys_ptr, at, a * cos - b * sin, b * cos + a * sin, heads_ok, HALF)
        if chunk == columns // KV_HEADS - 1:
            a, b = _normed(low, high, k_weight_ptr, eps, column, HALF, False)
            _store(values_ptr, at, a, b, heads_ok, HALF)


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
    """Return queries [T, heads, d], normed and rotated, and store keys and values in place.

    Keys are normed and rotated; values are normed without a weight. Both go to the rows `slots` of their buffers.
    Source: DiffusionGemma's attention, with the rotary embedding by halves.

    Args:
        packed: [T, (heads + kv_heads (+ kv_heads)) * d], the output of the projections.
        q_weight: [d], the weight of the queries' norm.
        k_weight: [d], the weight of the keys' norm.
        positions: int64 [T], the tokens' positions in their texts.
        frequencies: fp32 [d / 2], zero for dimensions that are not rotated.
        slots: int64 [T], the cache rows to write, which must be distinct.
        keys: [S, kv_heads, d], a cache or canvas buffer.
        values: [S, kv_heads, d], like `keys`.
        own_values: Whether `packed` holds values; without them (full layers), the raw keys serve as values.
        eps: The epsilon of the norms.
        q: [T, heads, d], where to write the queries; None allocates it.

    Raises:
        KernelError: An argument is not served.
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
    if heads % kv_heads:
        raise KernelError(f"packed: expected a multiple of {kv_heads} query heads, got {heads}")
    q = packed.new_empty(tokens, heads, size) if q is None else q
    check("q", q, (packed.dtype,), (tokens, heads, size), packed)
    if tokens:
        block = triton.next_power_of_2(kv_heads)
        _qkv_kernel[(tokens, packed.shape[1] // size // kv_heads)](
            packed, q_weight, k_weight, positions, frequencies, slots, q, keys, values, eps,
            heads, kv_heads, size // 2, own_values, block, num_warps=min(8, max(1, block * size // 512)),
        )  # fmt: skip
    return q
