"""The end of a step: rows of the vocabulary, soft embedding, acceptance, and the random numbers they draw."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.model import sampler
from kernels import reference
from kernels.accept_renoise import accept_renoise
from kernels.checks import KernelError
from kernels.results import RUN, Limits
from kernels.soft_embedding import soft_embedding
from kernels.vocab_rows import vocab_rows
from tests.support.tolerances import DTYPES, assert_near, name, normal

CAP = 30.0


def test_philox_gives_the_published_numbers() -> None:
    """Known answers of Random123's philox4x32-10: counter and key all zero, and all ones."""
    zero = torch.zeros(1, dtype=torch.int64)
    assert [word.item() for word in reference.philox(zero, zero, zero, zero, 0)] == [0x6627E8D5, 0xE169C58D]
    ones = torch.full((1,), 0xFFFFFFFF)
    got = reference.philox(torch.full((1,), -1), ones, ones, ones, 0xFFFFFFFF)
    assert [word.item() for word in got] == [0x408F276D, 0x41C83B0E]


def rows(canvases: int, length: int, width: int, dtype: torch.dtype, scale: float = 4.0) -> dict[str, Tensor]:
    return {
        "logits": normal(canvases * length, width, dtype=dtype, scale=scale),
        "temperatures": torch.linspace(0.4, 0.8, canvases * length),
        "seeds": torch.tensor([7, 2**40 + 3, 5])[:canvases],
        "steps": torch.tensor([0, 12, 3], dtype=torch.int32)[:canvases],
    }


@pytest.mark.parametrize("dtype", DTYPES, ids=name)
@pytest.mark.parametrize(
    ("canvases", "length", "width"), [(1, 1, 50), (1, 5, 1024), (2, 3, 5120), (2, 3, 2 * RUN + 77), (1, 2, 1)]
)
def test_vocab_rows(canvases: int, length: int, width: int, dtype: torch.dtype, device: torch.device) -> None:
    given = {key: value.to(device) for key, value in rows(canvases, length, width, dtype).items()}
    got, want = vocab_rows(cap=CAP, **given), reference.vocab_rows(cap=CAP, **given, accumulate=torch.float64)
    assert torch.equal(got.argmax, want.argmax)
    assert torch.equal(got.sampled, want.sampled)
    assert_near(got.log_sum, want.log_sum)
    torch.testing.assert_close(got.entropy, want.entropy, rtol=1e-4, atol=1e-5)


def folded_argmax(values: Any, **_: Any) -> Any:
    """As a GPU folds [n]: whatever stands behind a NaN is taken for more. The interpreter takes the first NaN."""
    nan = np.flatnonzero(np.isnan(values))
    first = min(nan[-1] + 1, len(values) - 1) if len(nan) else 0
    return np.int32(first + max(range(len(values) - first), key=lambda i: float(values[first + i])))


