"""Counter-based random numbers on the device: Philox 4x32-10 (Salmon et al. 2011).

A number depends on a request's seed and on where it is used, never on how work is cut up: counter (place, row, step,
purpose) of key seed. kernels.reference.philox computes the same.
"""

import triton
import triton.language as tl

from kernels import results

SAMPLE: tl.constexpr = tl.constexpr(results.SAMPLE)
RENOISE: tl.constexpr = tl.constexpr(results.RENOISE)


@triton.jit
def bits(seed, place, row, step, PURPOSE: tl.constexpr):
    """Two independent uint32 for each element of `place` (a tensor); row and step are scalars or of its shape."""
    zero = place.to(tl.uint32) * 0
    a, b, _, _ = tl.philox(
        seed, place.to(tl.uint32), zero + row.to(tl.uint32), zero + step.to(tl.uint32), zero + PURPOSE
    )
    return a, b


@triton.jit
def uniform(x):
    """uint32 -> fp32 in (0, 1), both ends left out: 23 bits and a half."""
    return (x >> 9).to(tl.float32) * 1.1920928955078125e-07 + 5.9604644775390625e-08
