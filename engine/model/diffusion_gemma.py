"""DiffusionGemma's text model in plain PyTorch, from the embedding to the logits.

One set of weights serves as causal encoder (for the prompt and committed canvases) and as bidirectional decoder (for
the canvas). The model works on packed tokens, [T, hidden] without a batch axis: the rows of different requests follow
one another. The callback `attend` decides which rows see which keys, and owns cache and masks. For each layer the model
hands it normed and rotated queries and keys, and values.

Structure and parameter names follow transformers' DiffusionGemmaForBlockDiffusion (model.decoder.*).
tests/unit/engine/test_parity.py compares the model with that reference.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.core.config import ModelConfig, RopeConfig
from engine.model import ops

Attend = Callable[[int, Tensor, Tensor, Tensor], Tensor]
"""(layer, q [T, heads, d], k [T, kv_heads, d], v [T, kv_heads, d]) -> [T, heads, d]. The softmax scale is 1."""

Rotation = tuple[Tensor, Tensor]
"""The cosines and sines of a rotary embedding, each [T, 1, head size]."""


class RMSNorm(nn.Module):
    """x / rms(x) * weight over the last axis, computed in fp32."""

    def __init__(self, size: int, eps: float, scaled: bool = True) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(size)) if scaled else None

    def forward(self, x: Tensor) -> Tensor:
        """Return the normed `x` in its own dtype."""
        return ops.rms_norm(x, self.weight, self.eps)


class GatedMLP(nn.Module):
    """down(gelu(gate(x)) * up(x))."""

    def __init__(self, hidden: int, inner: int) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(hidden, inner, bias=False)
        self.up_proj = nn.Linear(hidden, inner, bias=False)
        self.down_proj = nn.Linear(inner, hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the MLP to x [T, hidden]."""
        out: Tensor = self.down_proj(ops.gelu(self.gate_proj(x)) * self.up_proj(x))
        return out


class Attention(nn.Module):
    """The projections, norms and rotary embedding of one layer.

    Full layers use the raw keys as values, unless the config says otherwise.
    """

    def __init__(self, config: ModelConfig, layer: int) -> None:
        super().__init__()
        self.layer, self.heads = layer, config.heads
        self.kv_heads, self.head_dim = config.kv_shape(layer)
        self.q_proj = nn.Linear(config.hidden_size, self.heads * self.head_dim, bias=False)
        self.k_proj = nn.Linear(config.hidden_size, self.kv_heads * self.head_dim, bias=False)
        own_values = config.has_own_values(layer)
        self.v_proj = nn.Linear(config.hidden_size, self.kv_heads * self.head_dim, bias=False) if own_values else None
        self.o_proj = nn.Linear(self.heads * self.head_dim, config.hidden_size, bias=False)
        self.q_norm = RMSNorm(self.head_dim, config.norm_eps)
        self.k_norm = RMSNorm(self.head_dim, config.norm_eps)
        normed = RMSNorm(self.head_dim, config.norm_eps, scaled=False)
        self.v_norm: nn.Module = normed if config.value_norm else nn.Identity()

    def forward(self, x: Tensor, rotation: Rotation, attend: Attend) -> Tensor:
        """Return the attention's output [T, hidden] for x [T, hidden]."""
        q = self.q_proj(x).view(-1, self.heads, self.head_dim)
        k = self.k_proj(x).view(-1, self.kv_heads, self.head_dim)
        v = k if self.v_proj is None else self.v_proj(x).view(-1, self.kv_heads, self.head_dim)
        q, k, v = rotate(self.q_norm(q), rotation), rotate(self.k_norm(k), rotation), self.v_norm(v)
        out: Tensor = self.o_proj(attend(self.layer, q, k, v).reshape(-1, self.heads * self.head_dim))
        return out


class Router(nn.Module):
    """Chooses the top-k experts and their weights from the raw residual."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.top_k = config.experts_per_token
        self.norm = RMSNorm(config.hidden_size, config.norm_eps, scaled=False)
        self.proj = nn.Linear(config.hidden_size, config.experts, bias=False)
        self.scale = nn.Parameter(torch.ones(config.hidden_size))
        self.per_expert_scale = nn.Parameter(torch.ones(config.experts))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return weights [T, k] and expert indices [T, k] for x [T, hidden]."""
        if self.per_expert_scale.shape[0] == 1:  # a dense model, where the softmax over one expert is 1
            only = torch.zeros(1, 1, dtype=torch.int64, device=x.device)
            return self.per_expert_scale.expand(x.shape[0], 1), only.expand(x.shape[0], 1)
        scores = self.proj(self.norm(x) * self.scale * self.scale.shape[0] ** -0.5)
        weights, index = torch.topk(scores.softmax(-1, dtype=torch.float32), self.top_k)
        weights = weights / weights.sum(-1, keepdim=True)
        return weights * self.per_expert_scale[index], index


