"""The end of a denoising step: which tokens are accepted, renoised or settled, and whether the canvas stops."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from kernels.checks import KernelError, check
from kernels.philox import RENOISE, bits
from kernels.results import Advanced, Limits

CHUNK = 32
"""How many positions one pass of the kernel's loop compares with all others."""
MOST = 1024
"""The most positions that a canvas may have."""


@triton.jit
def _accept_renoise_kernel(
    argmax_ptr, sampled_ptr, entropy_ptr, shown_ptr, unchanged_ptr, bounds_ptr, confidences_ptr, stability_ptr,
    max_steps_ptr, seeds_ptr, drawn_ptr, steps_ptr, canvas_ptr, accepted_ptr, settled_ptr, unchanged_out_ptr, mean_ptr,
    stop_ptr, length, vocabulary, BLOCK: tl.constexpr, CHUNK: tl.constexpr,
):  # fmt: skip
    """One program handles one canvas.

    A position's rank in the order of entropy is never needed, only the sum of the entropies before it.
    """
    canvas = tl.program_id(0)
    place = tl.arange(0, BLOCK)
    inside = place < length
    at = canvas * length + place
    entropy = tl.load(entropy_ptr + at, mask=inside, other=float("inf"))
    before = tl.zeros((BLOCK,), tl.float32)
    for begin in range(0, length, CHUNK):
        other = begin + tl.arange(0, CHUNK)
        theirs = tl.load(entropy_ptr + canvas * length + other, mask=other < length, other=float("inf"))
        first = (theirs[None, :] < entropy[:, None]) | (
            (theirs[None, :] == entropy[:, None]) & (other[None, :] < place[:, None])
        )
        before += tl.sum(tl.where(first, theirs[None, :], 0.0), 1)
    accepted = inside & (before <= tl.load(bounds_ptr + canvas))

    seed, drawn = tl.load(seeds_ptr + canvas), tl.load(drawn_ptr + canvas)
    noise, _ = bits(seed, place, tl.full((1,), 0, tl.int32), drawn, RENOISE)
    fresh = ((noise.to(tl.uint64) * vocabulary) >> 32).to(tl.int32)
    argmax = tl.load(argmax_ptr + at, mask=inside, other=0)
    sampled = tl.load(sampled_ptr + at, mask=inside, other=0)
    same = argmax == tl.load(shown_ptr + at, mask=inside, other=0)
    still = tl.sum(tl.where(inside & (same == 0), 1, 0)) == 0
    unchanged = tl.where(still, tl.load(unchanged_ptr + canvas) + 1, 0)
    mean = tl.sum(tl.where(inside, entropy, 0.0)) / length
    calm = (unchanged >= tl.load(stability_ptr + canvas)) & (mean < tl.load(confidences_ptr + canvas))
    stop = calm | (tl.load(steps_ptr + canvas) + 1 >= tl.load(max_steps_ptr + canvas))

    tl.store(canvas_ptr + at, tl.where(accepted, sampled, fresh), mask=inside)
    tl.store(accepted_ptr + at, accepted.to(tl.int8), mask=inside)
    tl.store(settled_ptr + at, ((accepted & same) | stop).to(tl.int8), mask=inside)
    tl.store(unchanged_out_ptr + canvas, unchanged)
    tl.store(mean_ptr + canvas, mean)
    tl.store(stop_ptr + canvas, stop.to(tl.int8))


def accept_renoise(
    argmax: Tensor,
    sampled: Tensor,
    entropy: Tensor,
    shown: Tensor,
    unchanged: Tensor,
    limits: Limits,
    seeds: Tensor,
    drawn: Tensor,
    steps: Tensor,
    vocabulary: int,
) -> Advanced:
    """Compute the entropy-bound sampler's decision for N canvases of C positions (C up to 1024).

    Positions are accepted in ascending order of entropy, the first of equals first, while the entropies before them sum
    to at most the bound. All others take a fresh uniform token. Source: arXiv 2505.24857 and transformers'
    generation_diffusion_gemma.

    Args:
        argmax: int32 [N, C], the likeliest tokens.
        sampled: int32 [N, C], the sampled tokens.
        entropy: fp32 [N, C], in nats.
        shown: int32 [N, C], the argmax of the step before; -1 in a first step.
        unchanged: int32 [N], for how many steps the whole argmax has not changed.
        limits: The limits of each canvas.
        seeds: int64 [N], the seeds of the canvases' requests.
        drawn: int32 [N], steps of the request so far, over all its canvases.
        steps: int32 [N], steps of this canvas so far.
        vocabulary: The number of tokens to draw from.

    Raises:
        KernelError: An argument is not served.
    """
    check("argmax", argmax, (torch.int32,), (None, None))
    canvases, length = argmax.shape
    if not 1 <= length <= MOST or not 1 <= vocabulary < 2**31:
        raise KernelError(
            f"expected 1 to {MOST} positions and a vocabulary, got {length} positions, {vocabulary} words"
        )
    for name, tensor in (("sampled", sampled), ("shown", shown)):
        check(name, tensor, (torch.int32,), argmax.shape, argmax)
    check("entropy", entropy, (torch.float32,), argmax.shape, argmax)
    for name, tensor in (("bounds", limits.bounds), ("confidences", limits.confidences)):
        check(name, tensor, (torch.float32,), (canvases,), argmax)
    counts = {"unchanged": unchanged, "drawn": drawn, "steps": steps}
    counts |= {"stability": limits.stability, "max_steps": limits.max_steps}
    for name, tensor in counts.items():
        check(name, tensor, (torch.int32,), (canvases,), argmax)
    check("seeds", seeds, (torch.int64,), (canvases,), argmax)
    canvas = torch.empty_like(argmax)
    accepted, settled = (argmax.new_empty(canvases, length, dtype=torch.bool) for _ in range(2))
    stop = argmax.new_empty(canvases, dtype=torch.bool)
    after, mean = torch.empty_like(unchanged), torch.empty_like(limits.bounds)
    if canvases:
        _accept_renoise_kernel[(canvases,)](
            argmax, sampled, entropy, shown, unchanged, limits.bounds, limits.confidences, limits.stability,
            limits.max_steps, seeds, drawn, steps, canvas, accepted.view(torch.int8), settled.view(torch.int8), after,
            mean, stop.view(torch.int8), length, vocabulary, triton.next_power_of_2(length), CHUNK, num_warps=4,
        )  # fmt: skip
    return Advanced(canvas, accepted, settled, after, mean, stop)
