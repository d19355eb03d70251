"""Gemma 3 (text) as a DiffusionGemma: its weights under our names, so that the causal encoder computes the same.

The differences are these:
- Gemma 3 adds 1 to its norms' weights.
- It scales queries. Our softmax scale is 1, so the scale goes into the queries' norm.
- Its values are not normed, and in full layers they are not the keys.
- It has no mixture of experts, so the weights of our one expert are zero. The norm behind the dense MLP alone changes
  nothing, as another norm follows.
- It has no self-conditioning. Ours begins as the first layer's MLP with an output of zero.

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
"""The canvas length of a converted model, in tokens."""
EVERY = 6
"""If a config does not list its layer types, every sixth layer is a full one."""

NORMS = ("input", "post_attention", "pre_feedforward", "post_feedforward")
ONES = ("layernorm_1.weight", "layernorm_2.weight", "scale", "scalar", "self_conditioning.pre_norm.weight")
ZEROS = ("router.proj.weight", "experts.gate_up_proj", "experts.down_proj", "self_conditioning.down_proj.weight")
FIRST_MLP = {f"self_conditioning.{name}_proj.weight": f"layers.0.mlp.{name}_proj.weight" for name in ("gate", "up")}


@dataclass(frozen=True)
class Base:
    """A Gemma 3 model to be read.

    Attributes:
        config: Its configuration as a DiffusionGemma.
        stored: Returns a tensor by its name in transformers' layout, without the leading "model.".
        added: The number that its norms add to their weights.
        scale: The scale of its queries.
        weights: The files of its weights.
    """

    config: ModelConfig
    stored: Callable[[str], Tensor]
    added: float
    scale: float
    weights: tuple[Path, ...]

    def tensor(self, name: str, shape: torch.Size) -> Tensor:
        """Return a tensor of engine/model/diffusion_gemma.py's state_dict in fp32.

        Args:
            name: Its name there.
            shape: Its shape there.

        Raises:
            CheckpointError: The stored tensor has another shape.
        """
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
        """Return the SHA-256 of the files of weights, in order."""
        found = hashlib.sha256()
        for path in self.weights:
            with path.open("rb") as file:
                while block := file.read(2**24):
                    found.update(block)
        return found.hexdigest()


def open_base(path: Path) -> Base:
    """Open a folder with config.json and safetensors, a folder with a single GGUF file, or a GGUF file.

    Raises:
        CheckpointError: The path holds none of these, or one that is not served.
    """
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
    """Convert the contents of Gemma 3's config.json.

    Raises:
        CheckpointError: The model type or an option is not served, or a field is missing.
    """
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
    """Return the rotary embedding of one layer type, which transformers 4 and 5 spell differently."""
    parameters = (found.get("rope_parameters") or {}).get(kind) or {}
    scaling = found.get("rope_scaling") if kind == "full_attention" else None
    if scaling or parameters.get("rope_type", "default") != "default":
        raise CheckpointError(f"config.json: expected rope_type 'default', got {scaling or parameters['rope_type']!r}")
    return RopeConfig(float(parameters.get("rope_theta", found.get(older, theta))))
