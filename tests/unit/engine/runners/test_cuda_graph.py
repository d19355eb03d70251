"""The packed model against the plain one, and steps that are recorded once and replayed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.core.errors import GenerationFailed
from engine.core.noise import SeededNoise
from engine.core.params import Params
from engine.core.results import Frame
from engine.engine import Engine, Result
from engine.model.attention import decode_attend, encode_attend
from engine.model.diffusion_gemma import DiffusionGemma
from engine.model.fused_model import FusedModel
from engine.model.kernel_set import KernelSet, references
from engine.model.kv_cache import PrefixCache
from engine.model.sampler import temperature
from engine.requests.request import Request
from engine.runners.cuda_graph import CudaGraphRunner
from engine.runners.eager import EagerRunner
from engine.runners.graph_capture import Direct, Graphs, Work
from engine.runners.graph_slots import SIZES, StepKind
from engine.tokenizer.chat_template import ChatTemplate
from engine.tokenizer.tokenizer import ChatTokenizer
from kernels import reference
from kernels.results import Limits, Routing
from kernels.weights import Weight
from tests.unit.engine.tape import Tape, Taped
from tests.unit.engine.test_engine import CANVAS, VOCABULARY, prompt, run, same_frames
from tests.unit.engine.tokenizer.test_tokenizer import TEMPLATE, byte_level

ROWS = 2048
PAGE = Params(max_tokens=3 * CANVAS, max_steps=5, confidence=0, seed=4)
READ = replace(PAGE, doubt=0.3, max_readings=3)


def still(ops: KernelSet) -> KernelSet:
    """References in forms that never ask the host for a number, as kernels do not: attention with masks over all rows,
    and every token to every expert."""

    def attention(q: Tensor, keys: Tensor, values: Tensor, seen: Tensor) -> Tensor:
        """seen bool [queries, rows]."""
        group = q.shape[1] // keys.shape[1]
        k, v = (x.float().repeat_interleave(group, 1) for x in (keys, values))
        scores = torch.einsum("qhd,khd->hqk", q.float(), k).masked_fill(~seen, float("-inf"))
        return torch.einsum("hqk,khd->qhd", scores.softmax(-1), v).to(q.dtype)

    def canvas_attention(q: Tensor, keys: Tensor, values: Tensor, starts: Tensor, counts: Tensor, _: int) -> Tensor:
        row = torch.arange(len(keys))
        seen = (row >= starts[:, None]) & (row < (starts + counts)[:, None])
        return attention(q, keys, values, seen.repeat_interleave(len(q) // len(starts), 0))

    def prefill_attention(q: Tensor, keys: Tensor, values: Tensor, *ranges: Any) -> Tensor:
        q_starts, q_counts, k_starts, k_counts, _, _, window = ranges
        row = torch.arange(len(q))
        owner = ((row >= q_starts[:, None]) & (row < (q_starts + q_counts)[:, None])).int().argmax(0)
        place = ((k_counts - q_counts - q_starts)[owner] + row)[:, None]
        key = torch.arange(len(keys)) - k_starts[owner][:, None]
        seen = (key >= 0) & (key <= place) & (key > place - (window or len(keys)))
        return attention(q, keys, values, seen)

    def moe(x: Tensor, routing: Routing, gate_up: Weight, down: Weight) -> Tensor:
        first, second = reference.dequantize(gate_up), reference.dequantize(down)
        gate, up = torch.einsum("th,eih->tei", x.float(), first).chunk(2, dim=-1)
        answers = torch.einsum("tei,ehi->teh", F.gelu(gate, approximate="tanh") * up, second)
        share = F.one_hot(routing.index.long(), len(first)) * routing.weights[..., None]
        return torch.einsum("teh,te->th", answers, share.sum(1)).to(x.dtype)

    return replace(ops, canvas_attention=canvas_attention, prefill_attention=prefill_attention, moe=moe)


def packed(model: DiffusionGemma, precision: str = "bf16", rows: int = ROWS) -> FusedModel:
    weights = model.state_dict()
    return FusedModel(model.config, weights.__getitem__, precision, still(references()), rows)


def runner(
    model: DiffusionGemma, rows: int = ROWS, graphs: Graphs | None = None, reads: bool = False
) -> CudaGraphRunner:
    return CudaGraphRunner(packed(model, rows=rows), graphs=graphs or Direct(), reads=reads)


def request(model: DiffusionGemma, ids: Sequence[int], params: Params = PAGE) -> Request:
    return Request(ids, params, SeededNoise(params.seed), model.config)


def engine_of(one: Any) -> Engine:
    return Engine(one, ChatTokenizer(byte_level(), ChatTemplate(TEMPLATE, {"bos_token": "<bos>"})), PAGE)


@pytest.fixture
def engine(model: DiffusionGemma) -> Iterator[Engine]:
    engine = engine_of(runner(model))
    yield engine
    engine.close()


def test_prefixes_are_encoded_as_the_plain_model_does(model: DiffusionGemma) -> None:
    """Three at once, of lengths below, at and beyond the window, the last in two passes."""
    ids = [prompt(n, seed=n) for n in (5, 24, 70)]
    ours, asked = runner(model), [request(model, one) for one in ids]
    ours.encode(asked[:2])
    with torch.inference_mode():
        asked[2].pending, rest = asked[2].pending[:30], asked[2].pending[30:]
        ours.encode(asked[2:])
        asked[2].pending = rest
        ours.encode(asked[2:])
        for one, whole in zip(asked, ids, strict=True):
            cache = PrefixCache(model.config, model.embed_tokens.weight, len(whole))
            expected = model.encode(torch.tensor(whole), torch.arange(len(whole)), encode_attend([cache], [len(whole)]))
            torch.testing.assert_close(ours._last[one], expected[-1], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("length", [5, 23, 24, 60])
def test_a_first_step_shows_what_the_plain_model_shows(model: DiffusionGemma, length: int) -> None:
    plain, ours = EagerRunner(model), runner(model)
    steps = []
    for one in (plain, ours):
        asked = request(model, prompt(length))
        one.encode([asked])
        steps.append(one.step([asked]))
    assert torch.equal(steps[0].argmax.int(), steps[1].argmax)
    assert torch.equal(steps[0].accepted, steps[1].accepted)
    torch.testing.assert_close(steps[0].entropy, steps[1].entropy, rtol=1e-4, atol=1e-5)


def followed(model: DiffusionGemma, ids: list[int], params: Params, steps: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Argmax [C] and accepted [C] of each step of a first canvas: the plain model, sampled by the references."""
    noise, cap = SeededNoise(params.seed), model.config.logit_cap
    tokens = noise.tokens(CANVAS, VOCABULARY)
    high, low = noise.tokens(2, 2**31).tolist()
    seed, soft = torch.tensor([high << 31 | low]), None
    cache = PrefixCache(model.config, model.embed_tokens.weight, len(ids))
    model.encode(torch.tensor(ids), torch.arange(len(ids)), encode_attend([cache], [len(ids)]))
    cache.commit(len(ids))
    shown, unchanged = torch.full((1, CANVAS), -1, dtype=torch.int32), torch.zeros(1, dtype=torch.int32)
    one = torch.ones(1, dtype=torch.int32)
    limits = Limits(torch.tensor([params.entropy_bound]), torch.zeros(1), one, params.max_steps * one)
    for step in range(steps):
        hidden = model.decode(tokens, torch.arange(CANVAS) + len(ids), soft, decode_attend([cache], CANVAS))
        raw, drawn = hidden @ model.embed_tokens.weight.T, step * one
        heat = torch.full((CANVAS,), temperature(step + 1, params.max_steps, *params.temperature))
        rows = reference.vocab_rows(raw, cap, heat, seed, drawn)
        soft = model.soft_embedding((cap * torch.tanh(raw / cap) / heat[:, None]).softmax(-1))
        argmax, sampled, entropy = (x[None] for x in (rows.argmax, rows.sampled, rows.entropy))
        after = reference.accept_renoise(
            argmax, sampled, entropy, shown, unchanged, limits, seed, drawn, drawn, VOCABULARY
        )
        yield argmax[0], after.accepted[0]
        tokens, shown, unchanged = after.canvas[0].long(), argmax, after.unchanged


