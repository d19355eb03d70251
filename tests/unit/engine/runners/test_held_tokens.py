"""Held positions: tokens that neither the sampler nor a reading may touch, on both runners."""

import asyncio
import pickle
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from backend.models.ray.replica import Replica
from backend.models.ray.stream import RayWriting, ReplicaLost, Shape, StreamOrder
from engine.core.errors import InvalidParams
from engine.core.noise import SeededNoise
from engine.core.params import Committed, Params
from engine.core.results import Frame, Result
from engine.engine import Engine
from engine.model.diffusion_gemma import DiffusionGemma
from engine.requests.canvas import Canvas
from engine.requests.held_tokens import HeldTokens, share
from engine.requests.request import Request
from engine.runners.cuda_graph import CudaGraphRunner
from engine.runners.eager import EagerRunner
from tests.unit.engine.runners.test_cuda_graph import engine_of
from tests.unit.engine.runners.test_guidance import AWAY, RUNNERS
from tests.unit.engine.test_engine import CANVAS, VOCABULARY, prompt, run, same_frames
from tests.unit.engine.test_engine import held as together

GIVEN = tuple(prompt(3 * CANVAS, 11))
ACROSS = ((0, 5), (CANVAS - 3, CANVAS + 4), (CANVAS + 9, 3 * CANVAS - 1))
"""Held at the beginning, across the end of the first canvas, and from the second to the end but one."""

PAGE = Params(max_tokens=3 * CANVAS, max_steps=5, confidence=0, seed=4, canvas=GIVEN, hold=ACROSS)
FREE = replace(PAGE, canvas=None, hold=None)
GUIDED = replace(PAGE, guidance=2.5, unconditional=AWAY)
READ = replace(PAGE, doubt=0.0, max_readings=CANVAS + 1)
KINDS = {"written": PAGE, "guided": GUIDED, "read": READ, "guided and read": replace(GUIDED, doubt=0.2)}


@pytest.fixture(params=RUNNERS)
def engine(model: DiffusionGemma, request: pytest.FixtureRequest) -> Iterator[Engine]:
    engine = engine_of(RUNNERS[request.param](model))
    yield engine
    engine.close()


def places(params: Params = PAGE) -> list[int]:
    return [place for start, end in params.hold or () for place in range(start, end)]


