"""What a canvas makes of its steps: frames, settling, corrections, stopping."""

import numpy as np

from engine.core.params import Params
from engine.core.results import Frame
from engine.requests.canvas import Canvas


def advance(canvas: Canvas, tokens: list[int], accepted: list[int], entropy: float = 1.0) -> Frame:
    return canvas.advance(np.array(tokens, np.int32), np.array(accepted, np.bool_), entropy, 0.25)


def test_a_frame_tells_where_it_stands() -> None:
    canvas = Canvas(2, 3, Params(max_steps=5))
    frame = advance(canvas, [4, 5, 6], [1, 0, 0], 0.75)
    assert (frame.block, frame.step, frame.steps) == (2, 1, 5)
    assert (frame.entropy, frame.elapsed, frame.final) == (0.75, 0.25, False)
    assert frame.tokens.dtype == np.int32
    assert frame.tokens.tolist() == [4, 5, 6]


def test_settled_needs_acceptance_and_the_same_token_twice() -> None:
    canvas = Canvas(0, 3, Params())
    assert advance(canvas, [4, 5, 6], [1, 1, 1]).settled.tolist() == [False, False, False]
    assert advance(canvas, [4, 5, 7], [1, 0, 1]).settled.tolist() == [True, False, False]


def test_the_last_step_is_final_and_settles_all() -> None:
    canvas = Canvas(0, 2, Params(max_steps=2))
    assert not advance(canvas, [1, 2], [0, 0]).final
    frame = advance(canvas, [3, 4], [0, 0])
    assert frame.final
    assert frame.settled.all()


def test_a_settled_token_that_changes_is_one_correction() -> None:
    canvas = Canvas(0, 2, Params())
    for tokens in ([1, 9], [1, 9], [2, 9], [2, 9], [1, 9]):
        advance(canvas, tokens, [1, 0])
    assert canvas.corrections == 2  # 1 settled, became 2, settled, became 1; the second position never settled


def test_a_change_in_the_final_frame_counts_too() -> None:
    canvas = Canvas(0, 1, Params(max_steps=3))
    for token in (1, 1, 2):
        advance(canvas, [token], [1])
    assert canvas.corrections == 1


def test_stops_when_still_and_sure() -> None:
    canvas = Canvas(0, 1, Params(stability=2, confidence=0.1))
    assert [advance(canvas, [7], [1], 0.05).final for _ in range(3)] == [False, False, True]


def test_a_change_starts_the_wait_again() -> None:
    canvas = Canvas(0, 1, Params(stability=2, confidence=0.1))
    assert [advance(canvas, [token], [1], 0.05).final for token in (7, 7, 8, 8, 8)] == [False] * 4 + [True]


def test_does_not_stop_while_unsure() -> None:
    canvas = Canvas(0, 1, Params(stability=1, confidence=0.1))
    assert [advance(canvas, [7], [1], entropy).final for entropy in (0.5, 0.1, 0.09)] == [False, False, True]


def test_without_stability_one_sure_step_is_enough() -> None:
    assert advance(Canvas(0, 1, Params(stability=0)), [7], [1], 0.0).final


def test_confidence_zero_takes_every_step() -> None:
    canvas = Canvas(0, 1, Params(confidence=0, max_steps=4))
    assert [advance(canvas, [7], [1], 0.0).final for _ in range(4)] == [False, False, False, True]
