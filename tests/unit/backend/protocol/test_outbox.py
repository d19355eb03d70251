"""What a connection sends next: newest draft wins, the rest in order, no more than the client's window."""

from backend.protocol.messages import Delta, Error, Keyframe, PageQueued, PageStart
from backend.protocol.outbox import WINDOW, Live, Outbox

START = PageStart("p", "/", "web", "", "", False, False, 0, 1)


def live(step: int, html: str, block: int = 0, page: str = "p", **canvas: tuple[str, int]) -> Live:
    return Live(page, block, step, 9, html, step, 0.5, {int(at[1:]): token for at, token in canvas.items()})


def at(step: int) -> Keyframe:
    return Keyframe("p", 0, step, 9, "", 0, 0.5, ())


def test_frames_in_between_are_dropped() -> None:
    box = Outbox()
    box.draft(live(1, "<p>a", _0=("a", 0), _1=("b", 0)))
    assert box.pop() == Keyframe("p", 0, 1, 9, "<p>a", 1, 0.5, ((0, "a", 0), (1, "b", 0)))
    box.draft(live(2, "<p>ab", _0=("x", 1), _1=("b", 0)))
    box.draft(live(3, "<p>ac", _0=("a", 1), _1=("b", 0)))
    assert box.pop() == Delta("p", 0, 3, 9, 4, 0, "c", 3, 0.5, ((0, "a", 1),))
    assert box.pop() is None


def test_a_draft_is_read_when_its_turn_comes() -> None:
    box, page = Outbox(), live(1, "a")
    box.draft(page)
    page.html, page.step = "ab", 2
    frame = box.pop()
    assert isinstance(frame, Keyframe)
    assert frame.html == "ab"
    page.html = "abc"
    box.draft(page)
    change = box.pop()
    assert isinstance(change, Delta)
    assert (change.at, change.cut, change.text) == (2, 0, "c")


def test_a_draft_that_nobody_will_see_is_not_made() -> None:
    box, page, made = Outbox(), Live("p"), []

    def draw() -> None:
        made.append(page.step)
        page.fill("<p>" * page.step, page.step, [(0, "a", page.step % 2)])

    for step in range(1, 4):
        page.step_to(at(step), draw)
        box.draft(page)
    frame = box.pop()
    assert isinstance(frame, Keyframe)
    assert (frame.step, frame.html, frame.tokens, made) == (3, "<p><p><p>", ((0, "a", 1),), [3])
    assert page.now().html == frame.html
    page.step_to(at(4), draw)
    box.draft(page)
    box.put(START)
    assert made == [3]


def test_a_new_block_or_page_begins_with_a_keyframe() -> None:
    box = Outbox()
    kinds = []
    for draft in (live(1, "a"), live(2, "ab"), live(1, "abc", block=1), live(1, "x", page="q"), live(2, "y", page="q")):
        box.draft(draft)
        kinds.append(type(box.pop()))
    assert kinds == [Keyframe, Delta, Keyframe, Keyframe, Delta]


def test_messages_keep_their_order_and_end_the_draft_before_them() -> None:
    box = Outbox()
    box.draft(live(1, "old"))
    box.put(START)
    box.put(Error("busy", "later"))
    box.draft(live(1, "new"))
    assert [box.pop(), box.pop()] == [START, Error("busy", "later")]
    frame = box.pop()
    assert isinstance(frame, Keyframe)
    assert frame.html == "new"


def test_of_places_in_line_the_newest_is_sent() -> None:
    box = Outbox()
    for message in (START, PageQueued("p", 3), PageQueued("p", 2), Error("busy", "later"), PageQueued("p", 1)):
        box.put(message)
    sent = [box.pop() for _ in range(4)]
    assert sent == [START, PageQueued("p", 2), Error("busy", "later"), PageQueued("p", 1)]


def test_an_error_does_not_drop_the_draft() -> None:
    box = Outbox()
    box.draft(live(1, "a"))
    box.put(Error("busy", "later"))
    assert [type(box.pop()), type(box.pop())] == [Error, Keyframe]


def test_frames_wait_for_a_client_that_acknowledges() -> None:
    box = Outbox()
    box.acknowledged(0)
    for seq in range(1, 20):
        box.draft(live(seq, "a" * seq))
        if box.pop():
            box.numbered(seq)
    box.put(Error("busy", "later"))
    assert isinstance(box.pop(), Error)
    assert box.pop() is None
    box.draft(live(20, "a" * 20))
    assert box.pop() is None
    box.acknowledged(1)
    frame = box.pop()
    assert isinstance(frame, Delta)
    assert frame.text == "a" * (20 - WINDOW)


def test_a_page_that_begins_anew_begins_with_a_keyframe() -> None:
    box = Outbox()
    box.draft(live(1, "a"))
    assert isinstance(box.pop(), Keyframe)
    box.put(START)
    box.draft(live(2, "ab"))
    assert box.pop() == START
    assert isinstance(box.pop(), Keyframe)


def test_a_client_that_never_acknowledges_gets_all_the_socket_takes() -> None:
    box = Outbox()
    for seq in range(1, 20):
        box.draft(live(seq, "a" * seq))
        assert box.pop()
        box.numbered(seq)


def test_changes_are_announced() -> None:
    calls: list[int] = []
    box = Outbox(lambda: calls.append(1))
    box.draft(live(1, ""))
    box.put(START)
    box.acknowledged(1)
    box.close(4409)
    assert len(calls) == 4
    assert (box.pop(), box.pop(), box.closing) == (START, None, 4409)


def test_what_nobody_will_see_is_told() -> None:
    dropped: list[int] = []
    box = Outbox(on_drop=lambda: dropped.append(1))
    box.draft(live(1, "a"))
    box.draft(live(2, "ab"))
    assert len(dropped) == 1
    assert box.pop()
    box.put(START)
    box.draft(live(3, "abc"))
    box.close(1000)
    assert len(dropped) == 2


def test_a_frame_says_once_when_it_was_ready() -> None:
    box, page = Outbox(), live(1, "a")
    page.ready = 5.0
    box.draft(page)
    assert box.pop()
    assert box.ready == 5.0
    box.draft(page)
    assert box.pop()
    assert box.ready is None


def test_a_frame_that_waited_for_the_client_says_nothing_of_the_service() -> None:
    box = Outbox()
    box.acknowledged(0)
    for seq in range(1, WINDOW + 1):
        box.numbered(seq)
    page = live(1, "a")
    page.ready = 5.0
    box.draft(page)
    assert box.pop() is None
    box.acknowledged(1)
    assert box.pop()
    assert box.ready is None
