"""Gemma 3 out of a GGUF file, as llama.cpp writes it: its names and its config in transformers' words.

The package `gguf` reads and dequantises; it is needed for such files alone.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.core.errors import CheckpointError

ARCHITECTURE = "gemma3"
NAMES = {
    "input_layernorm": "attn_norm", "post_attention_layernorm": "post_attention_norm",
    "pre_feedforward_layernorm": "ffn_norm", "post_feedforward_layernorm": "post_ffw_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}  # fmt: skip
"""Of a layer, in transformers' words and in llama.cpp's."""

FIELDS = {
    "num_hidden_layers": "block_count", "hidden_size": "embedding_length", "intermediate_size": "feed_forward_length",
    "num_attention_heads": "attention.head_count", "num_key_value_heads": "attention.head_count_kv",
    "head_dim": "attention.key_length", "sliding_window": "attention.sliding_window",
    "rms_norm_eps": "attention.layer_norm_rms_epsilon", "rope_theta": "rope.freq_base",
    "max_position_embeddings": "context_length",
}  # fmt: skip


def find(path: Path) -> Path:
    """The GGUF file that is meant: the path itself, or the only one in a folder. Raises CheckpointError."""
    found = [path] if path.is_file() else sorted(path.glob("*.gguf"))
    if len(found) != 1 or found[0].suffix != ".gguf":
        listed = ", ".join(one.name for one in found) or "neither"
        raise CheckpointError(f"{path}: expected config.json with safetensors, or one GGUF file, got {listed}")
    return found[0]


def opened(file: Path) -> tuple[dict[str, Any], Callable[[str], Tensor]]:
    """Contents of a config.json, and tensors by their names in transformers' layout. Norms have their 1 already.

    Raises CheckpointError, also where the package is missing.
    """
    try:
        import gguf
    except ModuleNotFoundError:
        raise CheckpointError(
            f"{file}: expected the package gguf, which reads such files, got none: pip install gguf, or give a folder "
            "of safetensors"
        ) from None
    try:
        reader = gguf.GGUFReader(file)
    except (OSError, ValueError) as error:
        raise CheckpointError(f"cannot read {file}: {error}") from error
    tensors = {tensor.name: tensor for tensor in reader.tensors}

    def read(name: str) -> Tensor:
        if (theirs := gguf_name(name)) not in tensors:
            raise CheckpointError(f"{file}: expected a tensor {theirs}, got none")
        one = tensors[theirs]
        return torch.from_numpy(gguf.quants.dequantize(one.data, one.tensor_type).copy()).view(
            tuple(int(size) for size in reversed(one.shape))
        )

    fields = {name: field.contents() for name, field in reader.fields.items() if not name.startswith("tokenizer.")}
    vocabulary = int(tensors["token_embd.weight"].shape[-1]) if "token_embd.weight" in tensors else 0
    return config_json(fields, vocabulary), read


def gguf_name(name: str) -> str:
    """llama.cpp's name of a tensor that transformers calls `name` (without "model.")."""
    if name == "embed_tokens.weight":
        return "token_embd.weight"
    if name == "norm.weight":
        return "output_norm.weight"
    _, layer, part = name.split(".", 2)
    return f"blk.{layer}.{NAMES[part.removesuffix('.weight')]}.weight"


def config_json(fields: Mapping[str, Any], vocabulary: int) -> dict[str, Any]:
    """The contents of a config.json, from a file's fields. Raises CheckpointError for another architecture."""
    if (found := fields.get("general.architecture")) != ARCHITECTURE:
        raise CheckpointError(f"expected a GGUF file of the architecture {ARCHITECTURE!r}, got {found!r}")
    told = {ours: fields.get(f"{ARCHITECTURE}.{theirs}") for ours, theirs in FIELDS.items()}
    known = {name: value for name, value in told.items() if value is not None}
    return {
        "model_type": "gemma3_text",
        "vocab_size": vocabulary,
        "query_pre_attn_scalar": known.get("head_dim", 256),
    } | known
