"""Launch parameters are a function of shape and chip alone, and fit the chip."""

import pytest

from kernels import launch
from kernels.chip import BLACKWELL, HOPPER, Chip

SMALL_CHIP = Chip(20, 101_376, (8, 9))


@pytest.mark.parametrize("chip", [HOPPER, BLACKWELL, SMALL_CHIP])
@pytest.mark.parametrize("size", [64, 128, 256, 512])
@pytest.mark.parametrize("bytes_each", [2, 4])
def test_attention_fits_shared_memory(chip: Chip, size: int, bytes_each: int) -> None:
    plan = launch.attention(size, 8, 256, 2, 4096, bytes_each, chip)
    assert bytes_each * size * (plan.rows + 2 * plan.stages * plan.columns) <= chip.shared or plan.columns == 16
    assert plan == launch.attention(size, 8, 256, 2, 4096, bytes_each, chip)


@pytest.mark.parametrize(
    ("programs", "parts", "want"), [(1, 100, 16), (200, 100, 1), (40, 100, 3), (1, 2, 2), (0, 1, 1)]
)
def test_splits_fill_the_chip_once(programs: int, parts: int, want: int) -> None:
    assert launch.splits_for(programs, parts, HOPPER) == want


def test_fp8_needs_a_chip_that_has_it() -> None:
    assert HOPPER.fp8
    assert SMALL_CHIP.fp8
    assert not Chip(108, 166_912, (8, 0)).fp8
