"""Reads Gemma 3 from a GGUF file, as llama.cpp writes it, under transformers' names and config fields.

The package `gguf` reads and dequantises the file; only such files need it.
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
"""The names of a layer's tensors, from transformers' to llama.cpp's."""

FIELDS = {
    "num_hidden_layers": "block_count", "hidden_size": "embedding_length", "intermediate_size": "feed_forward_length",
    "num_attention_heads": "attention.head_count", "num_key_value_heads": "attention.head_count_kv",
    "head_dim": "attention.key_length", "sliding_window": "attention.sliding_window",
    "rms_norm_eps": "attention.layer_norm_rms_epsilon", "rope_theta": "rope.freq_base",
    "max_position_embeddings": "context_length",
}  # fmt: skip
"""The names of config fields, from transformers' to GGUF's."""


def find(path: Path) -> Path:
    """Return the GGUF file of a path: the path itself, or the only one in a folder.

    Raises:
        CheckpointError: There is no such file, or more than one.
    """
    found = [path] if path.is_file() else sorted(path.glob("*.gguf"))
    if len(found) != 1 or found[0].suffix != ".gguf":
        listed = ", ".join(one.name for one in found) or "neither"
        raise CheckpointError(f"{path}: expected config.json with safetensors, or one GGUF file, got {listed}")
    return found[0]


def opened(file: Path) -> tuple[dict[str, Any], Callable[[str], Tensor]]:
    """Open a GGUF file.

    Returns:
        The contents of a config.json, and a function that reads tensors by their names in transformers' layout. The 1
            that Gemma 3 adds to norms is included in these.

    Raises:
        CheckpointError: The file cannot be read, or the package `gguf` is missing.
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
    """Return llama.cpp's name of a tensor from transformers' name without the leading "model."."""
    if name == "embed_tokens.weight":
        return "token_embd.weight"
    if name == "norm.weight":
        return "output_norm.weight"
    _, layer, part = name.split(".", 2)
    return f"blk.{layer}.{NAMES[part.removesuffix('.weight')]}.weight"


def config_json(fields: Mapping[str, Any], vocabulary: int) -> dict[str, Any]:
    """Build the contents of a config.json from a file's fields.

    Raises:
        CheckpointError: The file is of another architecture.
    """
    if (found := fields.get("general.architecture")) != ARCHITECTURE:
        raise CheckpointError(f"expected a GGUF file of the architecture {ARCHITECTURE!r}, got {found!r}")
    told = {ours: fields.get(f"{ARCHITECTURE}.{theirs}") for ours, theirs in FIELDS.items()}
    known = {name: value for name, value in told.items() if value is not None}
    return {
        "model_type": "gemma3_text",
        "vocab_size": vocabulary,
        "query_pre_attn_scalar": known.get("head_dim", 256),
    } | known
