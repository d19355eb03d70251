"""Classifier-free guidance: a canvas behind its prompt and behind another, on both runners."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from engine.core.errors import InvalidParams
from engine.core.noise import SeededNoise
from engine.core.params import Params
from engine.engine import Engine
from engine.model.attention import decode_attend, encode_attend
from engine.model.diffusion_gemma import DiffusionGemma
from engine.model.guidance import guided
from engine.model.kv_cache import PrefixCache
from engine.requests.request import Request
from engine.runners.cuda_graph import CudaGraphRunner
from engine.runners.eager import EagerRunner
from engine.runners.graph_capture import Direct
from engine.tokenizer.chat_template import ChatTemplate
from engine.tokenizer.tokenizer import ChatTokenizer
from tests.unit.engine.runners.test_cuda_graph import engine_of, packed
from tests.unit.engine.runners.test_readings import likeliest
from tests.unit.engine.tape import Taped
from tests.unit.engine.test_engine import CANVAS, VOCABULARY, held, prompt, run, same_frames
from tests.unit.engine.tokenizer.test_tokenizer import TEMPLATE, byte_level

PAGE = Params(max_tokens=3 * CANVAS, max_steps=4, confidence=0, seed=4)
AWAY = prompt(9, seed=99)
FAR = replace(PAGE, guidance=2.5, unconditional=AWAY)

Make = Callable[[DiffusionGemma], EagerRunner | CudaGraphRunner]
RUNNERS: dict[str, Make] = {
    "cpu": EagerRunner,
    "packed": lambda model: CudaGraphRunner(packed(model), graphs=Direct()),
    "taped": lambda model: CudaGraphRunner(packed(model), graphs=Taped()),
}


@pytest.fixture(params=RUNNERS)
def engine(model: DiffusionGemma, request: pytest.FixtureRequest) -> Iterator[Engine]:
    engine = engine_of(RUNNERS[request.param](model))
    yield engine
    engine.close()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_weight_of_one_is_the_conditional_and_of_zero_the_other(dtype: torch.dtype) -> None:
    one, other = torch.randn(7, 33).to(dtype), 100 * torch.randn(7, 33).to(dtype)
    assert torch.equal(guided(one, other, 1.0), one)
    assert torch.equal(guided(one, other, torch.tensor([1.0])), one)
    assert torch.equal(guided(one, other, 0.0), other)


def test_mixing_hidden_states_is_mixing_logits() -> None:
    one, other, head = torch.randn(7, 33), torch.randn(7, 33), torch.randn(50, 33)
    expected = other @ head.T + 3 * (one @ head.T - other @ head.T)
    torch.testing.assert_close(guided(one, other, 3.0) @ head.T, expected, rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def raw_logits(model: DiffusionGemma, before: list[int], tokens: Tensor) -> Tensor:
    """Of a canvas behind a prompt in its first step, before the soft-cap: [C, V]."""
    cache = PrefixCache(model.config, model.embed_tokens.weight, 64)
    model.encode(torch.tensor(before), torch.arange(len(before)), encode_attend([cache], [len(before)]))
    cache.commit(len(before))
    hidden = model.decode(tokens, torch.arange(CANVAS) + len(before), None, decode_attend([cache], CANVAS))
    return hidden @ model.embed_tokens.weight.T


@pytest.mark.parametrize("name", ["cpu", "packed"])
def test_a_first_step_shows_the_guided_canvas(model: DiffusionGemma, name: str) -> None:
    one = RUNNERS[name](model)
    asked = Request(prompt(30), FAR, SeededNoise(1), model.config, AWAY)
    tokens = asked.tokens.clone()
    one.encode([asked])
    found = one.step([asked])
    conditional, other = (raw_logits(model, ids, tokens) for ids in (prompt(30), AWAY))
    mixed = other + 2.5 * (conditional - other)
    assert torch.equal(found.argmax[0].long(), mixed.argmax(-1))
    assert not torch.equal(found.argmax[0].long(), conditional.argmax(-1))
    heat, cap = FAR.temperature[0], model.config.logit_cap
    shares = (cap * torch.tanh(mixed / cap) / heat).softmax(-1)
    entropy = -(shares * shares.clamp(min=1e-30).log()).sum(-1).mean()
    torch.testing.assert_close(found.entropy[0], entropy, rtol=1e-3, atol=1e-4)


def test_a_weight_of_one_writes_what_no_guidance_writes(engine: Engine) -> None:
    frames, result = run(engine, prompt(30), PAGE)
    for params in (replace(PAGE, guidance=1.0), replace(PAGE, guidance=1, unconditional=AWAY)):
        again, same = run(engine, prompt(30), params)
        assert same_frames(frames, again)
        assert same.tokens == result.tokens


def test_nothing_to_lead_away_from_changes_next_to_nothing(engine: Engine) -> None:
    """Behind the same prompt on both sides, all weights are one up to rounding."""
    frames, _ = run(engine, prompt(30), PAGE)
    again, _ = run(engine, prompt(30), replace(PAGE, guidance=3.0, unconditional=prompt(30)))
    assert same_frames(frames[:2], again[:2])


def test_guided_pages_are_the_same_alone_and_in_company(engine: Engine) -> None:
    """Requests with and without guidance, of unlike lengths, that join and leave one another."""
    params = [
        replace(FAR, seed=1),
        replace(PAGE, seed=2, max_tokens=CANVAS),
        replace(FAR, seed=3, guidance=0.5, max_tokens=2 * CANVAS),
        replace(PAGE, seed=4, max_steps=3),
    ]
    alone = [run(engine, prompt(20 + n, n), one) for n, one in enumerate(params)]
    with held(engine):
        running = [engine.submit(prompt(20 + n, n), one) for n, one in enumerate(params)]
    for (frames, result), generation in zip(alone, running, strict=True):
        assert same_frames(frames, list(generation.frames()))
        assert generation.wait().tokens == result.tokens


def test_recorded_steps_of_guided_pages_replay(model: DiffusionGemma) -> None:
    pages = []
    for name in ("packed", "taped"):
        engine = engine_of(RUNNERS[name](model))
        pages.append([run(engine, prompt(30, seed), replace(FAR, seed=seed)) for seed in (1, 2)])
        engine.close()
    for (frames, _), (again, _) in zip(*pages, strict=True):
        assert same_frames(frames, again)


def test_a_guided_page_is_read_behind_its_prompt(engine: Engine, model: DiffusionGemma) -> None:
    _, result = run(engine, prompt(30), replace(FAR, doubt=0.0, max_readings=CANVAS + 1))
    assert result.tokens == likeliest(model, prompt(30), result.tokens)


def test_without_one_the_template_around_nothing_is_the_unconditional_prompt(engine: Engine) -> None:
    """Token ids of the small vocabulary: the template's bytes lie below it."""
    for given, expected in ((None, ""), ("blue", "blue"), ([5, 6], [5, 6])):
        ids = engine.encode(expected) if isinstance(expected, str) else expected
        with held(engine):
            generation = engine.submit(prompt(), replace(FAR, unconditional=given))
            assert generation.request.unconditional is not None
            assert generation.request.unconditional.pending == ids
            generation._cancelled = True