def assert_stands(frames: Sequence[Frame], params: Params = PAGE) -> None:
    """Every frame of every canvas shows what is held, as settled."""
    assert params.canvas is not None
    assert {frame.block for frame in frames} == {0, 1, 2}
    for frame in frames:
        here = [place - frame.block * CANVAS for place in places(params) if place // CANVAS == frame.block]
        wanted = [params.canvas[frame.block * CANVAS + at] for at in here]
        assert frame.tokens[here].tolist() == wanted
        assert frame.settled[here].all()


@pytest.mark.parametrize("params", KINDS.values(), ids=KINDS)
def test_what_is_held_stands_in_every_frame(engine: Engine, params: Params) -> None:
    frames, result = run(engine, prompt(), params)
    assert_stands(frames)
    assert [result.tokens[place] for place in places()] == [GIVEN[place] for place in places()]
    _, free = run(engine, prompt(), replace(params, hold=None))
    assert [free.tokens[place] for place in places()] != [GIVEN[place] for place in places()]
    open_places = sorted(set(range(3 * CANVAS)) - set(places()))
    assert [result.tokens[place] for place in open_places] != [GIVEN[place] for place in open_places]


def test_some_of_a_batch_hold_and_nobody_notices(engine: Engine) -> None:
    asked = [
        (prompt(20, 1), replace(GUIDED, seed=1)),
        (prompt(33, 2), replace(FREE, seed=2, max_tokens=2 * CANVAS)),
        (prompt(12, 3), replace(READ, seed=3, doubt=0.3)),
        (prompt(25, 4), replace(PAGE, seed=4, max_steps=3, hold=((4, 3 * CANVAS),))),
    ]
    alone = [run(engine, *request) for request in asked]
    with together(engine):
        running = [engine.submit(*request) for request in asked]
    for (frames, result), generation in zip(alone, running, strict=True):
        assert same_frames(frames, list(generation.frames()))
        assert generation.wait().tokens == result.tokens


def test_nothing_held_changes_nothing(engine: Engine) -> None:
    params = replace(PAGE, hold=None)
    frames, _ = run(engine, prompt(), params)
    assert same_frames(frames, run(engine, prompt(), replace(params, hold=()))[0])
    with together(engine):
        beside, free = engine.submit(prompt(9, 1), PAGE), engine.submit(prompt(), params)
    assert same_frames(frames, list(free.frames()))
    assert beside.wait().finish == "length"


def test_recorded_steps_that_hold_replay_to_the_same_pages(model: DiffusionGemma) -> None:
    pages = []
    for name in ("packed", "taped"):
        engine = engine_of(RUNNERS[name](model))
        pages.append([run(engine, prompt(30, seed), replace(GUIDED, seed=seed)) for seed in (1, 2)])
        engine.close()
    for (frames, _), (again, _) in zip(*pages, strict=True):
        assert same_frames(frames, again)


def test_the_entropy_is_that_of_what_is_free(engine: Engine) -> None:
    """Of each place alone it is the place's own; their mean is that of a canvas without anything held."""
    one = replace(PAGE, max_tokens=CANVAS, max_steps=1, canvas=GIVEN[:CANVAS], hold=())

    def first(hold: Sequence[tuple[int, int]]) -> float:
        return run(engine, prompt(), replace(one, hold=hold))[0][0].entropy

    alone = [first([pair for pair in ((0, at), (at + 1, CANVAS)) if pair[0] < pair[1]]) for at in range(CANVAS)]
    assert max(alone) > 2 * min(alone)
    assert sum(alone) / CANVAS == pytest.approx(first(()), rel=1e-4)


def test_held_places_do_not_end_a_canvas_early(engine: Engine) -> None:
    """Of sixteen places fifteen are certain; the last decides alone."""
    hold = ((0, 7), (8, CANVAS))
    one = replace(PAGE, max_tokens=CANVAS, max_steps=40, canvas=GIVEN[:CANVAS], hold=hold, stability=0)
    entropy = run(engine, prompt(), one)[0][0].entropy
    assert entropy > 0
    frames, _ = run(engine, prompt(), replace(one, confidence=entropy * 0.99))
    assert not frames[0].final
    frames, _ = run(engine, prompt(), replace(one, confidence=entropy * 1.01))
    assert frames[0].final


def test_a_canvas_of_which_all_is_held_takes_one_step(engine: Engine) -> None:
    params = replace(PAGE, max_steps=9, hold=((0, 2 * CANVAS), (2 * CANVAS + 5, 3 * CANVAS)))
    frames, result = run(engine, prompt(), params)
    assert_stands(frames, params)
    assert result.stats.steps == [1, 1, 9]
    assert frames[0].entropy == 0
    assert run(engine, prompt(), replace(params, doubt=0.0, max_readings=40))[1].stats.readings[:2] == [1, 1]


def test_a_page_that_holds_goes_on_in_another_engine(model: DiffusionGemma) -> None:
    for params in (PAGE, replace(READ, doubt=0.4)):
        first, second = engine_of(EagerRunner(model)), engine_of(EagerRunner(model))
        frames, whole = run(first, prompt(), params)
        done = [frame for frame in frames if frame.final][:1]
        committed = Committed(tuple(done[0].tokens.tolist()), (done[0].step,), (done[0].reading,))
        generation = second.submit(prompt(), params, committed=committed)
        assert same_frames(list(generation.frames()), [frame for frame in frames if frame.block])
        assert generation.wait().tokens == whole.tokens
        first.close()
        second.close()


def test_a_lost_replica_of_a_cluster_loses_nothing_that_is_held(model: DiffusionGemma) -> None:
    """What is asked of a replica goes through pickle, as Ray sends it."""
    engines = [engine_of(EagerRunner(model)) for _ in range(2)]
    replicas = [Replica.__new__(Replica) for _ in engines]
    for replica, engine in zip(replicas, engines, strict=True):
        replica._engine, replica._name, replica.pages = engine, "one", 0

    class Sent:
        """A replica's stream, which breaks off in the second canvas of the first."""

        def __init__(self, order: StreamOrder, replica: Replica, breaks: bool) -> None:
            asked = pickle.loads(pickle.dumps((order.prompt, order.params, order.committed)))
            self._parts, self._breaks = replica.write(*asked), breaks

        async def __aiter__(self) -> AsyncIterator[Any]:
            async for part in self._parts:
                if self._breaks and isinstance(part, Frame) and (part.block, part.step) == (1, 2):
                    raise ReplicaLost("gone")
                yield part

        def cancel(self) -> None:
            """It ends with its reader."""

    orders: list[StreamOrder] = []

    def open_(order: StreamOrder) -> Sent:
        orders.append(order)
        return Sent(order, replicas[len(orders) - 1], len(orders) == 1)

    async def page() -> tuple[list[Frame], Result]:
        shape = Shape(CANVAS, frozenset(engines[0].eos_ids), 0)
        writing = RayWriting(StreamOrder(prompt(), PAGE, ""), open_, shape)  # type: ignore[arg-type]
        return [frame async for frame in writing], await writing.result()

    frames, result = asyncio.run(page())
    assert len(orders) == 2
    assert orders[1].committed is not None
    assert_stands(frames)
    assert result.tokens == run(engines[0], prompt(), PAGE)[1].tokens
    for engine in engines:
        engine.close()


@pytest.mark.parametrize("name", ["cpu", "packed"])
@pytest.mark.parametrize("params", [PAGE, READ], ids=["written", "read"])
def test_no_page_ends_before_what_is_held(
    model: DiffusionGemma, monkeypatch: pytest.MonkeyPatch, name: str, params: Params
) -> None:
    """Half of the vocabulary ends a page: what is held comes all the same, padding before it, an end behind it."""
    pad = model.config.pad_id
    ends = tuple(range(VOCABULARY // 2, VOCABULARY))
    config = type(model.config)(**{**vars(model.config), "eos_ids": ends})
    monkeypatch.setattr(model, "config", config)
    engine = engine_of(RUNNERS[name](model))
    hold = ((3, 5), (2 * CANVAS + 4, 2 * CANVAS + 6))
    given = tuple(token % (VOCABULARY // 2) for token in GIVEN)
    frames, result = run(engine, prompt(), replace(params, canvas=given, hold=hold))
    engine.close()
    last = hold[-1][1]
    assert len(result.tokens) >= last
    assert any(pad in frame.tokens for frame in frames if frame.block < 2)
    assert not set(ends).intersection(result.tokens[:last])
    for frame in frames:
        early = frame.tokens[: max(0, last - frame.block * CANVAS)]
        assert not set(ends).intersection(early.tolist())
    assert (result.finish == "eos") == bool(set(ends).intersection(frames[-1].tokens[6:].tolist()))
    assert max(result.stats.readings) <= CANVAS + 1


def test_a_held_end_of_the_page_ends_it(engine: Engine) -> None:
    eos = engine.eos_ids[0]
    given = (*GIVEN[: CANVAS + 6], eos, *GIVEN[CANVAS + 7 :])
    _, result = run(engine, prompt(), replace(PAGE, canvas=given, hold=((0, 3), (CANVAS + 5, 2 * CANVAS))))
    assert result.finish == "eos"
    assert len(result.tokens) == CANVAS + 6
    assert result.tokens[-1] == GIVEN[CANVAS + 5]


@pytest.mark.parametrize("name", ["cpu", "packed"])
def test_the_next_step_reads_what_is_held_and_is_sure_of_it(model: DiffusionGemma, name: str) -> None:
    asked = Request(prompt(), PAGE, SeededNoise(4), model.config)
    runner = RUNNERS[name](model)
    runner.encode([asked])
    with torch.inference_mode():
        step = runner.step([asked])
        held = asked.held.places
        assert step.accepted[0][held].all()
        certain = model.embed(asked.held.tokens)
        if isinstance(
            runner, CudaGraphRunner
        ):  # the next step is under way already: its input has gone, its output is there
            tokens, soft = runner._board.tokens[0], runner._board.soft[0]
        else:
            assert asked.predicted is not None
            tokens, soft = asked.tokens, runner._conditioning(asked, asked.predicted)
        assert tokens[held].tolist() == asked.held.tokens[held].tolist()
        torch.testing.assert_close(soft[held], certain[held])
        assert not torch.allclose(soft[~held], model.embed(tokens.long())[~held])


def test_a_seat_that_moves_takes_what_is_held_along(model: DiffusionGemma) -> None:
    """The first leaves while the other holds: its canvas goes on at the place of the one that left."""
    engine = engine_of(RUNNERS["packed"](model))
    alone = run(engine, prompt(9, 2), PAGE)
    with together(engine):
        short = engine.submit(prompt(9, 1), replace(FREE, max_tokens=CANVAS, max_steps=2))
        long = engine.submit(prompt(9, 2), PAGE)
    assert short.wait().finish == "length"
    assert same_frames(alone[0], list(long.frames()))
    engine.close()


def test_of_a_part_of_a_page() -> None:
    held = HeldTokens.of(Params(canvas=[7, 8, 9, 10, 11, 12], hold=[(1, 2), (3, 5)]), 2, 4)
    assert held.places.tolist() == [False, True, True, False]
    assert held.tokens.tolist() == [0, 10, 11, 0]
    assert held.early.tolist() == [True, False, False, False]
    assert share(held) == 2
    assert share(HeldTokens.of(Params(canvas=[1, 2], hold=[(0, 2)]), 0, 2)) == 0
    assert share(HeldTokens.none((4,))) == 1


def test_tokens_as_they_may_stand() -> None:
    held = HeldTokens.of(Params(canvas=[7, 8, 9, 10], hold=[(1, 3)]), 0, 4)
    found: Tensor = torch.tensor([3, 3, 4, 3])
    assert held.kept(found, (3, 5), 0).tolist() == [0, 8, 9, 3]


def test_what_is_held_is_settled_at_once_and_no_correction() -> None:
    canvas = Canvas(0, 3, Params(), np.array([True, False, False]))
    frame = canvas.advance(np.array([4, 5, 6], np.int32), np.array([True, True, False]), 1.0, 0.1)
    assert frame.settled.tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hold": [(0, 1)]}, "hold: expected canvas beside it, got none"),
        ({"hold": [(0, 1)], "canvas": None}, "hold: expected canvas beside it, got none"),
        *(
            (
                {"canvas": [5] * 9, "hold": hold},
                "hold: expected (start, end) pairs in order with 0 <= start < end <= 9, the length of canvas, "
                f"got {said}",
            )
            for hold, said in (
                ([(0, 10)], "(0, 10)"),
                ([(3, 3)], "(3, 3)"),
                ([(-1, 3)], "(-1, 3)"),
                ([(4, 6), (5, 7)], "(5, 7)"),
                ([(4, 6), (0, 2)], "(0, 2)"),
                ([(0, True)], "(0, True)"),
                ([(0, 1.5)], "(0, 1.5)"),
                ([7], "7"),
                ([(1, 2, 3)], "(1, 2, 3)"),
                ("all", "'all'"),
                (True, "True"),
            )
        ),
    ],
)
def test_out_of_range(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidParams, match=f"^{re.escape(message)}$"):
        Params(**options)


def test_padding_that_ends_a_page_cannot_fill_one_up(model: DiffusionGemma, monkeypatch: pytest.MonkeyPatch) -> None:
    config = type(model.config)(**{**vars(model.config), "pad_id": 1, "eos_ids": (1,)})
    monkeypatch.setattr(model, "config", config)
    engine = engine_of(EagerRunner(model))
    with pytest.raises(InvalidParams, match=r"^hold: expected a model whose padding ends no page, got one that pads"):
        engine.submit(prompt(), PAGE)
    engine.close()


def test_what_is_held_must_have_room(model: DiffusionGemma) -> None:
    engine = engine_of(EagerRunner(model))
    with pytest.raises(InvalidParams, match=r"^hold: expected it to end within the page's 32 tokens, got 40$"):
        engine.submit(prompt(), replace(PAGE, max_tokens=CANVAS + 1, hold=[(3, 40)]))
    assert run(engine, prompt(), replace(PAGE, max_tokens=CANVAS + 1, hold=[(3, 32)]))[1].finish == "length"
    engine.close()
