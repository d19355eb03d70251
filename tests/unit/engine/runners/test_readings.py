"""Readings: the encoder checks a written canvas from left to right before it is committed."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from engine.core.noise import SeededNoise
from engine.core.params import Committed, Params
from engine.engine import Engine
from engine.model.attention import encode_attend
from engine.model.diffusion_gemma import DiffusionGemma
from engine.model.kv_cache import PrefixCache
from engine.requests.canvas import Canvas
from engine.requests.request import GROWTH, LEAST, Reading, Request
from engine.runners.eager import EagerRunner
from engine.tokenizer.chat_template import ChatTemplate
from engine.tokenizer.tokenizer import ChatTokenizer
from tests.unit.engine.test_engine import CANVAS, held, prompt, run, same_frames
from tests.unit.engine.tokenizer.test_tokenizer import TEMPLATE, byte_level

UNREAD = Params(max_tokens=3 * CANVAS, max_steps=3, seed=4)
STRICT = replace(UNREAD, doubt=0.0, max_readings=CANVAS + 1)


@pytest.fixture
def engine(model: DiffusionGemma) -> Iterator[Engine]:
    engine = Engine(
        EagerRunner(model), ChatTokenizer(byte_level(), ChatTemplate(TEMPLATE, {"bos_token": "<bos>"})), UNREAD
    )
    yield engine
    engine.close()


def likeliest(model: DiffusionGemma, before: list[int], page: list[int]) -> list[int]:
    """What the encoder, in one pass over everything, holds for likeliest at each place of the page."""
    ids = before + page
    cache = PrefixCache(model.config, model.embed_tokens.weight, len(ids))
    with torch.inference_mode():
        hidden = model.encode(torch.tensor(ids), torch.arange(len(ids)), encode_attend([cache], [len(ids)]))
        return model.logits(hidden[len(before) - 1 : -1]).argmax(-1).tolist()


def test_a_strict_reader_leaves_what_it_would_have_written_itself(engine: Engine, model: DiffusionGemma) -> None:
    _, unread = run(engine, prompt(), UNREAD)
    _, result = run(engine, prompt(), STRICT)
    page = result.tokens
    assert page != unread.tokens
    assert len(page) == 3 * CANVAS
    assert page == likeliest(model, prompt(), page)


def test_each_reading_is_a_frame_and_settles_a_token_or_more(engine: Engine) -> None:
    frames, result = run(engine, prompt(), STRICT)
    for block in range(3):
        own = [frame for frame in frames if frame.block == block]
        assert [frame.step for frame in own] == [1, 2, 3] + [3] * (len(own) - 3)
        assert [frame.reading for frame in own] == [0, 0, 0, *range(1, len(own) - 2)]
        assert [frame.final for frame in own] == [False] * (len(own) - 1) + [True]
        for number, (one, following) in enumerate(pairwise(own[3:]), 1):
            assert np.array_equal(one.tokens[:number], following.tokens[:number])
    assert result.stats.steps == [3, 3, 3]
    assert result.stats.readings == [max(f.reading for f in frames if f.block == block) for block in range(3)]


def test_a_reader_who_doubts_nothing_changes_nothing(engine: Engine) -> None:
    _, unread = run(engine, prompt(), UNREAD)
    _, result = run(engine, prompt(), replace(UNREAD, doubt=1e6))
    assert result.tokens == unread.tokens
    assert result.stats.readings == [1, 1, 1]
    assert unread.stats.readings == [0, 0, 0]


def test_readings_end_when_their_number_is_reached(engine: Engine) -> None:
    frames, result = run(engine, prompt(), replace(STRICT, max_readings=2))
    assert max(result.stats.readings) == 2
    assert all(frame.settled.all() for frame in frames if frame.final)
    assert len(result.tokens) == 3 * CANVAS  # what was not read is encoded for the canvases that follow


def test_many_share_each_reading_and_none_notices(engine: Engine) -> None:
    asked = [(prompt(20, 1), STRICT), (prompt(33, 2), UNREAD), (prompt(5, 3), replace(STRICT, doubt=0.5, max_steps=2))]
    alone = [run(engine, *request) for request in asked]
    with held(engine):
        together = [engine.submit(*request) for request in asked]
    for generation, (frames, result) in zip(together, alone, strict=True):
        assert same_frames(list(generation.frames()), frames)
        assert generation.wait().tokens == result.tokens


def written(engine: Engine, tokens: list[int]) -> Request:
    """A request whose canvas is written with these tokens."""
    request = Request(prompt(), STRICT, SeededNoise(0), engine.config)
    request.canvas = Canvas(0, CANVAS, replace(STRICT, max_steps=1))
    request.advance(torch.tensor(tokens), torch.ones(CANVAS, dtype=torch.bool), 0.0)
    return request


def test_nothing_is_read_behind_the_end(engine: Engine) -> None:
    eos = engine.config.eos_ids[0]
    request = written(engine, [7, 8, 9, eos] + [5] * (CANVAS - 4))
    assert request.reading
    assert request.unread() == [7, 8, 9, eos]
    doubtful = torch.tensor([False, True, False, False])
    frame = request.correct(Reading(torch.tensor([7, 6, 9, eos]), doubtful, 1, 0.5))
    assert frame.tokens[:5].tolist() == [7, 6, 9, eos, 5]
    assert frame.settled.tolist() == [True, False] + [True] * (CANVAS - 2)
    assert (frame.final, frame.entropy) == (False, 0.5 / CANVAS)
    assert request.unread() == [6, 9, eos]
    nothing = torch.zeros(3, dtype=torch.bool)
    assert request.correct(Reading(torch.tensor([6, 9, eos]), nothing, 3, 0.0)).final


def test_a_replaced_token_that_had_settled_is_a_correction(engine: Engine) -> None:
    canvas = Canvas(0, 2, replace(STRICT, max_steps=2))
    for _ in range(2):
        canvas.advance(np.array([4, 5], np.int32), np.array([True, True]), 0.0, 0.1)
    canvas.correct(np.array([4, 6], np.int32), np.array([False, True]), 0.0, 0.2, done=False)
    assert canvas.corrections == 1


def doubted(request: Request, at: int, token: int) -> list[int]:
    """The canvas after a reading of what is unread that doubts one place of it alone."""
    tokens = request.unread()
    tokens[at] = token
    found = torch.zeros(len(tokens), dtype=torch.bool)
    found[at] = True
    return request.correct(Reading(torch.tensor(tokens), found, at, 0.0)).tokens.tolist()


def test_text_that_stands_one_place_too_early_is_moved_as_a_whole(engine: Engine) -> None:
    text = list(range(20, 20 + CANVAS))
    request = written(engine, text)
    assert doubted(request, 3, 7) == [*text[:3], 7, *text[4:]]
    assert doubted(request, 1, 23) == [*text[:3], 7, *text[3:-1]]


def test_text_that_stands_too_late_is_moved_as_a_whole(engine: Engine) -> None:
    text = list(range(20, 20 + CANVAS))
    request = written(engine, text)
    doubted(request, 3, 27)
    assert doubted(request, 1, 28) == [*text[:3], *text[7:], *[engine.config.pad_id] * 4]


def test_a_reading_that_failed_to_move_text_leaves_it_where_it_was(engine: Engine) -> None:
    text = list(range(20, 20 + CANVAS))
    request = written(engine, text)
    doubted(request, 3, 7)
    doubted(request, 1, 23)
    assert doubted(request, 1, 9) == [*text[:3], 7, 23, 9, *text[6:]]


def test_nothing_is_moved_where_something_is_held(engine: Engine) -> None:
    text = list(range(20, 20 + CANVAS))
    request = written(engine, text)
    request.holds = True
    doubted(request, 3, 7)
    assert doubted(request, 1, 23) == [*text[:3], 7, 23, *text[5:]]


def test_behind_a_doubt_little_is_read_and_more_with_each_reading_that_finds_none(engine: Engine) -> None:
    request = written(engine, list(range(20, 20 + CANVAS)))
    assert len(request.unread()) == CANVAS
    doubted(request, 0, 7)
    assert len(request.unread()) == min(CANVAS, LEAST)
    none = torch.zeros(2, dtype=torch.bool)
    request.window = 2
    frame = request.correct(Reading(torch.tensor([7, 21]), none, 2, 0.0))
    assert not frame.final
    assert len(request.unread()) == min(CANVAS - 2, 2 * GROWTH)
    rest = request.canvas.shown
    assert rest is not None
    request.window = CANVAS
    every = torch.tensor(request.unread())
    assert request.correct(
        Reading(every, torch.zeros(len(every), dtype=torch.bool), len(every), 0.0, [0.0] * len(every))
    ).final


def surprisals(model: DiffusionGemma, before: list[int], page: list[int]) -> list[float]:
    """What the encoder, in one pass over everything, holds each token of the page for, in nats."""
    ids = before + page
    cache = PrefixCache(model.config, model.embed_tokens.weight, len(ids))
    with torch.inference_mode():
        hidden = model.encode(torch.tensor(ids), torch.arange(len(ids)), encode_attend([cache], [len(ids)]))
        log = model.logits(hidden[len(before) - 1 : -1]).log_softmax(-1)
    return [-float(log[at, token]) for at, token in enumerate(page)]


@pytest.mark.parametrize("params", [STRICT, replace(UNREAD, doubt=0.7, max_readings=CANVAS + 1)])
def test_the_surprisal_is_that_of_what_was_committed(engine: Engine, model: DiffusionGemma, params: Params) -> None:
    frames, result = run(engine, prompt(), params)
    assert result.stats.surprisal == pytest.approx(surprisals(model, prompt(), result.tokens), abs=1e-4)
    written = [frame.tokens for frame in frames if frame.step == 3 and not frame.reading]
    committed = [frame.tokens for frame in frames if frame.final]
    assert result.stats.replaced == sum(int((a != b).sum()) for a, b in zip(written, committed, strict=True)) > 0


def test_readings_that_are_too_few_leave_a_surprisal_for_each_token_all_the_same(engine: Engine) -> None:
    _, result = run(engine, prompt(), replace(STRICT, max_readings=2))
    assert len(result.stats.surprisal) == len(result.tokens)


def test_what_nobody_read_surprised_nobody(engine: Engine) -> None:
    _, result = run(engine, prompt(), UNREAD)
    assert (result.stats.surprisal, result.stats.replaced) == ([], 0)


def test_of_a_page_that_another_engine_began_nothing_is_said(engine: Engine) -> None:
    frames, _ = run(engine, prompt(), STRICT)
    first = next(frame for frame in frames if frame.final)
    done = Committed(tuple(map(int, first.tokens)), (first.step,), (first.reading,))
    assert engine.submit(prompt(), STRICT, committed=done).wait().stats.surprisal == []


def test_what_is_held_surprises_nobody(engine: Engine) -> None:
    canvas = [7 + at % 20 for at in range(CANVAS)]
    params = replace(STRICT, max_tokens=CANVAS, canvas=canvas, hold=((2, 9),))
    _, result = run(engine, prompt(), params)
    assert result.stats.surprisal[2:9] == [0.0] * 7
    assert all(result.stats.surprisal[9:])
