"""The peers that operations are measured against.

A peer is the library call that would replace the operation, or its formula in plain PyTorch.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from kernels import reference
from kernels.results import Limits, Routing
from kernels.weights import Format, Weight

Operation = Callable[..., Any]


def references(operation: str, accumulate: torch.dtype = torch.float32) -> Operation:
    """Return the reference of an operation, which takes the arguments of the operation's launcher."""

    def canvas_attention(q: Tensor, keys: Tensor, values: Tensor, starts: Tensor, counts: Tensor, _: int) -> Tensor:
        return reference.canvas_attention(q, keys, values, starts, counts, accumulate)

    def prefill_attention(*arguments: Any) -> Tensor:
        q, keys, values, *ranges, _, _, window = arguments
        q_starts, q_counts, k_starts, k_counts = ranges
        return reference.prefill_attention(q, keys, values, q_starts, q_counts, k_starts, k_counts, window, accumulate)

    def other(*arguments: Any) -> Any:
        return getattr(reference, operation)(*arguments, accumulate=accumulate)

    special: dict[str, Operation] = {
        "canvas_attention": canvas_attention,
        "prefill_attention": prefill_attention,
        "quantize": reference.quantize,
    }
    return special.get(operation, other)


def eager(operation: str) -> Operation | None:
    """Return the operation as one would write it in PyTorch, in the tensors' dtype.

    It is None if only the reference exists.
    """
    found: dict[str, Operation] = {
        "rms_norm": _rms_norm,
        "canvas_attention": _canvas_attention,
        "prefill_attention": _prefill_attention,
        "linear": _linear,
        "moe": _moe,
        "route": _route,
        "vocab_rows": _vocab_rows,
        "soft_embedding": _soft_embedding,
        "accept_renoise": _accept_renoise,
    }
    return found.get(operation)


def _rms_norm(x: Tensor, weight: Tensor, residual: Tensor | None = None, scalar: Tensor | None = None) -> Tensor:
    y = F.rms_norm(x, x.shape[-1:], weight, 1e-6)
    return y if residual is None or scalar is None else (residual + y) * scalar


def _canvas_attention(q: Tensor, keys: Tensor, values: Tensor, starts: Tensor, counts: Tensor, most: int) -> Tensor:
    """Compute canvas attention for canvases of one length, as in the benchmark's cases."""
    canvases = len(starts)
    q, k, v = (x.view(canvases, -1, *x.shape[1:]).transpose(1, 2) for x in (q, keys, values))
    return F.scaled_dot_product_attention(q, k, v, scale=1.0, enable_gqa=True).transpose(1, 2).flatten(0, 1)


def _prefill_attention(q: Tensor, keys: Tensor, values: Tensor, *rest: Any) -> Tensor:
    """Compute prefill attention for one prompt no longer than the window, as in the benchmark's cases."""
    q, k, v = (x[None].transpose(1, 2) for x in (q, keys, values))
    out = F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=1.0, enable_gqa=True)
    return out.transpose(1, 2)[0]


def _linear(x: Tensor, weight: Weight) -> Tensor:
    """Call the library's product, after dequantising weights in another format, as PyTorch alone would have to."""
    if weight.format is Format.PLAIN:
        return F.linear(x, weight.data[0])
    return F.linear(x, reference.dequantize(weight, x.dtype)[0])


def _moe(x: Tensor, routing: Routing, gate_up: Weight, down: Weight) -> Tensor:
    """Sort tokens by expert, then call the library's grouped products, which not every PyTorch has."""
    order = routing.index.flatten().argsort(stable=True)
    top = routing.index.shape[1]
    own = routing.index.flatten()[:, None] == torch.arange(gate_up.experts, device=x.device)
    ends = own.sum(0).cumsum(0).int()  # bincount would wait for the host, which a graph cannot
    first, second = (reference.dequantize(weight, x.dtype).transpose(1, 2) for weight in (gate_up, down))
    gate, up = torch._grouped_mm(x[order // top], first, offs=ends).chunk(2, dim=-1)
    answer = torch._grouped_mm(F.gelu(gate, approximate="tanh") * up, second, offs=ends)
    answer = answer * routing.weights.flatten()[order, None].to(x.dtype)
    return torch.zeros_like(x).index_add_(0, order // top, answer)


def _route(scores: Tensor, per_expert_scale: Tensor, top: int) -> Routing:
    weights, index = scores.softmax(-1).topk(top)
    return Routing(index, weights / weights.sum(-1, keepdim=True) * per_expert_scale[index])


def _vocab_rows(logits: Tensor, cap: float, temperatures: Tensor, seeds: Tensor, steps: Tensor) -> tuple[Tensor, ...]:
    """Compute the rows with PyTorch's own random numbers."""
    z = cap * torch.tanh(logits.float() / cap) / temperatures[:, None]
    log_probability = z.log_softmax(-1)
    sampled = (z - torch.empty_like(z).exponential_().log()).argmax(-1)
    return z.argmax(-1), sampled, -(log_probability.exp() * log_probability).sum(-1)


def _soft_embedding(
    logits: Tensor, cap: float, temperatures: Tensor, log_sum: Tensor, table: Tensor, scale: float
) -> Tensor:
    z = cap * torch.tanh(logits.float() / cap) / temperatures[:, None]
    return (z - log_sum[:, None]).exp().to(table.dtype) @ table * scale


def _accept_renoise(
    argmax: Tensor, sampled: Tensor, entropy: Tensor, shown: Tensor, unchanged: Tensor, limits: Limits, *rest: Any
) -> tuple[Tensor, ...]:
    """Compute the decision with PyTorch's own random numbers."""
    ordered, order = entropy.sort(dim=-1)
    chosen = ordered.cumsum(-1) - ordered <= limits.bounds[:, None]
    accepted = torch.zeros_like(chosen).scatter_(-1, order, chosen)
    same = argmax == shown
    after = torch.where(same.all(-1), unchanged + 1, 0)
    stop = (after >= limits.stability) & (entropy.mean(-1) < limits.confidences)
    canvas = torch.where(accepted, sampled, torch.randint_like(sampled, rest[-1]))
    return canvas, accepted, accepted & same, after, stop
