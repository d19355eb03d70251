"""One pass over the head's logits: soft-cap, temperature, argmax, a sample, entropy, and the softmax's log-sum."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from kernels.checks import FLOATS, KernelError, check
from kernels.philox import SAMPLE, bits, uniform
from kernels.results import RUN, VocabRows


@triton.jit
def capped(x, cap):
    """cap * tanh(x / cap)."""
    return cap * (2 * tl.sigmoid(x * (2 / cap)) - 1)


@triton.jit
def _vocab_rows_kernel(
    logits_ptr, temperatures_ptr, seeds_ptr, steps_ptr, argmax_ptr, sampled_ptr, entropy_ptr, log_sum_ptr,
    width, cap, length, RUN: tl.constexpr,
):  # fmt: skip
    """One row a program, a run of columns after the other.

    The sample is Gumbel-max over runs (a run's weight is its sum of exponentials, so one Gumbel number serves RUN
    columns) and, when a run takes the lead, the inverse of its cumulative sum: exact, with one logarithm a run instead
    of two a column.
    """
    row = tl.program_id(0)
    canvas = row // length
    seed, step = tl.load(seeds_ptr + canvas), tl.load(steps_ptr + canvas)
    inverse = 1.0 / tl.load(temperatures_ptr + row)
    column = tl.arange(0, RUN)
    start = logits_ptr + row.to(tl.int64) * width
    best, best_at = float("-inf"), 0
    lead, lead_at = float("-inf"), 0
    top, mass, energy = float("-inf"), 0.0, 0.0
    for begin in range(0, width, RUN):
        inside = begin + column < width
        raw = tl.load(start + begin + column, mask=inside, other=float("-inf")).to(tl.float32)
        highest = tl.max(raw)
        if highest > best:
            best, best_at = highest, begin + tl.argmax(raw, 0)
        z = tl.where(inside, capped(tl.where(inside, raw, 0.0), cap) * inverse, float("-inf"))
        peak = tl.max(z)
        weights = tl.exp(z - peak)
        total = tl.sum(weights)
        heat = tl.sum(weights * tl.where(inside, z, 0.0))
        a, b = bits(seed, tl.full((1,), begin // RUN, tl.int32), row % length, step, SAMPLE)
        score = peak + tl.log(total) - tl.log(-tl.log(tl.max(uniform(a))))
        if score > lead:
            passed = tl.cumsum(weights, 0) <= tl.max(uniform(b)) * total
            last = tl.max(tl.where(weights > 0, column, 0))
            lead, lead_at = score, begin + tl.minimum(tl.sum(passed.to(tl.int32)), last)
        higher = tl.maximum(top, peak)
        old, new = tl.exp(top - higher), tl.exp(peak - higher)
        mass, energy, top = mass * old + total * new, energy * old + heat * new, higher
    log_sum = top + tl.log(mass)
    tl.store(argmax_ptr + row, best_at)
    tl.store(sampled_ptr + row, lead_at)
    tl.store(entropy_ptr + row, tl.maximum(log_sum - energy / mass, 0.0))
    tl.store(log_sum_ptr + row, log_sum)


def vocab_rows(logits: Tensor, cap: float, temperatures: Tensor, seeds: Tensor, steps: Tensor) -> VocabRows:
    """logits [T, V] as the head gives them, before the soft-cap, of N canvases (T = N * C) -> VocabRows.

    temperatures fp32 [T], above 0; seeds int64 [N] of the canvases' requests; steps int32 [N], counted from the start
    of the request, so that no number is drawn twice. Raises KernelError. Source: Gumbel-max, and Milakov and Gimelshein
    2018 for the softmax in one pass.
    """
    check("logits", logits, FLOATS, (None, None))
    rows, width = logits.shape
    canvases = seeds.shape[0]
    if cap <= 0 or not width:
        raise KernelError(f"expected a cap above 0 and a column or more, got cap {cap} and {width} columns")
    if not canvases or rows % canvases:
        raise KernelError(f"logits: expected rows for {canvases} canvases, got {rows} rows")
    check("temperatures", temperatures, (torch.float32,), (rows,), logits)
    check("seeds", seeds, (torch.int64,), (canvases,), logits)
    check("steps", steps, (torch.int32,), (canvases,), logits)
    argmax, sampled = (logits.new_empty(rows, dtype=torch.int32) for _ in range(2))
    entropy, log_sum = (logits.new_empty(rows, dtype=torch.float32) for _ in range(2))
    if rows:
        _vocab_rows_kernel[(rows,)](
            logits, temperatures, seeds, steps, argmax, sampled, entropy, log_sum, width, float(cap), rows // canvases,
            RUN, num_warps=4,
        )  # fmt: skip
    return VocabRows(argmax, sampled, entropy, log_sum)
