"""A run that begins with Gemma 3, here a tiny random one: what is trained, what comes back, and that it is served."""

import io
import json
import tarfile
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tokenizers import AddedToken, Tokenizer
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from engine.checkpoint import adapter
from engine.checkpoint.adapter import Manifest
from engine.checkpoint.gemma3 import open_base
from engine.checkpoint.loader import load_model
from engine.checkpoint.memory import shapes
from engine.core.errors import CheckpointError
from engine.engine import Engine
from engine.model.diffusion_gemma import DiffusionGemma
from kernels import child_processes
from tests.support.repository import ROOT
from training import on_gpu, quality
from training.gpu import final_check, gemma, lora, luggage
from training.optim import Rates


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Gemma 3 of random weights, whose tokenizer has Gemma's tokens and words for pages of kinds."""
    folder = tmp_path_factory.mktemp("gemma-tiny")
    words = Tokenizer.from_file(str(ROOT / "models" / "kinds" / "tokenizer.json"))
    words.add_special_tokens([AddedToken(gemma.TURN, special=True)])
    words.save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    config = Gemma3TextConfig(
        vocab_size=words.get_vocab_size(), hidden_size=64, intermediate_size=96, num_hidden_layers=6,
        num_attention_heads=2, num_key_value_heads=1, head_dim=32, sliding_window=16, max_position_embeddings=4096,
    )  # fmt: skip
    Gemma3ForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture
def model(base: Path) -> DiffusionGemma:
    found = open_base(base)
    made = DiffusionGemma(found.config)
    made.load_state_dict({name: found.tensor(name, shape) for name, shape in shapes(found.config).items()})
    return made


def test_only_narrow_products_and_norms_are_trained(model: DiffusionGemma) -> None:
    ids, before = torch.tensor([5, 6, 7]), {name: value.clone() for name, value in model.state_dict().items()}
    plain = model.embed(ids) @ model.layers[0].mlp.up_proj.weight.T
    lora.attach(model, 4, torch.Generator().manual_seed(0))
    torch.testing.assert_close(model.layers[0].mlp.up_proj(model.embed(ids)), plain)
    names = set(lora.tensors(model))
    assert "layers.0.mlp.up_proj.weight.a" in names
    assert "layers.5.self_attn.q_norm.weight" in names
    assert not {name for name in names if "embed" in name or "router" in name or "experts" in name}
    optimizer = lora.AdapterOptimizer(model, Rates(adam=1e-2))
    for _ in range(2):  # in the first step the other factor is zero
        model.layers[0].mlp.up_proj(model.embed(ids)).square().sum().backward()
        optimizer.step(1.0)
    weight = model.layers[0].mlp.up_proj.parametrizations.weight
    assert torch.equal(weight.original, before["layers.0.mlp.up_proj.weight"])
    assert torch.linalg.matrix_rank((model.layers[0].mlp.up_proj.weight - weight.original).detach(), rtol=1e-4) <= 4


