"""The Hugging Face layout on disk: names of files and tensors, and reading and writing of its JSON files."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.core.config import ModelConfig, RopeConfig
from engine.core.errors import CheckpointError, InvalidParams
from engine.core.params import Params

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"

_SCALAR = re.compile(r"layers\.(\d+)\.encoder_scalar")
_OURS, _THEIRS = "model.decoder.", "model.encoder.language_model."
READING = "reading_config.json"
"""The file that holds the parameters of reading, which transformers does not have."""
BASE = "base"
"""The folder or link beside an adapter (engine/checkpoint/adapter.py) that holds its base."""


def hf_name(name: str) -> str:
    """Return a parameter's or buffer's name in a checkpoint, from its name in our model.

    Encoder and decoder share everything but the layer scalars.
    """
    if match := _SCALAR.fullmatch(name):
        return f"{_THEIRS}layers.{match[1]}.layer_scalar"
    return _OURS + name


def unknown_tensors(stored: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """Return the stored names that are neither wanted nor known to be unused here.

    Unused are the vision tower and tied copies of wanted tensors.
    """
    spare = ("model.encoder.vision_tower.", "model.encoder.embed_vision.", "lm_head.")
    wanted = set(wanted)
    copies = {_THEIRS + name.removeprefix(_OURS) for name in wanted if name.startswith(_OURS)}
    return sorted(name for name in stored if name not in wanted | copies and not name.startswith(spare))


def read_json(path: Path) -> dict[str, Any]:
    """Read an object from a JSON file.

    Raises:
        CheckpointError: The file cannot be read, or holds no object.
    """
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"cannot read {path}: {error}") from error
    if not isinstance(value, dict):
        raise CheckpointError(f"{path}: expected an object, got {type(value).__name__}")
    return value


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write an object to a JSON file, indented."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")


def read_config(folder: Path) -> ModelConfig:
    """Read config.json; if generation_config.json names the tokens that end a text, those are taken."""
    config = ModelConfig.from_json(read_json(folder / "config.json"))
    eos = _generation(folder).get("eos_token_id")
    if eos is None:
        return config
    return replace(config, eos_ids=tuple(eos) if isinstance(eos, list) else (int(eos),))


def read_params(folder: Path) -> Params:
    """Read the checkpoint's own sampling parameters from generation_config.json and reading_config.json.

    Parameters that neither file sets keep the defaults of Params.

    Raises:
        CheckpointError: A file cannot be read, or a value is out of range.
    """
    given, reading, default = _generation(folder), _optional(folder / READING), Params()
    named: dict[str, Any] = {
        "max_tokens": given.get("max_new_tokens"),
        "max_steps": given.get("max_denoising_steps"),
        "temperature": (given.get("t_max", default.temperature[0]), given.get("t_min", default.temperature[1])),
        "entropy_bound": (given.get("sampler_config") or {}).get("entropy_bound"),
        "stability": given.get("stability_threshold"),
        "confidence": given.get("confidence_threshold"),
        "doubt": reading.get("doubt"),
        "max_readings": reading.get("max_readings"),
    }
    try:
        return replace(default, **{name: value for name, value in named.items() if value is not None})
    except InvalidParams as error:
        raise CheckpointError(f"{folder}, generation_config.json or {READING}: {error}") from error


def _generation(folder: Path) -> dict[str, Any]:
    return _optional(folder / "generation_config.json")


def _optional(path: Path) -> dict[str, Any]:
    return read_json(path) if path.exists() else {}


def generation_json(config: ModelConfig, params: Params) -> dict[str, Any]:
    """Return the contents of generation_config.json as transformers' DiffusionGemmaGenerationConfig reads it."""
    return {
        "bos_token_id": config.bos_id,
        "pad_token_id": config.pad_id,
        "eos_token_id": list(config.eos_ids),
        "max_new_tokens": params.max_tokens,
        "max_denoising_steps": params.max_steps,
        "t_max": params.temperature[0],
        "t_min": params.temperature[1],
        "sampler_config": {"_cls_name": "EntropyBoundSamplerConfig", "entropy_bound": params.entropy_bound},
        "stability_threshold": params.stability,
        "confidence_threshold": params.confidence,
    }


def reading_json(params: Params) -> dict[str, Any] | None:
    """Return the contents of reading_config.json, which transformers does not know.

    It is None for a checkpoint whose canvases are not read.
    """
    return None if params.doubt is None else {"doubt": params.doubt, "max_readings": params.max_readings}


def config_json(config: ModelConfig, dtype: str) -> dict[str, Any]:
    """Return the contents of config.json for transformers' DiffusionGemmaConfig.

    transformers builds a vision tower even for a text model. The smallest one it accepts is described here, and its
    weights are never stored.

    Args:
        config: The model's configuration.
        dtype: "bfloat16" or "float32".
    """
    return {
        "architectures": ["DiffusionGemmaForBlockDiffusion"],
        "model_type": "diffusion_gemma",
        "dtype": dtype,
        "canvas_length": config.canvas_length,
        "initializer_range": config.initializer_range,
        "tie_word_embeddings": True,
        "text_config": _text_json(config, dtype),
        "vision_config": {
            "model_type": "gemma4_vision",
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 1,
            "num_key_value_heads": 1,
            "head_dim": 16,
            "position_embedding_size": 4,
        },
    }


def _text_json(config: ModelConfig, dtype: str) -> dict[str, Any]:
    return {
        "model_type": "diffusion_gemma_text",
        "dtype": dtype,
        "vocab_size": config.vocab_size,
        "hidden_size": config.hidden_size,
        "intermediate_size": config.intermediate_size,
        "num_hidden_layers": config.layers,
        "layer_types": list(config.layer_types),
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.kv_heads,
        "head_dim": config.head_dim,
        "num_global_key_value_heads": config.full_kv_heads,
        "global_head_dim": config.full_head_dim,
        "sliding_window": config.window,
        "num_experts": config.experts,
        "top_k_experts": config.experts_per_token,
        "moe_intermediate_size": config.expert_size,
        "rope_parameters": {
            "sliding_attention": _rope_json(config.sliding_rope),
            "full_attention": _rope_json(config.full_rope),
        },
        "final_logit_softcapping": config.logit_cap or None,
        "rms_norm_eps": config.norm_eps,
        "max_position_embeddings": config.max_positions,
        "initializer_range": config.initializer_range,
        "pad_token_id": config.pad_id,
        "bos_token_id": config.bos_id,
        "eos_token_id": list(config.eos_ids),
        "tie_word_embeddings": True,
    } | _other_json(config)


def _other_json(config: ModelConfig) -> dict[str, Any]:
    """Return the fields that differ from DiffusionGemma, which transformers does not know."""
    values = {"value_norm": config.value_norm, "attention_k_eq_v": config.tied_values}
    return {name: False for name, as_usual in values.items() if not as_usual}


def _rope_json(rope: RopeConfig) -> dict[str, Any]:
    kind = "proportional" if rope.proportional else "default"
    return {"rope_type": kind, "rope_theta": rope.theta, "partial_rotary_factor": rope.partial}
