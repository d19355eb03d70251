import math
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
import torch
import torch.nn.functional as F

from engine.core.config import ModelConfig, RopeConfig
from engine.model.attention import decode_attend, encode_attend
from engine.model.diffusion_gemma import DiffusionGemma
from engine.model.kv_cache import PrefixCache
from training.losses import (
    IGNORE,
    BatchAttention,
    Noised,
    Rollout,
    add_noise,
    losses,
    next_tokens,
    sweep,
    weighted_cross_entropy,
)
from training.optim import initialise

CANVAS = 8
CONFIG = ModelConfig(
    vocab_size=50, hidden_size=32, intermediate_size=48, layer_types=("sliding_attention", "full_attention"),
    heads=4, kv_heads=2, head_dim=8, full_kv_heads=1, full_head_dim=16, window=64, experts=1, experts_per_token=1,
    expert_size=24, canvas_length=CANVAS, sliding_rope=RopeConfig(1e4), full_rope=RopeConfig(1e6, 0.25, True),
    logit_cap=30.0,
)  # fmt: skip


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def model() -> DiffusionGemma:
    model = DiffusionGemma(CONFIG)
    initialise(model, generator())
    return model


def test_training_computes_what_serving_computes(model: DiffusionGemma) -> None:
    """Canvas logits of a padded training batch equal those of the engine's ragged cache, example by example."""
    ids = torch.randint(50, (2, 12), generator=generator(1))
    canvas = torch.randint(50, (2, CANVAS), generator=generator(2))
    start = torch.tensor([12, 5])
    attention = BatchAttention(start, 12, CANVAS, 2)
    model.encode(ids.flatten(), torch.arange(12).repeat(2), attention.encode)
    positions = (start[:, None] + torch.arange(CANVAS)).flatten()
    trained = model.decode(canvas.flatten(), positions, None, lambda *x: attention.decode(*x, 2)).view(2, CANVAS, -1)
    for row, length in enumerate(start.tolist()):
        cache = PrefixCache(CONFIG, model.embed_tokens.weight.detach(), 32)
        with torch.no_grad():
            model.encode(ids[row, :length], torch.arange(length), encode_attend([cache], [length]))
            cache.commit(length)
            served = model.decode(canvas[row], length + torch.arange(CANVAS), None, decode_attend([cache], CANVAS))
        torch.testing.assert_close(trained[row], served, rtol=1e-4, atol=1e-5)


def test_next_tokens_are_the_page_and_its_eos() -> None:
    ids = torch.tensor([[9, 9, 4, 5, 1, 0, 0], [9, 6, 7, 8, 3, 2, 1]])
    at, targets = next_tokens(ids, torch.tensor([2, 1]), torch.tensor([2, 5]), 12, generator())
    found = sorted((int(a), int(t)) for a, t in zip(at, targets, strict=True) if t != IGNORE)
    assert found == [(1, 4), (2, 5), (3, 1), (7, 6), (8, 7), (9, 8), (10, 3), (11, 2), (12, 1)]
    assert at.shape == targets.shape == (12,)


def test_next_tokens_keep_to_the_count() -> None:
    ids = torch.arange(20).view(1, 20)
    at, targets = next_tokens(ids, torch.tensor([4]), torch.tensor([10]), 6, generator())
    assert torch.equal(ids[0, at] + 1, targets)
    assert len(set(at.tolist())) == 6


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_noise_replaces_the_share_asked_for(level: float) -> None:
    clean = torch.full((4, 4000), 999)
    noisy = add_noise(clean, torch.full((4,), level), 900, generator())
    assert (noisy != clean).float().mean().item() == pytest.approx(level, abs=0.03)


def noised(conditioned: int, level: float = 0.5) -> Noised:
    ids = torch.randint(50, (4, 12), generator=generator(3))
    at, targets = next_tokens(ids, torch.full((4,), 3), torch.full((4,), 8), 24, generator())
    clean = torch.randint(50, (4, CANVAS), generator=generator(4))
    levels = torch.full((4,), level)
    return Noised(
        ids, at, targets, torch.full((4,), 3), clean, add_noise(clean, levels, 50, generator()), levels, conditioned
    )


def test_gradients_flow_from_the_canvas_into_the_encoder_and_not_through_self_conditioning(
    model: DiffusionGemma,
) -> None:
    canvas_loss, next_loss = losses(model, noised(2))
    assert torch.isfinite(canvas_loss)
    assert torch.isfinite(next_loss)
    (gradient,) = torch.autograd.grad(canvas_loss, model.layers[0].self_attn.k_proj.weight, retain_graph=True)
    assert gradient.abs().sum() > 0
    assert all(p.grad is None for p in model.parameters())


def test_only_the_first_examples_are_conditioned(model: DiffusionGemma) -> None:
    none, _ = losses(model, noised(0))
    half, _ = losses(model, noised(2))
    assert none.item() != half.item()


