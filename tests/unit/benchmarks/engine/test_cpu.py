"""The comparison with transformers measures both sides on the same work."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers.models.diffusion_gemma.generation_diffusion_gemma import EntropyBoundSampler

from benchmarks.engine import cpu
from engine.checkpoint.loader import save_checkpoint
from engine.model.diffusion_gemma import DiffusionGemma
from engine.runners.eager import EagerRunner

CANVAS = 16


@pytest.fixture
def checkpoint(model: DiffusionGemma, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    save_checkpoint(model, tmp_path, torch.float32)
    monkeypatch.setattr(torch.compiler, "cudagraph_mark_step_begin", lambda: None)  # would load the compiler, 2 s
    return tmp_path


def count_calls(patch: pytest.MonkeyPatch, owner: type, name: str, taken: dict[str, int], side: str) -> None:
    original = getattr(owner, name)

    def counted(*given: Any) -> Any:
        taken[side] += 1
        return original(*given)

    patch.setattr(owner, name, counted)


def test_both_sides_take_every_step(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = {"ours": 0, "theirs": 0}
    count_calls(monkeypatch, EagerRunner, "step", taken, "ours")
    count_calls(monkeypatch, EntropyBoundSampler, "accept_canvas", taken, "theirs")
    result = cpu.compare(checkpoint, prompt=list(range(20)), steps=3, repeats=2)
    assert (result.steps, result.prompt_tokens, result.canvas_tokens, result.dtype) == (3, 20, CANVAS, "float32")
    assert result.transformers is not None
    assert len(result.engine.seconds) == len(result.transformers.seconds) == 2
    assert taken == {"ours": 2 + 2 * 3, "theirs": 2 + 2 * 3}  # two to warm up
    assert result.ratio == round(result.transformers.median / result.engine.median, 2)


def test_without_transformers_the_engine_is_measured_alone(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu.importlib.util, "find_spec", lambda name: None)
    result = cpu.compare(checkpoint, steps=1, repeats=1)
    assert (result.transformers, result.ratio) == (None, None)
    assert result.prompt_tokens == 150


def test_transformers_as_it_loads_the_checkpoint(model: DiffusionGemma, checkpoint: Path) -> None:
    save_checkpoint(model, checkpoint)  # in bf16
    result = cpu.compare(checkpoint, prompt=[5], steps=1, repeats=1, as_loaded=True)
    assert (result.dtype, result.default_dtype) == ("float32", "bfloat16")
    assert result.transformers_default is not None
    assert result.default_ratio == round(result.transformers_default.median / result.engine.median, 2)
