"""How a run on a GPU begins: a model, what makes its steps, and how what it has learned is written."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer

from engine.checkpoint import layout
from engine.core.config import ModelConfig
from engine.model.diffusion_gemma import DiffusionGemma
from training import manifest_kinds
from training.gpu.compact_checkpoint import precision_within, save_compact
from training.gpu.luggage import copy_tokenizer
from training.induction_init import lay_circuit
from training.optim import Optimizer, Rates, initialise
from training.train import KIND_WINDOW, model_config
from training.warm_start import adopt

USUAL_BUDGET = 6144
"""Tokens of a batch that the usual rates are for (training/train.py)."""

MOST_FASTER = 1.5
"""By how much larger batches raise the rates at most: nobody has tried more."""

LOGIT_BYTES = 30
"""Of a logit with all that its softmax and its gradients keep."""

ACTIVATIONS, INNER = 60, 12
"""Numbers of 4 bytes that a layer keeps of a token for its gradients, in hidden and in intermediate sizes."""

ROWS, TOKENS = 0.7, 0.8
"""Logit rows and tokens of a batch, for each token of its budget, which counts canvases threefold."""

FULL = 0.7
"""Of the memory, as these are estimates."""

MOST_BUDGET = 65_536
"""Larger batches would only make for fewer steps."""


@dataclass(frozen=True)
class Begun:
    """save: writes what can be served, or merged into its base, into a folder. kept: in words, how. optimizer: called
    once the model is where it shall train."""

    model: DiffusionGemma
    optimizer: Callable[[Rates], Optimizer]
    save: Callable[[DiffusionGemma, Path], None]
    kept: str


def from_scratch(words: Tokenizer, folder: Path, width: int, layers: int, seed: int, limit: int) -> Begun:
    """Fresh weights with a circuit that copies. folder: of the tokenizer's files. limit: bytes of weights.

    Raises CheckpointError if they cannot be had within the limit.
    """
    config = model_config(words, width, layers, KIND_WINDOW)
    precision = precision_within(config, limit)
    generator = torch.Generator().manual_seed(seed)
    model = DiffusionGemma(config)
    initialise(model, generator)
    lay_circuit(model, generator)
    return begun(model, folder, precision)


def from_checkpoint(start: Path, words: Tokenizer, folder: Path, seed: int, limit: int) -> Begun:
    """On from a checkpoint of kinds; the shape is its own, the vocabulary may be another. Raises CheckpointError."""
    config = replace(layout.read_config(start), vocab_size=words.get_vocab_size())
    precision = precision_within(config, limit)
    model = DiffusionGemma(config)
    initialise(model, torch.Generator().manual_seed(seed))
    adopt(model, words, start)
    return begun(model, folder, precision)


def begun(model: DiffusionGemma, folder: Path, precision: str) -> Begun:
    """All weights are trained, and written in this precision."""

    def save(trained: DiffusionGemma, into: Path) -> None:
        save_compact(trained, into, "fp8" if precision == "fp8" else "bf16")
        copy_tokenizer(folder, into)
        manifest_kinds.write_manifest(into)

    return Begun(model, lambda rates: Optimizer(model, rates), save, f"weights in {precision}")


def budget_for(config: ModelConfig, memory: int | None) -> int:
    """Tokens of a batch that fit into so many bytes; None: what is usual on a CPU."""
    if memory is None:
        return USUAL_BUDGET
    logits = ROWS * LOGIT_BYTES * config.vocab_size
    kept = 4 * (ACTIVATIONS * config.hidden_size + INNER * config.intermediate_size)
    return min(MOST_BUDGET, int(FULL * memory / (logits + TOKENS * kept * config.layers)))


def scaled(rates: Rates, budget: int) -> Rates:
    """Rates for batches of another size: by the root of how much larger they are, within MOST_FASTER."""
    factor = min(MOST_FASTER, max(1.0, budget / USUAL_BUDGET) ** 0.5)
    return replace(rates, muon=rates.muon * factor, adam=rates.adam * factor)