def test_draws_share_an_encoder_pass(model: DiffusionGemma) -> None:
    """The loss of two draws of noise over one pass lies between those of each with a pass of its own."""
    first, second = noised(0, 0.3), noised(0, 0.9)
    rows = {
        name: torch.cat([getattr(first, name), getattr(second, name)]) for name in ("start", "clean", "noisy", "level")
    }
    both = losses(model, replace(first, **rows))[0].item()
    alone = sorted(losses(model, batch)[0].item() for batch in (first, second))
    assert alone[0] < both < alone[1]


def test_rows_nobody_can_predict_weigh_less() -> None:
    certain, open_ = torch.tensor([9.0, 0.0, 0.0, 0.0]), torch.zeros(4)
    target = torch.tensor([0, 0])
    both = weighted_cross_entropy(torch.stack([certain, open_]), target).item()
    alone = [weighted_cross_entropy(row[None], target[:1]).item() for row in (certain, open_)]
    weight = 1 / (1 + math.log(4))
    entropy = torch.distributions.Categorical(logits=certain).entropy().item()
    expected = (alone[0] / (1 + entropy) + alone[1] * weight) / (1 / (1 + entropy) + weight)
    assert alone == pytest.approx([F.cross_entropy(certain, torch.tensor(0)).item(), math.log(4)])
    assert both == pytest.approx(expected)


def test_the_best_prediction_under_the_weights_is_the_true_distribution() -> None:
    """Of 300 draws with odds 2 : 1, over one row that sees the same each time."""
    logits = torch.zeros(2, requires_grad=True)
    targets = torch.tensor([0, 0, 1]).repeat(100)
    optimizer = torch.optim.Adam([logits], lr=0.05)
    for _ in range(300):
        optimizer.zero_grad()
        weighted_cross_entropy(logits.expand(300, 2), targets).backward()
        optimizer.step()
    assert logits.softmax(0).tolist() == pytest.approx([2 / 3, 1 / 3], abs=0.01)


def test_a_swept_canvas_is_noise_from_its_edge_on() -> None:
    clean = torch.full((3, 400), 999)
    edge, slips = torch.tensor([0, 200, 400]), torch.tensor([0.0, 0.0, 0.25])
    swept = sweep(clean, edge, slips, 900, generator())
    assert (swept[0] != 999).all()
    assert (swept[1, :200] == 999).all()
    assert (swept[1, 200:] != 999).all()
    assert (swept[2] != 999).float().mean().item() == pytest.approx(0.25, abs=0.06)


def rollout(steps: int, bound: float) -> Rollout:
    fresh = torch.randint(50, (steps, 4, CANVAS), generator=generator(9))
    return Rollout(torch.full((4,), bound), fresh, torch.full((steps, 4 * CANVAS), 0.5))


def seen_by(model: DiffusionGemma, batch: Noised) -> list[torch.Tensor]:
    """The canvases that the decoder sees, pass after pass."""
    seen: list[torch.Tensor] = []
    decode = model.decode

    def watch(ids: torch.Tensor, *rest: Any) -> torch.Tensor:
        seen.append(ids.view(-1, CANVAS))
        return decode(ids, *rest)

    with mock.patch.object(model, "decode", watch):
        losses(model, batch)
    return seen


def test_in_a_rollout_the_decoder_sees_what_it_sampled_itself(model: DiffusionGemma) -> None:
    """A bound that accepts all gives what was sampled, the least bound noise but for a token."""
    batch = noised(4, 0.7)
    all_taken = seen_by(model, replace(batch, rollout=rollout(1, 1e9)))
    one_taken = seen_by(model, replace(batch, rollout=rollout(1, 0.0)))
    fresh = rollout(1, 0.0).fresh[0]
    assert torch.equal(all_taken[0], batch.noisy)
    assert torch.equal(one_taken[0], batch.noisy)
    assert ((one_taken[1] == fresh).sum(1) >= CANVAS - 1).all()
    assert not torch.equal(all_taken[1], batch.noisy)
    assert ((one_taken[1] != fresh) <= (one_taken[1] == all_taken[1])).all(), "what is accepted is what was sampled"


def test_a_rollout_has_as_many_passes_as_steps_and_leaves_other_canvases_alone(model: DiffusionGemma) -> None:
    batch, four = noised(2, 0.7), rollout(3, 1e9)
    two = Rollout(four.bound[:2], four.fresh[:, :2], four.uniforms[:, : 2 * CANVAS])
    seen = seen_by(model, replace(batch, rollout=two))
    assert [len(canvases) for canvases in seen] == [2, 2, 2, 4]
    assert torch.equal(seen[-1][2:], batch.noisy[2:])
    assert not torch.equal(seen[-1][:2], batch.noisy[:2])
