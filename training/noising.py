"""The canvases that a training step shows the model, with noise as the sampler meets it."""

import math

import torch
from torch import Tensor

from training import dataset
from training.losses import Noised, Rollout, add_noise, next_tokens, sweep

NEXT_SHARE = 0.5
"""Most encoder positions of a batch with a next-token loss, as a share of its tokens: nearly all of the page's."""

DRAWS = 2
"""Draws of noise for each pass of the encoder, which learns in a fraction of the decoder's time."""

SWEPT_SHARE = 0.4
"""Share of canvases that are noise from some point on (training.losses.sweep); the others have noise everywhere."""

SLIPS = 0.15
"""Most noise before that point; half of the canvases have none there."""

OWN_FROM = 0.3
OWN_STEPS = 2
OWN_BOUNDS = (0.1, 3.0)
"""Least and largest entropy bound, in nats, of the sampler's steps in a rollout.

After the first part of a run, which is OWN_FROM, the decoder learns to correct itself. Half of its canvases have then
gone through 1 to OWN_STEPS steps of the sampler. The bounds range from that of one step to those of many steps whose
mistakes add up. Noise alone never shows the decoder a word that is plausible and wrong, such as one that occurs twice.
"""

SEEDED_SHARE = 0.5
"""Share of canvases of edits that begin as the page before, as in a real edit; half of them partly have noise."""


def noised(
    batch: dataset.Batch, vocab_size: int, device: torch.device, generator: torch.Generator, own: bool = False
) -> Noised:
    """Draw noise for a batch, DRAWS times for each example; half of the canvases are self-conditioned.

    Noise levels t are uniform in (0.001, 1), with one in each of as many equal strata as there are canvases. In a swept
    canvas, t is the share of the page that is noise.

    Args:
        batch: The batch.
        vocab_size: Number of tokens to draw from.
        device: Device of the result.
        generator: Source of random numbers.
        own: Whether self-conditioned canvases go through steps of the sampler, and so contain the model's own mistakes.

    Returns:
        The batch with noise.
    """
    clean = batch.canvas.repeat(DRAWS, 1)
    rows = len(clean)
    strata = torch.randperm(rows, generator=generator) + torch.rand(rows, generator=generator)
    level = 0.001 + 0.999 * strata / rows
    count = int(batch.ids.numel() * NEXT_SHARE)
    next_at, next_ids = next_tokens(batch.ids, batch.prompt_len, batch.page_len, count, generator)
    shown = (batch.prompt_len + batch.page_len - batch.canvas_start).clamp(max=clean.shape[1]).repeat(DRAWS)
    slips = SLIPS * (2 * torch.rand(rows, generator=generator) - 1).clamp(min=0)
    noisy = torch.where(
        torch.rand(rows, 1, generator=generator) < SWEPT_SHARE,
        sweep(clean, ((1 - level) * (shown + 1)).long(), slips, vocab_size, generator),
        add_noise(clean, level, vocab_size, generator),
    )
    noisy = torch.where(
        (batch.edits.repeat(DRAWS) & (torch.rand(rows, generator=generator) < SEEDED_SHARE))[:, None],
        seeded(batch.seed.repeat(DRAWS, 1), vocab_size, generator),
        noisy,
    )
    rollout = draw_rollout(rows // 2, clean.shape[1], vocab_size, device, generator) if own else None
    tensors = (batch.ids, next_at, next_ids, batch.canvas_start.repeat(DRAWS), clean, noisy, level)
    ids, at, targets, start, clean, noisy, level = (tensor.to(device, non_blocking=True) for tensor in tensors)
    return Noised(ids, at, targets, start, clean, noisy, level, rows // 2, rollout)


def seeded(before: Tensor, vocab_size: int, generator: torch.Generator) -> Tensor:
    """Return the page before an edit [R, C] as canvases: half of them unchanged, the others with any share of noise."""
    level = (2 * torch.rand(len(before), generator=generator) - 1).clamp(min=0)
    return add_noise(before, level, vocab_size, generator)


def draw_rollout(rows: int, canvas: int, vocab_size: int, device: torch.device, generator: torch.Generator) -> Rollout:
    """Return bounds, noise and random numbers for 1 to OWN_STEPS steps of the sampler."""
    steps = int(torch.randint(1, OWN_STEPS + 1, (), generator=generator))
    low, high = (math.log(bound) for bound in OWN_BOUNDS)
    bound = (low + (high - low) * torch.rand(rows, generator=generator)).exp()
    fresh = torch.randint(vocab_size, (steps, rows, canvas), generator=generator)
    uniforms = torch.rand(steps, rows * canvas, generator=generator)
    return Rollout(bound.to(device), fresh.to(device), uniforms.to(device))