def test_an_adapter_comes_back_as_it_was_trained(model: DiffusionGemma, base: Path, tmp_path: Path) -> None:
    """The weights that are served are those of training, but for bf16 in the narrow factors."""
    lora.attach(model, 4, torch.Generator().manual_seed(0))
    with torch.no_grad():
        for parameter in lora.tensors(model).values():
            parameter.copy_(torch.randn(parameter.shape).bfloat16())
    gemma.save_adapter(model, Manifest("tiny", open_base(base).digest(), 4), tmp_path)
    (tmp_path / "base").symlink_to(base)
    loaded = load_model(tmp_path, "cpu", torch.float32)
    for name in ("layers.0.mlp.up_proj", "layers.5.self_attn.v_proj", "self_conditioning.down_proj"):
        trained, served = model.get_submodule(name).weight, loaded.get_submodule(name).weight
        assert isinstance(trained, torch.Tensor)
        torch.testing.assert_close(served, trained, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(loaded.layers[3].input_layernorm.weight, model.layers[3].input_layernorm.weight)


def test_the_rank_is_the_largest_within_the_limit(model: DiffusionGemma, tmp_path: Path) -> None:
    rank = lora.rank_within(model.config, limit := 1_000_000)
    lora.attach(model, rank, torch.Generator())
    adapter.save(tmp_path, Manifest("tiny", "", rank), lora.tensors(model))
    assert 0.8 * limit < (tmp_path / adapter.WEIGHTS).stat().st_size <= limit
    with pytest.raises(CheckpointError, match=r"expected room for an adapter of rank 4, .* MiB, got 0.0009"):
        lora.rank_within(model.config, 1000)


def test_gemma_270m_fits_a_rank_of_48_into_24_mib() -> None:
    """The shape as it was published."""
    found = Gemma3TextConfig(
        vocab_size=262_144, hidden_size=640, intermediate_size=2048, num_hidden_layers=18, num_attention_heads=4,
        num_key_value_heads=1, head_dim=256, sliding_window=512,
    )  # fmt: skip
    from engine.checkpoint.gemma3 import config_of

    assert lora.rank_within(config_of(found.to_dict()), 24 * 2**20) == 48


def test_a_whole_run_brings_back_an_adapter_that_serves(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(final_check, "TOGETHER", 1)
    monkeypatch.setattr(quality, "MOST_READINGS", 2)
    monkeypatch.setattr(child_processes, "end_tidily", lambda: None)
    data, out = tmp_path / "data", tmp_path / "out"
    start = ["--data", str(data), "--start", "gemma", str(base)]
    assert on_gpu.main([*start, "--prepare", "--examples", "60", "--probe", "2"]) == 0
    assert "examples," in capsys.readouterr().out
    assert not (data / "tokenizer.json").exists(), "the base brings it"
    options = "--device cpu --plain --minutes 1.2 --check-seconds 60 --budget 1024 --limit 0.5"
    short = options.split()
    code = on_gpu.main([*start, *short, "--out", str(out)], time.monotonic())
    report = json.loads((out / "report.json").read_text())
    assert (code, report["problem"]) == (0, "")
    assert report["model"]["kept"].startswith("an adapter of rank")
    assert report["model"]["trained"] < report["model"]["parameters"] / 2
    assert report["check"]["pages"] >= 1
    packed = io.BytesIO(b"".join(piece.read_bytes() for piece in sorted(out.glob("checkpoint-*.tar.*"))))
    with tarfile.open(fileobj=packed) as archive:
        archive.extractall(tmp_path / "model", filter="data")
    assert len(load_file(tmp_path / "model" / adapter.WEIGHTS)) > 50
    with pytest.raises(CheckpointError, match="the base of this adapter, in a folder or link base/, got none"):
        load_model(tmp_path / "model", "cpu")
    (tmp_path / "model" / "base").symlink_to(base)
    engine = Engine.load(tmp_path / "model", "cpu")
    try:
        prompt, probe = engine.encode("any\nask: tip calculator"), luggage.unpack(data, base / "tokenizer.json").probe
        words = Tokenizer.from_file(str(base / "tokenizer.json"))
        assert [words.id_to_token(prompt[0]), words.id_to_token(prompt[-1])] == ["<bos>", gemma.TURN]
        assert int(probe.prompt(0)[-1]) == prompt[-1], "prompts end as in training"
    finally:
        engine.close()


def test_a_tokenizer_that_is_not_gemmas_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"expected Gemma's tokenizer in .*, got no such file"):
        gemma.read_tokenizer(tmp_path)
    (tmp_path / "tokenizer.json").write_bytes((ROOT / "models" / "kinds" / "tokenizer.json").read_bytes())
    with pytest.raises(CheckpointError, match="expected the tokens of Gemma, got none called <end_of_turn>"):
        gemma.read_tokenizer(tmp_path)
