import copy

import pytest
import torch

from engine.model.diffusion_gemma import DiffusionGemma
from tests.unit.training.test_losses import CONFIG, generator, noised
from training.losses import losses
from training.optim import Optimizer, Rates, initialise, orthogonalise, schedule


@pytest.mark.parametrize("shape", [(1, 16, 16), (2, 8, 24), (3, 24, 8)])
def test_orthogonalised_matrices_have_singular_values_near_one(shape: tuple[int, ...]) -> None:
    values = torch.linalg.svdvals(orthogonalise(torch.randn(shape, generator=generator())))
    assert values.min() > 0.3
    assert values.max() < 1.3


def test_schedule_warms_up_holds_and_falls_to_zero() -> None:
    rates = Rates(warmup=10, decay=0.4)
    assert schedule(rates, 0, 0.0) == pytest.approx(0.1)
    assert schedule(rates, 50, 0.3) == 1.0
    assert schedule(rates, 50, 0.8) == pytest.approx(0.5)
    assert schedule(rates, 50, 1.0) == 0.0


def test_a_few_steps_learn_one_batch() -> None:
    model = DiffusionGemma(CONFIG)
    initialise(model, generator())
    optimizer = Optimizer(model, Rates(warmup=1))
    seen = []
    for _ in range(30):
        canvas, following = losses(model, noised(2))
        (canvas + following).backward()
        optimizer.step(1.0)
        seen.append((canvas + following).item())
    assert seen[-1] < 0.7 * seen[0], seen
    assert all(p.grad is None for p in model.parameters())


def test_every_parameter_moves_the_stacked_experts_too() -> None:
    model = DiffusionGemma(CONFIG)
    initialise(model, generator())
    before = {name: value.clone() for name, value in model.named_parameters()}
    optimizer = Optimizer(model, Rates(warmup=1))
    canvas, following = losses(model, noised(4))
    (canvas + following).backward()
    optimizer.step(1.0)
    still = {name for name, value in model.named_parameters() if torch.equal(value, before[name])}
    assert all("router" in name and "per_expert_scale" not in name for name in still)


def test_state_goes_on_where_it_was() -> None:
    first = DiffusionGemma(CONFIG)
    initialise(first, generator())
    one = Optimizer(first, Rates(warmup=1))
    second = DiffusionGemma(CONFIG)
    for keep in (False, True):
        canvas, following = losses(first, noised(2))
        (canvas + following).backward()
        if keep:
            second.load_state_dict(first.state_dict())
            two = Optimizer(second, Rates(warmup=1))
            two.load(copy.deepcopy(one.state()))
            canvas, following = losses(second, noised(2))
            (canvas + following).backward()
            two.step(1.0)
        one.step(1.0)
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        torch.testing.assert_close(a, b)
