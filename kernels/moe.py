"""Mixture of experts: routing, grouping by expert, and the experts' gated MLPs, without waiting for the host.

The grid covers the worst case of any routing. It consists of blocks of ROWS pairs (a token and one of its experts).
There are as many blocks as would be needed if every expert had a partly filled one. A block without pairs ends at once.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from kernels import chip, launch
from kernels.checks import FLOATS, KernelError, check
from kernels.results import ROWS, Groups, Routing, most_blocks
from kernels.tile import cast, channel_scaled, gelu, product
from kernels.weights import Format, Weight, require


@triton.jit
def _route_kernel(
    scores_ptr, scale_ptr, index_ptr, weights_ptr,
    EXPERTS: tl.constexpr, TOP: tl.constexpr, BLOCK: tl.constexpr, BLOCK_TOP: tl.constexpr,
):  # fmt: skip
    """One program handles one token.

    A softmax over all experts that is cut to the best and normalised equals a softmax over the best.
    """
    token = tl.program_id(0).to(tl.int64)
    expert, choice = tl.arange(0, BLOCK), tl.arange(0, BLOCK_TOP)
    scores = tl.load(scores_ptr + token * EXPERTS + expert, mask=expert < EXPERTS, other=float("-inf")).to(tl.float32)
    best = tl.max(scores)
    index = tl.zeros((BLOCK_TOP,), tl.int32)
    chosen = tl.zeros((BLOCK_TOP,), tl.float32)
    for i in tl.static_range(TOP):
        at = tl.argmax(scores, 0)
        index = tl.where(choice == i, at, index)
        chosen = tl.where(choice == i, tl.exp(tl.max(scores) - best), chosen)
        scores = tl.where(expert == at, float("-inf"), scores)
    used = choice < TOP
    scale = tl.load(scale_ptr + index, mask=used, other=0.0).to(tl.float32)
    tl.store(index_ptr + token * TOP + choice, index, mask=used)
    tl.store(weights_ptr + token * TOP + choice, chosen / tl.sum(chosen) * scale, mask=used)


@triton.jit
def _group_kernel(
    index_ptr, pairs_ptr, experts_ptr, pairs, blocks,
    EXPERTS: tl.constexpr, ROWS: tl.constexpr, BINS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """One program handles one expert.

    It counts all pairs, then writes its own behind those of the experts before it.
    """
    own = tl.program_id(0)
    bins = tl.arange(0, BINS)
    place = tl.arange(0, BLOCK)
    counts = tl.zeros((BINS,), tl.int32)
    for begin in range(0, pairs, BLOCK):
        # Places behind the last pair are counted in the first bin behind those of the experts.
        expert = tl.load(index_ptr + begin + place, mask=begin + place < pairs, other=EXPERTS)
        counts += tl.histogram(expert, BINS)
    padded = tl.where(bins < EXPERTS, (counts + ROWS - 1) // ROWS, 0)
    start = tl.sum(tl.where(bins < own, padded, 0))
    mine = tl.sum(tl.where(bins == own, padded, 0))
    count = tl.sum(tl.where(bins == own, counts, 0))
    found = 0
    for begin in range(0, pairs, BLOCK):
        pair = begin + place
        expert = tl.load(index_ptr + pair, mask=pair < pairs, other=EXPERTS)
        hit = (expert == own).to(tl.int32)
        rank = found + tl.cumsum(hit, 0) - hit
        tl.store(pairs_ptr + start * ROWS + rank, pair, mask=hit == 1)
        found += tl.sum(hit)
    for begin in range(count, mine * ROWS, BLOCK):
        tl.store(pairs_ptr + start * ROWS + begin + place, pairs, mask=begin + place < mine * ROWS)
    for begin in range(0, mine, BLOCK):
        tl.store(experts_ptr + start + begin + place, own, mask=begin + place < mine)
    if own == EXPERTS - 1:
        used = start + mine
        for begin in range(used, blocks, BLOCK):
            tl.store(experts_ptr + begin + place, EXPERTS, mask=begin + place < blocks)
        for begin in range(used * ROWS, blocks * ROWS, BLOCK):
            tl.store(pairs_ptr + begin + place, pairs, mask=begin + place < blocks * ROWS)


@triton.jit
def _gate_up_kernel(
    x_ptr, data_ptr, scales_ptr, zeros_ptr, pairs_ptr, experts_ptr, out_ptr, pairs,
    EXPERTS: tl.constexpr, TOP: tl.constexpr, INNER: tl.constexpr, DEPTH: tl.constexpr, FORMAT: tl.constexpr,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, STEP: tl.constexpr,
):  # fmt: skip
    """One program computes gelu(gate) * up of one block of pairs, for ROWS of the expert's inner units.

    The output is [blocks * COLUMNS, INNER]. Rows of gate and up are one tile of the product, so that both are computed
    at once.
    """
    expert = tl.load(experts_ptr + tl.program_id(0)).to(tl.int64)
    if expert < EXPERTS:
        place = tl.program_id(0) * COLUMNS + tl.arange(0, COLUMNS)
        pair = tl.load(pairs_ptr + place)
        both = tl.arange(0, 2 * ROWS)
        inner = tl.program_id(1) * ROWS + both % ROWS
        row = expert * 2 * INNER + inner + both // ROWS * INNER
        row_ok, column_ok = inner < INNER, pair < pairs
        column_at = (pair // TOP).to(tl.int64) * DEPTH
        acc = product(tl.zeros((2 * ROWS, COLUMNS), tl.float32), data_ptr, scales_ptr, zeros_ptr, x_ptr, 0,
                      (DEPTH + STEP - 1) // STEP, row, row_ok, column_at, column_ok, DEPTH, FORMAT, STEP)  # fmt: skip
        acc = channel_scaled(acc, scales_ptr, row, row_ok, FORMAT)
        gate, up = tl.split(tl.permute(tl.reshape(acc, (2, ROWS, COLUMNS)), (1, 2, 0)))
        unit = tl.program_id(1) * ROWS + tl.arange(0, ROWS)
        at = place.to(tl.int64)[None, :] * INNER + unit[:, None]
        live = (unit < INNER)[:, None] & column_ok[None, :]
        tl.store(out_ptr + at, cast(gelu(gate) * up, out_ptr.dtype.element_ty), mask=live)


@triton.jit
def _down_kernel(
    x_ptr, data_ptr, scales_ptr, zeros_ptr, pairs_ptr, experts_ptr, weights_ptr, out_ptr, pairs,
    EXPERTS: tl.constexpr, OUTPUTS: tl.constexpr, DEPTH: tl.constexpr, FORMAT: tl.constexpr,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, STEP: tl.constexpr,
):  # fmt: skip
    """One program computes the expert's output for one block of pairs, times the pairs' weights.

    The output is [pairs, OUTPUTS], in fp32 or x's dtype.
    """
    expert = tl.load(experts_ptr + tl.program_id(0)).to(tl.int64)
    if expert < EXPERTS:
        output = tl.program_id(1) * ROWS + tl.arange(0, ROWS)
        place = tl.program_id(0) * COLUMNS + tl.arange(0, COLUMNS)
        pair = tl.load(pairs_ptr + place)
        row_ok, column_ok = output < OUTPUTS, pair < pairs
        row = expert * OUTPUTS + output
        acc = product(tl.zeros((ROWS, COLUMNS), tl.float32), data_ptr, scales_ptr, zeros_ptr, x_ptr, 0,
                      (DEPTH + STEP - 1) // STEP, row, row_ok, place.to(tl.int64) * DEPTH, column_ok, DEPTH, FORMAT,
                      STEP)  # fmt: skip
        acc = channel_scaled(acc, scales_ptr, row, row_ok, FORMAT)
        acc *= tl.load(weights_ptr + pair, mask=column_ok, other=0.0)[None, :]
        at = pair.to(tl.int64)[None, :] * OUTPUTS + output[:, None]
        tl.store(out_ptr + at, cast(acc, out_ptr.dtype.element_ty), mask=row_ok[:, None] & column_ok[None, :])


@triton.jit
def _combine_kernel(parts_ptr, out_ptr, width, TOP: tl.constexpr, BLOCK: tl.constexpr):
    """Sums the expert outputs of a token, always in the order of its choices."""
    token = tl.program_id(0).to(tl.int64)
    column = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    total = tl.zeros((BLOCK,), tl.float32)
    for choice in tl.static_range(TOP):
        at = (token * TOP + choice) * width + column
        total += tl.load(parts_ptr + at, mask=column < width, other=0.0).to(tl.float32)
    tl.store(out_ptr + token * width + column, cast(total, out_ptr.dtype.element_ty), mask=column < width)


def route(scores: Tensor, per_expert_scale: Tensor, top: int) -> Routing:
    """Choose the `top` best experts of each token, the lowest index first in a tie.

    Weights are the softmax over all experts, cut to the best and normalised to one, times `per_expert_scale`.

    Args:
        scores: [T, E], the router's scores, E up to 1024.
        per_expert_scale: [E], the factor of each expert's weight.
        top: How many experts each token gets.

    Raises:
        KernelError: An argument is not served.
    """
    check("scores", scores, FLOATS, (None, None))
    tokens, experts = scores.shape
    check("per_expert_scale", per_expert_scale, FLOATS, (experts,), scores)
    if not 1 <= top <= experts <= 1024:
        raise KernelError(f"expected 1 <= top <= experts <= 1024, got {top} of {experts}")
    index = scores.new_empty(tokens, top, dtype=torch.int32)
    weights = scores.new_empty(tokens, top, dtype=torch.float32)
    if tokens:
        block, block_top = triton.next_power_of_2(experts), triton.next_power_of_2(top)
        _route_kernel[(tokens,)](scores, per_expert_scale, index, weights, experts, top, block, block_top, num_warps=1)
    return Routing(index, weights)


def group(index: Tensor, experts: int) -> Groups:
    """Sort pairs by expert into blocks, whose number depends on the shape alone.

    Args:
        index: int32 [T, k], the experts of each token.
        experts: The number of experts.

    Raises:
        KernelError: An argument is not served.
    """
    check("index", index, (torch.int32,), (None, None))
    pairs = index.numel()
    blocks = most_blocks(pairs, experts)
    found = Groups(index.new_empty(blocks * ROWS), index.new_empty(blocks))
    if blocks:
        _group_kernel[(experts,)](
            index, found.pairs, found.experts, pairs, blocks, experts, ROWS,
            triton.next_power_of_2(experts + 1), 1024, num_warps=4,
        )  # fmt: skip
    return found


def moe(x: Tensor, routing: Routing, gate_up: Weight, down: Weight, out: Tensor | None = None) -> Tensor:
    """Return the experts' gated MLPs of x, combined with the routing's weights: [T, hidden] in x's dtype.

    Args:
        x: [T, hidden], the input.
        routing: The experts of each token and their weights.
        gate_up: E matrices [2 inner, hidden], gate above up.
        down: E matrices [hidden, inner].
        out: [T, hidden], where to write the result; None allocates it.

    Raises:
        KernelError: An argument is not served.
    """
    check("x", x, FLOATS, (None, gate_up.depth), gate_up.data)
    tokens, hidden = x.shape
    experts, inner = gate_up.experts, gate_up.outputs // 2
    if (down.experts, down.outputs, down.depth, gate_up.outputs) != (experts, hidden, inner, 2 * inner):
        raise KernelError(
            f"expected gate_up [E, 2 inner, {hidden}] and down [E, {hidden}, inner], got "
            f"[{experts}, {gate_up.outputs}, {gate_up.depth}] and [{down.experts}, {down.outputs}, {down.depth}]"
        )
    on = chip.chip_of(x.device)
    for name, weight in (("gate_up", gate_up), ("down", down)):
        require(weight, on)
        if weight.format is Format.PLAIN and weight.data.dtype != x.dtype:
            raise KernelError(f"{name}: expected dtype {x.dtype} as x has, got {weight.data.dtype}")
    top = routing.index.shape[-1]
    check("routing.index", routing.index, (torch.int32,), (tokens, top), x)
    check("routing.weights", routing.weights, (torch.float32,), (tokens, top), x)
    out = torch.empty_like(x) if out is None else out
    check("out", out, (x.dtype,), x.shape, x)
    if not tokens:
        return out
    groups = group(routing.index, experts)
    blocks, pairs = groups.experts.shape[0], tokens * top
    active = x.new_empty(blocks * ROWS, inner)
    plan = launch.gate_up(inner, hidden, int(gate_up.format), on)
    _gate_up_kernel[(blocks, triton.cdiv(inner, plan.rows))](
        x, *_operands(gate_up, x), groups.pairs, groups.experts, active, pairs, experts, top, inner, hidden,
        int(gate_up.format), plan.rows, ROWS, plan.depth, num_warps=plan.warps, num_stages=plan.stages,
    )  # fmt: skip
    parts = x.new_empty(pairs, hidden)
    plan = launch.down(hidden, inner, int(down.format), on)
    _down_kernel[(blocks, triton.cdiv(hidden, plan.rows))](
        active, *_operands(down, x), groups.pairs, groups.experts, routing.weights, parts, pairs, experts, hidden,
        inner, int(down.format), plan.rows, ROWS, plan.depth, num_warps=plan.warps, num_stages=plan.stages,
    )  # fmt: skip
    _combine_kernel[(tokens, triton.cdiv(hidden, 1024))](parts, out, hidden, top, 1024, num_warps=4)
    return out


def _operands(weight: Weight, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return data, scales and zeros of a weight; where a format has none, a stand-in that no kernel reads."""
    return (
        weight.data,
        like if weight.scales is None else weight.scales,
        like if weight.zeros is None else weight.zeros,
    )