def test_a_guided_request_takes_two_seats(model: DiffusionGemma, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    forward = EagerRunner._forward

    def spy(self: EagerRunner, group: Sequence[Request]) -> object:
        sizes.append(sum(len(request.sides) for request in group))
        return forward(self, group)

    monkeypatch.setattr(EagerRunner, "_forward", spy)
    engine = Engine(EagerRunner(model), words(), PAGE, seats=3)
    with held(engine):
        running = [engine.submit(prompt(n + 5, n), replace(FAR, seed=n, max_tokens=CANVAS)) for n in range(3)]
    assert [one.wait().stats.steps for one in running] == [[4]] * 3
    engine.close()
    assert max(sizes) == 2


def words() -> ChatTokenizer:
    return ChatTokenizer(byte_level(), ChatTemplate(TEMPLATE, {"bos_token": "<bos>"}))


def test_what_a_guided_request_had_is_given_back(model: DiffusionGemma) -> None:
    runner = CudaGraphRunner(packed(model), graphs=Direct())
    free = runner._arena.free
    engine = engine_of(runner)
    run(engine, prompt(30), FAR)
    engine.close()
    runner._prefixes.forget()
    assert runner._arena.free == free
    assert not runner._last


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (replace(FAR, unconditional=[5, VOCABULARY]), "unconditional: expected token ids from 0 to 159, got 160"),
        (replace(FAR, unconditional=[]), "unconditional: expected at least one token, got an empty prompt"),
        (replace(FAR, unconditional=[5] * 500), "unconditional: expected at most 464 tokens, got 500"),
    ],
)
def test_unconditional_prompts_that_cannot_be_served(model: DiffusionGemma, params: Params, message: str) -> None:
    engine = engine_of(EagerRunner(model))
    with pytest.raises(InvalidParams, match=f"^{re.escape(message)}$"):
        engine.submit(prompt(), params)
    engine.close()


def test_an_engine_with_one_seat_refuses_guidance(model: DiffusionGemma) -> None:
    engine = Engine(EagerRunner(model), words(), PAGE, seats=1)
    with pytest.raises(
        InvalidParams, match=r"^guidance: expected an engine that runs two canvases at once, got one canvas$"
    ):
        engine.submit(prompt(), FAR)
    assert run(engine, prompt(), replace(FAR, guidance=1.0))[1].finish == "length"
    engine.close()
