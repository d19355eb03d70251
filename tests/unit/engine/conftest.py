"""A tiny random checkpoint with every feature of the architecture, made by the reference implementation."""

from pathlib import Path

import pytest
import torch
from transformers import DiffusionGemmaConfig, DiffusionGemmaForBlockDiffusion
from transformers.utils import logging

from engine.checkpoint.loader import load_model
from engine.model.diffusion_gemma import DiffusionGemma

CANVAS = 16
VISION = {
    "model_type": "gemma4_vision",
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 1,
    "num_key_value_heads": 1,
    "head_dim": 16,
    "position_embedding_size": 4,
}
TEXT = {
    "vocab_size": 160,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 4,
    "layer_types": ["sliding_attention", "full_attention", "sliding_attention", "full_attention"],
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "num_global_key_value_heads": 1,
    "global_head_dim": 32,
    "sliding_window": 24,
    "num_experts": 8,
    "top_k_experts": 2,
    "moe_intermediate_size": 32,
    "max_position_embeddings": 512,
}


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def reference() -> DiffusionGemmaForBlockDiffusion:
    """transformers' model: random weights, large enough that predictions are peaked and experts and layers differ."""
    torch.manual_seed(7)
    config = DiffusionGemmaConfig(text_config=dict(TEXT), vision_config=VISION, canvas_length=CANVAS)
    model = DiffusionGemmaForBlockDiffusion(config).eval()
    with torch.no_grad():
        for name, tensor in model.named_buffers():
            if name.endswith("layer_scalar"):
                tensor.uniform_(0.7, 1.3)
        for name, tensor in model.named_parameters():
            if "language_model" in name or "decoder" in name:
                _randomise(name, tensor)
    return model


def _randomise(name: str, tensor: torch.Tensor) -> None:
    if tensor.ndim == 1:  # norms, and the router's scales
        tensor.uniform_(0.6, 1.4)
    elif name.endswith("embed_tokens.weight"):
        tensor.normal_(std=1.0)
    elif tensor.ndim > 1:
        tensor.normal_(std=0.08)


@pytest.fixture(scope="session")
def folder(reference: DiffusionGemmaForBlockDiffusion, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference as a checkpoint folder that transformers wrote; weights only."""
    path = tmp_path_factory.mktemp("reference")
    reference.save_pretrained(path)
    return path


@pytest.fixture(scope="session")
def model(folder: Path) -> DiffusionGemma:
    """The same checkpoint, in our model, fp32."""
    return load_model(folder, "cpu", torch.float32)


@pytest.fixture
def quiet() -> None:
    """transformers reports that the vision tower, which we do not store, is newly made."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
