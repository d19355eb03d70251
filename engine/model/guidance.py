"""Classifier-free guidance: a canvas is also predicted without its prompt, and the result moves away from that.

logits = unconditional + weight * (conditional - unconditional), as transformers' `guidance_scale` weighs them. Ho and
Salimans (arXiv 2207.12598) call this weight 1 + w; Sanchez et al. (arXiv 2306.17806) apply it to language models. These
are the logits before the soft-cap, which then bounds the guided ones. They are linear in the hidden states, so the
hidden states are mixed instead. One pass over the vocabulary is then enough for any weight.
"""

from torch import Tensor


def guided(conditional: Tensor, unconditional: Tensor, weight: float | Tensor) -> Tensor:
    """Mix hidden states so that their logits are the guided ones, in fp32 with one rounding at the end.

    Args:
        conditional: Hidden states with the prompt.
        unconditional: Hidden states without the prompt, of the same shape.
        weight: The guidance weight: 1 gives exactly `conditional`, 0 `unconditional`. A tensor is broadcast.

    Returns:
        The mixed states, in the shape and dtype of `conditional`.
    """
    return (weight * conditional.float() + (1 - weight) * unconditional.float()).to(conditional.dtype)
