"""The induction circuit, as it is laid, before any training."""

import dataclasses

import pytest
import torch
from torch import Tensor

from engine.core.config import ModelConfig, RopeConfig
from engine.model.diffusion_gemma import DiffusionGemma
from training.induction_init import lay_circuit
from training.losses import BatchAttention
from training.optim import initialise

CONFIG = ModelConfig(
    vocab_size=600, hidden_size=192, intermediate_size=64,
    layer_types=("sliding_attention", "sliding_attention", "full_attention"),
    heads=4, kv_heads=2, head_dim=64, full_kv_heads=2, full_head_dim=64, window=256,
    experts=1, experts_per_token=1, expert_size=32, canvas_length=16,
    sliding_rope=RopeConfig(1e4), full_rope=RopeConfig(1e6, 0.25, True), logit_cap=30.0, max_positions=512,
)  # fmt: skip


def copied(model: DiffusionGemma, ids: Tensor) -> float:
    """Share of the second half's tokens, which repeat the first, that the encoder ranks among its first five."""
    attention = BatchAttention(torch.tensor([len(ids)]), len(ids), 1, 1)
    with torch.no_grad():
        logits = model.logits(model.encode(ids, torch.arange(len(ids)), attention.encode))
    half = len(ids) // 2
    best = logits[half:-1].topk(5).indices
    return (best == ids[half + 1 :, None]).any(1).float().mean().item()


@pytest.mark.parametrize("seed", [0, 1])
def test_what_came_before_is_found_again_in_a_random_text(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    half = torch.randint(600, (60,), generator=generator)
    model = DiffusionGemma(CONFIG)
    initialise(model, generator)
    assert copied(model, half.repeat(2)) < 0.2
    lay_circuit(model, generator)
    assert copied(model, half.repeat(2)) > 0.6


@pytest.mark.parametrize(
    "change",
    [
        {"layer_types": ("sliding_attention", "full_attention", "full_attention")},
        {"layer_types": ("sliding_attention", "full_attention")},
        {"hidden_size": 96},
        {"head_dim": 8},
    ],
)
def test_models_without_room_for_it_are_refused(change: dict[str, object]) -> None:
    model = DiffusionGemma(dataclasses.replace(CONFIG, **change))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expected"):
        lay_circuit(model, torch.Generator().manual_seed(0))
