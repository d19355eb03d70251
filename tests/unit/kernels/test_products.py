"""Products with weights in every format: `linear`, the mixture of experts, and how weights are quantised for them."""

import pytest
import torch
from torch import Tensor

from kernels import chip, reference
from kernels.checks import KernelError
from kernels.linear import linear
from kernels.moe import group, moe, route
from kernels.quantize import quantize
from kernels.results import ROWS, Routing, most_blocks
from kernels.weights import GROUP, Format, Weight, plain, served
from tests.support.tolerances import DTYPES, assert_near, name, normal

FORMATS = tuple(Format)


def stored(weight: Tensor, format: Format) -> Weight:
    return plain(weight) if format is Format.PLAIN else reference.quantize(weight, format)


@pytest.mark.parametrize("dtype", DTYPES, ids=name)
@pytest.mark.parametrize("format", FORMATS, ids=lambda f: f.name)
@pytest.mark.parametrize(
    ("tokens", "outputs", "depth"),
    [(1, 64, 64), (17, 70, 192), (256, 33, 128), (5, 200, 704), (300, 16, 64), (3, 64, 2816)],
)
def test_linear(
    tokens: int, outputs: int, depth: int, format: Format, dtype: torch.dtype, device: torch.device
) -> None:
    x = normal(tokens, depth, dtype=dtype).to(device)
    weight = stored(normal(outputs, depth, dtype=dtype, seed=1, scale=depth**-0.5).to(device), format)
    assert_near(linear(x, weight), reference.linear(x, weight, accumulate=torch.float64))


def test_linear_of_a_depth_that_is_no_multiple_of_anything(device: torch.device) -> None:
    x, weight = normal(5, 101).to(device), plain(normal(13, 101, seed=1).to(device))
    assert_near(linear(x, weight), reference.linear(x, weight, accumulate=torch.float64))


def test_linear_of_no_rows(device: torch.device) -> None:
    assert linear(torch.empty(0, 64, device=device), plain(normal(8, 64).to(device))).shape == (0, 8)


@pytest.mark.parametrize("top", [1, 2, 8])
@pytest.mark.parametrize("experts", [8, 12, 128])
def test_routing(experts: int, top: int, device: torch.device) -> None:
    scores, scale = normal(9, experts).to(device), normal(experts, seed=1).to(device)
    got, want = route(scores, scale, top), reference.route(scores, scale, top, accumulate=torch.float64)
    assert torch.equal(got.index, want.index)
    assert_near(got.weights, want.weights)


def test_equal_scores_go_to_the_first_experts(device: torch.device) -> None:
    got = route(torch.zeros(2, 8, device=device), torch.ones(8, device=device), 3)
    assert got.index.tolist() == [[0, 1, 2]] * 2
    assert got.weights.flatten().tolist() == pytest.approx([1 / 3] * 6)


def routings(tokens: int, experts: int, top: int) -> dict[str, Tensor]:
    """Even, all on one expert as first choice, and drawn so that some experts have no token."""
    drawn = torch.stack(
        [torch.randperm(experts, generator=torch.Generator().manual_seed(i))[:top] for i in range(tokens)]
    )
    even = (torch.arange(tokens)[:, None] * top + torch.arange(top)) % experts
    one = torch.arange(top).repeat(tokens, 1)
    return {"drawn": drawn.int(), "even": even.int(), "one": one.int()}


@pytest.mark.parametrize("kind", ["drawn", "even", "one"])
@pytest.mark.parametrize(("tokens", "experts", "top"), [(1, 8, 2), (40, 8, 2), (33, 16, 3), (260, 8, 8), (5, 1, 1)])
def test_groups_hold_every_pair_once(tokens: int, experts: int, top: int, kind: str, device: torch.device) -> None:
    index = routings(tokens, experts, top)[kind].to(device)
    got, want = group(index, experts), reference.group(index, experts)
    assert got.experts.shape == (most_blocks(tokens * top, experts),)
    assert torch.equal(got.experts, want.experts)
    assert torch.equal(got.pairs, want.pairs)


