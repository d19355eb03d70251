"""The error of quantized weights: relative to bf16, on the same random weights, layer by layer."""

from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from benchmarks.engine.cpu import random_ids
from engine.checkpoint.loader import random_tensors
from engine.core.config import ModelConfig
from engine.model.fused_attention import Span, encode_attend, places
from engine.model.fused_model import FusedModel
from engine.model.kernel_set import KernelSet, operations


def errors(config: ModelConfig, precision: str, device: torch.device, ops: KernelSet | None = None) -> dict[str, Any]:
    """Compute relative RMS errors of a precision against bf16; one layer of each is in memory at a time.

    Args:
        config: Shape of the model.
        precision: The precision.
        device: Where it is computed.
        ops: Kernels; None takes those of the device.

    Returns:
        "by_layer" is the error of the hidden state after each layer, where each precision computes by itself from the
        embedding on. "layer_alone" is the error of what one layer adds to a hidden state that is the same for both.
        "logits" is that of the whole model, before the soft-cap.
    """
    ops, tensors = ops or operations(device), random_tensors(config, device)
    ids = torch.tensor(random_ids(config.vocab_size, min(256, config.window), 0), device=device)
    span, by_layer, alone = [Span(0, 0, len(ids))], [], []

    def packed(name: str, layer: int) -> FusedModel:
        return FusedModel(config, tensors, name, ops, len(ids), [layer])

    def passed(model: FusedModel, x: Tensor) -> Tensor:
        attend, where = encode_attend(model, span), places(span, device)
        return model.run_layer(model.layers[0], x, where, attend, encoded=len(ids))

    with torch.inference_mode():
        truth = stream = packed("bf16", 0).embed(ids)
        for layer in tqdm(range(config.layers), desc=f"error of {precision}", leave=False):
            exact, coarse = packed("bf16", layer), packed(precision, layer)
            before, truth = truth, passed(exact, truth)
            alone.append(round(relative(passed(coarse, before) - before, truth - before), 5))
            stream = passed(coarse, stream)
            by_layer.append(round(relative(stream, truth), 5))
        logits = [model.logits(model.rms(x, model.norm)) for model, x in ((coarse, stream), (exact, truth))]
    return {
        "precision": precision,
        "by_layer": by_layer,
        "layer_alone": alone,
        "logits": round(relative(*logits), 5),
    }


def relative(found: Tensor, expected: Tensor) -> float:
    """Return the RMS of the difference divided by the RMS of what was expected."""
    difference = (found.float() - expected.float()).square().mean().sqrt()
    return float(difference / expected.float().square().mean().sqrt())
