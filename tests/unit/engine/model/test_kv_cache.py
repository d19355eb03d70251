"""The prefix cache: what stays, what is seen, and that room grows without losing anything."""

import pytest
import torch
from torch import Tensor

from engine.model.kv_cache import LayerCache

SHAPE = (2, 3)


def rows(start: int, stop: int) -> Tensor:
    """Keys of tokens start..stop, each filled with its position."""
    return torch.arange(start, stop, dtype=torch.float32)[:, None, None].expand(-1, *SHAPE)


def positions(keys: Tensor) -> list[int]:
    return [int(position) for position in keys[:, 0, 0]]


@pytest.mark.parametrize("capacity", [1, 4, 64], ids=lambda n: f"capacity{n}")
def test_a_full_layer_keeps_everything(capacity: int) -> None:
    cache = LayerCache(SHAPE, None, torch.empty(0), capacity)
    for start, stop in ((0, 3), (3, 4), (4, 20)):
        keys, values = cache.lay(rows(start, stop), -rows(start, stop))
        assert positions(keys) == list(range(stop))
        assert positions(-values) == list(range(stop))
        cache.commit(stop - start)
    assert cache.length == 20


@pytest.mark.parametrize("capacity", [1, 9, 64], ids=lambda n: f"capacity{n}")
def test_a_sliding_layer_keeps_the_window_and_shows_it_with_what_is_new(capacity: int) -> None:
    cache = LayerCache(SHAPE, 4, torch.empty(0), capacity)
    seen = 0
    for count in (3, 1, 1, 9, 2, 2, 2, 2):
        keys, _ = cache.lay(rows(seen, seen + count), rows(seen, seen + count))
        assert positions(keys) == list(range(max(0, seen - 4), seen + count))
        cache.commit(count)
        seen += count
    assert cache.length == 4


def test_what_is_laid_and_not_committed_is_overwritten() -> None:
    cache = LayerCache(SHAPE, None, torch.empty(0), 8)
    cache.lay(rows(0, 2), rows(0, 2))
    cache.commit(2)
    cache.lay(rows(100, 104), rows(100, 104))
    keys, _ = cache.lay(rows(2, 5), rows(2, 5))
    assert positions(keys) == [0, 1, 2, 3, 4]


def test_room_is_reused_rather_than_grown_for_ever() -> None:
    cache = LayerCache(SHAPE, 4, torch.empty(0), 8)
    for position in range(1000):
        cache.lay(rows(position, position + 1), rows(position, position + 1))
        cache.commit(1)
    assert cache.keys.shape[0] <= 16