@pytest.mark.filterwarnings("ignore:All-NaN slice encountered:RuntimeWarning")  # the interpreter's numpy
@pytest.mark.parametrize("width", [5, RUN + 3, 2 * RUN + 77])
def test_a_row_of_nan_gives_ids_that_exist(width: int, device: torch.device, monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedding is indexed with them. The rows beside it are as without it."""
    monkeypatch.setattr(np, "argmax", folded_argmax)
    given = {key: value.to(device) for key, value in rows(1, 3, width, torch.bfloat16).items()}
    want = vocab_rows(cap=CAP, **given)
    given["logits"][1] = float("nan")
    got = vocab_rows(cap=CAP, **given)
    for ids, others in ((got.argmax, want.argmax), (got.sampled, want.sampled)):
        assert 0 <= int(ids[1]) < width
        assert torch.equal(ids[[0, 2]], others[[0, 2]])


def test_rows_agree_with_the_sampler_of_the_engine(device: torch.device) -> None:
    given = rows(1, 9, 512, torch.float32)
    got = vocab_rows(cap=CAP, **{key: value.to(device) for key, value in given.items()})
    capped = CAP * torch.tanh(given["logits"] / CAP)
    want = sampler.read_rows(capped, given["temperatures"], torch.full((9,), 0.5))
    assert torch.equal(got.argmax.cpu().long(), want.argmax)
    torch.testing.assert_close(got.entropy.cpu(), want.entropy, rtol=1e-4, atol=1e-5)


def test_samples_follow_the_distribution() -> None:
    """20,000 draws over three runs of columns, against the softmax: chi-squared of 39 degrees of freedom."""
    width, draws = 2 * RUN + 10, 20_000
    logits = torch.full((1, width), -200.0)
    at = torch.cat([torch.arange(0, 20), torch.arange(RUN + 5, RUN + 15), torch.arange(2 * RUN, 2 * RUN + 10)])
    logits[0, at] = normal(40, scale=0.8)
    steps = torch.arange(draws, dtype=torch.int32)
    got = reference.vocab_rows(logits.expand(draws, -1), 1e4, torch.ones(draws), torch.full((draws,), 3), steps)
    expected = logits[0].softmax(0)[at] * draws
    counts = torch.bincount(got.sampled.long(), minlength=width)[at]
    assert int(counts.sum()) == draws
    assert ((counts - expected).square() / expected).sum().item() < 73  # exceeded once in 1,000 seeds


def test_a_row_draws_the_same_in_any_company(device: torch.device) -> None:
    three = {key: value.to(device) for key, value in rows(3, 4, 300, torch.float32, scale=1.0).items()}
    together = vocab_rows(cap=CAP, **three).sampled.view(3, 4)
    alone = vocab_rows(
        three["logits"][4:8].contiguous(), CAP, three["temperatures"][4:8].contiguous(), three["seeds"][1:2],
        three["steps"][1:2],
    ).sampled  # fmt: skip
    assert torch.equal(together[1], alone)


@pytest.mark.parametrize("dtype", DTYPES, ids=name)
@pytest.mark.parametrize(("count", "width", "hidden"), [(1, 50, 16), (9, 700, 192), (33, 1030, 100)])
def test_soft_embedding(count: int, width: int, hidden: int, dtype: torch.dtype, device: torch.device) -> None:
    given = rows(1, count, width, dtype)
    stats = reference.vocab_rows(cap=CAP, **given, accumulate=torch.float64)
    table = normal(width, hidden, dtype=dtype, seed=5).to(device)
    arguments = (
        given["logits"].to(device),
        CAP,
        given["temperatures"].to(device),
        stats.log_sum.to(device),
        table,
        13.0,
    )
    assert_near(soft_embedding(*arguments), reference.soft_embedding(*arguments, accumulate=torch.float64))


def canvases(count: int, length: int) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(count * length)
    argmax, sampled, shown = (
        torch.randint(50, (count, length), generator=generator, dtype=torch.int32) for _ in range(3)
    )
    shown[::2] = argmax[::2]
    return {
        "argmax": argmax,
        "sampled": sampled,
        "entropy": torch.rand(count, length, generator=generator) ** 8,
        "shown": shown,
        "unchanged": torch.arange(count, dtype=torch.int32),
        "seeds": torch.arange(count) + 2**33,
        "drawn": torch.arange(count, dtype=torch.int32) * 5,
        "steps": torch.arange(count, dtype=torch.int32) * 3,
    }


def limits(count: int, bound: float = 0.1, confidence: float = 0.5) -> Limits:
    whole = torch.ones(count, dtype=torch.int32)
    return Limits(torch.full((count,), bound), torch.full((count,), confidence), 2 * whole, 9 * whole)


@pytest.mark.parametrize(("count", "length"), [(1, 1), (1, 256), (8, 33), (3, 100)])
def test_accept_renoise(count: int, length: int, device: torch.device) -> None:
    given = {key: value.to(device) for key, value in canvases(count, length).items()}
    asked = Limits(*(getattr(limits(count), field).to(device) for field in Limits.__dataclass_fields__))
    got = accept_renoise(**given, limits=asked, vocabulary=5120)
    want = reference.accept_renoise(**given, limits=asked, vocabulary=5120, accumulate=torch.float64)
    for field in ("accepted", "settled", "canvas", "unchanged", "stop"):
        assert torch.equal(getattr(got, field), getattr(want, field)), field
    assert_near(got.entropy, want.entropy)


def test_acceptance_is_that_of_the_engine() -> None:
    given = canvases(4, 64)
    got = reference.accept_renoise(**given, limits=limits(4), vocabulary=10)
    assert torch.equal(got.accepted, sampler.accept(given["entropy"], torch.full((4,), 0.1)))


def test_of_equal_entropies_the_first_are_accepted(device: torch.device) -> None:
    given = {key: value.to(device) for key, value in canvases(1, 8).items()}
    given["entropy"] = torch.full((1, 8), 0.25, device=device)
    asked = Limits(*(getattr(limits(1, bound=0.5), field).to(device) for field in Limits.__dataclass_fields__))
    got = accept_renoise(**given, limits=asked, vocabulary=10)
    assert got.accepted.tolist() == [[True] * 3 + [False] * 5]


def test_fresh_tokens_are_spread_over_the_vocabulary() -> None:
    given = canvases(1, 1000) | {"entropy": torch.ones(1, 1000)}
    drawn = reference.accept_renoise(**given, limits=limits(1, bound=0.0), vocabulary=10).canvas[0, 1:]
    counts = torch.bincount(drawn.long(), minlength=10)
    assert len(counts) == 10
    assert ((counts - 99.9).square() / 99.9).sum().item() < 28  # 9 degrees of freedom: once in 1,000 seeds


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"temperatures": torch.ones(3)}, r"temperatures: expected shape \[4\], got \[3\]"),
        ({"seeds": torch.zeros(3, dtype=torch.int64)}, "logits: expected rows for 3 canvases, got 4 rows"),
        ({"steps": torch.zeros(2)}, "steps: expected dtype int32, got float32"),
        ({"cap": 0.0}, "expected a cap above 0 and a column or more, got cap 0.0 and 50 columns"),
    ],
)
def test_bad_rows(change: dict[str, Tensor], message: str) -> None:
    with pytest.raises(KernelError, match=message):
        vocab_rows(**(rows(2, 2, 50, torch.float32) | {"cap": CAP} | change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sampled": torch.zeros(2, 3, dtype=torch.int32)}, r"sampled: expected shape \[2, 4\], got \[2, 3\]"),
        ({"entropy": torch.zeros(2, 4, dtype=torch.float64)}, "entropy: expected dtype float32, got float64"),
        ({"drawn": torch.zeros(2, dtype=torch.int64)}, "drawn: expected dtype int32, got int64"),
        ({"vocabulary": 0}, "expected 1 to 1024 positions and a vocabulary, got 4 positions, 0 words"),
    ],
)
def test_bad_canvases(change: dict[str, Tensor], message: str) -> None:
    with pytest.raises(KernelError, match=message):
        accept_renoise(**(canvases(2, 4) | {"limits": limits(2), "vocabulary": 10} | change))
