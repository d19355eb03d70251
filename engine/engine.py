"""The engine: load a checkpoint, submit prompts, read frames."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Self

import torch

from engine.checkpoint import loader
from engine.core.config import ModelConfig
from engine.core.errors import DeviceLost, InvalidParams, InvalidPrompt, PromptTooLong
from engine.core.noise import Noise, SeededNoise
from engine.core.params import Committed, Message, Params, Prompt
from engine.core.results import Frame, Result, Stats, TextResult
from engine.model.sampler import ENTROPY_BOUND, Sampler
from engine.requests.generation import Generation
from engine.requests.request import Request
from engine.runners.cuda_graph import CudaGraphRunner
from engine.runners.eager import EagerRunner
from engine.tokenizer.tokenizer import ChatTokenizer
from engine.worker import Worker

__all__ = ["Engine", "Frame", "Generation", "Params", "Result", "Sampler", "Stats", "TextResult"]

SEATS = 8
"""How many slots share a step on a CPU. With more, a step on a small machine takes longer than newcomers would wait."""


class Engine:
    """An engine serves one model from a thread of its own until it is closed.

    It is also a context manager, which closes the engine at its end.

    Attributes:
        config: The model's configuration.
        tokenizer: The checkpoint's tokenizer and chat template.
        defaults: The checkpoint's own sampling parameters.
    """

    def __init__(
        self, runner: EagerRunner | CudaGraphRunner, tokenizer: ChatTokenizer, defaults: Params, seats: int = SEATS
    ) -> None:
        """Start the thread that serves `runner`'s model.

        Args:
            runner: Runs the model.
            tokenizer: The checkpoint's tokenizer and chat template.
            defaults: Sampling parameters of requests that bring none.
            seats: The number of slots that share a denoising step.

        Raises:
            DeviceLost: The GPU failed while the runner was set up.
            NotEnoughMemory: There is no room for a denoising step beside the weights.
        """
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
        sampler: Sampler = ENTROPY_BOUND,
    ) -> Self:
        """Load a model from a folder in Hugging Face layout and start its engine.

        Args:
            path: The folder.
            device: The device to serve on; None takes CUDA where there is a GPU.
            dtype: The dtype on a CPU. None takes the checkpoint's, or fp32 on a CPU without bf16 arithmetic.
            precision: The weights' precision: bf16, fp8 or int4 (see engine.model.fused_model.PRECISIONS). None on a
                GPU takes the most exact one that fits; for a checkpoint in fp8, nothing more exact than fp8. On a CPU
                the weights are only rounded to that precision.
            sampler: Decides after each step which tokens are kept.

        Returns:
            An engine that is ready for requests.

        Raises:
            CheckpointError: The folder cannot be served.
            NotEnoughMemory: The device has no room for the model.
        """
        tokenizer, defaults = ChatTokenizer.load(path), loader.load_defaults(path)
        device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        if device.type == "cuda":
            runner = CudaGraphRunner(
                loader.load_packed(path, device, precision), reads=defaults.doubt is not None, sampler=sampler
            )
            return cls(runner, tokenizer, defaults, runner.seats)
        return cls(EagerRunner(loader.load_model(path, device, dtype, precision), sampler), tokenizer, defaults)

    @property
    def eos_ids(self) -> tuple[int, ...]:
        """Return the tokens that end a page."""
        return self.config.eos_ids

    @property
    def canvas_length(self) -> int:
        """Return the number of tokens in a canvas."""
        return self.config.canvas_length

    @property
    def pad_id(self) -> int:
        """Return the padding token, which adds nothing to the text."""
        return self.config.pad_id

    def encode(self, messages: str | list[Message]) -> list[int]:
        """Convert messages into prompt ids through the checkpoint's chat template.

        Raises:
            InvalidPrompt: The messages make no prompt.
        """
        return self.tokenizer.encode(messages)

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of token ids, without special tokens."""
        return self.tokenizer.decode(ids)

    def tokens(self, text: str) -> list[int]:
        """Convert a text into token ids, as a canvas to start from (`Params.canvas`).

        Raises:
            InvalidPrompt: The text holds control tokens that cannot be spelled out.
        """
        return self.tokenizer.encode_text(text)

    def piece(self, token: int) -> bytes:
        """Return the bytes that one token adds to the text; b"" for special tokens."""
        return self.tokenizer.piece(token)

    def submit(
        self,
        prompt: Prompt,
        params: Params | None = None,
        noise: Noise | None = None,
        *,
        session: str = "",
        committed: Committed | None = None,
    ) -> Generation:
        """Queue a generation and return at once.

        Args:
            prompt: Text, messages or token ids.
            params: Sampling parameters; None takes the checkpoint's own.
            noise: Random numbers in place of those that params.seed seeds.
            session: The session that the page belongs to. It changes nothing here, where one process keeps what all
                sessions have encoded.
            committed: Canvases that another engine has committed; the page continues behind them. On a CPU, the same
                seed then gives the same page up to rounding.

        Returns:
            The generation, which yields frames and a result.

        Raises:
            InvalidPrompt: The prompt is empty, malformed or outside the vocabulary.
            InvalidParams: A sampling parameter is out of range.
            PromptTooLong: Prompt and page do not fit the model's context.
            EngineClosed: The engine is closed.
        """
        params = params or self.defaults
        ids, unconditional = self._prompt_ids(prompt), self._unconditional_ids(params)
        if params.canvas is not None and (bad := [t for t in params.canvas if t >= self.config.vocab_size]):
            raise InvalidParams(f"canvas: expected token ids below {self.config.vocab_size}, got {bad[0]}")
        length = self.config.canvas_length
        if params.hold:
            self._check_hold(params.hold[-1][1], params.canvases(length) * length)
        if committed:
            committed.check(length, params.canvases(length), self.config.eos_ids)
        request = Request(ids, params, noise or SeededNoise(params.seed), self.config, unconditional, committed)
        limit = self.config.max_positions - request.canvases * self.config.canvas_length
        if len(ids) > limit:
            raise PromptTooLong(len(ids), max(limit, 0))
        if unconditional and len(unconditional) > limit:
            raise InvalidParams(f"unconditional: expected at most {limit} tokens, got {len(unconditional)}")
        generation = Generation(request, self._worker.wake)
        self._worker.submit(generation)
        return generation

    def generate(self, prompt: Prompt, params: Params | None = None) -> TextResult:
        """Make a page and wait until it ends.

        This blocks the thread. In an event loop, await the `result` of `submit` instead.

        Raises:
            EngineError: Whatever `submit` raises, GenerationFailed, or EngineClosed.
        """
        result = self.submit(prompt, params).wait()
        return TextResult(result.tokens, result.finish, result.stats, self.decode(result.tokens))

    def stream(self, prompt: Prompt, params: Params | None = None) -> Iterator[Frame]:
        """Make a page and yield each of its frames as it comes; closing the iterator cancels the generation.

        This blocks the thread. In an event loop, iterate over what `submit` returns instead.

        Raises:
            EngineError: At the first frame, whatever `generate` raises.
        """
        generation = self.submit(prompt, params)
        try:
            yield from generation.frames()
        finally:
            generation.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def when_lost(self, call: Callable[[DeviceLost], None]) -> None:
        """Set what the engine's thread calls once the GPU is lost.

        All generations have failed by then, and no further ones are taken.
        """
        self._worker.when_lost(call)

    def close(self) -> None:
        """Cancel all running generations and join the engine's thread."""
        self._worker.close()

    def _check_hold(self, end: int, room: int) -> None:
        """Check that the held tokens, which end at token `end`, fit on a page of `room` tokens.

        Raises:
            InvalidParams: They do not fit, or the model's padding token also ends a page.
        """
        if self.config.pad_id in self.config.eos_ids:
            raise InvalidParams("hold: expected a model whose padding ends no page, got one that pads with its end")
        if end > room:
            raise InvalidParams(f"hold: expected it to end within the page's {room} tokens, got {end}")

    def _unconditional_ids(self, params: Params) -> list[int] | None:
        """Return the ids of the prompt that guidance leads away from; None for a request without guidance."""
        if not params.guided:
            return None
        if self._worker.seats < 2:
            raise InvalidParams("guidance: expected an engine that runs two canvases at once, got one canvas")
        try:
            return self._prompt_ids("" if params.unconditional is None else params.unconditional)
        except InvalidPrompt as error:
            raise InvalidParams(f"unconditional: {error}") from error

    def _prompt_ids(self, prompt: Prompt) -> list[int]:
        if isinstance(prompt, str) or (prompt and isinstance(prompt[0], dict)):
            return self.encode(prompt)
        ids: list[int] = list(prompt)  # type: ignore[arg-type]
        if not ids:
            raise InvalidPrompt("expected at least one token, got an empty prompt")
        if bad := [token for token in ids if not 0 <= token < self.config.vocab_size]:
            raise InvalidPrompt(f"expected token ids from 0 to {self.config.vocab_size - 1}, got {bad[0]}")
        return ids
