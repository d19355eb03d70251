"""Checkpoints written in fp8: half as large, and read as the rounded numbers that they are."""

import json
from pathlib import Path

import torch

from engine.checkpoint.loader import load_model, rounded, save_checkpoint
from engine.model.diffusion_gemma import DiffusionGemma
from engine.model.fused_model import format_of
from kernels.weights import Format


def test_a_checkpoint_in_fp8_is_read_as_its_rounded_weights(model: DiffusionGemma, tmp_path: Path) -> None:
    save_checkpoint(model, tmp_path, torch.bfloat16, in_eight_bits=True)
    assert json.loads((tmp_path / "config.json").read_text())["quantization_config"]["format"] == "float-quantized"
    found = load_model(tmp_path, "cpu", torch.float32).state_dict()
    smaller = 0
    for name, tensor in model.state_dict().items():
        format = format_of(name, tensor.shape, "fp8")
        smaller += format is Format.FP8
        expected = rounded(tensor.bfloat16(), format).float()
        torch.testing.assert_close(found[name], expected, rtol=5e-3, atol=1e-6)
    assert smaller > 20


def test_fp8_takes_half_the_bytes_of_matrices(model: DiffusionGemma, tmp_path: Path) -> None:
    sizes = {}
    for name, in_eight_bits in (("bf16", False), ("fp8", True)):
        save_checkpoint(model, tmp_path / name, torch.bfloat16, in_eight_bits=in_eight_bits)
        sizes[name] = (tmp_path / name / "model.safetensors").stat().st_size
    assert sizes["fp8"] < 0.65 * sizes["bf16"]
