"""One pass over the head's logits: soft-cap, temperature, argmax, a sample, entropy, and the softmax's log-sum."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from kernels import chip, launch
from kernels.checks import FLOATS, KernelError, check
from kernels.philox import SAMPLE, bits, uniform
from kernels.results import RUN, VocabRows

LN2: tl.constexpr = tl.constexpr(0.6931471805599453)
LOG2E: tl.constexpr = tl.constexpr(1.4426950408889634)


@triton.jit
def capped(x, cap):
    """Return cap * tanh(x / cap)."""
    return cap - 2 * cap / (1 + tl.exp2(x * (2 * LOG2E / cap)))


@triton.jit
def _runs_kernel(
    logits_ptr, temperatures_ptr, highest_ptr, mass_ptr, heat_ptr, width, runs, programs, cap,
    EACH: tl.constexpr, EVEN: tl.constexpr, RUN: tl.constexpr,
):  # fmt: skip
    """One program handles EACH runs of one row.

    For a run with peak p, in units of base 2, it writes two sums. The first is of 2**(z - p), the second of 2**(z - p)
    * (z - p).
    """
    row = (tl.program_id(0) // programs).to(tl.int64)
    first = tl.program_id(0) % programs * EACH
    scale = LOG2E / tl.load(temperatures_ptr + row)
    for i in tl.static_range(EACH):
        run = first + i
        column = run * RUN + tl.arange(0, RUN)
        inside = column < width
        if EVEN:
            raw = tl.load(logits_ptr + row * width + column).to(tl.float32)
        else:
            raw = tl.load(logits_ptr + row * width + column, mask=inside, other=float("-inf")).to(tl.float32)
        highest = tl.max(raw)
        below = (capped(raw, cap) - capped(highest, cap)) * scale
        weights = tl.exp2(below)
        if not EVEN:
            weights = tl.where(inside, weights, 0.0)
        at = row * runs + run
        tl.store(highest_ptr + at, highest, mask=run < runs)
        tl.store(mass_ptr + at, tl.sum(weights), mask=run < runs)
        tl.store(heat_ptr + at, tl.sum(weights * below), mask=run < runs)


@triton.jit
def _vocab_rows_kernel(
    logits_ptr, temperatures_ptr, seeds_ptr, steps_ptr, highest_ptr, mass_ptr, heat_ptr,
    argmax_ptr, sampled_ptr, entropy_ptr, log_sum_ptr, width, runs, cap, length, BLOCK: tl.constexpr, RUN: tl.constexpr,
):  # fmt: skip
    """One program handles one row, from the results of its runs.

    It reads logits again only in the run with the argmax and in the run that is sampled from. The sample is Gumbel-max
    over runs, then the inverse of the cumulative sum inside the winning run. A run's weight is its sum of exponentials,
    so one Gumbel number serves RUN columns. This is exact, with one logarithm for each run instead of two for each
    column.
    """
    row = tl.program_id(0)
    canvas = row // length
    run, column = tl.arange(0, BLOCK), tl.arange(0, RUN)
    inverse = 1.0 / tl.load(temperatures_ptr + row)
    at, known = row.to(tl.int64) * runs + run, run < runs
    highest = tl.load(highest_ptr + at, mask=known, other=float("-inf"))
    mass = tl.load(mass_ptr + at, mask=known, other=0.0)
    heat = tl.load(heat_ptr + at, mask=known, other=0.0)
    peak = capped(highest, cap) * inverse
    top = tl.max(peak)
    share = tl.exp(peak - top)
    whole = tl.sum(mass * share)
    mean = tl.sum((heat * LN2 + mass * (peak - top)) * share) / whole
    tl.store(entropy_ptr + row, tl.maximum(tl.log(whole) - mean, 0.0))
    tl.store(log_sum_ptr + row, top + tl.log(whole))

    start = logits_ptr + row.to(tl.int64) * width
    best = tl.argmax(highest, 0) * RUN
    raw = tl.load(start + best + column, mask=best + column < width, other=float("-inf")).to(tl.float32)
    tl.store(argmax_ptr + row, tl.minimum(best + tl.argmax(raw, 0), width - 1))

    a, b = bits(tl.load(seeds_ptr + canvas), run, row % length, tl.load(steps_ptr + canvas), SAMPLE)
    score = peak + tl.log(tl.where(known, mass, 1.0)) - tl.log(-tl.log(uniform(a)))
    lead = tl.argmax(tl.where(known, score, float("-inf")), 0)
    drawn = tl.sum(tl.where(run == lead, uniform(b), 0.0))
    inside = lead * RUN + column < width
    raw = tl.load(start + lead * RUN + column, mask=inside, other=float("-inf")).to(tl.float32)
    below = (capped(raw, cap) - capped(tl.max(raw), cap)) * inverse
    weights = tl.where(inside, tl.exp(below), 0.0)
    passed = tl.cumsum(weights, 0) <= drawn * tl.sum(weights)
    last = tl.max(tl.where(weights > 0, column, 0))
    tl.store(sampled_ptr + row, tl.minimum(lead * RUN + tl.minimum(tl.sum(passed.to(tl.int32)), last), width - 1))


def vocab_rows(logits: Tensor, cap: float, temperatures: Tensor, seeds: Tensor, steps: Tensor) -> VocabRows:
    """Return the VocabRows of N canvases' logits.

    Source: Gumbel-max, and Milakov and Gimelshein 2018 for the softmax in one pass.

    Args:
        logits: [T, V] with T = N * C, as the head gives them, before the soft-cap.
        cap: The soft-cap, above 0.
        temperatures: fp32 [T], above 0.
        seeds: int64 [N], the seeds of the canvases' requests.
        steps: int32 [N], counted from the start of the request, so that no number is drawn twice.

    Raises:
        KernelError: An argument is not served.
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
    if not rows:
        return VocabRows(argmax, sampled, entropy, log_sum)
    runs = triton.cdiv(width, RUN)
    stats = [logits.new_empty(rows, runs, dtype=torch.float32) for _ in range(3)]
    plan = launch.runs(runs, chip.chip_of(logits.device))
    programs = triton.cdiv(runs, plan.rows)
    even = width % (plan.rows * RUN) == 0
    _runs_kernel[(rows * programs,)](
        logits, temperatures, *stats, width, runs, programs, float(cap), plan.rows, even, RUN, num_warps=plan.warps,
    )  # fmt: skip
    _vocab_rows_kernel[(rows,)](
        logits, temperatures, seeds, steps, *stats, argmax, sampled, entropy, log_sum, width, runs, float(cap),
        rows // canvases, triton.next_power_of_2(runs), RUN, num_warps=4,
    )  # fmt: skip
    return VocabRows(argmax, sampled, entropy, log_sum)
