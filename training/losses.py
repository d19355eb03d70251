"""The training objective: block diffusion over one canvas, plus next-token prediction in the encoder.

The semantics are those of DiffusionGemma: uniform-noise block diffusion, self-conditioning, and tied weights of encoder
and decoder.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.model import sampler
from engine.model.diffusion_gemma import DiffusionGemma

IGNORE = -100
TEMPERATURE_MIN, TEMPERATURE_MAX = 0.4, 0.8
"""The sampler's temperatures at the end and at the beginning of a canvas (engine.model.sampler)."""


@dataclass(frozen=True)
class Rollout:
    """What S steps of the sampler over the first Q canvases need besides the model.

    Attributes:
        bound: [Q] Joint entropy, in nats, up to which sampled tokens are accepted.
        fresh: [S, Q, C] Noise for all other tokens.
        uniforms: [S, Q * C] Numbers in [0, 1) to sample with.
    """

    bound: Tensor
    fresh: Tensor
    uniforms: Tensor


@dataclass(frozen=True)
class Noised:
    """One training batch on the model's device: B examples of encoder length L, and R canvases of length C.

    R is a multiple of B. Canvas r belongs to example r mod B, so that several draws of noise share one encoder pass.

    Attributes:
        ids: [B, L] Prompt and page, right-padded.
        next_at: [N] Flat indices into ids of the tokens before page tokens.
        next_ids: [N] Those page tokens, or IGNORE where N is more than there are.
        start: [R] Position at which the canvas begins.
        clean: [R, C] The true tokens of the canvas.
        noisy: [R, C] What the decoder sees.
        level: [R] Share of tokens that were drawn anew.
        conditioned: The first `conditioned` canvases get a self-conditioning pass.
        rollout: If given, these canvases get as many steps of the sampler as it has. The decoder then sees what the
            steps make of `noisy`.
    """

    ids: Tensor
    next_at: Tensor
    next_ids: Tensor
    start: Tensor
    clean: Tensor
    noisy: Tensor
    level: Tensor
    conditioned: int
    rollout: Rollout | None = None


