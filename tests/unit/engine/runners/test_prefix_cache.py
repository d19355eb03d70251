"""Ranges of the buffers for keys and values: who has them, what is kept, what makes room."""

import random

import pytest

from engine.core.errors import OutOfRows
from engine.runners.kv_arena import KeyValueArena, Range
from engine.runners.prefix_cache import LEAST, PrefixStore, shared

LONG = list(range(100))


def test_ranges_do_not_overlap_and_gaps_join() -> None:
    arena, rng = KeyValueArena(200), random.Random(1)
    taken: list[Range] = []
    for _ in range(2000):
        if taken and rng.random() < 0.5:
            arena.give(taken.pop(rng.randrange(len(taken))))
        elif arena.free >= 60:
            try:
                taken.append(arena.take(rng.randint(1, 30)))
            except OutOfRows:
                continue
        rows = [row for one in taken for row in range(one.start, one.end)]
        assert len(rows) == len(set(rows)) == 200 - arena.free
    for one in taken:
        arena.give(one)
    assert arena.take(200) == Range(0, 200)


def test_a_range_that_is_too_long() -> None:
    arena = KeyValueArena(10)
    arena.take(4)
    with pytest.raises(
        OutOfRows, match="expected room for 7 tokens of keys and values, got 6 free in one range, of 10"
    ):
        arena.take(7)
    with pytest.raises(ValueError, match="expected at least one row, got 0"):
        KeyValueArena(0)


def test_the_beginning_that_two_share() -> None:
    assert [shared(a, b) for a, b in (([], [1]), ([1, 2], [1, 3]), ([1, 2], [1, 2, 3]))] == [0, 1, 2]


class Copies(list[tuple[int, int, int]]):
    def __call__(self, source: int, target: int, rows: int) -> None:
        self.append((source, target, rows))


def test_a_prompt_begins_with_a_copy_of_the_most_alike() -> None:
    copies = Copies()
    prefixes = PrefixStore(KeyValueArena(1000), copies)
    for name, ids in (("a", LONG[:50]), ("b", LONG[:80]), ("c", LONG[50:])):
        assert prefixes.lease(name, ids, 100) == 0
        prefixes[name].ids.extend(ids)
    assert prefixes.lease("early", LONG, 110) == 0  # nobody has ended yet
    for name in "abc":
        prefixes.release(name)
    assert prefixes.kept == 50 + 80 + 50
    assert prefixes.lease("d", LONG, 110) == 80
    assert prefixes["d"].ids == LONG[:80]
    assert copies == [(100, prefixes["d"].range.start, 80)]


def test_the_last_token_of_a_prompt_is_always_encoded() -> None:
    prefixes = PrefixStore(KeyValueArena(1000), Copies())
    prefixes.lease("a", LONG, 100)
    prefixes["a"].ids.extend(LONG)
    prefixes.release("a")
    assert prefixes.lease("b", LONG, 100) == 99


def test_what_is_short_is_neither_kept_nor_copied() -> None:
    copies = Copies()
    prefixes = PrefixStore(KeyValueArena(1000), copies)
    for name, count in (("a", LEAST - 1), ("b", LEAST)):
        prefixes.lease(name, LONG[:count], 100)
        prefixes[name].ids.extend(LONG[:count])
        prefixes.release(name)
    assert prefixes.kept == LEAST
    assert prefixes.lease("c", LONG[:LEAST], 100) == 0
    assert copies == []


def test_what_was_used_least_recently_makes_room() -> None:
    prefixes = PrefixStore(KeyValueArena(300), Copies())
    for name, start in (("a", 0), ("b", 1), ("c", 2)):
        prefixes.lease(name, LONG[start:], 100)
        prefixes[name].ids.extend(LONG[start:])
    for name in "abc":
        prefixes.release(name)
    assert prefixes.lease("again", LONG, 7) == 99  # a was used, so b goes first when room is wanted
    prefixes.release("again")
    prefixes.lease("long", [500] * 10, 90)
    assert prefixes.lease("d", LONG[1:], 5) == 0
    with pytest.raises(OutOfRows):
        prefixes.lease("e", [600] * 10, 400)
    assert prefixes.kept == 0
    assert "e" not in prefixes


def test_a_prefix_that_makes_room_for_its_own_heir_is_not_copied() -> None:
    copies = Copies()
    prefixes = PrefixStore(KeyValueArena(100), copies)
    prefixes.lease("a", LONG, 100)
    prefixes["a"].ids.extend(LONG)
    prefixes.release("a")
    assert prefixes.lease("b", LONG, 100) == 0
    assert copies == []


def test_forgetting_gives_all_rows_back() -> None:
    arena = KeyValueArena(300)
    prefixes = PrefixStore(arena, Copies())
    prefixes.lease("a", LONG, 100)
    prefixes["a"].ids.extend(LONG)
    prefixes.release("a")
    prefixes.release("nobody")
    prefixes.forget()
    assert arena.free == 300
