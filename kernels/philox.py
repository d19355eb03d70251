"""Counter-based random numbers on the device: Philox 4x32-10 (Salmon et al. 2011).

A number depends on a request's seed and on where it is used, never on how work is divided among programs. Its counter
is (place, row, step, purpose), and its key is the seed. kernels.reference.philox computes the same numbers.
"""

import triton
import triton.language as tl

from kernels import results

SAMPLE: tl.constexpr = tl.constexpr(results.SAMPLE)
RENOISE: tl.constexpr = tl.constexpr(results.RENOISE)


@triton.jit
def bits(seed, place, row, step, PURPOSE: tl.constexpr):
    """Return two independent uint32 for each element of the tensor `place`.

    `row` and `step` are scalars or of its shape.
    """
    zero = place.to(tl.uint32) * 0
    a, b, _, _ = tl.philox(
        seed, place.to(tl.uint32), zero + row.to(tl.uint32), zero + step.to(tl.uint32), zero + PURPOSE
    )
    return a, b


@triton.jit
def uniform(x):
    """Convert uint32 to fp32 in (0, 1), both ends excluded: the upper 23 bits plus half a step."""
    return (x >> 9).to(tl.float32) * 1.1920928955078125e-07 + 5.9604644775390625e-08
