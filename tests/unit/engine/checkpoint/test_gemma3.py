"""Gemma 3 as a DiffusionGemma, against transformers' own; adapters of it; what cannot be read."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from engine.checkpoint import adapter, layout
from engine.checkpoint.adapter import Manifest
from engine.checkpoint.gemma3 import Base, config_of, open_base
from engine.checkpoint.gguf_file import config_json, gguf_name
from engine.checkpoint.loader import load_model, load_packed
from engine.checkpoint.memory import shapes
from engine.core.config import ModelConfig
from engine.core.errors import CheckpointError
from engine.core.params import Params
from engine.model.attention import encode_attend
from engine.model.diffusion_gemma import DiffusionGemma
from engine.model.kv_cache import PrefixCache

LENGTH = 40


@pytest.fixture(scope="module")
def gemma() -> Gemma3ForCausalLM:
    """Tiny and random, with a window shorter than the text, and norms whose weights matter."""
    torch.manual_seed(3)
    config = Gemma3TextConfig(
        vocab_size=120, hidden_size=64, intermediate_size=96, num_hidden_layers=6, num_attention_heads=4,
        num_key_value_heads=1, head_dim=32, sliding_window=16, query_pre_attn_scalar=32, max_position_embeddings=256,
    )  # fmt: skip
    model = Gemma3ForCausalLM(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.uniform_(-0.4, 0.4) if parameter.ndim == 1 else parameter.normal_(std=0.15)
            if "embed" in name:
                parameter.normal_(std=1.0)
    return model


@pytest.fixture(scope="module")
def folder(gemma: Gemma3ForCausalLM, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gemma")
    gemma.save_pretrained(path)
    return path


def ours(base: Base) -> DiffusionGemma:
    model = DiffusionGemma(base.config)
    model.load_state_dict({name: base.tensor(name, shape) for name, shape in shapes(base.config).items()})
    return model.requires_grad_(False)


def encoded(model: DiffusionGemma, ids: Tensor) -> Tensor:
    cache = PrefixCache(model.config, model.embed_tokens.weight, len(ids))
    hidden = model.encode(ids, torch.arange(len(ids)), encode_attend([cache], [len(ids)]))
    return model.logits(hidden)


def text() -> Tensor:
    return torch.randint(120, (LENGTH,), generator=torch.Generator().manual_seed(0))


def test_the_causal_encoder_computes_what_gemma_does(gemma: Gemma3ForCausalLM, folder: Path) -> None:
    base = open_base(folder)
    assert base.config.layer_types[-1] == "full_attention"
    with torch.no_grad():
        expected = gemma(text()[None]).logits[0]
    assert expected.std() > 1
    torch.testing.assert_close(encoded(ours(base), text()), expected, rtol=1e-4, atol=1e-4)


def as_gguf(path: Path) -> dict[str, Tensor]:
    """The tensors as llama.cpp stores them: its names, and norms with their 1."""
    found = load_file(path / "model.safetensors")
    ours = {name.removeprefix("model."): tensor for name, tensor in found.items()}
    return {gguf_name(name): tensor + 1 if tensor.ndim == 1 else tensor for name, tensor in ours.items()}


def test_names_and_norms_of_a_gguf_file_give_the_same_model(folder: Path) -> None:
    """All but the reading of such files, which the package gguf does."""
    stored, right = as_gguf(folder), open_base(folder)
    assert {"token_embd.weight", "output_norm.weight", "blk.5.ffn_down.weight", "blk.0.attn_q_norm.weight"} <= set(
        stored
    )
    found = config_json(fields(), 120)
    base = Base(config_of(found), lambda name: stored[gguf_name(name)], 0.0, 32**-0.5, ())
    assert base.config == right.config
    torch.testing.assert_close(encoded(ours(base), text()), encoded(ours(right), text()))


def fields() -> dict[str, Any]:
    return {
        "general.architecture": "gemma3", "gemma3.block_count": 6, "gemma3.embedding_length": 64,
        "gemma3.feed_forward_length": 96, "gemma3.attention.head_count": 4, "gemma3.attention.head_count_kv": 1,
        "gemma3.attention.key_length": 32, "gemma3.attention.sliding_window": 16, "gemma3.rope.freq_base": 1e6,
        "gemma3.context_length": 256, "gemma3.attention.layer_norm_rms_epsilon": 1e-6,
    }  # fmt: skip


def test_a_gguf_file_without_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gguf", None)
    (tmp_path / "small.gguf").write_bytes(b"GGUF")
    with pytest.raises(CheckpointError, match="expected the package gguf, which reads such files, got none: pip inst"):
        open_base(tmp_path)


def test_what_is_no_gemma_3_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"expected config\.json with safetensors, or one GGUF file, got neither"):
        open_base(tmp_path)
    with pytest.raises(CheckpointError, match="expected model_type 'gemma3_text', got 'llama'"):
        config_of({"model_type": "llama"})
    with pytest.raises(CheckpointError, match="lacks 'num_attention_heads'"):
        config_of({"model_type": "gemma3_text"})
    with pytest.raises(CheckpointError, match="of the architecture 'gemma3', got 'llama'"):
        config_json({"general.architecture": "llama"}, 10)
    scaled = {"rope_parameters": {"full_attention": {"rope_type": "linear", "factor": 8.0}}}
    whole = json.loads(json.dumps(config_json(fields(), 120)))
    with pytest.raises(CheckpointError, match="expected rope_type 'default', got 'linear'"):
        config_of(whole | scaled)


def test_what_differs_from_diffusiongemma_comes_back_from_config_json(folder: Path) -> None:
    config = open_base(folder).config
    assert (config.value_norm, config.tied_values, config.logit_cap) == (False, False, 0.0)
    assert ModelConfig.from_json(layout.config_json(config, "bfloat16")) == config


@pytest.fixture
def adapted(folder: Path, tmp_path: Path) -> Path:
    """A folder with an adapter of one matrix and one norm, beside its base."""
    base = open_base(folder)
    layout.write_json(tmp_path / "config.json", layout.config_json(base.config, "bfloat16"))
    layout.write_json(tmp_path / "generation_config.json", layout.generation_json(base.config, Params()))
    generator = torch.Generator().manual_seed(1)
    name = "layers.2.mlp.up_proj.weight"
    learned = {
        f"{name}.a": torch.randn(4, 64, generator=generator), f"{name}.b": torch.randn(96, 4, generator=generator),
        "layers.1.input_layernorm.weight": torch.full((64,), 3.0),
    }  # fmt: skip
    adapter.save(tmp_path, Manifest("tiny", base.digest(), 4), learned)
    (tmp_path / "base").symlink_to(folder)
    return tmp_path


def test_an_adapter_is_merged_into_its_base_when_it_is_loaded(folder: Path, adapted: Path) -> None:
    model, base = load_model(adapted, "cpu", torch.float32).state_dict(), open_base(folder)
    learned = {name: tensor.float() for name, tensor in load_file(adapted / adapter.WEIGHTS).items()}
    changed = "layers.2.mlp.up_proj.weight"
    for name, shape in shapes(base.config).items():
        expected = base.tensor(name, shape)
        if name == changed:
            expected = expected + learned[f"{name}.b"] @ learned[f"{name}.a"]
        torch.testing.assert_close(model[name], learned.get(name, expected))
    assert not torch.equal(model[changed], base.tensor(changed, model[changed].shape))


def test_an_adapter_without_its_base(adapted: Path) -> None:
    (adapted / "base").unlink()
    with pytest.raises(
        CheckpointError, match="expected tiny, the base of this adapter, in a folder or link base/, got"
    ):
        load_model(adapted, "cpu")


def test_an_adapter_beside_another_base(folder: Path, adapted: Path) -> None:
    (adapted / "base").unlink()
    shutil.copytree(folder, adapted / "base")
    other = load_file(folder / "model.safetensors")
    other["model.norm.weight"] = other["model.norm.weight"] + 1
    save_file(other, adapted / "base" / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"expected the weights of tiny, SHA-256 [0-9a-f]{12}, got [0-9a-f]{12}"):
        load_model(adapted, "cpu")


def test_an_adapter_with_a_broken_manifest(adapted: Path) -> None:
    (adapted / adapter.MANIFEST).write_text('{"base": "tiny"}')
    with pytest.raises(CheckpointError, match="expected base, sha256 and rank, got base"):
        load_model(adapted, "cpu")


def test_the_kernels_of_a_gpu_refuse_what_they_do_not_compute(adapted: Path) -> None:
    with pytest.raises(CheckpointError, match="expected attention and logits as in DiffusionGemma for the kernels"):
        load_packed(adapted, torch.device("cpu"))
