"""The engine: load a checkpoint, submit prompts, read frames."""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from engine import loader
from engine.config import ModelConfig
from engine.errors import DeviceLost, InvalidParams, InvalidPrompt, PromptTooLong
from engine.generation import Generation
from engine.graph_runner import GraphRunner
from engine.noise import Noise, SeededNoise
from engine.params import Params
from engine.request import Request
from engine.results import Frame, Result, Stats
from engine.runner import Runner
from engine.tokenizer import ChatTokenizer, Message
from engine.worker import Worker

__all__ = ["Engine", "Frame", "Generation", "Params", "Result", "Stats"]

SEATS = 8
"""Requests that share a step: past this, a step on a small machine takes longer than newcomers would wait."""

Prompt = str | list[Message] | list[int]


class Engine:
    """Serves one model from a thread of its own. defaults: the checkpoint's own Params."""

    def __init__(
        self, runner: Runner | GraphRunner, tokenizer: ChatTokenizer, defaults: Params, seats: int = SEATS
    ) -> None:
        self.config: ModelConfig = runner.config
        self.tokenizer, self.defaults = tokenizer, defaults
        self._worker = Worker(runner, seats)

    @classmethod
    def load(
        cls,
        path: str | Path,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
        precision: str | None = None,
    ) -> "Engine":
        """Read a folder in Hugging Face layout. Raises CheckpointError, NotEnoughMemory.

        device: CUDA where there is one. dtype, on a CPU: the checkpoint's, except that one without bf16 arithmetic gets
        fp32. precision: of the weights, bf16, fp8 or int4 (see engine.packed.PRECISIONS); None on a GPU: the most exact
        that fits. On a CPU it only rounds them.
        """
        tokenizer, defaults = ChatTokenizer.load(path), loader.load_defaults(path)
        device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        if device.type == "cuda":
            runner = GraphRunner(loader.load_packed(path, device, precision))
            return cls(runner, tokenizer, defaults, runner.seats)
        return cls(Runner(loader.load_model(path, device, dtype, precision)), tokenizer, defaults)

    @property
    def eos_ids(self) -> tuple[int, ...]:
        """Tokens that end a page."""
        return self.config.eos_ids

    def encode(self, messages: str | list[Message]) -> list[int]:
        """Messages -> prompt ids, through the checkpoint's chat template. Raises InvalidPrompt."""
        return self.tokenizer.encode(messages)

    def decode(self, ids: Sequence[int]) -> str:
        return self.tokenizer.decode(ids)

    def piece(self, token: int) -> bytes:
        """One token's bytes; b"" for special tokens."""
        return self.tokenizer.piece(token)

    def submit(self, prompt: Prompt, params: Params | None = None, noise: Noise | None = None) -> Generation:
        """Start a generation; params None: the checkpoint's own. noise: random numbers in place of params.seed's.

        Raises InvalidPrompt, InvalidParams, PromptTooLong, EngineClosed.
        """
        params = params or self.defaults
        ids = self._prompt_ids(prompt)
        if params.canvas is not None and (bad := [t for t in params.canvas if t >= self.config.vocab_size]):
            raise InvalidParams(f"canvas: expected token ids below {self.config.vocab_size}, got {bad[0]}")
        request = Request(ids, params, noise or SeededNoise(params.seed), self.config)
        limit = self.config.max_positions - request.canvases * self.config.canvas_length
        if len(ids) > limit:
            raise PromptTooLong(len(ids), max(limit, 0))
        generation = Generation(request, self._worker.wake)
        self._worker.submit(generation)
        return generation

    def when_lost(self, call: Callable[[DeviceLost], None]) -> None:
        """What to do, in the engine's thread, when the GPU is lost: all has failed by then, and no more is taken."""
        self._worker.when_lost(call)

    def close(self) -> None:
        """Cancel what runs and join the thread."""
        self._worker.close()

    def _prompt_ids(self, prompt: Prompt) -> list[int]:
        if isinstance(prompt, str) or (prompt and isinstance(prompt[0], dict)):
            return self.encode(prompt)
        ids: list[int] = list(prompt)  # type: ignore[arg-type]
        if not ids:
            raise InvalidPrompt("expected at least one token, got an empty prompt")
        if bad := [token for token in ids if not 0 <= token < self.config.vocab_size]:
            raise InvalidPrompt(f"expected token ids from 0 to {self.config.vocab_size - 1}, got {bad[0]}")
        return ids
