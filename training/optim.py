"""Muon for matrices, AdamW for embeddings, norms and scales, and one learning-rate schedule for both."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.model.diffusion_gemma import DiffusionGemma


@dataclass(frozen=True)
class Rates:
    """Peak learning rates and their schedule.

    Attributes:
        muon: Peak rate of Muon.
        adam: Peak rate of AdamW.
        warmup: Steps of warm-up.
        decay: Share of the run, at its end, over which rates fall to zero.
    """

    muon: float = 0.02
    adam: float = 2e-3
    warmup: int = 100
    decay: float = 0.4


def schedule(rates: Rates, step: int, progress: float) -> float:
    """Return the factor on the peak rates at a step, after the share `progress` (0 to 1) of the run's time."""
    return min(1.0, (step + 1) / rates.warmup) * min(1.0, max(0.0, 1.0 - progress) / rates.decay)


class Muon(torch.optim.Optimizer):
    """Momentum whose update is orthogonalised by Newton-Schulz iteration (Jordan et al., 2024), in the weights' dtype.

    torch.optim.Muon iterates in bfloat16, which a CPU without bfloat16 units emulates thirty times slower than fp32. It
    also takes matrices only. This one takes stacks of matrices [E, n, m] as well, and works on all of one shape at
    once.
    """

    def __init__(
        self, parameters: list[nn.Parameter], lr: float, momentum: float = 0.95, weight_decay: float = 0.01
    ) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: object = None) -> None:  # type: ignore[override]
        """Update every parameter from its gradient; `closure` is not supported and must be None."""
        for group in self.param_groups:
            by_shape: dict[tuple[int, ...], list[nn.Parameter]] = {}
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                by_shape.setdefault(tuple(parameter.shape[-2:]), []).append(parameter)
            for parameters in by_shape.values():
                updates = torch.cat([self._momentum(p, group["momentum"]) for p in parameters])
                size = max(1.0, updates.shape[-2] / updates.shape[-1]) ** 0.5
                updates = orthogonalise(updates) * (-group["lr"] * size)
                for p, update in zip(
                    parameters, updates.split([p[..., 0, 0].numel() for p in parameters]), strict=True
                ):
                    p.mul_(1 - group["lr"] * group["weight_decay"]).add_(update.view_as(p))

    def _momentum(self, parameter: nn.Parameter, momentum: float) -> Tensor:
        """Return the Nesterov momentum of one parameter as a stack [E, n, m]."""
        assert parameter.grad is not None
        state = self.state[parameter]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(parameter)
        state["momentum"].lerp_(parameter.grad, 1 - momentum)
        velocity: Tensor = parameter.grad.lerp(state["momentum"], momentum)
        return velocity.view(-1, *parameter.shape[-2:])


def orthogonalise(stack: Tensor, steps: int = 5) -> Tensor:
    """Move each matrix of [E, n, m] towards the nearest (semi-)orthogonal one: singular values end near 0.7 to 1.2."""
    tall = stack.shape[-2] > stack.shape[-1]
    x = stack.mT if tall else stack
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = torch.baddbmm(x, -4.7750 * gram + 2.0315 * gram @ gram, x, beta=3.4445)
    return x.mT if tall else x


class Optimizer:
    """Both optimizers as one.

    Attributes:
        optimizers: Muon and AdamW.
        peaks: Their peak rates.
        parameters: All parameters of the model.
    """

    def __init__(self, model: DiffusionGemma, rates: Rates) -> None:
        matrices, others = _split(model)
        self.optimizers: tuple[torch.optim.Optimizer, ...] = (
            Muon(matrices, lr=rates.muon),
            torch.optim.AdamW(others, lr=rates.adam, betas=(0.9, 0.95), weight_decay=0.0, fused=True),
        )
        self.peaks: tuple[float, ...] = (rates.muon, rates.adam)
        self.parameters = list(model.parameters())

    def step(self, factor: float, clip: float = 1.0) -> float:
        """Apply gradients at the peak rates times `factor`, and clear them; return the norm before clipping."""
        norm = float(torch.nn.utils.clip_grad_norm_(self.parameters, clip))
        for optimizer, peak in zip(self.optimizers, self.peaks, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = peak * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return norm

    def state(self) -> list[dict[str, object]]:
        """Return the state of both optimizers."""
        return [optimizer.state_dict() for optimizer in self.optimizers]

    def load(self, states: list[dict[str, object]]) -> None:
        """Restore the state of both optimizers."""
        for optimizer, state in zip(self.optimizers, states, strict=True):
            optimizer.load_state_dict(state)


def _split(model: DiffusionGemma) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Return the matrices inside the layers, and all other parameters."""
    matrices: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        inner = parameter.dim() >= 2 and "embed" not in name and "router" not in name
        (matrices if inner else others).append(parameter)
    return matrices, others


def initialise(model: DiffusionGemma, generator: torch.Generator) -> None:
    """Set random weights: matrices at 1/sqrt(fan in), embeddings at the config's range; norms keep a weight of one."""
    for name, parameter in model.named_parameters():
        if parameter.dim() >= 2:
            std = model.config.initializer_range if "embed" in name else parameter.shape[-1] ** -0.5
            nn.init.normal_(parameter, std=std, generator=generator)
