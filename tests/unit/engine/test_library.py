"""The engine as others use it: `from engine import Engine`, pages and streams, and a sampler of one's own on both
runners."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

import engine as library
from engine import EntropyBound, Params, Sampler, TextResult
from engine.core.errors import EngineClosed
from engine.model.diffusion_gemma import DiffusionGemma
from engine.runners.cuda_graph import CudaGraphRunner
from engine.runners.eager import EagerRunner
from engine.runners.graph_capture import Direct
from tests.support.repository import ROOT
from tests.unit.engine.runners.test_cuda_graph import engine_of, packed
from tests.unit.engine.tape import Taped
from tests.unit.engine.test_engine import CANVAS, prompt, run

PAGE = Params(max_tokens=2 * CANVAS, max_steps=6, confidence=0, seed=4)

Make = Callable[[DiffusionGemma, Sampler], EagerRunner | CudaGraphRunner]
RUNNERS: dict[str, Make] = {
    "cpu": EagerRunner,
    "packed": lambda model, sampler: CudaGraphRunner(packed(model), graphs=Direct(), sampler=sampler),
    "taped": lambda model, sampler: CudaGraphRunner(packed(model), graphs=Taped(), sampler=sampler),
}


class Everything(EntropyBound):
    """Keeps every token that was drawn."""

    def accept(self, entropy: Tensor, bound: Tensor) -> Tensor:
        return torch.ones_like(entropy, dtype=torch.bool)


class Nothing(EntropyBound):
    """Keeps no token that was drawn."""

    def accept(self, entropy: Tensor, bound: Tensor) -> Tensor:
        return torch.zeros_like(entropy, dtype=torch.bool)


class OwnWay(EntropyBound):
    """The model's own rules, in a class that a runner does not know."""


@pytest.fixture(params=RUNNERS)
def make(request: pytest.FixtureRequest) -> Make:
    return RUNNERS[request.param]


def test_what_is_public_is_there() -> None:
    assert all(getattr(library, name).__name__ == name for name in library.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'Motor'"):
        library.Motor  # noqa: B018


def test_results_are_to_be_had_without_torch() -> None:
    code = "import sys; from engine import Params, Result; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "False\n"


def test_a_page_and_its_text(model: DiffusionGemma) -> None:
    with engine_of(EagerRunner(model)) as engine:
        page, (_, result) = engine.generate(prompt(), PAGE), run(engine, prompt(), PAGE)
        assert isinstance(page, TextResult)
        assert (page.tokens, page.finish, page.text) == (result.tokens, result.finish, engine.decode(result.tokens))
        assert page.tokens
    with pytest.raises(EngineClosed):
        engine.submit(prompt())


def test_a_stream_that_nobody_reads_on_is_cancelled(model: DiffusionGemma) -> None:
    endless = replace(PAGE, max_tokens=20 * CANVAS, max_steps=10_000)
    with engine_of(EagerRunner(model)) as engine:
        frames = engine.stream(prompt(), endless)
        assert next(frames).step == 1
        asked: list[Any] = []
        submit = engine.submit
        engine.submit = lambda *given: asked.append(submit(*given)) or asked[0]  # type: ignore[method-assign]
        second = engine.stream(prompt(), endless)
        next(second)
        second.close()  # type: ignore[attr-defined]
        assert asked[0].wait().finish == "cancelled"
        frames.close()  # type: ignore[attr-defined]


def test_the_rules_of_a_sampler_of_ones_own_are_followed(model: DiffusionGemma, make: Make) -> None:
    accepted = {}
    for sampler in (Everything(), Nothing()):
        with engine_of(make(model, sampler)) as engine:
            first = next(iter(engine.submit(prompt(), PAGE).frames()))
            frames, _ = run(engine, prompt(), PAGE)
            # A token has settled when it is accepted and was shown by the step before.
            accepted[type(sampler)] = sum(int(frame.settled.sum()) for frame in frames if not frame.final)
            assert not first.settled.any()
    assert accepted[Everything] > 0
    assert accepted[Nothing] == 0


def test_the_models_own_rules_give_the_page_that_the_kernel_gives(model: DiffusionGemma, make: Make) -> None:
    with engine_of(make(model, EntropyBound())) as one, engine_of(make(model, OwnWay())) as other:
        assert one.generate(prompt(), PAGE).tokens == other.generate(prompt(), PAGE).tokens


def test_what_is_held_stands_whatever_a_sampler_says(model: DiffusionGemma, make: Make) -> None:
    given = tuple(prompt(2 * CANVAS, 11))
    holding = replace(PAGE, canvas=given, hold=((2, 9),))
    with engine_of(make(model, Nothing())) as engine:
        frames, result = run(engine, prompt(), holding)
    assert result.tokens[2:9] == list(given[2:9])
    assert all(frame.settled[2:9].all() and frame.tokens[2:9].tolist() == result.tokens[2:9] for frame in frames[:4])


def test_another_sampler_draws_other_pages(model: DiffusionGemma, make: Make) -> None:
    with engine_of(make(model, EntropyBound())) as one, engine_of(make(model, Nothing())) as other:
        assert one.generate(prompt(), PAGE).tokens != other.generate(prompt(), PAGE).tokens


def test_the_example_runs() -> None:
    command = [sys.executable, "examples/engine.py", "a page about tea"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert "canvas 1 step  1" in done.stdout
    assert "<!doctype html>" in done.stdout
    assert "with the cautious sampler" in done.stdout
