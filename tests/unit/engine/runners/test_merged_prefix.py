"""The end of a prefix goes through the first step of the canvas behind it, where that saves a pass over the weights."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from torch import Tensor

from engine.core.params import Params
from engine.engine import Engine
from engine.model.diffusion_gemma import DiffusionGemma
from engine.requests.request import Request, Side
from engine.runners.cuda_graph import CudaGraphRunner
from engine.runners.graph_capture import Direct, Graphs
from tests.unit.engine.runners.test_cuda_graph import PAGE, READ, engine_of, packed, request
from tests.unit.engine.tape import Taped
from tests.unit.engine.test_engine import CANVAS, held, prompt, run, same_frames


class Spied(CudaGraphRunner):
    """A runner that notes how many tokens it encoded in passes of their own. merges: whether it may do without any."""

    def __init__(self, model: DiffusionGemma, graphs: Graphs, merges: bool = True) -> None:
        super().__init__(packed(model), graphs=graphs)
        self.merges, self.passes = merges, list[int]()

    def _may_wait(self, requests: Sequence[Request]) -> bool:
        return self.merges and super()._may_wait(requests)

    def _encode(self, sides: Sequence[Side], chunks: Sequence[Sequence[int]]) -> list[Tensor]:
        self.passes.append(sum(map(len, chunks)))
        return super()._encode(sides, chunks)


@pytest.fixture
def both(model: DiffusionGemma) -> Iterator[tuple[Engine, Engine]]:
    """An engine that merges, and one that does not."""
    one, other = (engine_of(Spied(model, Direct(), merges)) for merges in (True, False))
    yield one, other
    one.close()
    other.close()


@pytest.mark.parametrize("params", [PAGE, READ], ids=["unread", "read"])
@pytest.mark.parametrize("tokens", [1, 3, CANVAS - 1, CANVAS, CANVAS + 1, 40])
def test_pages_are_the_same(both: tuple[Engine, Engine], tokens: int, params: Params) -> None:
    """Of prompts shorter than a canvas, as long, and longer; the window has 24 tokens."""
    (frames, page), (apart, other) = (run(engine, prompt(tokens, tokens), params) for engine in both)
    assert same_frames(frames, apart)
    assert page.tokens == other.tokens


def test_a_prompt_after_another_is_the_same(both: tuple[Engine, Engine]) -> None:
    """What the rows to spare were laid over does not matter, nor does whose graph it was before."""
    for tokens in (CANVAS, 2, 9, 50, 4):
        one, other = (run(engine, prompt(tokens, 1), PAGE)[1].tokens for engine in both)
        assert one == other


def test_a_recorded_step_takes_any_number_of_tokens(model: DiffusionGemma) -> None:
    pages = []
    for graphs in (Direct(), Taped()):
        engine = engine_of(Spied(model, graphs))
        pages.append(
            [run(engine, prompt(tokens, 1), replace(PAGE, max_steps=3))[1].tokens for tokens in (3, CANVAS, 1)]
        )
        engine.close()
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("tokens", "passes"), [(5, []), (CANVAS, []), (CANVAS + 1, [CANVAS + 1]), (40, [40]), (70, [64]), (100, [64, 36])]
)
def test_a_prompt_waits_for_its_first_step_where_that_saves_a_pass(
    model: DiffusionGemma, monkeypatch: pytest.MonkeyPatch, tokens: int, passes: list[int]
) -> None:
    monkeypatch.setattr("engine.runners.cuda_graph.ENCODE_CHUNK", 64)
    runner = Spied(model, Direct())
    engine = engine_of(runner)
    run(engine, prompt(tokens), PAGE)
    engine.close()
    assert runner.passes == passes


def test_prompts_in_company_are_encoded_in_a_pass(model: DiffusionGemma) -> None:
    runner = Spied(model, Direct())
    engine = engine_of(runner)
    alone = [run(engine, prompt(5, seed), PAGE)[1].tokens for seed in (1, 2)]
    runner.passes.clear()
    with held(engine):
        running = [engine.submit(prompt(5, seed), PAGE) for seed in (1, 2)]
    assert [one.wait().tokens for one in running] == alone
    engine.close()
    assert runner.passes[0] == 10


def test_a_newcomer_beside_a_canvas_at_work_is_encoded_in_a_pass(model: DiffusionGemma) -> None:
    runner, first, second = Spied(model, Direct()), *(request(model, prompt(5, seed)) for seed in (1, 2))
    runner.encode([first])
    runner.step([first])
    runner.encode([second])
    assert (runner.passes, second.pending) == ([5], [])
    runner.release(first)
    third = request(model, prompt(6))
    runner.encode([third])  # the second was never seated, the first is gone
    assert runner.passes == [5]


def test_what_waits_is_encoded_if_it_is_not_alone_after_all(model: DiffusionGemma) -> None:
    runner, first, second = Spied(model, Direct()), *(request(model, prompt(5, seed)) for seed in (1, 2))
    runner.encode([first])
    runner.encode([second])
    assert runner.passes == [5]
    assert len(runner.step([first, second]).requests) == 2
    assert runner.passes == [5, 5]
