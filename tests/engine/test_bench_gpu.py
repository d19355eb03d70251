"""The bench of a GPU, tried out on a small shape where there is none."""

import json
from pathlib import Path

import pytest
import torch

from backend.settings import PRECISIONS as OFFERED
from benchmarks import engine_gpu
from benchmarks.engine_gpu import SHAPES, Task, as_table, errors, load, measure
from engine import loader
from engine.model import DiffusionGemma
from engine.operations import references
from engine.packed import PRECISIONS
from tests.engine.test_graph_runner import still

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _small(model: DiffusionGemma, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SHAPES, "small", model.config)
    monkeypatch.setattr(engine_gpu, "COMPANY", (1, 3))
    monkeypatch.setattr(engine_gpu, "CANVASES", 1)
    monkeypatch.setattr(loader, "operations", lambda _: still(references()))


def test_pages_alone_and_together() -> None:
    found = measure(Task("small", "random", "int4", steps=3, prompt=20, repeats=2), CPU)
    assert found["alone"]["steps_per_canvas"] == 3
    assert 1 <= found["adaptive"]["steps_per_canvas"] <= 48
    assert [run["pages"] for run in found["together"]] == [1, 3]
    assert all(run["tokens_per_second"] > 0 < run["seconds_a_page"] for run in found["together"])
    assert json.loads(json.dumps(found)) == found
    table = as_table({"engine": found})
    assert "small, random weights, int4, prompt of 20 tokens" in table
    assert "fixed               3.0" in table


def test_a_checkpoint_instead_of_random_weights(folder: Path) -> None:
    assert load(Task("small", str(folder), "fp8"), CPU).precision == "fp8"


def test_errors_grow_with_fewer_bits(model: DiffusionGemma) -> None:
    found = {name: errors(model.config, name, CPU, still(references())) for name in ("bf16", "fp8", "int4")}
    assert found["bf16"]["by_layer"] == [0.0] * model.config.layers
    assert 0 < found["fp8"]["logits"] < 0.3
    assert len(found["fp8"]["by_layer"]) == model.config.layers
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("huge", "random", "int4"), "shape: expected diffusiongemma-26b or silverprint-s or small, got 'huge'"),
        (("small", "random", "int4", 1), "expected 2 steps or more, a prompt and a repeat, got"),
    ],
)
def test_a_task_that_cannot_be_measured(options: tuple[str, str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Task(*options)


def test_the_settings_offer_what_the_engine_has() -> None:
    assert tuple(PRECISIONS) == OFFERED
