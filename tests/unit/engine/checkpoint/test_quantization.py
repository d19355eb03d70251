"""Checkpoints in fp8 as compressed-tensors lays them out: experts one by one, scales beside weights."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.checkpoint.layout import write_json
from engine.checkpoint.loader import load_model, load_packed, save_checkpoint
from engine.checkpoint.memory import GIB, Footprint
from engine.checkpoint.quantization import parts, stored_precision
from engine.core.errors import CheckpointError, NotEnoughMemory
from engine.model.diffusion_gemma import DiffusionGemma
from engine.model.kernel_set import references
from kernels.weights import Format

CPU = torch.device("cpu")
DYNAMIC = {
    "quant_method": "compressed-tensors",
    "format": "float-quantized",
    "quantization_status": "compressed",
    "ignore": ["lm_head", "re:.*router.*", "re:.*embed.*", "re:.*self_conditioning.*"],
    "config_groups": {
        "group_0": {
            "targets": ["Linear"],
            "weights": {"num_bits": 8, "type": "float", "strategy": "channel", "symmetric": True, "dynamic": False},
            "input_activations": {"num_bits": 8, "type": "float", "strategy": "token", "dynamic": True},
        }
    },
}
EXPERT = "model.decoder.layers.1.experts.3.up_proj.weight"

Tensors = dict[str, Tensor]
Scale = Callable[[Tensor], Tensor]


def by_channel(weight: Tensor) -> Tensor:
    return (weight.float().abs().amax(-1, keepdim=True) / 448).bfloat16()


def by_tensor(weight: Tensor) -> Tensor:
    return (weight.float().abs().amax() / 448)[None]


def one_by_one(tensors: Tensors) -> Tensors:
    """Stacked experts as linear layers of their own."""
    apart: Tensors = {}
    for name, tensor in tensors.items():
        kinds = {"gate_up_proj": ("gate", "up"), "down_proj": ("down",)}.get(name.rpartition(".experts.")[2])
        if kinds is None:
            apart[name] = tensor
            continue
        stem = name.rpartition(".")[0]
        for expert, matrix in enumerate(tensor):
            for kind, part in zip(kinds, matrix.chunk(len(kinds)), strict=True):
                apart[f"{stem}.{expert}.{kind}_proj.weight"] = part.clone()
    return apart


def in_fp8(tensors: Tensors, scale_of: Scale) -> Tensors:
    found = one_by_one(tensors)
    for name in [n for n in found if n.endswith("_proj.weight") and ".layers." in n]:
        scale = scale_of(found[name])
        found[f"{name}_scale"] = scale
        found[name] = (found[name].float() / scale.float()).to(torch.float8_e4m3fn)
    return found


def write(model: DiffusionGemma, folder: Path, scale_of: Scale = by_channel) -> Path:
    save_checkpoint(model, folder, torch.bfloat16)
    config = json.loads((folder / "config.json").read_text())
    write_json(folder / "config.json", config | {"quantization_config": DYNAMIC})
    save_file(in_fp8(load_file(folder / "model.safetensors"), scale_of), folder / "model.safetensors")
    return folder


def edited(folder: Path, change: Callable[[Tensors], Any]) -> Path:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors")
    return folder


def relative(found: Tensor, expected: Tensor) -> float:
    return float((found.float() - expected.float()).square().mean().sqrt() / expected.float().square().mean().sqrt())


@pytest.mark.parametrize("scale_of", [by_channel, by_tensor])
def test_weights_are_close_to_those_that_were_quantised(model: DiffusionGemma, tmp_path: Path, scale_of: Scale) -> None:
    found = load_model(write(model, tmp_path, scale_of), "cpu", torch.float32).state_dict()
    for name, tensor in model.state_dict().items():
        exact = tensor.dim() < 2 or "embed" in name or "router" in name or "self_conditioning" in name
        error = relative(found[name], tensor)
        assert (error < 4e-3) if exact else (0.005 < error < 0.04), name


def test_a_scalar_scale_is_one_for_the_whole_tensor(model: DiffusionGemma, tmp_path: Path) -> None:
    write(model, tmp_path, by_tensor)
    before = load_model(tmp_path, "cpu", torch.float32).state_dict()

    def flatten(tensors: Tensors) -> None:
        tensors.update({name: scale[0].clone() for name, scale in tensors.items() if name.endswith("weight_scale")})

    after = load_model(edited(tmp_path, flatten), "cpu", torch.float32).state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_packed_in_fp8_it_keeps_its_codes(model: DiffusionGemma, tmp_path: Path) -> None:
    """By channel, as stored, nothing is rounded a second time but the scales; and fp8 is what it is packed in."""
    stored = load_file(write(model, tmp_path) / "model.safetensors")
    packed = load_packed(tmp_path, CPU, ops=references())
    assert packed.precision == "fp8"
    stem = "model.decoder.layers.0."
    gate_up = [
        torch.cat([stored[f"{stem}experts.{expert}.{kind}_proj.weight"] for kind in ("gate", "up")])
        for expert in range(model.config.experts)
    ]
    layer = packed.layers[0]
    assert layer.experts.gate_up.format is Format.FP8
    assert torch.equal(layer.experts.gate_up.data.float(), torch.stack(gate_up).float())
    assert torch.equal(layer.out.data[0].float(), stored[f"{stem}self_attn.o_proj.weight"].float())
    scale = stored[f"{stem}self_attn.o_proj.weight_scale"].float()
    torch.testing.assert_close(layer.out.scales, scale.T, rtol=2**-8, atol=0)


@pytest.mark.parametrize("precision", ["bf16", "int4"])
def test_it_may_be_packed_otherwise(model: DiffusionGemma, tmp_path: Path, precision: str) -> None:
    assert load_packed(write(model, tmp_path), CPU, precision, references()).precision == precision


def test_experts_in_bf16_one_by_one_are_the_same_model(model: DiffusionGemma, tmp_path: Path) -> None:
    save_checkpoint(model, tmp_path, torch.float32)
    save_file(one_by_one(load_file(tmp_path / "model.safetensors")), tmp_path / "model.safetensors")
    found = load_model(tmp_path, "cpu", torch.float32).state_dict()
    assert all(torch.equal(found[name], tensor) for name, tensor in model.state_dict().items())


def test_copies_and_scales_of_activations_are_passed_over(model: DiffusionGemma, tmp_path: Path) -> None:
    def add(tensors: Tensors) -> None:
        for name in [n for n in tensors if ".layers.2." in n and ("weight" in n)]:
            tensors[name.replace("model.decoder.", "model.encoder.language_model.")] = tensors[name].clone()
        tensors[EXPERT.removesuffix("weight") + "input_scale"] = torch.ones(1)

    load_model(edited(write(model, tmp_path), add), "cpu")


def test_memory_is_told_as_of_any_checkpoint() -> None:
    """What is stored in fp8 is not made larger because there is room; nor does it have to be."""
    needs = Footprint({"bf16": 40 * GIB, "fp8": 20 * GIB, "int4": 10 * GIB}, 1024)
    assert needs.precision(80 * GIB) == "bf16"
    assert needs.precision(80 * GIB, stored="fp8") == "fp8"
    assert needs.precision(16 * GIB, stored="fp8") == "int4"
    assert needs.precision(80 * GIB, "bf16", "fp8") == "bf16"
    with pytest.raises(NotEnoughMemory, match=r"expected 12\.0 GiB of free memory for int4 weights and work, got 5"):
        needs.precision(5 * GIB, stored="fp8")


def test_the_parts_of_a_stack() -> None:
    assert parts("layers.0.experts.gate_up_proj", [2, 8, 3]) == [
        ("layers.0.experts.0.gate_proj.weight", [4, 3]), ("layers.0.experts.0.up_proj.weight", [4, 3]),
        ("layers.0.experts.1.gate_proj.weight", [4, 3]), ("layers.0.experts.1.up_proj.weight", [4, 3]),
    ]  # fmt: skip
    assert parts("layers.0.experts.down_proj", [1, 3, 4]) == [("layers.0.experts.0.down_proj.weight", [3, 4])]
    assert parts("layers.0.mlp.down_proj.weight", [3, 4]) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop(EXPERT), f"missing tensors: {EXPERT}"),
        (lambda t: t.pop(f"{EXPERT}_scale"), f"missing tensors: {EXPERT}_scale"),
        (lambda t: t.update({EXPERT: torch.zeros(32, 64)}), f"no place for: {EXPERT}_scale"),
        (
            lambda t: t.update({EXPERT.replace("experts.3", "experts.8"): torch.zeros(32, 64)}),
            "no place for: model.decoder.layers.1.experts.8.up_proj.weight",
        ),
        (
            lambda t: t.update({"model.decoder.layers.1.experts.down_proj": torch.zeros(8, 64, 32)}),
            "no place for: model.decoder.layers.1.experts.0.down_proj.weight, ",
        ),
        (
            lambda t: t.update({EXPERT: t[EXPERT][:16].clone()}),
            f"{EXPERT}: expected shape [32, 64], got [16, 64]",
        ),
        (
            lambda t: t.update({f"{EXPERT}_scale": torch.ones(32)}),
            f"{EXPERT}_scale: expected shape [32, 1] or [1] or [], got [32]",
        ),
        (
            lambda t: t.update({f"{EXPERT}_scale": torch.ones(1, 1)}),
            f"{EXPERT}_scale: expected shape [32, 1] or [1] or [], got [1, 1]",
        ),
        (
            lambda t: t.update({"model.decoder.norm.weight": torch.ones(64, dtype=torch.int8)}),
            "model.decoder.norm.weight: expected dtype F32 or BF16 or F16 or F8_E4M3, got I8",
        ),
    ],
    ids=["weight", "scale", "spare-scale", "spare-expert", "stack-and-parts", "shape", "scale-shape", "block", "dtype"],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_wrong_tensors_are_named(
    model: DiffusionGemma, tmp_path: Path, change: Callable[[Tensors], Any], message: str, packed: bool
) -> None:
    edited(write(model, tmp_path), change)
    with pytest.raises(CheckpointError, match=re.escape(message)):
        load_packed(tmp_path, CPU) if packed else load_model(tmp_path, "cpu")


def with_weights(**options: Any) -> dict[str, Any]:
    return DYNAMIC | {"config_groups": {"group_0": {"weights": {"num_bits": 8, "strategy": "channel"} | options}}}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"quant_method": "fp8"}, "expected weights quantised by 'compressed-tensors', got 'fp8'"),
        ([], "expected weights quantised by 'compressed-tensors', got []"),
        (
            DYNAMIC | {"format": "pack-quantized"},
            "expected weights in the format 'float-quantized', got 'pack-quantized'",
        ),
        (
            DYNAMIC | {"config_groups": {"group_0": {"format": "nvfp4-pack-quantized"}}},
            "expected weights in the format 'float-quantized', got 'nvfp4-pack-quantized'",
        ),
        (
            with_weights(strategy="block"),
            "expected weights of 8 bits with a scale by channel or tensor, got 8 bits by block",
        ),
        (
            with_weights(num_bits=4),
            "expected weights of 8 bits with a scale by channel or tensor, got 4 bits by channel",
        ),
    ],
)
def test_other_layouts_are_refused_before_tensors_are_looked_at(
    model: DiffusionGemma, tmp_path: Path, config: Any, message: str
) -> None:
    save_checkpoint(model, tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"")
    json_file = tmp_path / "config.json"
    write_json(json_file, json.loads(json_file.read_text()) | {"quantization_config": config})
    for load in (lambda: load_model(tmp_path, "cpu"), lambda: load_packed(tmp_path, CPU)):
        with pytest.raises(CheckpointError, match=rf"^config\.json: {re.escape(message)}$"):
            load()


def test_what_is_not_quantised_is_bf16() -> None:
    assert stored_precision({}) == "bf16"
    assert stored_precision({"quantization_config": DYNAMIC}) == "fp8"
