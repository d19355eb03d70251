"""What operations take and give beside plain tensors, shared by the kernels and their reference."""

from dataclasses import dataclass

from torch import Tensor

RUN = 1024
"""Columns of the vocabulary that are sampled from at once: part of what a seed means, so no launch parameter."""

ROWS = 16
"""Pairs a block holds: 256 tokens with 8 of 128 experts each make 16 pairs an expert, the least a matrix unit takes."""


MOST_TOKENS = 2048
"""Rows that a product takes at once."""

SAMPLE, RENOISE = 0, 1
"""What random numbers are for: part of the counter they are drawn at, so that no two uses share one."""


@dataclass(frozen=True)
class Routing:
    """Which experts each of T tokens goes to. index int32, weights fp32, both [T, k], by falling score."""

    index: Tensor
    weights: Tensor


@dataclass(frozen=True)
class Groups:
    """Pairs in order of expert, in blocks of ROWS. Pair p is choice p % k of token p // k.

    pairs int32 [blocks * ROWS]: a pair, or T * k in an unused place. experts int32 [blocks]: whose block, or the number
    of experts for an unused one. Within an expert, pairs keep their order.
    """

    pairs: Tensor
    experts: Tensor


@dataclass(frozen=True)
class VocabRows:
    """What one pass tells of each of T rows, at the row's temperature.

    argmax, sampled int32 [T], lowest index first in a tie; entropy fp32 [T], nats; log_sum fp32 [T]: the probability of
    column v is exp(capped[v] / temperature - log_sum).
    """

    argmax: Tensor
    sampled: Tensor
    entropy: Tensor
    log_sum: Tensor


@dataclass(frozen=True)
class Limits:
    """What each of N canvases was asked for. All [N]; see engine.core.params.Params.

    bounds, confidences fp32 (nats); stability, max_steps int32 (steps).
    """

    bounds: Tensor
    confidences: Tensor
    stability: Tensor
    max_steps: Tensor


@dataclass(frozen=True)
class Advanced:
    """N canvases after a step. canvas int32 [N, C]: the next step's input. accepted, settled bool [N, C]; settled:
    accepted, and the argmax is that of the step before. unchanged int32 [N]: steps the whole argmax has stood still.
    entropy fp32 [N]: mean, nats. stop bool [N]."""

    canvas: Tensor
    accepted: Tensor
    settled: Tensor
    unchanged: Tensor
    entropy: Tensor
    stop: Tensor


def most_blocks(pairs: int, experts: int) -> int:
    """Blocks that `pairs` pairs can need at most, however they are spread over the experts."""
    return (pairs + min(experts, pairs) * (ROWS - 1)) // ROWS