def test_later_steps_follow_the_sampler(model: DiffusionGemma) -> None:
    ours, asked = runner(model), request(model, prompt(30))
    ours.encode([asked])
    with torch.inference_mode():
        for argmax, accepted in followed(model, prompt(30), PAGE, 5):
            found = ours.step([asked])
            assert torch.equal(found.argmax[0], argmax)
            assert torch.equal(found.accepted[0], accepted)
            asked.advance(found.argmax[0], found.accepted[0], float(found.entropy[0]))


def test_a_page_is_the_same_alone_and_in_company(engine: Engine, model: DiffusionGemma) -> None:
    alone = [run(engine, prompt(20 + n, n), replace(PAGE, seed=n)) for n in range(5)]
    running = [engine.submit(prompt(20 + n, n), replace(PAGE, seed=n)) for n in range(5)]
    together = [(list(one.frames()), one.wait()) for one in running]
    for (one, page), (other, again) in zip(alone, together, strict=True):
        assert same_frames(one, other)
        assert page.tokens == again.tokens


@pytest.mark.parametrize("params", [PAGE, READ], ids=["unread", "read"])
def test_recorded_steps_replay_to_the_same_pages(model: DiffusionGemma, params: Params) -> None:
    """Nothing that a step computes with is a number of the moment it was recorded in."""
    pages: list[list[tuple[list[Frame], Result]]] = []
    taped = Taped()
    for graphs in (Direct(), taped):
        engine = engine_of(runner(model, graphs=graphs))
        first = run(engine, prompt(40), params)
        running = [engine.submit(prompt(10 * n, n), replace(params, seed=n)) for n in (1, 2, 3)]
        pages.append([first, *((list(one.frames()), one.wait()) for one in running)])
        engine.close()
    for (one, page), (other, again) in zip(*pages, strict=True):
        assert same_frames(one, other)
        assert page.tokens == again.tokens
    played = [count for count in taped.replays if count]
    assert len(played) >= 3 + bool(params.doubt)  # of one canvas, of one behind a committed one, of some, of a reading


