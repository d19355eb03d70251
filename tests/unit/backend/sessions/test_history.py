"""The pages a visitor came by, and the bucket that limits how fast."""

from backend.auth.rate_limit import TokenBucket
from backend.sessions.history import LENGTH, History


def test_entering_drops_what_lay_ahead() -> None:
    history = History()
    for page in "abc":
        history.add(page)
    history.go(-1)
    history.add("d")
    assert (history.entries, history.index, history.current) == (["a", "b", "d"], 2, "d")


def test_entering_the_current_page_changes_nothing() -> None:
    history = History("abc", 1)
    history.add("b")
    assert (history.entries, history.index) == (["a", "b", "c"], 1)


def test_there_is_nothing_beyond_the_ends() -> None:
    history = History("abc", 1)
    assert [history.at(delta) for delta in (-2, -1, 0, 1, 2)] == [None, "a", "b", "c", None]
    assert History().at(0) is None
    assert History().current is None


def test_the_oldest_entry_goes_beyond_the_limit() -> None:
    history = History()
    for page in range(LENGTH + 3):
        history.add(str(page))
    assert (history.entries[0], len(history.entries), history.index) == ("3", LENGTH, LENGTH - 1)


def test_a_page_is_swapped_wherever_it_stands() -> None:
    history = History("aba", 1)
    history.swap("a", "c")
    assert (history.entries, history.index) == (["c", "b", "c"], 1)


def test_a_bucket_fills_with_time() -> None:
    bucket = TokenBucket(3, 2)
    assert [bucket.take(1, 10.0) for _ in range(4)] == [True, True, True, False]
    assert bucket.take(1, 10.5)
    assert not bucket.take(0.1, 10.5)
    assert [bucket.take(1, 99.0) for _ in range(4)] == [True, True, True, False]


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = TokenBucket(1, 1)
    assert bucket.take(1, 10.0)
    assert not bucket.take(1, 9.0)