def next_tokens(
    ids: Tensor, prompt_len: Tensor, page_len: Tensor, count: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return targets of the encoder: page tokens (and their EOS), each predicted from the token before it.

    At most `count` targets are drawn at random, so that the head runs on a fixed number of rows.

    Args:
        ids: [B, L] Prompt and page.
        prompt_len: [B] Tokens of the prompt.
        page_len: [B] Tokens of the page.
        count: Number of targets.
        generator: Source of random numbers.

    Returns:
        next_at and next_ids, each [count].
    """
    position = torch.arange(ids.shape[1])
    inside = (position >= prompt_len[:, None] - 1) & (position < (prompt_len + page_len)[:, None])
    inside[:, -1] = False
    at = inside.flatten().nonzero()[:, 0]
    at = at[torch.randperm(at.shape[0], generator=generator)[:count]]
    targets = ids.flatten()[at + 1]
    missing = count - at.shape[0]
    return F.pad(at, (0, missing)), F.pad(targets, (0, missing), value=IGNORE)


def weighted_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy of logits [N, V], with each row weighted by 1 / (1 + its own entropy in nats).

    If a canvas is noise from some point on, it is open how far everything after that has moved. Such rows cannot be
    predicted, and the sampler does not accept them; without weights they would outweigh the rows that it accepts. The
    weight depends on what the model sees and not on the target, so the best prediction is still the true distribution.
    """
    log = logits.log_softmax(-1)
    with torch.no_grad():
        weight = 1 / (1 - (log.exp() * log).sum(-1))
    return (weight * F.nll_loss(log, targets, reduction="none")).sum() / weight.sum()


def sweep(clean: Tensor, edge: Tensor, slips: Tensor, vocab_size: int, generator: torch.Generator) -> Tensor:
    """Add noise from position `edge` [R] of a canvas on, and before it with probability `slips` [R].

    The sampler leaves canvases like this. It settles them from left to right where the length of one thing moves
    everything that follows.

    Args:
        clean: [R, C] True tokens.
        edge: [R] Where full noise begins.
        slips: [R] Probability of noise before that.
        vocab_size: Number of tokens to draw from.
        generator: Source of random numbers.

    Returns:
        The noisy canvases [R, C].
    """
    level = torch.where(torch.arange(clean.shape[1]) < edge[:, None], slips[:, None], 1.0)
    return add_noise(clean, level, vocab_size, generator)


def add_noise(clean: Tensor, level: Tensor, vocab_size: int, generator: torch.Generator) -> Tensor:
    """Replace each token with probability `level` [B] or [B, C] by one drawn uniformly from the vocabulary."""
    fresh = torch.randint(vocab_size, clean.shape, generator=generator)
    return torch.where(torch.rand(clean.shape, generator=generator) < level.view(len(clean), -1), fresh, clean)


class BatchAttention:
    """Attention callbacks (`attend`) for `batch` sequences of equal length, shorter than the sliding window.

    The encoder is causal and keeps its keys and values. The decoder has R canvases, the r-th of sequence r mod batch.
    It reads keys and values up to `start` [R] and sees its whole canvas.
    """

    def __init__(self, start: Tensor, length: int, canvas: int, batch: int) -> None:
        self.batch, self.draws = batch, start.shape[0] // batch
        self.kept: list[tuple[Tensor, Tensor]] = []
        before = torch.arange(length, device=start.device) < start[:, None]
        self.mask = F.pad(before, (0, canvas), value=True)[:, None, None]

    def encode(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Attend causally in the encoder, and keep keys and values."""
        q, k, v = (self._split(x) for x in (q, k, v))
        self.kept.append((k, v))
        return self._join(F.scaled_dot_product_attention(q, *_repeat(q, k, v), is_causal=True, scale=1.0))

    def decode(self, layer: int, q: Tensor, k: Tensor, v: Tensor, rows: int) -> Tensor:
        """Attend in the decoder, for the first `rows` canvases."""
        q, k, v = (self._split(x, rows) for x in (q, k, v))
        past_k, past_v = (x.repeat(self.draws, 1, 1, 1)[:rows] for x in self.kept[layer])
        k, v = torch.cat([past_k, k], dim=2), torch.cat([past_v, v], dim=2)
        return self._join(F.scaled_dot_product_attention(q, *_repeat(q, k, v), attn_mask=self.mask[:rows], scale=1.0))

    def _split(self, x: Tensor, rows: int | None = None) -> Tensor:
        """Reshape [B * n, heads, d] to [B, heads, n, d]."""
        return x.view(rows or self.batch, -1, *x.shape[1:]).transpose(1, 2)

    def _join(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2).flatten(0, 1)


def _repeat(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    groups = q.shape[1] // k.shape[1]
    return k.repeat_interleave(groups, dim=1), v.repeat_interleave(groups, dim=1)


def losses(model: DiffusionGemma, batch: Noised) -> tuple[Tensor, Tensor]:
    """Return the weighted mean cross-entropy of the canvas, and the mean one of the encoder's next token (nats)."""
    size, length = batch.ids.shape
    attention = BatchAttention(batch.start, length, batch.clean.shape[1], size)
    positions = torch.arange(length, device=batch.ids.device).repeat(size)
    hidden = model.encode(batch.ids.flatten(), positions, attention.encode)
    next_loss = F.cross_entropy(model.logits(hidden[batch.next_at]), batch.next_ids, ignore_index=IGNORE)
    soft, noisy = None, batch.noisy
    if batch.conditioned:
        with torch.no_grad():
            soft, noisy = _own_steps(model, batch, attention)
    logits = _decode(model, batch, attention, noisy, soft)
    return weighted_cross_entropy(logits, batch.clean.flatten()), next_loss


def reading_loss(model: DiffusionGemma, ids: Tensor, next_at: Tensor, next_ids: Tensor) -> Tensor:
    """Return the mean cross-entropy (nats) of the encoder's next page token alone; arguments are as in `Noised`."""
    size, length = ids.shape
    attention = BatchAttention(torch.zeros(size, dtype=torch.int64, device=ids.device), length, 0, size)
    positions = torch.arange(length, device=ids.device).repeat(size)
    hidden = model.encode(ids.flatten(), positions, attention.encode)
    return F.cross_entropy(model.logits(hidden[next_at]), next_ids, ignore_index=IGNORE)


def _own_steps(model: DiffusionGemma, batch: Noised, attention: BatchAttention) -> tuple[Tensor, Tensor]:
    """Run the self-conditioning pass, or the rollout, over the first canvases.

    Returns:
        The soft embeddings [R * C, hidden] of the last pass, which are zero for the other canvases, and what the
        decoder sees next. That is `noisy` as it was, or after a rollout.
    """
    rows, canvas = batch.conditioned, batch.clean.shape[1]
    temperature = (TEMPERATURE_MIN + (TEMPERATURE_MAX - TEMPERATURE_MIN) * batch.level[:rows]).repeat_interleave(canvas)
    seen, soft, rollout = batch.noisy[:rows], None, batch.rollout
    for step in range(1 if rollout is None else len(rollout.fresh)):
        logits = _decode(model, batch, attention, seen, soft)
        uniforms = torch.zeros_like(temperature) if rollout is None else rollout.uniforms[step]
        read = sampler.read_rows(logits, temperature, uniforms)
        soft = model.soft_embedding(read.probabilities)
        if rollout is not None:
            accepted = sampler.accept(read.entropy.view(rows, canvas), rollout.bound)
            seen = sampler.renoise(read.sampled.view(rows, canvas), accepted, rollout.fresh[step])
    assert soft is not None
    padded = F.pad(soft, (0, 0, 0, (batch.clean.shape[0] - rows) * canvas))
    return padded, torch.cat([seen, batch.noisy[rows:]])


def _decode(
    model: DiffusionGemma, batch: Noised, attention: BatchAttention, noisy: Tensor, soft: Tensor | None
) -> Tensor:
    """Return the logits of the first canvases, as many as `noisy` [rows, C] has."""
    rows, canvas = noisy.shape
    positions = (batch.start[:rows, None] + torch.arange(canvas, device=batch.ids.device)).flatten()

    def attend(layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return attention.decode(layer, q, k, v, rows)

    return model.logits(model.decode(noisy.flatten(), positions, soft, attend))
