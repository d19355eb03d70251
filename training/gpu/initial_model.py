"""How a run on a GPU begins: a model, its optimizer, and how what it has learned is written."""

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
"""Tokens of a batch that the usual learning rates are for (training/train.py)."""

MOST_FASTER = 1.5
"""Largest factor by which larger batches raise the learning rates; nothing above was tried."""

LOGIT_BYTES = 30
"""Bytes of a logit, with everything that its softmax and its gradients keep."""

ACTIVATIONS, INNER = 60, 12
"""What a layer keeps of a token for its gradients: 4-byte numbers, in hidden sizes and in intermediate sizes."""

ROWS, TOKENS = 0.7, 0.8
"""Logit rows and tokens of a batch for each token of its budget, in which canvases count three times."""

FULL = 0.7
"""Share of the memory to use, because these are estimates."""

MOST_BUDGET = 65_536
"""Largest batch, in tokens; larger ones would only reduce the number of steps."""


@dataclass(frozen=True)
class Begun:
    """A model that is ready to be trained.

    Attributes:
        model: The model.
        optimizer: Makes the optimizer, once the model is on the device where it is trained.
        save: Writes into a folder what can be served, or merged into its base.
        kept: How the weights are saved, in words.
    """

    model: DiffusionGemma
    optimizer: Callable[[Rates], Optimizer]
    save: Callable[[DiffusionGemma, Path], None]
    kept: str


def from_scratch(words: Tokenizer, folder: Path, width: int, layers: int, seed: int, limit: int) -> Begun:
    """Return a new model with random weights and an induction circuit.

    Args:
        words: The tokenizer.
        folder: Folder of the tokenizer's files.
        width: Hidden size.
        layers: Number of layers.
        seed: Seed of the weights.
        limit: Most bytes of weights.

    Raises:
        CheckpointError: The weights do not fit the limit.
    """
    config = model_config(words, width, layers, KIND_WINDOW)
    precision = precision_within(config, limit)
    generator = torch.Generator().manual_seed(seed)
    model = DiffusionGemma(config)
    initialise(model, generator)
    lay_circuit(model, generator)
    return begun(model, folder, precision)


def from_checkpoint(start: Path, words: Tokenizer, folder: Path, seed: int, limit: int) -> Begun:
    """Return a model that continues from a checkpoint of kinds.

    Its shape is that of the checkpoint; its vocabulary may be another.

    Args:
        start: Folder of the checkpoint.
        words: The tokenizer.
        folder: Folder of the tokenizer's files.
        seed: Seed of weights that the checkpoint does not have.
        limit: Most bytes of weights.

    Raises:
        CheckpointError: The checkpoint cannot be read, or the weights do not fit the limit.
    """
    config = replace(layout.read_config(start), vocab_size=words.get_vocab_size())
    precision = precision_within(config, limit)
    model = DiffusionGemma(config)
    initialise(model, torch.Generator().manual_seed(seed))
    adopt(model, words, start)
    return begun(model, folder, precision)


def begun(model: DiffusionGemma, folder: Path, precision: str) -> Begun:
    """Return a model all of whose weights are trained, and written in this precision."""

    def save(trained: DiffusionGemma, into: Path) -> None:
        save_compact(trained, into, "fp8" if precision == "fp8" else "bf16")
        copy_tokenizer(folder, into)
        manifest_kinds.write_manifest(into)

    return Begun(model, lambda rates: Optimizer(model, rates), save, f"weights in {precision}")


def budget_for(config: ModelConfig, memory: int | None) -> int:
    """Return the tokens of a batch that fit into so many bytes; None gives the usual number on a CPU."""
    if memory is None:
        return USUAL_BUDGET
    logits = ROWS * LOGIT_BYTES * config.vocab_size
    kept = 4 * (ACTIVATIONS * config.hidden_size + INNER * config.intermediate_size)
    return min(MOST_BUDGET, int(FULL * memory / (logits + TOKENS * kept * config.layers)))


def scaled(rates: Rates, budget: int) -> Rates:
    """Return learning rates for batches of another size: by the square root of the size's ratio, within MOST_FASTER."""
    factor = min(MOST_FASTER, max(1.0, budget / USUAL_BUDGET) ** 0.5)
    return replace(rates, muon=rates.muon * factor, adam=rates.adam * factor)