class Experts(nn.Module):
    """The gated MLPs of all experts as stacked tensors.

    Attributes:
        gate_up_proj: [E, 2 inner, hidden], gate above up.
        down_proj: [E, hidden, inner].
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.gate_up_proj = nn.Parameter(torch.empty(config.experts, 2 * config.expert_size, config.hidden_size))
        self.down_proj = nn.Parameter(torch.empty(config.experts, config.hidden_size, config.expert_size))

    def expert(self, index: int, x: Tensor) -> Tensor:
        """Apply the MLP of one expert to the rows of `x`."""
        gate, up = F.linear(x, self.gate_up_proj[index]).chunk(2, dim=-1)
        return F.linear(ops.gelu(gate) * up, self.down_proj[index])

    def forward(self, x: Tensor, weights: Tensor, index: Tensor) -> Tensor:
        """Return the weighted sum [T, hidden] of each row's experts.

        Args:
            x: [T, hidden], the input.
            weights: [T, k], the weights of each row's experts.
            index: [T, k], the indices of each row's experts.
        """
        if self.gate_up_proj.shape[0] == 1:  # a dense model: every token goes to the one expert, no gathering
            return (self.expert(0, x) * weights).to(x.dtype)
        out = torch.zeros_like(x)
        for hit in sorted(set(index.flatten().tolist())):
            token, slot = torch.where(index == hit)
            part = self.expert(hit, x[token]) * weights[token, slot, None]
            out.index_add_(0, token, part.to(out.dtype))
        return out


class Layer(nn.Module):
    """Attention, followed by a dense MLP and a mixture of experts side by side, each between norms."""

    layer_scalar: Tensor
    encoder_scalar: Tensor

    def __init__(self, config: ModelConfig, layer: int) -> None:
        super().__init__()
        self.input_layernorm = RMSNorm(config.hidden_size, config.norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, config.norm_eps)
        self.pre_feedforward_layernorm = RMSNorm(config.hidden_size, config.norm_eps)
        self.post_feedforward_layernorm = RMSNorm(config.hidden_size, config.norm_eps)
        self.post_feedforward_layernorm_1 = RMSNorm(config.hidden_size, config.norm_eps)
        self.post_feedforward_layernorm_2 = RMSNorm(config.hidden_size, config.norm_eps)
        self.pre_feedforward_layernorm_2 = RMSNorm(config.hidden_size, config.norm_eps)
        self.self_attn = Attention(config, layer)
        self.mlp = GatedMLP(config.hidden_size, config.intermediate_size)
        self.router = Router(config)
        self.experts = Experts(config)
        self.register_buffer("layer_scalar", torch.ones(1))
        self.register_buffer("encoder_scalar", torch.ones(1))

    def forward(self, x: Tensor, rotation: Rotation, attend: Attend, scalar: Tensor) -> Tensor:
        """Return the layer's output [T, hidden], multiplied by `scalar`, which differs between encoder and decoder."""
        x = x + self.post_attention_layernorm(self.self_attn(self.input_layernorm(x), rotation, attend))
        dense = self.post_feedforward_layernorm_1(self.mlp(self.pre_feedforward_layernorm(x)))
        mixture = self.experts(self.pre_feedforward_layernorm_2(x), *self.router(x))
        x = x + self.post_feedforward_layernorm(dense + self.post_feedforward_layernorm_2(mixture))
        return x * scalar


