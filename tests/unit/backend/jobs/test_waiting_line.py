"""First come, first served, whatever happens."""

from hypothesis import given
from hypothesis import strategies as st

from backend.jobs.waiting_line import WaitingLine


def test_places_then_a_line_then_no_more() -> None:
    line: WaitingLine[str] = WaitingLine(2, 2)
    for one in "abcd":
        assert not line.full()
        line.add(one, line.free())
    assert (line.served, line.waiting) == ({"a", "b"}, ["c", "d"])
    assert [line.position(one) for one in "abcd"] == [0, 0, 1, 2]
    assert line.full()
    assert line.remove("a") == ["c"]
    assert (line.served, line.waiting, line.position("d")) == ({"b", "c"}, ["d"], 1)


def test_one_who_gives_up_waiting_leaves_at_once() -> None:
    line: WaitingLine[str] = WaitingLine(1, 9)
    for one in "abcd":
        line.add(one, line.free())
    assert line.remove("c") == []
    assert line.waiting == ["b", "d"]
    assert line.remove("nobody") == []


def test_one_who_asks_for_something_else_passes_nobody() -> None:
    line: WaitingLine[str] = WaitingLine(1, 1)
    line.add("old", line.free())
    assert line.free("old")
    line.add("b", line.free())
    assert line.full()
    assert not line.free("old")
    assert not line.full("old")
    assert not line.full("b")
    line.add("new", line.free("old"))
    assert line.remove("old") == ["b"]
    assert line.waiting == ["new"]


def test_nobody_waits_where_nobody_may() -> None:
    line: WaitingLine[str] = WaitingLine(1, 0)
    line.add("a", line.free())
    assert line.full()
    assert not line.full("a")


@given(places=st.integers(1, 3), longest=st.integers(0, 3), moves=st.lists(st.tuples(st.booleans(), st.integers(0, 9))))
def test_order_and_sizes_hold(places: int, longest: int, moves: list[tuple[bool, int]]) -> None:
    line, come, called = WaitingLine[int](places, longest), [], []
    for number, (enters, who) in enumerate(moves):
        if enters and not line.full():
            if not line.free():
                come.append(number)
            line.add(number, line.free())
        elif not enters and (inside := [*sorted(line.served), *line.waiting]):
            gone = inside[who % len(inside)]
            if gone in line.waiting:
                come.remove(gone)
            called += line.remove(gone)
        assert len(line.served) <= places
        assert len(line.waiting) <= longest
        assert not (line.waiting and len(line.served) < places)
    assert called + line.waiting == come