@pytest.mark.parametrize(("pairs", "experts"), [(1, 8), (2048, 128), (17, 2), (100, 1), (5, 5)])
def test_the_worst_case_is_enough(pairs: int, experts: int) -> None:
    used = min(pairs, experts)
    spread = [1] * (used - 1) + [pairs - used + 1]
    least = sum(-(-count // ROWS) for count in spread)
    assert least <= most_blocks(pairs, experts) <= pairs


@pytest.mark.parametrize("dtype", DTYPES, ids=name)
@pytest.mark.parametrize("format", FORMATS, ids=lambda f: f.name)
@pytest.mark.parametrize("kind", ["drawn", "one"])
@pytest.mark.parametrize(
    ("tokens", "experts", "top", "hidden", "inner"), [(1, 4, 2, 64, 64), (21, 6, 2, 128, 192)], ids=["T1", "T21"]
)
def test_moe(
    tokens: int, experts: int, top: int, hidden: int, inner: int, kind: str, format: Format, dtype: torch.dtype,
    device: torch.device,
) -> None:  # fmt: skip
    x = normal(tokens, hidden, dtype=dtype).to(device)
    gate_up = stored(normal(experts, 2 * inner, hidden, dtype=dtype, seed=1, scale=hidden**-0.5).to(device), format)
    down = stored(normal(experts, hidden, inner, dtype=dtype, seed=2, scale=inner**-0.5).to(device), format)
    index = routings(tokens, experts, top)[kind].to(device)
    routing = Routing(index, torch.rand(index.shape, generator=torch.Generator().manual_seed(4)).to(device))
    assert_near(moe(x, routing, gate_up, down), reference.moe(x, routing, gate_up, down, accumulate=torch.float64))


@pytest.mark.parametrize("dtype", DTYPES, ids=name)
@pytest.mark.parametrize("format", [Format.FP8, Format.INT4], ids=lambda f: f.name)
def test_quantised_as_the_reference_does(format: Format, dtype: torch.dtype, device: torch.device) -> None:
    weight = normal(3, 5, 2 * GROUP, dtype=dtype, scale=0.02).to(device)
    weight[0, 1] = 0
    weight[1, 2] = weight[1, 2].abs()
    got, want = quantize(weight, format), reference.quantize(weight, format)
    for mine, theirs in ((got.data, want.data), (got.scales, want.scales), (got.zeros, want.zeros)):
        if theirs is not None:
            assert mine is not None
            assert torch.equal(mine.view(torch.uint8), theirs.view(torch.uint8))


@pytest.mark.parametrize(("format", "most"), [(Format.FP8, 0.03), (Format.INT4, 0.1)])
def test_round_trip(format: Format, most: float) -> None:
    weight = normal(4, 64, 512)
    back = reference.dequantize(reference.quantize(weight, format))
    assert ((back - weight).square().mean().sqrt() / weight.square().mean().sqrt()).item() < most


def test_zero_is_exact_in_every_format() -> None:
    weight = normal(2, 2, 128)
    weight[:, :, ::3] = 0
    for format in (Format.FP8, Format.INT4):
        assert (reference.dequantize(reference.quantize(weight, format))[:, :, ::3] == 0).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: linear(torch.zeros(2, 32), plain(torch.zeros(4, 64))),
            r"x: expected shape \[any, 64\], got \[2, 32\]",
        ),
        (lambda: linear(torch.zeros(2, 64), plain(torch.zeros(4, 64).half())), "weight: expected dtype torch.float32"),
        (lambda: linear(torch.zeros(2, 64), plain(torch.zeros(2, 4, 64))), "weight: expected one matrix, got 2"),
        (lambda: linear(torch.zeros(2049, 4), plain(torch.zeros(4, 4))), "x: expected at most 2048 rows, got 2049"),
        (lambda: quantize(torch.zeros(4, 65), Format.INT4), "weight: expected a depth in whole groups of 64, got 65"),
        (lambda: quantize(torch.zeros(4, 64), Format.PLAIN), "format: expected FP8 or INT4, got PLAIN"),
        (lambda: Weight(Format.FP8, torch.zeros(1, 4, 64)), "weight: expected dtype float8_e4m3fn, got float32"),
        (
            lambda: Weight(Format.INT4, torch.zeros(1, 4, 32, dtype=torch.uint8)),
            "weight: expected scales and zeros with this format",
        ),
        (lambda: route(torch.zeros(2, 4), torch.ones(4), 5), "expected 1 <= top <= experts <= 1024, got 5 of 4"),
        (lambda: group(torch.zeros(2, 2), 4), "index: expected dtype int32, got float32"),
        (
            lambda: moe(
                torch.zeros(2, 64),
                Routing(torch.zeros(2, 1, dtype=torch.int32), torch.ones(2, 1)),
                plain(torch.zeros(2, 128, 64)),
                plain(torch.zeros(2, 32, 64)),
            ),
            r"expected gate_up \[E, 2 inner, 64\] and down \[E, 64, inner\], got \[2, 128, 64\] and \[2, 32, 64\]",
        ),
    ],
)
def test_bad_input(make: object, message: str) -> None:
    assert callable(make)
    with pytest.raises(KernelError, match=message):
        make()


def test_fp8_on_a_chip_without_it_is_refused_and_served_in_bf16(monkeypatch: pytest.MonkeyPatch) -> None:
    ampere = chip.Chip(108, 166_912, (8, 0))
    weight = reference.quantize(normal(8, 64), Format.FP8)
    monkeypatch.setattr(chip, "chip_of", lambda device: ampere)
    with pytest.raises(KernelError, match=r"on a chip of capability 8\.0, got fp8"):
        linear(torch.zeros(1, 64), weight)
    instead = served(weight, ampere, torch.float32)
    assert instead.format is Format.PLAIN
    assert torch.equal(instead.data, reference.dequantize(weight))
    assert served(weight, chip.HOPPER, torch.float32) is weight