class SelfConditioning(GatedMLP):
    """Adds the last step's prediction, as a soft embedding, to the canvas embedding."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config.hidden_size, config.intermediate_size)
        self.pre_norm = RMSNorm(config.hidden_size, config.norm_eps)
        self.post_norm = RMSNorm(config.hidden_size, config.norm_eps, scaled=False)

    def condition(self, embedded: Tensor, soft: Tensor | None) -> Tensor:
        """Return the decoder's input [T, hidden].

        Args:
            embedded: [T, hidden], the embedded canvas.
            soft: [T, hidden], the soft embedding, or None in a first step, when the signal is exactly zero.
        """
        out: Tensor = self.post_norm(embedded if soft is None else embedded + self(self.pre_norm(soft)))
        return out


class DiffusionGemma(nn.Module):
    """The whole text model. Token ids and positions are int64 [T]; hidden states are [T, hidden]."""

    sliding_frequencies: Tensor
    full_frequencies: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        empty = torch.empty(config.vocab_size, config.hidden_size)  # like all weights, loaded later or set by training
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size, _weight=empty)
        self.layers = nn.ModuleList(Layer(config, i) for i in range(config.layers))
        self.norm = RMSNorm(config.hidden_size, config.norm_eps)
        self.self_conditioning = SelfConditioning(config)
        self.register_buffer("sliding_frequencies", frequencies(config.sliding_rope, config.head_dim), persistent=False)
        self.register_buffer("full_frequencies", frequencies(config.full_rope, config.full_head_dim), persistent=False)

    def embed(self, ids: Tensor) -> Tensor:
        """Return the scaled embeddings [T, hidden] of token ids."""
        embedded: Tensor = self.embed_tokens(ids)
        return embedded * self._embed_scale()

    def encode(self, ids: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        """Run the causal encoder over a prompt or committed canvases; return [T, hidden].

        `attend` stores the keys and values.
        """
        return self._run(self.embed(ids), positions, attend, encoder=True)

    def decode(self, ids: Tensor, positions: Tensor, soft: Tensor | None, attend: Attend) -> Tensor:
        """Run the bidirectional decoder over canvases; return [T, hidden].

        Args:
            ids: int64 [T], the canvases.
            positions: int64 [T], the tokens' positions in their texts.
            soft: [T, hidden], the soft embedding of the last step's prediction, or None in a first step.
            attend: The attention callback.
        """
        return self._run(self.self_conditioning.condition(self.embed(ids), soft), positions, attend, encoder=False)

    def logits(self, hidden: Tensor) -> Tensor:
        """Return soft-capped fp32 logits [T, vocab] for hidden states [T, hidden]."""
        logits = F.linear(hidden, self.embed_tokens.weight)
        return ops.soft_cap(logits, self.config.logit_cap) if self.config.logit_cap else logits.float()

    def soft_embedding(self, probabilities: Tensor) -> Tensor:
        """Return the expected embedding [T, hidden] under probabilities [T, vocab]."""
        weight = self.embed_tokens.weight
        return probabilities.to(weight.dtype) @ weight * self._embed_scale()

    def _embed_scale(self) -> Tensor:
        # It is rounded to the weights' dtype, as in the reference: in bf16 sqrt(2816) becomes 53.0.
        return torch.tensor(self.config.hidden_size**0.5, dtype=self.embed_tokens.weight.dtype)

    def _run(self, x: Tensor, positions: Tensor, attend: Attend, encoder: bool) -> Tensor:
        sliding = rotation(self.sliding_frequencies, positions, x.dtype)
        full = rotation(self.full_frequencies, positions, x.dtype)
        for i, layer in enumerate(self.layers):
            scalar = layer.encoder_scalar if encoder else layer.layer_scalar
            x = layer(x, sliding if self.config.is_sliding(i) else full, attend, scalar)
        out: Tensor = self.norm(x)
        return out


def frequencies(rope: RopeConfig, head_dim: int) -> Tensor:
    """Return inverse frequencies, fp32 [head_dim / 2], on the CPU.

    Dimensions of a proportional embedding that are not rotated have frequency zero. The tensor lies on the CPU even if
    the model is built on torch's meta device, since no checkpoint stores it.
    """
    turning = int(rope.partial * head_dim // 2)
    base = head_dim if rope.proportional else 2 * turning
    turned = 1.0 / rope.theta ** (torch.arange(0, 2 * turning, 2, dtype=torch.float32, device="cpu") / base)
    return torch.cat([turned, torch.zeros(head_dim // 2 - turning, device="cpu")])


def rotation(inverse: Tensor, positions: Tensor, dtype: torch.dtype) -> Rotation:
    """Return cosines and sines for positions [T], each [T, 1, head_dim], computed in fp32."""
    angles = positions.float()[:, None] * inverse
    angles = torch.cat([angles, angles], dim=-1)[:, None]
    return angles.cos().to(dtype), angles.sin().to(dtype)


def rotate(x: Tensor, by: Rotation) -> Tensor:
    """Apply the rotary embedding to x [T, heads, head_dim], pairing dimensions of each head's two halves."""
    cos, sin = by
    low, high = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-high, low], dim=-1) * sin
