"""A page that another engine began: it goes on behind its committed canvases as it would have gone on there."""

import pickle
from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.core.errors import InvalidParams, PromptTooLong
from engine.core.params import Committed
from engine.engine import Engine, Params
from engine.model.diffusion_gemma import DiffusionGemma
from engine.runners.eager import EagerRunner
from engine.tokenizer.tokenizer import ChatTokenizer
from tests.unit.engine.test_engine import CANVAS, prompt, run, same_frames, tokenizer

__all__ = ["tokenizer"]

FOUR = Params(max_tokens=4 * CANVAS, max_steps=5, seed=3, confidence=0.5)


@pytest.fixture
def engine(model: DiffusionGemma, tokenizer: ChatTokenizer) -> Iterator[Engine]:
    engine = Engine(EagerRunner(model), tokenizer, FOUR)
    yield engine
    engine.close()


@pytest.mark.parametrize("params", [FOUR, replace(FOUR, doubt=0.5)], ids=["written", "read"])
@pytest.mark.parametrize("canvases", [1, 3])
def test_a_page_goes_on_as_it_would_have(engine: Engine, params: Params, canvases: int) -> None:
    frames, whole = run(engine, prompt(), params)
    done = [frame for frame in frames if frame.final][:canvases]
    tokens = tuple(int(token) for frame in done for token in frame.tokens)
    committed = Committed(tokens, tuple(f.step for f in done), tuple(f.reading for f in done))
    generation = engine.submit(prompt(), params, committed=committed)
    rest, result = list(generation.frames()), generation.wait()
    assert rest[0].block == canvases
    assert same_frames(rest, [frame for frame in frames if frame.block >= canvases])
    assert result.tokens == whole.tokens
    assert (result.stats.steps, result.stats.readings) == (whole.stats.steps, whole.stats.readings)


@pytest.mark.parametrize(
    ("committed", "words"),
    [
        (Committed((5,) * CANVAS, (1, 1), (0, 0)), f"expected {CANVAS} tokens .* each of 2 canvases, got {CANVAS}"),
        (Committed((5,) * CANVAS, (1,), ()), "and one reading count for each of 1 canvases, got 16 and 0"),
        (Committed((5,) * 4 * CANVAS, (1,) * 4, (0,) * 4), "expected fewer than 4 canvases, got 4"),
    ],
    ids=["short", "unread", "whole"],
)
def test_what_no_page_can_go_on_behind(engine: Engine, committed: Committed, words: str) -> None:
    with pytest.raises(InvalidParams, match=words):
        engine.submit(prompt(), FOUR, committed=committed)


def test_no_page_goes_on_behind_its_end(engine: Engine) -> None:
    eos = engine.eos_ids[0]
    with pytest.raises(InvalidParams, match=f"expected a page that has not ended, got token {eos}"):
        engine.submit(prompt(), FOUR, committed=Committed((eos,) * CANVAS, (1,), (0,)))


def test_an_overlong_prompt_is_told_across_processes() -> None:
    error = pickle.loads(pickle.dumps(PromptTooLong(7, 5)))
    assert (type(error), error.tokens, error.limit) == (PromptTooLong, 7, 5)
    assert str(error) == "expected a prompt of at most 5 tokens, got 7"
