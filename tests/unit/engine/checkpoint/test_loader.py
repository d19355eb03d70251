"""Checkpoints both ways: what transformers writes loads here, what we write loads there, and broken folders say why."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import DiffusionGemmaForBlockDiffusion

from engine.checkpoint.loader import load_defaults, load_model, save_checkpoint, serving_dtype
from engine.core.errors import CheckpointError
from engine.core.params import Params
from engine.model.attention import decode_attend, encode_attend
from engine.model.diffusion_gemma import DiffusionGemma
from engine.model.kv_cache import PrefixCache

CANVAS = 16


@torch.inference_mode()
def logits(model: DiffusionGemma) -> torch.Tensor:
    cache = PrefixCache(model.config, model.embed_tokens.weight, 64)
    model.encode(torch.arange(30), torch.arange(30), encode_attend([cache], [30]))
    cache.commit(30)
    positions = torch.arange(30, 30 + CANVAS)
    return model.logits(model.decode(torch.arange(CANVAS), positions, None, decode_attend([cache], CANVAS)))


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("shard_bytes", [2**31, 100_000], ids=["single", "sharded"])
def test_transformers_loads_what_we_save(model: DiffusionGemma, tmp_path: Path, shard_bytes: int) -> None:
    save_checkpoint(model, tmp_path, torch.float32, shard_bytes, Params(max_steps=7, temperature=(0.9, 0.3)))
    assert (len(list(tmp_path.glob("*.safetensors"))) > 1) == (shard_bytes == 100_000)
    reference = DiffusionGemmaForBlockDiffusion.from_pretrained(tmp_path).eval()
    with torch.inference_mode():
        out = reference(input_ids=torch.arange(30)[None], decoder_input_ids=torch.arange(CANVAS)[None]).logits[0]
    torch.testing.assert_close(logits(model), out, atol=1e-4, rtol=1e-4)
    generation = reference.generation_config
    assert (generation.max_denoising_steps, generation.t_max, generation.t_min) == (7, 0.9, 0.3)
    assert generation.sampler_config.entropy_bound == 0.1
    loaded = load_model(tmp_path, "cpu").state_dict()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in model.state_dict().items())


def test_bf16_round_trip(model: DiffusionGemma, tmp_path: Path) -> None:
    save_checkpoint(model, tmp_path)
    loaded = load_model(tmp_path, "cpu", torch.bfloat16)
    assert {p.dtype for p in loaded.parameters()} == {torch.bfloat16}
    for name, tensor in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor.bfloat16()), name
    assert loaded.config == model.config


def test_saving_again_leaves_no_stale_shards(model: DiffusionGemma, tmp_path: Path) -> None:
    save_checkpoint(model, tmp_path, torch.float32, 100_000)
    save_checkpoint(model, tmp_path, torch.float32)
    assert [path.name for path in tmp_path.glob("model*")] == ["model.safetensors"]


def test_a_cpu_without_bf16_serves_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    capabilities = {"avx512_bf16": False, "amx_bf16": False}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert serving_dtype(torch.device("cpu"), torch.bfloat16) == torch.float32
    assert serving_dtype(torch.device("cuda"), torch.bfloat16) == torch.bfloat16
    capabilities["amx_bf16"] = True
    assert serving_dtype(torch.device("cpu"), torch.bfloat16) == torch.bfloat16
    assert serving_dtype(torch.device("cpu"), torch.float32) == torch.float32


def test_defaults_come_from_generation_config(model: DiffusionGemma, tmp_path: Path) -> None:
    params = Params(max_tokens=64, max_steps=9, temperature=(0.7, 0.2), entropy_bound=0.5, stability=2, confidence=0.1,
                    doubt=1.5, max_readings=9)  # fmt: skip
    save_checkpoint(model, tmp_path, params=params)
    assert load_defaults(tmp_path) == params


def test_without_generation_config_the_published_defaults_hold(tmp_path: Path) -> None:
    assert load_defaults(tmp_path) == Params()


def test_generation_config_names_the_tokens_that_end_a_text(model: DiffusionGemma, tmp_path: Path) -> None:
    save_checkpoint(model, tmp_path)
    edit_json(tmp_path / "generation_config.json", lambda config: config.update(eos_token_id=[1, 106]))
    assert load_model(tmp_path, "cpu").config.eos_ids == (1, 106)


def test_tied_copies_and_the_vision_tower_are_passed_over(model: DiffusionGemma, tmp_path: Path) -> None:
    def add_spares(tensors: dict[str, torch.Tensor]) -> None:
        tensors["lm_head.weight"] = tensors["model.decoder.embed_tokens.weight"].clone()
        tensors["model.encoder.language_model.norm.weight"] = tensors["model.decoder.norm.weight"].clone()
        tensors["model.encoder.vision_tower.patch.weight"] = torch.zeros(2)

    save_checkpoint(model, tmp_path, torch.float32)
    edit_tensors(tmp_path, add_spares)
    torch.testing.assert_close(logits(load_model(tmp_path, "cpu")), logits(model), atol=1e-4, rtol=1e-4)


def edit_json(path: Path, change: Callable[[dict[str, object]], None]) -> None:
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def edit_tensors(folder: Path, change: Callable[[dict[str, torch.Tensor]], None]) -> None:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors")


def reshape_norm(tensors: dict[str, torch.Tensor]) -> None:
    tensors["model.decoder.norm.weight"] = torch.zeros(3)


def drop_layer(tensors: dict[str, torch.Tensor]) -> None:
    for name in [name for name in tensors if name.startswith("model.decoder.layers.0.")]:
        del tensors[name]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda t: t.pop("model.encoder.language_model.layers.2.layer_scalar"),
            "missing tensors: model.encoder.language_model.layers.2.layer_scalar",
        ),
        (
            drop_layer,
            "missing tensors: model.decoder.layers.0.experts.down_proj, model.decoder.layers.0.experts.gate_up_proj, "
            "model.decoder.layers.0.input_layernorm.weight, model.decoder.layers.0.layer_scalar, "
            "model.decoder.layers.0.mlp.down_proj.weight and 17 more",
        ),
        (reshape_norm, "model.decoder.norm.weight: expected shape [64], got [3]"),
        (
            lambda t: t.update({"model.decoder.extra": torch.zeros(1)}),
            "tensors this model has no place for: model.decoder.extra",
        ),
    ],
    ids=["missing", "many-missing", "misshapen", "extra"],
)
def test_wrong_tensors_are_named(
    model: DiffusionGemma, tmp_path: Path, change: Callable[[dict[str, torch.Tensor]], None], message: str
) -> None:
    save_checkpoint(model, tmp_path)
    edit_tensors(tmp_path, change)
    with pytest.raises(CheckpointError, match=re.escape(message) + "$"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("config.json", "{", r"cannot read .*config\.json: Expecting property name"),
        ("config.json", "[]", r"config\.json: expected an object, got list$"),
        ("config.json", '{"model_type": "bert"}', r"config\.json: expected model_type 'diffusion_gemma', got 'bert'$"),
        ("model.safetensors", "junk", r"cannot read .*model\.safetensors: "),
        ("generation_config.json", '{"t_max": 0.1}', r"temperature: expected \(first, last\) with first >= last > 0"),
    ],
    ids=["cut", "no-object", "other-model", "no-safetensors", "bad-temperature"],
)
def test_broken_files_are_named(model: DiffusionGemma, tmp_path: Path, file: str, content: str, message: str) -> None:
    save_checkpoint(model, tmp_path)
    (tmp_path / file).write_text(content)
    with pytest.raises(CheckpointError, match=message):
        load_defaults(load_model_folder(tmp_path))


def load_model_folder(folder: Path) -> Path:
    load_model(folder)
    return folder


def test_missing_files_are_named(model: DiffusionGemma, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"cannot read .*config\.json: .*No such file"):
        load_model(tmp_path)
    save_checkpoint(model, tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"expected model\.safetensors or .*index\.json, found neither$"):
        load_model(tmp_path)
