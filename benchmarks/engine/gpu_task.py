"""What benchmarks/engine/gpu.py is to measure, and the model for it."""

from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks.engine.cpu import BUNDLED_SHAPE
from engine.checkpoint.layout import read_config
from engine.checkpoint.loader import load_defaults, load_packed, random_packed
from engine.core.config import ModelConfig
from engine.core.errors import EngineError
from engine.core.large import LARGE_SHAPE
from engine.model.fused_model import PRECISIONS, FusedModel
from engine.tokenizer.tokenizer import ChatTokenizer

SHAPES = {"diffusiongemma-26b": LARGE_SHAPE, "silverprint-s": BUNDLED_SHAPE}


@dataclass(frozen=True)
class Task:
    """What to measure.

    Attributes:
        shape: Name of the model's shape, one of SHAPES.
        weights: "random", or the folder of a checkpoint.
        precision: "bf16", "fp8" or "int4".
        steps: Denoising steps a canvas.
        prompt: Random tokens before each page.
        repeats: Pages of which a median is taken.

    Raises:
        ValueError: This cannot be measured.
    """

    shape: str
    weights: str
    precision: str
    steps: int = 16
    prompt: int = 1024
    repeats: int = 5

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise ValueError(f"shape: expected {' or '.join(SHAPES)}, got {self.shape!r}")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision: expected {' or '.join(PRECISIONS)}, got {self.precision!r}")
        if self.steps < 2 or self.prompt < 1 or self.repeats < 1:
            raise ValueError(f"expected 2 steps or more, a prompt and a repeat, got {self}")

    @property
    def config(self) -> ModelConfig:
        """The configuration of the shape or of the checkpoint."""
        return SHAPES[self.shape] if self.weights == "random" else read_config(Path(self.weights))

    @property
    def reads(self) -> bool:
        """Whether the checkpoint's own parameters, if it has any that can be used, ask for readings."""
        try:
            return self.weights != "random" and load_defaults(self.weights).doubt is not None
        except EngineError:
            return False


class NoWords(ChatTokenizer):
    """A tokenizer that does nothing: prompts are ids here, and the text of pages is not needed."""

    def __init__(self) -> None:
        pass


def load(task: Task, device: torch.device) -> FusedModel:
    """Load the model, with random weights or from a checkpoint."""
    if task.weights == "random":
        return random_packed(SHAPES[task.shape], device, task.precision)
    return load_packed(Path(task.weights), device, task.precision)
