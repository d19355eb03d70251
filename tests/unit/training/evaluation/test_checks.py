"""Checks read what a model wrote: whatever a clock shows, the answer is a reason, never a crash."""

import pytest

from training.evaluation.checks.apps import seconds
from training.evaluation.checks.base import UnmetError
from training.evaluation.checks.desktop import time_of_day


def test_clocks_are_read() -> None:
    assert seconds("25:07") == 1507
    assert time_of_day("23:59:59") == 86399


@pytest.mark.parametrize("shown", ["", "25", "1:2:3", "25:7", "a:bc", "-1:00"])
def test_a_clock_that_is_none_is_a_reason(shown: str) -> None:
    with pytest.raises(UnmetError, match="the clock: expected minutes and seconds, got "):
        seconds(shown)


@pytest.mark.parametrize("shown", ["", "12:00", "12:00:0", "1200:00", "12:00:00:00"])
def test_a_time_of_day_that_is_none_is_a_reason(shown: str) -> None:
    with pytest.raises(UnmetError, match="the clock: expected hours, minutes and seconds, got "):
        time_of_day(shown)
