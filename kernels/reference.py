"""Every operation in plain PyTorch, for testing the kernels and for running without a GPU.

Arguments and results are those of the kernel's launcher, whose docstring describes them. Arithmetic is done in
`accumulate` (fp32; the tests ask for float64) and rounded once at the end.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from kernels.results import RENOISE, ROWS, RUN, SAMPLE, Advanced, Groups, Limits, Routing, VocabRows, most_blocks
from kernels.weights import FP8_MOST, GROUP, Format, Weight, byte_order

PHILOX = (0xD2511F53, 0xCD9E8D57)
"""The multipliers of Philox 4x32."""
WEYL = (0x9E3779B9, 0xBB67AE85)
"""The increments of its key."""
WORD = 0xFFFFFFFF
"""A mask of 32 bits."""


def rms_norm(
    x: Tensor,
    weight: Tensor | None = None,
    residual: Tensor | None = None,
    scalar: Tensor | None = None,
    eps: float = 1e-6,
    accumulate: torch.dtype = torch.float32,
) -> Tensor:
    """Compute kernels.rms_norm.rms_norm in PyTorch."""
    y = _normed(x.to(accumulate), eps)
    if weight is not None:
        y = y * weight.to(accumulate)
    if residual is not None:
        y = y + residual.to(accumulate)
    if scalar is not None:
        y = y * scalar.to(accumulate)
    return y.to(x.dtype)


def _normed(x: Tensor, eps: float) -> Tensor:
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps)


def qkv(
    packed: Tensor,
    q_weight: Tensor,
    k_weight: Tensor,
    positions: Tensor,
    frequencies: Tensor,
    slots: Tensor,
    keys: Tensor,
    values: Tensor,
    own_values: bool = True,
    eps: float = 1e-6,
    accumulate: torch.dtype = torch.float32,
) -> Tensor:
    """Compute kernels.qkv.qkv in PyTorch."""
    kv_heads, size = keys.shape[1:]
    heads = packed.shape[1] // size - (2 if own_values else 1) * kv_heads
    split = packed.to(accumulate).view(len(packed), packed.shape[1] // size, size)
    q, k = split[:, :heads], split[:, heads : heads + kv_heads]
    v = split[:, heads + kv_heads :] if own_values else k
    angles = positions.to(accumulate)[:, None] * frequencies.to(accumulate)
    keys[slots] = _rotated(_normed(k, eps) * k_weight.to(accumulate), angles).to(keys.dtype)
    values[slots] = _normed(v, eps).to(values.dtype)
    return _rotated(_normed(q, eps) * q_weight.to(accumulate), angles).to(packed.dtype)


def _rotated(x: Tensor, angles: Tensor) -> Tensor:
    cos, sin = angles.cos()[:, None], angles.sin()[:, None]
    low, high = x.chunk(2, dim=-1)
    return torch.cat([low * cos - high * sin, high * cos + low * sin], dim=-1)


def canvas_attention(
    q: Tensor,
    keys: Tensor,
    values: Tensor,
    starts: Tensor,
    counts: Tensor,
    accumulate: torch.dtype = torch.float32,
) -> Tensor:
    """Compute kernels.canvas_attention.canvas_attention in PyTorch."""
    length = len(q) // len(starts)
    first = torch.arange(len(starts)) * length
    same = torch.full_like(first, length)
    return _attention(q, keys, values, first, same, starts, counts, causal=False, window=0, accumulate=accumulate)


def prefill_attention(
    q: Tensor,
    keys: Tensor,
    values: Tensor,
    q_starts: Tensor,
    q_counts: Tensor,
    k_starts: Tensor,
    k_counts: Tensor,
    window: int = 0,
    accumulate: torch.dtype = torch.float32,
) -> Tensor:
    """Compute kernels.prefill_attention.prefill_attention in PyTorch."""
    return _attention(q, keys, values, q_starts, q_counts, k_starts, k_counts, True, window, accumulate)


def _attention(
    q: Tensor, keys: Tensor, values: Tensor, q_starts: Tensor, q_counts: Tensor, k_starts: Tensor, k_counts: Tensor,
    causal: bool, window: int, accumulate: torch.dtype,
) -> Tensor:  # fmt: skip
    out = torch.empty_like(q)
    group = q.shape[1] // keys.shape[1]
    ranges = (tensor.tolist() for tensor in (q_starts, q_counts, k_starts, k_counts))
    for q_start, q_count, k_start, k_count in zip(*ranges, strict=True):
        mine, seen = slice(q_start, q_start + q_count), slice(k_start, k_start + k_count)
        k, v = (x[seen].to(accumulate).repeat_interleave(group, dim=1) for x in (keys, values))
        scores = torch.einsum("qhd,khd->hqk", q[mine].to(accumulate), k)
        place = torch.arange(k_count - q_count, k_count, device=q.device)[:, None]
        key = torch.arange(k_count, device=q.device)
        if causal:
            scores = scores.masked_fill(key > place, float("-inf"))
        if window:
            scores = scores.masked_fill(key <= place - window, float("-inf"))
        out[mine] = torch.einsum("hqk,khd->qhd", scores.softmax(-1), v).to(q.dtype)
    return out


def route(scores: Tensor, per_expert_scale: Tensor, top: int, accumulate: torch.dtype = torch.float32) -> Routing:
    """Compute kernels.moe.route in PyTorch."""
    wide = scores.to(accumulate)
    index = wide.sort(dim=-1, descending=True, stable=True).indices[:, :top]
    weights = wide.gather(1, index).softmax(-1) * per_expert_scale.to(accumulate)[index]
    return Routing(index.int(), weights.float())


def group(index: Tensor, experts: int) -> Groups:
    """Compute kernels.moe.group in PyTorch."""
    pairs = index.numel()
    blocks = most_blocks(pairs, experts)
    laid, owners = [], []
    flat = index.flatten().long()
    for expert in range(experts):
        own = (flat == expert).nonzero()[:, 0].tolist()
        own += [pairs] * (-len(own) % ROWS)
        laid += own
        owners += [expert] * (len(own) // ROWS)
    laid += [pairs] * (blocks * ROWS - len(laid))
    owners += [experts] * (blocks - len(owners))
    return Groups(index.new_tensor(laid), index.new_tensor(owners))


def moe(x: Tensor, routing: Routing, gate_up: Weight, down: Weight, accumulate: torch.dtype = torch.float32) -> Tensor:
    """Compute kernels.moe.moe in PyTorch."""
    wide = x.to(accumulate)
    total = torch.zeros_like(wide)
    first, second = dequantize(gate_up, accumulate), dequantize(down, accumulate)
    for expert in range(gate_up.experts):
        token, choice = torch.where(routing.index == expert)
        gate, up = (wide[token] @ first[expert].T).chunk(2, dim=-1)
        answer = (F.gelu(gate, approximate="tanh") * up) @ second[expert].T
        total.index_add_(0, token, answer * routing.weights[token, choice, None].to(accumulate))
    return total.to(x.dtype)


def linear(x: Tensor, weight: Weight, accumulate: torch.dtype = torch.float32) -> Tensor:
    """Compute kernels.linear.linear in PyTorch."""
    return (x.to(accumulate) @ dequantize(weight, accumulate)[0].T).to(x.dtype)


def vocab_rows(
    logits: Tensor,
    cap: float,
    temperatures: Tensor,
    seeds: Tensor,
    steps: Tensor,
    accumulate: torch.dtype = torch.float32,
) -> VocabRows:
    """Compute kernels.vocab_rows.vocab_rows in PyTorch."""
    rows, width = logits.shape
    length = rows // len(seeds)
    z = (cap * torch.tanh(logits.to(accumulate) / cap)) / temperatures.to(accumulate)[:, None]
    log_sum = z.logsumexp(-1)
    entropy = (log_sum - (z.softmax(-1) * z).sum(-1)).clamp(min=0)
    argmax = (logits == logits.max(-1, keepdim=True).values).int().argmax(-1)
    # Gumbel-max over runs of columns, then the inverse of the cumulative sum inside the run that won.
    runs = F.pad(z, (0, -width % RUN), value=float("-inf")).view(rows, -1, RUN)
    row = torch.arange(rows, device=logits.device)
    place = torch.arange(runs.shape[1], device=logits.device)
    first, second = philox(
        seeds[row // length, None], place, (row % length)[:, None], steps[row // length, None].long(), SAMPLE
    )
    won = (runs.logsumexp(-1) - (-uniform(first).log()).log()).argmax(-1)
    weights = (runs[row, won] - runs[row, won].max(-1, keepdim=True).values).exp()
    target = uniform(second)[row, won].to(accumulate) * weights.sum(-1)
    passed = (weights.cumsum(-1) <= target[:, None]).sum(-1)
    last = (weights > 0).long().mul(torch.arange(RUN, device=logits.device)).max(-1).values
    return VocabRows(argmax.int(), (won * RUN + torch.minimum(passed, last)).int(), entropy.float(), log_sum.float())


def soft_embedding(
    logits: Tensor,
    cap: float,
    temperatures: Tensor,
    log_sum: Tensor,
    table: Tensor,
    scale: float,
    accumulate: torch.dtype = torch.float32,
) -> Tensor:
    """Compute kernels.soft_embedding.soft_embedding in PyTorch."""
    z = (cap * torch.tanh(logits.to(accumulate) / cap)) / temperatures.to(accumulate)[:, None]
    probabilities = (z - log_sum.to(accumulate)[:, None]).exp()
    return (probabilities @ table.to(accumulate) * scale).to(table.dtype)


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
    accumulate: torch.dtype = torch.float32,
) -> Advanced:
    """Compute kernels.accept_renoise.accept_renoise in PyTorch."""
    wide = entropy.to(accumulate)
    ordered, order = wide.sort(dim=-1, stable=True)
    chosen = ordered.cumsum(-1) - ordered <= limits.bounds[:, None]
    accepted = torch.zeros_like(chosen).scatter_(-1, order, chosen)
    place = torch.arange(argmax.shape[1], device=argmax.device)
    noise, _ = philox(seeds[:, None], place, torch.zeros_like(place), drawn[:, None].long(), RENOISE)
    fresh = (noise * vocabulary >> 32).int()
    same = argmax == shown
    after = torch.where(same.all(-1), unchanged + 1, torch.zeros_like(unchanged))
    mean = wide.mean(-1).float()
    stop = (after >= limits.stability) & (mean < limits.confidences) | (steps + 1 >= limits.max_steps)
    settled = accepted & same | stop[:, None]
    return Advanced(torch.where(accepted, sampled, fresh), accepted, settled, after, mean, stop)


def quantize(weight: Tensor, format: Format) -> Weight:
    """Compute kernels.quantize.quantize in PyTorch."""
    stacked = (weight if weight.dim() == 3 else weight[None]).float()
    if format is Format.FP8:
        most = stacked.abs().amax(-1)
        scales = torch.where(most > 0, most / FP8_MOST, torch.ones_like(most))
        return Weight(format, (stacked / scales[..., None]).to(torch.float8_e4m3fn), scales)
    groups = stacked.view(*stacked.shape[:2], -1, GROUP)
    least, most = groups.amin(-1).clamp(max=0), groups.amax(-1).clamp(min=0)
    scales = ((most - least) / 15).bfloat16()
    scales = torch.where(scales > 0, scales, torch.ones_like(scales))
    zeros = (-least / scales.float() + 0.5).floor().clamp(0, 15)
    codes = (groups / scales.float()[..., None] + zeros[..., None] + 0.5).floor().clamp(0, 15).to(torch.uint8)
    low, high = codes.chunk(2, dim=-1)
    data = (low | high << 4)[..., byte_order()]
    return Weight(format, data.flatten(2), scales, zeros.to(torch.uint8))


def dequantize(weight: Weight, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return [E, outputs, depth], the numbers that the kernels multiply with."""
    if weight.format is Format.PLAIN:
        return weight.data.to(dtype)
    assert weight.scales is not None
    if weight.format is Format.FP8:
        return weight.data.to(dtype) * weight.scales.to(dtype)[..., None]
    assert weight.zeros is not None
    packed = torch.empty_like(weight.data).view(*weight.data.shape[:2], -1, GROUP // 2)
    packed[..., byte_order()] = weight.data.view(packed.shape)
    codes = torch.cat([packed & 15, packed >> 4], dim=-1).to(dtype)
    return ((codes - weight.zeros[..., None].to(dtype)) * weight.scales[..., None].to(dtype)).flatten(2)


def philox(seed: Tensor, place: Tensor, row: Tensor, step: Tensor, purpose: int) -> tuple[Tensor, Tensor]:
    """Return the first two of Philox 4x32-10's four words, as int64 in [0, 2**32).

    Args:
        seed: int64, the key. All tensors are broadcast together.
        place: int64, the counter's first word.
        row: int64, its second word.
        step: int64, its third word.
        purpose: Its fourth word.
    """
    seed, a, b, c = torch.broadcast_tensors(seed, place, row, step)
    d = torch.full_like(a, purpose)
    first, second = seed & WORD, seed >> 32 & WORD
    for _ in range(10):
        above, below = _mul(c, PHILOX[1])
        over, under = _mul(a, PHILOX[0])
        a, b, c, d = above ^ b ^ first, below, over ^ d ^ second, under
        first, second = first + WEYL[0] & WORD, second + WEYL[1] & WORD
    return a, b


def _mul(a: Tensor, by: int) -> tuple[Tensor, Tensor]:
    """Return the high and low words of a * by, computed in signed 64 bits."""
    high = ((a >> 16) * by + ((a & 0xFFFF) * by >> 16)) >> 16
    return high, a * by & WORD


def uniform(x: Tensor) -> Tensor:
    """Convert words of 32 bits to fp32 in (0, 1), both ends excluded."""
    return (x >> 9).float() * 2.0**-23 + 2.0**-24