@pytest.mark.parametrize("guided", [False, True])
def test_requests_wait_for_room(model: DiffusionGemma, guided: bool) -> None:
    params = replace(PAGE, guidance=1.5, unconditional=prompt(30, 9)) if guided else PAGE
    each = (1 + guided) * (100 + 3 * CANVAS)
    engine = engine_of(runner(model, rows=2 * each + 2 * CANVAS + 10))
    asked = [(prompt(100, n), replace(params, seed=n)) for n in range(7)]
    alone = [run(engine, *one)[1].tokens for one in asked]
    running = [engine.submit(*one) for one in asked]
    assert [one.wait().tokens for one in running] == alone
    with pytest.raises(GenerationFailed, match="expected room for"):
        engine.submit(prompt(30), replace(params, max_tokens=30 * CANVAS)).wait()
    engine.close()


class Scarce:
    """Has memory for so many captures."""

    def __init__(self, room: int) -> None:
        self.room, self.captures = room, 0

    def captured(self, work: Work) -> Work:
        self.captures += 1
        if self.captures > self.room:
            work()  # warms up, and leaves its trace
            raise torch.OutOfMemoryError("CUDA out of memory")
        return work


@pytest.mark.parametrize("room", [0, 4, 6])
def test_what_cannot_be_captured_is_done_call_by_call(model: DiffusionGemma, room: int) -> None:
    pages = []
    for graphs in (Direct(), Scarce(room)):
        engine = engine_of(runner(model, graphs=graphs))
        running = [engine.submit(prompt(10 * n, n), replace(PAGE, seed=n)) for n in (1, 2, 3)]
        pages.append([one.wait().tokens for one in running])
        engine.close()
    assert pages[0] == pages[1]


