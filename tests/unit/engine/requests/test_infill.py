"""Infilling: a text with a gap as a canvas, and back."""

import re
from dataclasses import replace

import pytest

from engine.core.errors import InvalidParams
from engine.core.params import Params
from engine.model.diffusion_gemma import DiffusionGemma
from engine.requests.infill import infill
from engine.runners.eager import EagerRunner
from tests.unit.engine.runners.test_cuda_graph import engine_of
from tests.unit.engine.test_engine import CANVAS, prompt, run

PAD, EOS = 0, 1


def test_a_gap_between_two_texts() -> None:
    found = infill([5, 6], [7], 3, length=4, pad=PAD, eos=EOS)
    assert found.canvas == (5, 6, PAD, PAD, PAD, 7, EOS, PAD)
    assert found.hold == ((0, 2), (5, 8))
    assert (found.start, found.stop) == (2, 5)
    assert found.text([5, 6, 9, PAD, 8, 7]) == [5, 6, 9, 8, 7]
    assert found.middle([5, 6, 9, PAD, 8, 7]) == [9, 8]


def test_a_gap_at_either_end_and_one_that_has_begun() -> None:
    assert infill([], [7], 2, length=4, pad=PAD, eos=EOS).hold == ((2, 4),)
    assert infill([5], [], 2, length=4, pad=PAD, eos=EOS).canvas == (5, PAD, PAD, EOS)
    assert infill([], [], 2, length=4, pad=PAD, eos=EOS, begun=[9]).canvas == (9, PAD, EOS, PAD)


def test_padding_of_the_texts_around_shows_nothing_either() -> None:
    found = infill([5, PAD], [PAD, 7], 1, length=4, pad=PAD, eos=EOS)
    assert found.text([5, PAD, 9, PAD, 7]) == [5, 9, 7]


@pytest.mark.parametrize("first", [0, 2, 4, 8])
def test_what_fills_a_gap_canvas_by_canvas(first: int) -> None:
    found = infill([5] * 3, [7], 6, length=4, pad=PAD, eos=EOS)
    page = [5, 5, 5, 11, 12, PAD, 13, 14, 15, 7, EOS, PAD]
    assert found.middle(page[first : first + 4], first) == [t for t in page[max(3, first) : min(9, first + 4)] if t]


def test_a_cancelled_page_gives_what_there_is() -> None:
    found = infill([5], [7], 6, length=4, pad=PAD, eos=EOS)
    assert found.text([5, 9, 9, 9]) == [5, 9, 9, 9, 7]
    assert found.text([]) == [5, 7]


@pytest.mark.parametrize("doubt", [None, 0.3])
@pytest.mark.parametrize("before", [4, CANVAS - 2, CANVAS])
def test_a_model_fills_a_gap_wherever_canvases_end(model: DiffusionGemma, before: int, doubt: float | None) -> None:
    engine = engine_of(EagerRunner(model))
    config = engine.config

    given, behind = [t % 150 + 2 for t in prompt(before, 3)], [t % 150 + 2 for t in prompt(5, 4)]
    found = infill(given, behind, CANVAS + 3, length=CANVAS, pad=config.pad_id, eos=config.eos_ids[0])
    params = Params(max_steps=4, seed=2, confidence=0, doubt=doubt, max_tokens=len(found.canvas))
    frames, result = run(engine, prompt(), replace(params, canvas=found.canvas, hold=found.hold))
    engine.close()
    assert result.finish == "eos"
    assert result.tokens[:before] == given
    assert result.tokens[found.stop :] == behind
    middle = [token for token in result.tokens[found.start : found.stop] if token != config.pad_id]
    assert found.text(result.tokens) == [*given, *middle, *behind]
    parts = [found.middle(frame.tokens.tolist(), frame.block * CANVAS) for frame in frames if frame.final]
    assert [token for part in parts for token in part] == middle


@pytest.mark.parametrize(
    ("room", "begun", "message"),
    [
        (0, [], "room: expected a whole number >= 1, got 0"),
        (2, [7, 8, 9], "begun: expected at most 2 tokens, which there is room for, got 3"),
    ],
)
def test_what_is_no_gap(room: int, begun: list[int], message: str) -> None:
    with pytest.raises(InvalidParams, match=f"^{re.escape(message)}$"):
        infill([5], [7], room, length=4, pad=PAD, eos=EOS, begun=begun)
