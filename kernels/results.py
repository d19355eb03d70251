"""The arguments and results of operations other than plain tensors, shared by the kernels and their references."""

from dataclasses import dataclass

from torch import Tensor

RUN = 1024
"""How many columns of the vocabulary are sampled from at once.

It is no launch parameter, since the tokens that a seed gives depend on it.
"""

ROWS = 16
"""How many pairs a block holds.

256 tokens with 8 of 128 experts each make 16 pairs for each expert, the fewest that a matrix unit takes.
"""


MOST_TOKENS = 2048
"""The most rows that a product takes at once."""

SAMPLE, RENOISE = 0, 1
"""The uses of random numbers. The use is part of the counter that a number is drawn at, so no two uses share a number.
"""


@dataclass(frozen=True)
class Routing:
    """The experts that each of T tokens goes to, by falling score.

    Attributes:
        index: int32 [T, k], the experts.
        weights: fp32 [T, k], their weights.
    """

    index: Tensor
    weights: Tensor


@dataclass(frozen=True)
class Groups:
    """Pairs in order of expert, in blocks of ROWS. Pair p is choice p % k of token p // k.

    Within an expert, pairs keep their order.

    Attributes:
        pairs: int32 [blocks * ROWS], the pairs, or T * k in an unused place.
        experts: int32 [blocks], the expert of each block, or the number of experts for an unused block.
    """

    pairs: Tensor
    experts: Tensor


@dataclass(frozen=True)
class VocabRows:
    """What one pass over the logits gives for each of T rows, at the row's temperature.

    Attributes:
        argmax: int32 [T], the likeliest column, the lowest index in a tie.
        sampled: int32 [T], a sampled column.
        entropy: fp32 [T], in nats.
        log_sum: fp32 [T]; the probability of column v is exp(capped[v] / temperature - log_sum).
    """

    argmax: Tensor
    sampled: Tensor
    entropy: Tensor
    log_sum: Tensor


@dataclass(frozen=True)
class Limits:
    """The limits of N canvases (see engine.core.params.Params).

    Attributes:
        bounds: fp32 [N], `entropy_bound` in nats.
        confidences: fp32 [N], `confidence` in nats.
        stability: int32 [N], in steps.
        max_steps: int32 [N], in steps.
    """

    bounds: Tensor
    confidences: Tensor
    stability: Tensor
    max_steps: Tensor


@dataclass(frozen=True)
class Advanced:
    """N canvases after a step.

    Attributes:
        canvas: int32 [N, C], the next step's input.
        accepted: bool [N, C], the positions whose sampled token was kept.
        settled: bool [N, C], the accepted positions whose argmax is that of the step before; all when the canvas stops.
        unchanged: int32 [N], for how many steps the whole argmax has not changed.
        entropy: fp32 [N], the mean, in nats.
        stop: bool [N], whether the canvas stops.
    """

    canvas: Tensor
    accepted: Tensor
    settled: Tensor
    unchanged: Tensor
    entropy: Tensor
    stop: Tensor


def most_blocks(pairs: int, experts: int) -> int:
    """Return how many blocks `pairs` pairs need at most, in any distribution over the experts."""
    return (pairs + min(experts, pairs) * (ROWS - 1)) // ROWS