def test_graphs_of_every_size_are_there_before_the_first_request(model: DiffusionGemma) -> None:
    taped = Taped()
    ours = runner(model, graphs=taped, reads=True)
    ours.settle()
    assert list(ours._captured) == [*map(StepKind, reversed(SIZES)), StepKind(1, committing=True)]
    ours.settle()
    assert len(taped.replays) == len(SIZES) + 2  # one for readings


def test_what_waits_for_the_host_cannot_be_recorded() -> None:
    with (
        pytest.raises(RuntimeError, match="expected work that no host waits for"),
        Tape(),
    ):
        torch.ones(1).item()


def test_canvases_are_read_before_they_are_committed(model: DiffusionGemma) -> None:
    strict = replace(PAGE, doubt=0.0, max_readings=CANVAS + 1)
    engine = engine_of(runner(model))
    frames, result = run(engine, prompt(), strict)
    engine.close()
    plain, page = model, result.tokens
    ids = prompt() + page
    cache = PrefixCache(plain.config, plain.embed_tokens.weight, len(ids))
    with torch.inference_mode():
        hidden = plain.encode(torch.tensor(ids), torch.arange(len(ids)), encode_attend([cache], [len(ids)]))
        likeliest = plain.logits(hidden[len(prompt()) - 1 : -1]).argmax(-1).tolist()
    assert page == likeliest
    assert frames[-1].reading > 0


def test_a_prompt_that_begins_as_one_before_is_not_encoded_again(model: DiffusionGemma) -> None:
    ours, long = runner(model), prompt(60)
    first = request(model, long)
    ours.encode([first])
    expected = ours.step([first])
    ours.release(first)
    again = request(model, long)
    ours.encode([again])
    assert ours._prefixes[again].length == 59  # the last token goes with the first step
    found = ours.step([again])
    assert torch.equal(found.argmax, expected.argmax)
    other = request(model, [*long[:40], *prompt(20, 9)])
    ours._lease(other)
    assert len(other.pending) == 20


def test_more_rows_than_a_product_takes_go_in_pieces(model: DiffusionGemma, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = packed(model)
    x = torch.randn(50, model.config.hidden_size)
    whole = ours.linear(x, ours.layers[0].qkv)
    monkeypatch.setattr("engine.model.fused_model.MOST_TOKENS", 16)
    torch.testing.assert_close(ours.linear(x, ours.layers[0].qkv), whole)


def test_a_request_without_room_fails_and_the_others_go_on(model: DiffusionGemma) -> None:
    engine = engine_of(runner(model, rows=2 * CANVAS + 120))
    with pytest.raises(
        GenerationFailed, match="expected room for 148 tokens of keys and values, got 120 free in one range, of 152"
    ):
        engine.submit(prompt(100), PAGE).wait()
    _, result = run(engine, prompt(30), PAGE)
    assert result.finish == "length"
    engine.close()


@pytest.mark.parametrize("precision", ["fp8", "int4"])
def test_a_quantised_model_is_close(model: DiffusionGemma, precision: str) -> None:
    """Relative RMS error of the encoder's hidden states; random weights are the worst case."""
    states = []
    for kind in ("bf16", precision):
        ours = CudaGraphRunner(packed(model, kind), graphs=Direct())
        asked = request(model, prompt(40))
        ours.encode([asked])
        states.append(ours._last[asked])
    error = (states[1] - states[0]).square().mean().sqrt() / states[0].square().mean().sqrt()
    assert 1e-4 < float(error) < (0.15 if precision == "fp8" else 0.5)
    assert np.isfinite(float(error))
