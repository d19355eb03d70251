"""Who shares the next step."""

import pytest

from engine.scheduler import Scheduler


def seated(scheduler: Scheduler[str], *items: str) -> list[str]:
    for item in items:
        scheduler.add(item)
    return scheduler.next_step()


def test_first_come_first_seated() -> None:
    scheduler = Scheduler[str](2)
    assert seated(scheduler, "a", "b", "c") == ["a", "b"]
    assert (len(scheduler), scheduler.items()) == (3, ["a", "b", "c"])


def test_a_seat_that_falls_free_goes_to_the_next_in_line() -> None:
    scheduler = Scheduler[str](2)
    seated(scheduler, "a", "b", "c")
    scheduler.remove("a")
    assert scheduler.next_step() == ["b", "c"]


def test_who_needs_two_seats_waits_for_them_and_nobody_passes() -> None:
    scheduler = Scheduler[str](3, len)
    assert seated(scheduler, "a", "b", "cc", "d") == ["a", "b"]
    scheduler.remove("a")
    assert scheduler.next_step() == ["b", "cc"]
    scheduler.remove("cc")
    assert scheduler.next_step() == ["b", "d"]


def test_who_has_committed_a_canvas_lets_others_go_first() -> None:
    scheduler = Scheduler[str](1)
    order = seated(scheduler, "a", "b", "c")
    for _ in range(5):
        scheduler.give_way(order[-1])
        order += scheduler.next_step()
    assert order == ["a", "b", "c", "a", "b", "c"]


def test_nobody_gives_up_a_seat_when_none_waits() -> None:
    scheduler = Scheduler[str](2)
    seated(scheduler, "a", "b")
    scheduler.give_way("a")
    assert scheduler.next_step() == ["a", "b"]


def test_removing_one_who_waits_or_is_unknown() -> None:
    scheduler = Scheduler[str](1)
    seated(scheduler, "a", "b")
    scheduler.remove("b")
    scheduler.remove("b")
    assert scheduler.items() == ["a"]


def test_needs_a_seat() -> None:
    with pytest.raises(ValueError, match=r"^expected at least one seat, got 0$"):
        Scheduler[str](0)
