"""transformers' own generate in bf16, on the same shape or checkpoint, prompt length and number of steps."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import nn

from engine.checkpoint.layout import config_json
from engine.checkpoint.memory import GIB, footprint, free_memory
from engine.core.config import ModelConfig

ROOM = 1.2
"""Memory that transformers takes, as a multiple of its weights."""


def made(config: ModelConfig, weights: str, device: torch.device) -> Any:
    """Return transformers' model in bf16 on a device.

    Args:
        config: Shape of the model.
        weights: Folder of a checkpoint, or "random" for a model of the shape with random weights.
        device: Where the model runs.
    """
    from transformers import DiffusionGemmaConfig, DiffusionGemmaForBlockDiffusion
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    if weights != "random":
        return DiffusionGemmaForBlockDiffusion.from_pretrained(Path(weights), dtype=torch.bfloat16).eval().to(device)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(device), without_parameters():
            model = DiffusionGemmaForBlockDiffusion(DiffusionGemmaConfig(**config_json(config, "bfloat16"))).eval()
    finally:
        torch.set_default_dtype(before)
    randomise(model, device)
    return model


@contextmanager
def without_parameters() -> Iterator[None]:
    """Put the parameters of modules that are made inside the block on the meta device; buffers are made as usual.

    transformers makes encoder and decoder separately, each with all weights, before it ties them. That would take twice
    the weights' memory, which a GPU may not have.
    """
    original = nn.Module.register_parameter

    def register(module: nn.Module, name: str, parameter: nn.Parameter | None) -> None:
        if parameter is not None and not parameter.is_meta:
            parameter = nn.Parameter(parameter.to("meta"), requires_grad=False)
        original(module, name, parameter)

    with mock.patch.object(nn.Module, "register_parameter", register):
        yield


def randomise(model: nn.Module, device: torch.device) -> None:
    """Replace parameters on the meta device by random weights, one for all that are tied; vectors are 1."""
    found: dict[nn.Parameter, nn.Parameter] = {}
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False, remove_duplicate=False):
            if parameter.is_meta and parameter not in found:
                values = torch.ones(parameter.shape, dtype=parameter.dtype, device=device)
                values = values.normal_(std=values.shape[-1] ** -0.5) if values.dim() > 1 else values
                found[parameter] = nn.Parameter(values, requires_grad=False)
            setattr(module, name, found.get(parameter, parameter))


def generated(
    config: ModelConfig, weights: str, device: torch.device, ids: Sequence[int], steps: int, repeats: int = 2
) -> dict[str, Any]:
    """Measure transformers on one canvas behind a prompt: the first one does not count, the fastest other one does.

    Args:
        config: Shape of the model.
        weights: Folder of a checkpoint, or "random".
        device: Where the model runs.
        ids: Token ids of the prompt.
        steps: Number of denoising steps.
        repeats: Number of canvases that count.

    Returns:
        The figures, or {"skipped": why} if the model does not fit into memory.
    """
    needed, free = footprint(config).weights["bf16"] * ROOM, free_memory(device)
    if needed > free:
        return {"skipped": f"expected {needed / GIB:.1f} GiB of free memory for bf16, got {free / GIB:.1f} GiB"}
    model = made(config, weights, device)
    prompt, seconds = torch.tensor([list(ids)], device=device), []
    for _ in range(repeats + 1):
        begin = _now(device)
        model.generate(
            prompt, max_new_tokens=config.canvas_length, max_denoising_steps=steps, stability_threshold=steps + 1
        )
        seconds.append(_now(device) - begin)
    best = min(seconds[1:])
    return {
        "tokens_per_second": round(config.canvas_length / best, 1),
        "seconds": [round(one, 3) for one in seconds],
        "step_ms": round(1000 * best / steps, 2),
        "steps_per_canvas": steps,
        "dtype": "bfloat16",
    }


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()
