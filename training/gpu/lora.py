"""Low-rank adaptation (Hu et al., 2021), which keeps what comes back of a large base small.

For each matrix inside the layers, only a product of two narrow matrices is trained; of norms, the weights are trained.
"""

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from engine.checkpoint.memory import shapes
from engine.core.config import ModelConfig
from engine.core.errors import CheckpointError
from engine.model.diffusion_gemma import DiffusionGemma
from training.gpu.compact_checkpoint import HEADER
from training.optim import Optimizer, Rates

STEP = 4
"""Ranks are multiples of this."""

SHARE = 0.25
"""Learning rate as a share of that for embeddings and norms of a whole model (Rates.adam): 5e-4 by default."""


class LowRank(nn.Module):
    """What is added to a frozen weight [outputs, inputs]: b [outputs, rank] @ a [rank, inputs], at first zero."""

    def __init__(self, weight: Tensor, rank: int, generator: torch.Generator) -> None:
        super().__init__()
        outputs, inputs = weight.shape
        self.a = nn.Parameter(torch.randn(rank, inputs, generator=generator) * inputs**-0.5)
        self.b = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, weight: Tensor) -> Tensor:
        """Return the weight with the product added."""
        return weight + (self.b @ self.a).to(weight.dtype)


def adapted(name: str, shape: torch.Size) -> bool:
    """Return whether a tensor of engine/model/diffusion_gemma.py's state_dict gets a low-rank product."""
    return len(shape) == 2 and name.endswith("_proj.weight") and ".experts." not in name


def whole(name: str, shape: torch.Size) -> bool:
    """Return whether a tensor is itself trained and saved."""
    return len(shape) == 1 and name.endswith("norm.weight")


def rank_within(config: ModelConfig, limit: int) -> int:
    """Return the largest rank with which an adapter in bf16 takes at most `limit` bytes.

    Raises:
        CheckpointError: Not even the smallest rank fits.
    """
    found = shapes(config)
    each = 2 * sum(sum(shape) for name, shape in found.items() if adapted(name, shape))
    fixed = 2 * sum(shape.numel() for name, shape in found.items() if whole(name, shape))
    rank = int((limit - HEADER - fixed) / each) // STEP * STEP
    if rank < STEP:
        raise CheckpointError(f"expected room for an adapter of rank {STEP}, {(fixed + STEP * each) / 2**20:.1f} MiB, "
                              f"got {limit / 2**20:g} MiB")  # fmt: skip
    return rank


def attach(model: DiffusionGemma, rank: int, generator: torch.Generator) -> None:
    """Freeze everything but norms, and add low-rank products to the matrices; the model's output does not change."""
    names = {name: parameter.shape for name, parameter in model.named_parameters()}
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(whole(name, parameter.shape))
    for name in [name for name, shape in names.items() if adapted(name, shape)]:
        module = model.get_submodule(name.removesuffix(".weight"))
        assert isinstance(module.weight, Tensor), "adapted names are those of matrices"
        parametrize.register_parametrization(module, "weight", LowRank(module.weight, rank, generator))


def tensors(model: DiffusionGemma) -> dict[str, Tensor]:
    """Return what was learned, with the names that engine/checkpoint/adapter.py merges."""
    found: dict[str, Tensor] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            found[name.replace(".parametrizations.weight.0.", ".weight.")] = parameter
    return found


class AdapterOptimizer(Optimizer):
    """AdamW for everything that is trained: Muon is for whole matrices, and these are factors of a product."""

    def __init__(self, model: DiffusionGemma, rates: Rates) -> None:
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        adam = torch.optim.AdamW(self.parameters, lr=rates.adam, betas=(0.9, 0.95), weight_decay=0.0, fused=True)
        self.optimizers, self.peaks = (adam,), (SHARE * rates.adam,)
