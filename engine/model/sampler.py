"""Samplers: from what one pass over the vocabulary tells of each position to the next canvas. Pure.

`EntropyBound` is the default. A caller may pass another one to the engine, as anything with the methods of `Sampler`.

The rules of the default are those of transformers' generation_diffusion_gemma.py; acceptance is from arXiv 2505.24857.
T counts rows of all canvases of a step, N canvases, C their length, V the vocabulary.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


@dataclass(frozen=True)
class Rows:
    """What one pass over the vocabulary tells of each row.

    argmax, sampled: int64 [T]. entropy: nats, fp32 [T]. probabilities: fp32 [T, V] at the step's temperature.
    """

    argmax: Tensor
    sampled: Tensor
    entropy: Tensor
    probabilities: Tensor


def temperature(step: int, steps: int, first: float, last: float) -> float:
    """Of step 1..steps; falls linearly from `first` towards `last`, which step `steps` + 1 would have."""
    return last + (first - last) * (steps + 1 - step) / steps


def read_rows(logits: Tensor, temperatures: Tensor, uniforms: Tensor) -> Rows:
    """logits fp32 [T, V] (overwritten), temperatures and uniforms [T] -> Rows."""
    top, argmax = _largest(logits)
    inverse = temperatures.reciprocal()
    # The largest logit becomes 0: its log-probability is then minus the log of the partition sum, and the entropy of a
    # confident row is a sum of small terms instead of a difference of large ones.
    shifted = torch.addcmul((-top * inverse)[:, None], logits, inverse[:, None], out=logits)
    probabilities = shifted.softmax(dim=-1)
    log_sum = -probabilities.gather(1, argmax[:, None]).log()[:, 0]
    entropy = (log_sum - shifted.mul_(probabilities).sum(-1)).clamp_(min=0)
    return Rows(argmax, sample(probabilities, uniforms), entropy, probabilities)


def _largest(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Value and index of the first maximum of each row. By runs, because plain maxima are vectorised and argmax is not:
    0.3 instead of 1.3 ms on a CPU for 256 rows of 5120."""
    width = _run_width(rows.shape[-1])
    runs = rows.view(rows.shape[0], -1, width)
    top, run = runs.amax(-1).max(-1)
    column = runs[torch.arange(rows.shape[0], device=rows.device), run].argmax(-1)
    return top, run * width + column


def sample(weights: Tensor, uniforms: Tensor) -> Tensor:
    """Draw an index per row in proportion to weights [T, V], inverting the cumulative sum at uniforms [T] in [0, 1).

    Two levels, so that the long axis is summed once instead of scanned: first a run of columns, then a column in it.
    """
    rows, size = weights.shape
    width = _run_width(size)
    runs = weights.view(rows, size // width, width)
    mass = runs.sum(-1)
    run, rest = _invert(mass, uniforms * mass.sum(-1))
    column, _ = _invert(runs[torch.arange(rows, device=weights.device), run], rest)
    return run * width + column


def _invert(mass: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The first column of mass [T, n] whose cumulative sum exceeds target [T], and what is left of the target there."""
    cumulative = mass.cumsum(-1)
    target = torch.minimum(target, torch.nextafter(cumulative[:, -1], torch.zeros_like(target)))
    column = torch.searchsorted(cumulative, target[:, None], right=True)
    before = cumulative.gather(1, column) - mass.gather(1, column)
    return column[:, 0], target - before[:, 0]


def _run_width(size: int) -> int:
    """The largest divisor of the vocabulary's size up to 64: runs that a few vector instructions add up."""
    return max(width for width in range(1, 65) if size % width == 0)


class Sampler(Protocol):
    """Decides, after each denoising step, what of the N canvases is kept and what is drawn anew.

    Both methods must be made of tensor operations of fixed shapes, without a look at a tensor's values: on a GPU they
    are captured into a graph. What a request holds (`Params.hold`) is kept whatever a sampler says.
    """

    def accept(self, entropy: Tensor, bound: Tensor) -> Tensor:
        """Return bool [N, C]: the positions whose sampled token this step keeps.

        Args:
            entropy: fp32 [N, C], nats, of the distribution at each position.
            bound: fp32 [N], nats, each request's `Params.entropy_bound`.
        """

    def renoise(self, sampled: Tensor, accepted: Tensor, noise: Tensor) -> Tensor:
        """Return the next canvas, int [N, C].

        Args:
            sampled: int [N, C], one token drawn at each position.
            accepted: bool [N, C], what `accept` gave, and what is held.
            noise: int [N, C], tokens drawn uniformly from the vocabulary.
        """


def accept(entropy: Tensor, bound: Tensor) -> Tensor:
    """entropy [N, C], bound [N] in nats -> bool [N, C]: positions whose token this step may keep.

    In ascending order of entropy, while the entropies before a position sum to at most the bound.
    """
    ordered, order = entropy.sort(dim=-1)
    chosen = ordered.cumsum(-1) - ordered <= bound[:, None]
    return torch.zeros_like(chosen).scatter_(-1, order, chosen)


def renoise(sampled: Tensor, accepted: Tensor, noise: Tensor) -> Tensor:
    """The next canvas: accepted positions take their sampled token, all others a fresh uniform one."""
    return torch.where(accepted, sampled, noise)


class EntropyBound:
    """The model's own `Sampler`, with which it was trained: `accept` and `renoise` of this module.

    On a GPU the runner has one kernel for both, and calls neither method.
    """

    def accept(self, entropy: Tensor, bound: Tensor) -> Tensor:
        """See `accept`."""
        return accept(entropy, bound)

    def renoise(self, sampled: Tensor, accepted: Tensor, noise: Tensor) -> Tensor:
        """See `renoise`."""
        return renoise(sampled, accepted, noise)


ENTROPY_BOUND = EntropyBound()
