"""Submitting, streaming, sharing steps, cancelling, failing and closing."""

import asyncio
import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.checkpoint.loader import save_checkpoint
from engine.core.errors import (
    DeviceLost,
    EngineClosed,
    GenerationFailed,
    InvalidParams,
    InvalidPrompt,
    NotEnoughMemory,
    PromptTooLong,
)
from engine.core.noise import SeededNoise
from engine.core.results import Frame
from engine.engine import Engine, Params, Result
from engine.model.diffusion_gemma import DiffusionGemma
from engine.requests.request import Request
from engine.runners.eager import EagerRunner
from engine.tokenizer.chat_template import ChatTemplate
from engine.tokenizer.tokenizer import ChatTokenizer
from engine.worker import lasting
from tests.unit.engine.tokenizer.test_tokenizer import TEMPLATE, byte_level

CANVAS, VOCABULARY = 16, 160
THREE = Params(max_tokens=3 * CANVAS, max_steps=5, seed=1)
ENDLESS = Params(max_tokens=20 * CANVAS, max_steps=10_000, confidence=0, seed=1)


@pytest.fixture(scope="module")
def tokenizer() -> ChatTokenizer:
    return ChatTokenizer(byte_level(), ChatTemplate(TEMPLATE, {"bos_token": "<bos>"}))


@pytest.fixture
def engine(model: DiffusionGemma, tokenizer: ChatTokenizer) -> Iterator[Engine]:
    engine = Engine(EagerRunner(model), tokenizer, Params(max_tokens=CANVAS, max_steps=3))
    yield engine
    engine.close()


def prompt(length: int = 30, seed: int = 0) -> list[int]:
    return torch.randint(VOCABULARY, (length,), generator=torch.Generator().manual_seed(seed)).tolist()


def run(engine: Engine, ids: list[int], params: Params) -> tuple[list[Frame], Result]:
    generation = engine.submit(ids, params)
    return list(generation.frames()), generation.wait()


def same_frames(one: Sequence[Frame], other: Sequence[Frame]) -> bool:
    return len(one) == len(other) and all(
        (a.block, a.step, a.final) == (b.block, b.step, b.final)
        and np.array_equal(a.tokens, b.tokens)
        and np.array_equal(a.settled, b.settled)
        for a, b in zip(one, other, strict=True)
    )


def test_padding_is_no_token_of_a_page(engine: Engine) -> None:
    request = Request(prompt(), THREE, SeededNoise(0), engine.config)
    eos = engine.config.eos_ids[0]
    request.committed, request.steps = [7, engine.config.pad_id, 8, engine.config.pad_id, eos, 9, 9, 9], [4]
    result = request.result("eos")
    assert result.tokens == [7, engine.config.pad_id, 8, engine.config.pad_id]
    assert result.stats.tokens == 2


def test_frames_and_result_of_a_page(engine: Engine) -> None:
    frames, result = run(engine, prompt(), THREE)
    assert [(frame.block, frame.step) for frame in frames] == [(b, s) for b in range(3) for s in range(1, 6)]
    assert [frame.final for frame in frames] == 3 * [False, False, False, False, True]
    assert result.tokens == [token for frame in frames if frame.final for token in frame.tokens]
    assert result.finish == "length"
    stats = result.stats
    shown = 3 * CANVAS - result.tokens.count(engine.config.pad_id)
    assert (stats.tokens, stats.canvases, stats.steps) == (shown, 3, [5, 5, 5])
    assert frames[0].elapsed == stats.first_frame < frames[-1].elapsed < stats.seconds
    assert stats.tokens_per_second == pytest.approx(shown / stats.seconds)
    assert stats.corrections >= 0


def test_awaiting_frames_and_result(engine: Engine) -> None:
    async def read() -> tuple[list[Frame], Result]:
        generation = engine.submit(prompt(), THREE)
        return [frame async for frame in generation], await generation.result()

    frames, result = asyncio.run(read())
    expected_frames, expected = run(engine, prompt(), THREE)
    assert same_frames(frames, expected_frames)
    assert result.tokens == expected.tokens


