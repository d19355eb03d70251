"""Where a canvas goes on behind what a reading has written."""

import pytest

from engine.requests.realign import REACH, nearest, new_tokens, replaced

TEXT = list(range(100, 160))


@pytest.mark.parametrize(
    ("fresh", "rest", "count"),
    [
        pytest.param([1], TEXT, 1, id="one token stands for one"),
        pytest.param([1, 2], TEXT, 2, id="others stand for as many"),
        pytest.param([1, 100], TEXT, 1, id="one was missing"),
        pytest.param([1, 2, 100, 101], TEXT, 2, id="two were missing"),
        pytest.param([105, 106], TEXT, 7, id="five were too many"),
        pytest.param([1, 2, 3, 105, 106], TEXT, 7, id="others in place of more"),
        pytest.param([7, 8], [7, 5, 5, 7, 8, 9], 5, id="two tokens are surer than one"),
        pytest.param([1, 7, 8], [7, 8, 7, 8, 7, 8], 2, id="nearest to its own place"),
        pytest.param([1, 2, 3], [4], 1, id="no more than there are"),
        pytest.param([1, 2], [], 0, id="nothing is left"),
    ],
)
def test_what_fresh_tokens_stand_for(fresh: list[int], rest: list[int], count: int) -> None:
    assert replaced(fresh, rest) == count


def test_text_is_looked_for_nearby() -> None:
    rest = [0] * (REACH + 1) + [7, 8]
    assert nearest([7, 8], rest, 0) is None
    assert nearest([7, 8], rest, 1) == REACH + 1


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [([1, 2, 3], [1, 2, 3], 0), ([1, 2, 3], [1, 9, 3], 1), ([1, 2, 3, 4], [9, 1, 2, 3], 1), ([1, 1], [2, 2], 2)],
)
def test_moved_text_is_not_new(before: list[int], after: list[int], count: int) -> None:
    assert new_tokens(before, after) == count
