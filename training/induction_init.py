"""Initial weights that already copy: an induction circuit in the first two layers.

A page repeats what its prompt says. So the first skill that a model needs is induction (Olsson et al., 2022): to find
in the prompt the token that it has just written, and to write the one that followed it there. Random weights learn this
circuit late. After the first thousand steps of a small run they still spent 6 nats on a word that was in the prompt. A
run that began with the circuit spent 1.2 after two hundred steps (docs/log.md). All of it is ordinary weights, which
training may change.

Let d be the head size. Embeddings leave the last d dimensions of the hidden state, the *margin*, empty. They hold a
constant in dimension 0, from which heads can make queries and keys that depend on position alone. Head 0 of layer 0
attends one position back and writes a projection of that token into the margin. In layer 1, the first head of each
group that shares its keys does the rest. Its key is the margin, so it identifies the token *before*. Its query is the
token itself, so it finds what followed that token elsewhere. Its value is the embedding.

The canvas decoder, which predicts tokens in place, learns from there. Heads that were laid out for it as well were no
better after 150 steps.
"""

import torch
from torch import Tensor, nn

from engine.model.diffusion_gemma import DiffusionGemma

EMBEDDING = 0.0625
"""Standard deviation of embeddings: with the embedding scale it is about 1 a dimension, as large as a norm's output."""
QK_NORM = 0.5
"""Weights of query and key norms.

Attention logits reach head size / 4 with them. The spread of random ones grows only with the root of the head size.
"""
POST_NORM = 0.25
"""Weights of the norms after attention and MLPs: twelve sublayers together then weigh as much as the embedding."""
POST_NORM_OF_CIRCUIT = 0.5
CONSTANT = 3 * EMBEDDING
TURNING = 5
"""Pairs of fast rotary dimensions with which a head distinguishes distances."""
SLOW_FROM = 0.6
"""Share of the rotary pairs, the fast ones, that cannot compare tokens a few hundred positions apart."""


@torch.no_grad()
def lay_circuit(model: DiffusionGemma, generator: torch.Generator) -> None:
    """Change freshly initialised weights so that the encoder copies from its context.

    Args:
        model: The model.
        generator: Source of random numbers.

    Raises:
        ValueError: The first two layers are not sliding ones with own values, a head has fewer than 16 dimensions, or
            the hidden size leaves no room for a margin.
    """
    config = model.config
    size, margin = config.head_dim, config.hidden_size - config.head_dim
    group = config.heads // config.kv_heads
    if not (config.layers > 2 and config.is_sliding(0) and config.is_sliding(1)):
        raise ValueError("expected three layers or more, of which the first two are sliding")
    if size < 16 or margin < size:
        raise ValueError(
            f"expected heads of 16 dimensions or more and a hidden size of twice that, "
            f"got {size} and {config.hidden_size}"
        )
    _scale(model)
    nn.init.normal_(model.embed_tokens.weight, std=EMBEDDING, generator=generator)
    model.embed_tokens.weight[:, margin:] = 0
    model.embed_tokens.weight[:, 0] = CONSTANT
    written = torch.zeros(size, config.hidden_size)
    written[:, 1:margin] = _orthogonal(size, margin - 1, generator)
    _look_back(model, written)
    for key_head in range(config.kv_heads):
        _match(model, key_head, group, written, generator)


def _scale(model: DiffusionGemma) -> None:
    for name, parameter in model.named_parameters():
        if name.endswith(("q_norm.weight", "k_norm.weight")):
            parameter.fill_(QK_NORM)
        if name.endswith(("post_attention_layernorm.weight", "post_feedforward_layernorm.weight")):
            parameter.fill_(POST_NORM)
    for layer in (0, 1):
        model.get_parameter(f"layers.{layer}.post_attention_layernorm.weight").fill_(POST_NORM_OF_CIRCUIT)


def _look_back(model: DiffusionGemma, written: Tensor) -> None:
    """Let head 0 of layer 0 attend one position back, and put `written` [d, hidden] times that token in the margin."""
    q, k, v, o = _projections(model, 0)
    size, margin = written.shape[0], written.shape[1] - written.shape[0]
    angle = model.sliding_frequencies[:TURNING]
    q[:size], k[:size] = 0, 0
    q[:TURNING, 0] = 1  # rotated by m * angle, it equals the key's n * angle + angle at m = n + 1
    k[:TURNING, 0], k[size // 2 : size // 2 + TURNING, 0] = angle.cos(), angle.sin()
    v[:size] = written
    o[:, :size], o[margin:, size:] = 0, 0
    o[margin:, :size] = torch.eye(size)


def _match(model: DiffusionGemma, key_head: int, group: int, written: Tensor, generator: torch.Generator) -> None:
    """Let the first head of one group in layer 1 find tokens that follow the same token, and copy a part of them."""
    q, k, v, o = _projections(model, 1)
    size, margin = written.shape[0], written.shape[1] - written.shape[0]
    half = size // 2
    slow = torch.arange(int(half * SLOW_FROM) + 1, half)
    slow = torch.cat([slow, slow + half])
    compared = _orthogonal(len(slow), size, generator)
    own = slice(key_head * size, (key_head + 1) * size)
    k[own], v[own] = 0, 0
    k[own][slow, margin:] = compared
    head = slice(key_head * group * size, (key_head * group + 1) * size)
    q[head] = 0
    q[head][slow] = compared @ written
    copied = torch.arange(own.start, min(own.stop, margin))
    v[own][copied - own.start, copied] = 1
    o[:, head] = v[own].T


def _projections(model: DiffusionGemma, layer: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the weights of q, k, v [heads * d, hidden] and o [hidden, heads * d]."""
    path = f"layers.{layer}.self_attn"
    q, k, v, o = (model.get_parameter(f"{path}.{name}_proj.weight") for name in "qkvo")
    return q, k, v, o


def _orthogonal(rows: int, columns: int, generator: torch.Generator) -> Tensor:
    return nn.init.orthogonal_(torch.empty(rows, columns), generator=generator)
