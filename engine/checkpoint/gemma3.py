"""Gemma 3 (text) as a DiffusionGemma: its weights under our names, so that the causal encoder computes what it does.

Where the two differ: Gemma 3 adds 1 to its norms' weights; it scales queries, where ours have a softmax scale of 1, so
the scale goes into their norm; values are neither normed nor, in full layers, the keys; there is no mixture of experts,
so the one expert's weights are zero, and the norm behind the dense MLP alone changes nothing, as another one follows.
Self-conditioning is new: it begins as the first layer's MLP whose output is zero.

Weights come from a folder in transformers' layout, or from a GGUF file (engine/checkpoint/gguf_file.py).
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.checkpoint import gguf_file
from engine.checkpoint.layout import read_json
from engine.checkpoint.tensor_reader import TensorReader, files
from engine.core.config import LayerType, ModelConfig, RopeConfig
from engine.core.errors import CheckpointError

MODEL_TYPE = "gemma3_text"
CANVAS = 256
EVERY = 6
"""Where a config does not tell, each sixth layer is a full one."""

NORMS = ("input", "post_attention", "pre_feedforward", "post_feedforward")
ONES = ("layernorm_1.weight", "layernorm_2.weight", "scale", "scalar", "self_conditioning.pre_norm.weight")
ZEROS = ("router.proj.weight", "experts.gate_up_proj", "experts.down_proj", "self_conditioning.down_proj.weight")
FIRST_MLP = {f"self_conditioning.{name}_proj.weight": f"layers.0.mlp.{name}_proj.weight" for name in ("gate", "up")}


@dataclass(frozen=True)
class Base:
    """A Gemma 3 to be read. stored: a tensor by its name in transformers' layout, without the leading "model.". added:
    what its norms add to their weights. scale: of queries. weights: the files."""

    config: ModelConfig
    stored: Callable[[str], Tensor]
    added: float
    scale: float
    weights: tuple[Path, ...]

    def tensor(self, name: str, shape: torch.Size) -> Tensor:
        """A tensor of engine/model/diffusion_gemma.py's state_dict in fp32, of the shape that it has there. Raises
        CheckpointError."""
        if name.endswith(ZEROS):
            return torch.zeros(shape)
        if name.endswith(ONES):
            return torch.ones(shape)
        found = self.stored(FIRST_MLP.get(name, name)).float()
        if found.shape != shape:
            raise CheckpointError(f"{name}: expected shape {list(shape)}, got {list(found.shape)}")
        if name.endswith("norm.weight"):
            found = found + self.added
        return found * self.scale if name.endswith("q_norm.weight") else found

    def digest(self) -> str:
        """SHA-256 of the files of weights, in order."""
        found = hashlib.sha256()
        for path in self.weights:
            with path.open("rb") as file:
                while block := file.read(2**24):
                    found.update(block)
        return found.hexdigest()


def open_base(path: Path) -> Base:
    """A folder with config.json and safetensors, or with a single GGUF file, or such a file. Raises CheckpointError."""
    if path.is_dir() and (path / "config.json").is_file():
        shelf, config = TensorReader(path, torch.device("cpu")), read_json(path / "config.json")
        scale = float(config.get("query_pre_attn_scalar", 256)) ** -0.5

        def stored(name: str) -> Tensor:
            return shelf.read(f"model.{name}", torch.float32)

        return Base(config_of(config), stored, 1.0, scale, tuple(files(path)))
    file = gguf_file.find(path)
    config, read = gguf_file.opened(file)
    return Base(config_of(config), read, 0.0, float(config["query_pre_attn_scalar"]) ** -0.5, (file,))


def config_of(found: Mapping[str, Any]) -> ModelConfig:
    """From the contents of Gemma 3's config.json. Raises CheckpointError."""
    if found.get("model_type") != MODEL_TYPE:
        raise CheckpointError(f"config.json: expected model_type {MODEL_TYPE!r}, got {found.get('model_type')!r}")
    if found.get("attn_logit_softcapping") or found.get("attention_bias"):
        raise CheckpointError("config.json: attn_logit_softcapping and attention_bias are not served")
    try:
        return _config(found)
    except KeyError as missing:
        raise CheckpointError(f"config.json lacks {missing.args[0]!r}") from None


def _config(found: Mapping[str, Any]) -> ModelConfig:
    heads, kv_heads, size = (
        int(found[f"{name}"]) for name in ("num_attention_heads", "num_key_value_heads", "head_dim")
    )
    eos = found.get("eos_token_id", 1)
    return ModelConfig(
        vocab_size=int(found["vocab_size"]), hidden_size=int(found["hidden_size"]),
        intermediate_size=int(found["intermediate_size"]), layer_types=_layer_types(found), heads=heads,
        kv_heads=kv_heads, head_dim=size, full_kv_heads=kv_heads, full_head_dim=size,
        window=int(found["sliding_window"]), experts=1, experts_per_token=1, expert_size=1, canvas_length=CANVAS,
        sliding_rope=_rope(found, "sliding_attention", "rope_local_base_freq", 1e4),
        full_rope=_rope(found, "full_attention", "rope_theta", 1e6),
        logit_cap=float(found.get("final_logit_softcapping") or 0.0), norm_eps=float(found.get("rms_norm_eps", 1e-6)),
        max_positions=int(found.get("max_position_embeddings", 32_768)), pad_id=int(found.get("pad_token_id") or 0),
        bos_id=int(found.get("bos_token_id", 2)), eos_ids=tuple(eos) if isinstance(eos, list) else (int(eos),),
        value_norm=False, tied_values=False,
    )  # fmt: skip


def _layer_types(found: Mapping[str, Any]) -> tuple[LayerType, ...]:
    if types := found.get("layer_types"):
        return tuple(types)
    every = int(found.get("sliding_window_pattern") or found.get("_sliding_window_pattern") or EVERY)
    count = int(found["num_hidden_layers"])
    return tuple("sliding_attention" if number % every else "full_attention" for number in range(1, count + 1))


def _rope(found: Mapping[str, Any], kind: str, older: str, theta: float) -> RopeConfig:
    """Of one type of layers; transformers 4 spelled it otherwise than 5 does."""
    parameters = (found.get("rope_parameters") or {}).get(kind) or {}
    scaling = found.get("rope_scaling") if kind == "full_attention" else None
    if scaling or parameters.get("rope_type", "default") != "default":
        raise CheckpointError(f"config.json: expected rope_type 'default', got {scaling or parameters['rope_type']!r}")
    return RopeConfig(float(parameters.get("rope_theta", found.get(older, theta))))