def test_a_seed_repeats_and_another_differs(engine: Engine) -> None:
    first, again = run(engine, prompt(), THREE)[0], run(engine, prompt(), THREE)[0]
    other = run(engine, prompt(), Params(max_tokens=3 * CANVAS, max_steps=5, seed=2))[0]
    assert same_frames(first, again)
    assert not same_frames(first, other)


def test_without_a_seed_runs_differ(engine: Engine) -> None:
    params = Params(max_tokens=CANVAS, max_steps=2)
    assert not same_frames(run(engine, prompt(), params)[0], run(engine, prompt(), params)[0])


def test_many_share_each_step_and_none_notices(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [
        (prompt(3, 1), Params(max_tokens=2 * CANVAS, max_steps=4, seed=1)),
        (prompt(60, 2), Params(max_tokens=CANVAS, max_steps=7, seed=2, temperature=(0.5, 0.1), entropy_bound=3.0)),
        (prompt(25, 3), Params(max_tokens=3 * CANVAS, max_steps=3, seed=3)),
    ]
    alone = [run(engine, *request) for request in asked]
    sizes: list[int] = []
    step = EagerRunner.step
    monkeypatch.setattr(EagerRunner, "step", lambda self, group: (sizes.append(len(group)), step(self, group))[1])
    with held(engine):
        together = [engine.submit(*request) for request in asked]
    for generation, (frames, result) in zip(together, alone, strict=True):
        assert same_frames(list(generation.frames()), frames)
        assert generation.wait().tokens == result.tokens
    assert sizes[:3] == [3, 3, 3]
    assert {1, 2, 3} >= set(sizes)


class held:  # noqa: N801 - reads as a word in a with statement
    """Keeps the worker from starting, so that what is submitted inside begins together."""

    def __init__(self, engine: Engine) -> None:
        self._changed = engine._worker._changed

    def __enter__(self) -> None:
        self._changed.acquire()

    def __exit__(self, *error: object) -> None:
        self._changed.release()


def test_more_requests_than_seats_all_finish(model: DiffusionGemma, tokenizer: ChatTokenizer) -> None:
    engine = Engine(EagerRunner(model), tokenizer, Params(), seats=2)
    generations = [engine.submit(prompt(5, i), Params(max_tokens=2 * CANVAS, max_steps=2, seed=i)) for i in range(7)]
    assert [len(list(generation.frames())) % 2 for generation in generations] == [0] * 7
    assert {generation.wait().finish for generation in generations} <= {"length", "eos"}
    engine.close()


def test_a_canvas_can_be_seeded(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[int]] = []
    decode = DiffusionGemma.decode

    def spy(self: DiffusionGemma, ids: Tensor, *rest: Any) -> Tensor:
        seen.append(ids.tolist())
        return decode(self, ids, *rest)

    monkeypatch.setattr(DiffusionGemma, "decode", spy)
    given = prompt(CANVAS + 5, 9)
    run(engine, prompt(), Params(max_tokens=3 * CANVAS, max_steps=1, seed=1, canvas=given))
    plain_noise = seen[2]
    assert seen[0] == given[:CANVAS]
    assert seen[1][:5] == given[CANVAS:]
    assert len(set(seen[1][5:])) > 3
    assert len(set(plain_noise)) > 3


def test_random_numbers_can_be_injected(engine: Engine) -> None:
    class Constant:
        def tokens(self, count: int, vocabulary: int) -> Tensor:
            return torch.full((count,), 3)

        def uniforms(self, count: int) -> Tensor:
            return torch.full((count,), 0.5)

    one, other = (list(engine.submit(prompt(), THREE, noise=Constant()).frames()) for _ in range(2))
    assert same_frames(one, other)


def test_the_page_ends_at_eos(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    _, whole = run(engine, prompt(), THREE)
    eos = next(token for token in whole.tokens[CANVAS : 2 * CANVAS] if token not in whole.tokens[:CANVAS])
    monkeypatch.setattr(engine, "config", type(engine.config)(**{**vars(engine.config), "eos_ids": (eos,)}))
    _, result = run(engine, prompt(), THREE)
    assert result.finish == "eos"
    assert result.tokens == whole.tokens[: whole.tokens.index(eos)]
    assert result.stats.steps == [5, 5]


def test_cancelling_stops_between_steps_and_keeps_what_was_committed(engine: Engine) -> None:
    generation = engine.submit(prompt(), Params(max_tokens=20 * CANVAS, max_steps=40, confidence=0, seed=1))
    frames = []
    for frame in generation.frames():
        frames.append(frame)
        if frame.block == 1 and frame.step == 3:
            generation.cancel()
    result = generation.wait()
    assert result.finish == "cancelled"
    committed = [token for frame in frames if frame.final for token in frame.tokens]
    assert result.tokens == committed
    assert len(committed) == CANVAS * result.stats.canvases >= CANVAS


def test_cancelling_one_who_waits_for_a_seat(model: DiffusionGemma, tokenizer: ChatTokenizer) -> None:
    engine = Engine(EagerRunner(model), tokenizer, Params(), seats=1)
    first, second = engine.submit(prompt(), ENDLESS), engine.submit(prompt(), ENDLESS)
    second.cancel()
    assert second.wait().stats.steps == []
    assert list(second.frames()) == []
    assert not first.done
    engine.close()
    assert first.wait().finish == "cancelled"


def test_cancelling_what_is_done_changes_nothing(engine: Engine) -> None:
    generation = engine.submit(prompt(), THREE)
    result = generation.wait()
    generation.cancel()
    assert generation.wait() is result


def test_the_event_loop_breathes_while_the_model_computes(engine: Engine) -> None:
    async def count_turns() -> int:
        generation, turns = engine.submit(prompt(), Params(max_tokens=CANVAS, max_steps=30, confidence=0)), 0
        result = asyncio.ensure_future(generation.result())
        while not result.done():
            await asyncio.sleep(0.001)
            turns += 1
        return turns

    assert asyncio.run(count_turns()) > 10


def test_a_reader_whose_loop_is_gone_harms_nobody(engine: Engine) -> None:
    async def leave() -> None:
        asyncio.get_running_loop().create_task(engine.submit(prompt(), ENDLESS).result())
        await asyncio.sleep(0.01)

    asyncio.run(leave())
    assert run(engine, prompt(), THREE)[1].finish == "length"


def test_a_failing_request_fails_alone(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = run(engine, prompt(), THREE)[1].tokens
    forward = EagerRunner._forward

    def break_on_long(self: EagerRunner, group: Sequence[Any]) -> Any:
        if any(request.params.max_steps == 9 for request in group):
            raise RuntimeError("out of memory")
        return forward(self, group)

    monkeypatch.setattr(EagerRunner, "_forward", break_on_long)
    with held(engine):
        good, bad = engine.submit(prompt(), THREE), engine.submit(prompt(), Params(CANVAS, max_steps=9))
    with pytest.raises(GenerationFailed, match=r"^the model failed on this request: out of memory$"):
        bad.wait()
    with pytest.raises(GenerationFailed):
        list(bad.frames())
    assert good.wait().tokens == expected


@pytest.mark.parametrize("message", ["CUDA error: an illegal memory access", "Triton Error [CUDA]: misaligned address"])
def test_a_lost_device_fails_everyone_and_is_told(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, message: str
) -> None:
    told: list[DeviceLost] = []
    gone = threading.Event()
    engine.when_lost(lambda error: (told.append(error), gone.set())[1])  # type: ignore[func-returns-value]

    def break_down(self: EagerRunner, group: Sequence[Any]) -> Any:
        raise RuntimeError(message)

    monkeypatch.setattr(EagerRunner, "_forward", break_down)
    with held(engine):
        running = [engine.submit(prompt(), THREE) for _ in range(2)]
    for one in running:
        with pytest.raises(EngineClosed, match=r"^the engine has stopped: the GPU has failed: ") as stopped:
            one.wait()
        assert message in str(stopped.value.__cause__)
    assert gone.wait(5)
    engine.when_lost(told.append)  # too late to wait for it
    assert [str(error) for error in told] == [f"the GPU has failed: {message}"] * 2
    with pytest.raises(EngineClosed):
        engine.submit(prompt(), THREE)


@pytest.mark.parametrize(
    ("message", "kind", "told"),
    [
        ("CUDA error: an illegal memory access", DeviceLost, "the GPU has failed: CUDA error"),
        ("CUDA out of memory. Tried to allocate 2 GiB", NotEnoughMemory, "expected room for a denoising step beside"),
        ("no kernel", RuntimeError, "no kernel"),
    ],
)
def test_what_cannot_be_set_up_is_told_at_once(
    model: DiffusionGemma,
    tokenizer: ChatTokenizer,
    monkeypatch: pytest.MonkeyPatch,
    message: str,
    kind: type[Exception],
    told: str,
) -> None:
    def refuse(self: EagerRunner) -> None:
        raise RuntimeError(message)

    monkeypatch.setattr(EagerRunner, "settle", refuse)
    with pytest.raises(kind, match=f"^{told}"):
        Engine(EagerRunner(model), tokenizer, Params())


def test_lack_of_memory_is_no_lost_device() -> None:
    assert not lasting(RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"))
    assert not lasting(ValueError("CUDA error"))
    assert lasting(RuntimeError("CUDA error: device-side assert triggered"))


def test_a_failing_prompt_fails_alone(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*rest: Any) -> None:
        raise RuntimeError("no")

    with monkeypatch.context() as patch:
        patch.setattr(DiffusionGemma, "encode", refuse)
        with pytest.raises(GenerationFailed, match=r"^the model failed on this request: no$"):
            engine.submit(prompt(), THREE).wait()
    assert run(engine, prompt(), THREE)[1].finish == "length"


def test_errors_reach_an_awaiting_reader(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EagerRunner, "_forward", lambda self, group: 1 / 0)

    async def read() -> None:
        async for _ in engine.submit(prompt(), THREE):
            pass

    with pytest.raises(GenerationFailed, match="division by zero"):
        asyncio.run(read())


def test_closing_ends_everything(model: DiffusionGemma, tokenizer: ChatTokenizer) -> None:
    engine = Engine(EagerRunner(model), tokenizer, Params())
    running = engine.submit(prompt(), ENDLESS)
    next(running.frames())
    before = threading.active_count()
    engine.close()
    engine.close()
    assert threading.active_count() == before - 1
    assert running.wait().finish == "cancelled"
    with pytest.raises(EngineClosed, match=r"^the engine is closed$"):
        engine.submit(prompt(), THREE)


@pytest.mark.parametrize(
    ("ids", "params", "error", "message"),
    [
        ([], Params(), InvalidPrompt, "expected at least one token, got an empty prompt"),
        ([5, 160], Params(), InvalidPrompt, "expected token ids from 0 to 159, got 160"),
        ([-1], Params(), InvalidPrompt, "expected token ids from 0 to 159, got -1"),
        ([5] * 481, Params(max_tokens=20), PromptTooLong, "expected a prompt of at most 480 tokens, got 481"),
        ([5], Params(max_tokens=10_000), PromptTooLong, "expected a prompt of at most 0 tokens, got 1"),
        ([5], Params(canvas=[3, 160]), InvalidParams, "canvas: expected token ids below 160, got 160"),
    ],
)
def test_what_cannot_be_served(
    engine: Engine, ids: list[int], params: Params, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        engine.submit(ids, params)


def test_a_chunked_prompt_gives_the_same_page(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = run(engine, prompt(100), THREE)[0]
    monkeypatch.setattr("engine.runners.eager.ENCODE_CHUNK", 7)
    assert same_frames(run(engine, prompt(100), THREE)[0], expected)


def test_loaded_from_a_folder(model: DiffusionGemma, tmp_path: Path) -> None:
    save_checkpoint(model, tmp_path, torch.float32, params=Params(max_tokens=CANVAS, max_steps=3))
    byte_level().save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "tokenizer_config.json").write_text('{"chat_template": "{{ messages[0].content }}"}')
    engine = Engine.load(tmp_path, device="cpu")
    assert engine.defaults.max_steps == 3
    ids = [token % VOCABULARY for token in engine.encode("Lava")]
    assert engine.decode(engine.encode("Lava")) == "Lava"
    assert b"".join(engine.piece(token) for token in engine.encode("Lava")) == b"Lava"
    assert engine.submit(ids).wait().stats.steps == [3]
    engine.close()
