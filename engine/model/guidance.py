"""Classifier-free guidance: a canvas is also predicted without its prompt, and the answer moves away from that one.

logits = unconditional + weight * (conditional - unconditional), as transformers' `guidance_scale` weighs them (Ho and
Salimans, arXiv 2207.12598, call it 1 + w; of language models Sanchez et al., arXiv 2306.17806). The logits meant are
those before the soft-cap, which then bounds what guidance makes of them. They are linear in the hidden states, so these
are what is mixed: the vocabulary is passed over once, whatever the weight.
"""

from torch import Tensor


def guided(conditional: Tensor, unconditional: Tensor, weight: float | Tensor) -> Tensor:
    """Hidden states of like shape -> the same, whose logits are the guided ones. Mixed in fp32, rounded once.

    weight: 1 gives exactly `conditional`, 0 `unconditional`; a tensor is broadcast.
    """
    return (weight * conditional.float() + (1 - weight) * unconditional.float()).to(conditional.dtype)
