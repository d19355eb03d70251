"""What a model takes, told before it is loaded; and models that are packed as they are read."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.checkpoint import loader
from engine.checkpoint.layout import read_config
from engine.checkpoint.loader import load_model, load_packed, random_packed, save_checkpoint
from engine.checkpoint.memory import GIB, SPARE, Footprint, footprint, shapes
from engine.core.errors import CheckpointError, NotEnoughMemory
from engine.core.large import LARGE_SHAPE
from engine.model.diffusion_gemma import DiffusionGemma
from engine.model.fused_model import PRECISIONS
from engine.model.kernel_set import references
from engine.runners.cuda_graph import CudaGraphRunner
from engine.runners.graph_capture import Direct
from kernels import reference
from tests.unit.engine.runners.test_cuda_graph import PAGE, engine_of, packed, request, still
from tests.unit.engine.test_engine import prompt, run


def test_the_large_model_takes_what_is_known_of_it() -> None:
    """25.2 billion weights; int4 serves on a card of 24 GiB."""
    found = footprint(LARGE_SHAPE)
    gib = {name: round(count / GIB, 1) for name, count in found.weights.items()}
    assert gib == {"bf16": 47.0, "fp8": 24.2, "int4": 14.6}
    assert found.token == 25 * 2 * 2 * 8 * 256 + 5 * 2 * 2 * 2 * 512
    assert found.precision(80 * GIB) == "bf16"
    assert found.precision(40 * GIB) == "fp8"
    assert found.precision(24 * GIB) == "int4"
    assert found.precision(80 * GIB, "int4") == "int4"


@pytest.mark.parametrize(
    ("free", "asked", "message"),
    [
        (24, "fp8", "expected 27.1 GiB of free memory for fp8 weights and work, got 24.0 GiB; int4 would fit"),
        (12, None, "expected 17.4 GiB of free memory for int4 weights and work, got 12.0 GiB"),
        (
            30,
            "bf16",
            "expected 49.9 GiB of free memory for bf16 weights and work, got 30.0 GiB; fp8 and int4 would fit",
        ),
    ],
)
def test_too_little_memory_is_told_before_loading(free: int, asked: str | None, message: str) -> None:
    with pytest.raises(NotEnoughMemory) as failure:
        footprint(LARGE_SHAPE).precision(free * GIB, asked)
    assert str(failure.value) == message


def test_room_for_keys_and_values_is_what_the_weights_leave() -> None:
    found = Footprint({"fp8": 10 * GIB}, 1024)
    assert found.rows(80 * GIB, "fp8", 1000) == 1000
    assert found.rows(80 * GIB, "fp8", 10**9) == 6 * 2**20
    assert found.rows(13 * GIB, "fp8", 10**9) == 2**20


def test_int4_of_the_large_model_stays_below_24_gib() -> None:
    """Weights, keys and values, and what is spared for logits and graphs."""
    found = footprint(LARGE_SHAPE)
    rows = found.rows(80 * GIB, "int4", 10**9)
    assert found.weights["int4"] + rows * found.token + SPARE < 24 * GIB


@pytest.mark.parametrize("precision", PRECISIONS)
def test_what_is_told_is_what_is_packed(model: DiffusionGemma, precision: str) -> None:
    """As long as experts come in whole groups, and the weights in two bytes."""
    config = replace(model.config, hidden_size=128, expert_size=64, vocab_size=512, pad_id=0)
    made = random_packed(config, torch.device("cpu"), precision)
    told = footprint(config).weights[precision] + 2 * config.vocab_size * config.hidden_size
    assert made.nbytes == pytest.approx(told, rel=0.06)
    assert made.rows == 16 * config.max_positions + config.canvas_length


def test_a_page_of_a_packed_checkpoint(model: DiffusionGemma, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same as of the model packed in memory; in bf16 the numbers are left as they are."""
    pages = []
    for one in (packed(model), load_packed(folder, torch.device("cpu"), ops=still(references()))):
        engine = engine_of(CudaGraphRunner(one, graphs=Direct()))
        pages.append(run(engine, prompt(), PAGE)[1].tokens)
        engine.close()
    assert pages[0] == pages[1]


def test_a_model_is_laid_out_once_while_it_is_loaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    laid: list[int] = []
    lay = DiffusionGemma.__init__
    monkeypatch.setattr(DiffusionGemma, "__init__", lambda self, config: (laid.append(1), lay(self, config))[1])
    shapes.cache_clear()
    load_packed(folder, torch.device("cpu"), ops=still(references()))
    assert len(laid) == 1


def test_a_checkpoint_in_fp8_with_scales(model: DiffusionGemma, tmp_path: Path) -> None:
    """The compressed-tensors layout: weights of linear layers in e4m3, a scale for each output under a name beside."""
    save_checkpoint(model, tmp_path, torch.float32)
    tensors = load_file(tmp_path / "model.safetensors")
    for name in [name for name in tensors if name.endswith("_proj.weight")]:
        scale = tensors[name].abs().amax(-1, keepdim=True) / 448
        tensors[f"{name}_scale"] = scale
        tensors[name] = (tensors[name] / scale).to(torch.float8_e4m3fn)
    save_file(tensors, tmp_path / "model.safetensors")
    states = []
    for one in (packed(model), load_packed(tmp_path, torch.device("cpu"), "bf16", still(references()))):
        runner, asked = CudaGraphRunner(one, graphs=Direct()), request(model, prompt(40))
        runner.encode([asked])
        states.append(runner._last[asked])
    error = (states[1] - states[0]).square().mean().sqrt() / states[0].square().mean().sqrt()
    assert 1e-4 < float(error) < 0.15
    assert load_model(tmp_path, "cpu", torch.float32).embed_tokens.weight.shape == (160, 64)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_cpu_rounds_to_what_a_precision_knows(model: DiffusionGemma, folder: Path, precision: str) -> None:
    """The numbers that a packed model computes with, and the others as they are."""
    found = load_model(folder, "cpu", torch.float32, precision).state_dict()
    ours = packed(model, precision)
    layer, given = ours.layers[0], model.state_dict()
    for name, weight in (("mlp.down_proj.weight", layer.mlp.down), ("experts.gate_up_proj", layer.experts.gate_up)):
        expected = reference.dequantize(weight).view(found[f"layers.0.{name}"].shape)
        assert torch.equal(found[f"layers.0.{name}"], expected)
        assert torch.equal(expected, given[f"layers.0.{name}"]) == (precision == "bf16")
    for name in ("embed_tokens.weight", "layers.0.router.proj.weight", "layers.1.input_layernorm.weight"):
        assert torch.equal(found[name], given[name])


def test_a_checkpoint_that_does_not_fit_is_not_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "free_memory", lambda _: 2 * GIB)
    monkeypatch.setattr(loader, "opened", lambda *_: pytest.fail("opened"))
    with pytest.raises(NotEnoughMemory, match="of free memory for int4 weights and work, got"):
        load_packed(folder, torch.device("cpu"))


def test_a_packed_checkpoint_with_a_missing_tensor(model: DiffusionGemma, tmp_path: Path) -> None:
    save_checkpoint(model, tmp_path, torch.float32)
    tensors = load_file(tmp_path / "model.safetensors")
    del tensors["model.decoder.norm.weight"]
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(CheckpointError, match="missing tensors: model"):
        load_packed(tmp_path, torch.device("cpu"))
    assert read_config(tmp_path).layers == 4
