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
"""Requests that share a step: past this, a step on a small machine takes longer than newcomers would wait."""


class Engine:
    """Serves one model from a thread of its own, until it is closed; a context manager that closes at its end.

    defaults: the checkpoint's own Params.
    """

    def __init__(
        self, runner: EagerRunner | CudaGraphRunner, tokenizer: ChatTokenizer, defaults: Params, seats: int = SEATS
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
        sampler: Sampler = ENTROPY_BOUND,
    ) -> Self:
        """Read a folder in Hugging Face layout. Raises CheckpointError, NotEnoughMemory.

        device: CUDA where there is one. dtype, on a CPU: the checkpoint's, except that one without bf16 arithmetic gets
        fp32. precision: of the weights, bf16, fp8 or int4 (see engine.model.fused_model.PRECISIONS); None on a GPU: the
        most exact that fits, of a checkpoint in fp8 no more than that. On a CPU it only rounds them. sampler: what
        decides, after each step, which tokens are kept.
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
        """Tokens that end a page."""
        return self.config.eos_ids

    @property
    def canvas_length(self) -> int:
        """Tokens of a canvas."""
        return self.config.canvas_length

    @property
    def pad_id(self) -> int:
        """The token that shows nothing."""
        return self.config.pad_id

    def encode(self, messages: str | list[Message]) -> list[int]:
        """Messages -> prompt ids, through the checkpoint's chat template. Raises InvalidPrompt."""
        return self.tokenizer.encode(messages)

    def decode(self, ids: Sequence[int]) -> str:
        return self.tokenizer.decode(ids)

    def tokens(self, text: str) -> list[int]:
        """A text as a canvas to start from. Raises InvalidPrompt for one with control tokens."""
        return self.tokenizer.encode_text(text)

    def piece(self, token: int) -> bytes:
        """One token's bytes; b"" for special tokens."""
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
        """Start a generation; params None: the checkpoint's own. noise: random numbers in place of params.seed's.

        session: whose page it is, of no matter here, where one process keeps what all sessions have encoded.
        committed: canvases that another engine has committed, to go on behind: on a CPU with the same seed to the same
        page, save for rounding.
        Raises InvalidPrompt, InvalidParams, PromptTooLong, EngineClosed.
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
        """Make a page and wait for its end. Not for event loops: these await the `result` of `submit`.

        Raises what `submit` raises, GenerationFailed and EngineClosed.
        """
        result = self.submit(prompt, params).wait()
        return TextResult(result.tokens, result.finish, result.stats, self.decode(result.tokens))

    def stream(self, prompt: Prompt, params: Params | None = None) -> Iterator[Frame]:
        """Make a page and give each of its frames as it comes; the generation ends with the iterator.

        Not for event loops: these iterate over what `submit` gives. Raises as `generate` does, at the first frame.
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
        """What to do, in the engine's thread, when the GPU is lost: all has failed by then, and no more is taken."""
        self._worker.when_lost(call)

    def close(self) -> None:
        """Cancel what runs and join the thread."""
        self._worker.close()

    def _check_hold(self, end: int, room: int) -> None:
        """Raises InvalidParams unless what is held up to token `end` can stand on a page of `room` tokens."""
        if self.config.pad_id in self.config.eos_ids:
            raise InvalidParams("hold: expected a model whose padding ends no page, got one that pads with its end")
        if end > room:
            raise InvalidParams(f"hold: expected it to end within the page's {room} tokens, got {end}")

    def _unconditional_ids(self, params: Params) -> list[int] | None:
        """The prompt that guidance leads away from; None for a request without guidance."""
        if not params.guided:
            return None
        if self._worker.seats < 2:
            raise InvalidParams("guidance: expected an engine with two seats or more, got one")
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
