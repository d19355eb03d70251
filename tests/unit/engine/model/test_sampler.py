"""The sampler's pure functions."""

import pytest
import torch
from torch.distributions import Categorical

from engine.model import sampler


def test_temperature_falls_linearly_and_never_reaches_its_end() -> None:
    assert [sampler.temperature(step, 4, 0.8, 0.4) for step in (1, 2, 3, 4)] == pytest.approx([0.8, 0.7, 0.6, 0.5])


@pytest.mark.parametrize("size", [5120, 97, 160], ids=lambda n: f"V{n}")
def test_read_rows_agrees_with_torch_distributions(size: int) -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(31, size, generator=generator) * torch.linspace(0, 9, 31)[:, None]
    temperatures = torch.linspace(0.4, 0.8, 31)
    expected = logits / temperatures[:, None]
    rows = sampler.read_rows(logits.clone(), temperatures, torch.rand(31, generator=generator))
    assert torch.equal(rows.argmax, expected.argmax(-1))
    torch.testing.assert_close(rows.probabilities, expected.softmax(-1))
    torch.testing.assert_close(rows.entropy, Categorical(logits=expected).entropy(), atol=2e-6, rtol=1e-5)


def test_entropy_of_a_certain_row_is_zero() -> None:
    logits = torch.tensor([[30.0, -30.0, -30.0, -30.0]])
    rows = sampler.read_rows(logits, torch.tensor([0.4]), torch.tensor([0.5]))
    assert rows.entropy.tolist() == [0.0]
    assert rows.sampled.tolist() == [0]


@pytest.mark.parametrize("size", [7, 128, 300], ids=lambda n: f"V{n}")
def test_sample_inverts_the_cumulative_sum(size: int) -> None:
    weights = torch.rand(1, size, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    edges = weights[0].cumsum(0) / weights.sum()
    middles = torch.cat([edges.new_zeros(1), edges])[:-1] + weights[0] / weights.sum() / 2
    drawn = sampler.sample(weights.float().expand(size, size), middles.float())
    assert drawn.tolist() == list(range(size))


@pytest.mark.parametrize("uniform", [0.0, 0.5, 1 - 2**-24], ids=["zero", "half", "one"])
def test_sample_never_draws_what_has_no_weight(uniform: float) -> None:
    weights = torch.zeros(3, 256)
    weights[0, 70] = 1e-3
    weights[1, [3, 200]] = torch.tensor([0.5, 0.5])
    weights[2, 255] = 3.0
    drawn = sampler.sample(weights, torch.full((3,), uniform))
    assert weights[torch.arange(3), drawn].min() > 0


def test_sample_draws_in_proportion() -> None:
    weights = torch.tensor([[1.0, 0.0, 2.0, 5.0]]).expand(80_000, 4)
    drawn = sampler.sample(weights, torch.rand(80_000, generator=torch.Generator().manual_seed(2)))
    assert (drawn.bincount(minlength=4) / 80_000).tolist() == pytest.approx([0.125, 0, 0.25, 0.625], abs=0.006)


def test_accept_takes_the_surest_positions_up_to_the_bound() -> None:
    entropy = torch.tensor([[0.5, 0.04, 0.05, 0.9, 0.03], [2.0, 3.0, 1.0, 4.0, 5.0]])
    accepted = sampler.accept(entropy, torch.tensor([0.1, 0.0]))
    # First row: 0.03, 0.04, 0.05 have 0, 0.03, 0.07 before them; 0.5 has 0.12. Second row: the surest is always taken.
    assert accepted.tolist() == [[False, True, True, False, True], [False, False, True, False, False]]


def test_renoise_keeps_only_what_was_accepted() -> None:
    kept = sampler.renoise(torch.tensor([[1, 2, 3]]), torch.tensor([[True, False, True]]), torch.tensor([[7, 8, 9]]))
    assert kept.tolist() == [[1, 8, 3]]
