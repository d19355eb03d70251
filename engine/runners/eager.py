"""Runs requests in plain PyTorch: packs the rows of all requests of a step, runs the model, and samples."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.model.attention import decode_attend, encode_attend
from engine.model.diffusion_gemma import DiffusionGemma
from engine.model.guidance import guided
from engine.model.kv_cache import PrefixCache
from engine.model.sampler import ENTROPY_BOUND, Rows, Sampler, read_rows, temperature
from engine.requests.held_tokens import HeldTokens, share
from engine.requests.request import Reading, Request, Side
from engine.runners import cpu_hardware
from engine.runners.readings import doubts

ENCODE_CHUNK = 1024
"""How many tokens a side of a request encodes between two denoising steps.

It bounds the masks, and how long a long prompt delays the other requests.
"""


@dataclass(frozen=True)
class Step:
    """The results of one denoising step of N requests, on the CPU.

    Attributes:
        argmax: int [N, C], the likeliest token of each position.
        accepted: bool [N, C], the positions whose sampled token was kept.
        entropy: fp32 [N], the mean over positions that are not held, in nats.
        requests: The N requests.
    """

    argmax: Tensor
    accepted: Tensor
    entropy: Tensor
    requests: tuple[Request, ...]


def judged_rows(logits: Tensor, requests: Sequence[Request]) -> list[Reading]:
    """Return each request's reading of its unread tokens.

    Args:
        logits: fp32 [T, V], soft-capped, each row predicting the unread token of that row.
        requests: The requests, whose unread tokens follow one another in `logits`.
    """
    chunks = [request.unread() for request in requests]
    ids = torch.tensor([token for chunk in chunks for token in chunk], device=logits.device)
    bounds = torch.tensor([float(request.params.doubt or 0) for request in requests], device=logits.device)
    sizes = [len(chunk) for chunk in chunks]
    found = doubts(logits, ids, bounds.repeat_interleave(torch.tensor(sizes, device=logits.device)))
    columns = (torch.split(column.cpu(), sizes) for column in found.columns)
    return [request.judged(*part) for request, part in zip(requests, zip(*columns, strict=True), strict=True)]


class EagerRunner:
    """Runs one model in plain PyTorch.

    Every method may be called again after it raised. Until it succeeds, requests lose nothing but random numbers.
    """

    def __init__(self, model: DiffusionGemma, sampler: Sampler = ENTROPY_BOUND) -> None:
        """Create a runner.

        Args:
            model: The model, on the device to run on.
            sampler: Decides after each step which tokens are kept.
        """
        self.model, self.config, self._sampler = model.eval(), model.config, sampler
        self._weight = model.embed_tokens.weight
        self.device = self._weight.device

    def release(self, request: Request) -> None:
        """Free the caches of a request that has ended for whatever reason."""
        for side in request.sides:
            side.cache = None

    def holds(self, request: Request) -> bool:
        """Tell whether other requests wait for this request's room; none do, as each has a cache of its own."""
        return False

    def settle(self) -> None:
        """Configure the calling thread for this model. Call it once."""
        if self.device.type == "cpu":
            cpu_hardware.settle(self.config)

    @torch.inference_mode()
    def encode(self, requests: Sequence[Request]) -> None:
        """Encode up to ENCODE_CHUNK pending ids of each side into its prefix cache, in one packed pass."""
        sides = [side for request in requests for side in request.unencoded]
        chunks = [side.pending[:ENCODE_CHUNK] for side in sides]
        for side, chunk, hidden in zip(sides, chunks, self._encode(sides, chunks), strict=True):
            self._keep(side, hidden, len(chunk))
            side.pending = side.pending[len(chunk) :]

    @torch.inference_mode()
    def read(self, requests: Sequence[Request]) -> list[Reading]:
        """Read the unread tokens of denoised canvases, each from the tokens before it, in one packed pass.

        A guided canvas is read like any other, behind its prompt alone. The tokens before the first doubtful one become
        part of the prefix cache.
        """
        chunks = [request.unread() for request in requests]
        hidden = self._encode(requests, chunks)
        before = [torch.cat([self._last(r)[None], h[:-1]]) for r, h in zip(requests, hidden, strict=True)]
        readings = judged_rows(self.model.logits(torch.cat(before)), requests)
        for request, rows, reading in zip(requests, hidden, readings, strict=True):
            self._keep(request, rows, reading.right)
        return readings

    def _encode(self, sides: Sequence[Side], chunks: Sequence[Sequence[int]]) -> list[Tensor]:
        """Return hidden states [n, hidden] of each chunk behind its side's prefix; the prefix does not grow by it."""
        caches, counts = [self._cache(side) for side in sides], [len(chunk) for chunk in chunks]
        ids = torch.tensor([token for chunk in chunks for token in chunk], device=self.device)
        hidden = self.model.encode(ids, self._positions(caches, counts), encode_attend(caches, counts))
        return list(torch.split(hidden, counts))

    def _keep(self, side: Side, hidden: Tensor, count: int) -> None:
        """Add the first `count` tokens that were encoded last to the prefix; `hidden` are their hidden states."""
        if count:
            self._cache(side).commit(count)
            side.last = hidden[count - 1].clone()

    def _last(self, request: Request) -> Tensor:
        assert request.last is not None
        return request.last

    @torch.inference_mode()
    def step(self, requests: Sequence[Request]) -> Step:
        """Run one denoising step of requests whose prefixes are encoded.

        It replaces each request's canvas and the probabilities that the next step is conditioned on.
        """
        shape = len(requests), self.config.canvas_length
        rows = self._forward(requests)
        argmax, sampled, entropy = (column.view(shape) for column in (rows.argmax, rows.sampled, rows.entropy))
        mean = entropy.mean(-1)
        held = None
        if any(request.holds for request in requests):
            held = HeldTokens.stack([request.held for request in requests], self.device)
            argmax, sampled = (held.kept(x, self.config.eos_ids, self.config.pad_id) for x in (argmax, sampled))
            entropy = entropy.masked_fill(held.places, 0)
            mean = entropy.mean(-1) * self._column([share(request.held) for request in requests])
        accepted = self._sampler.accept(entropy, self._column([request.params.entropy_bound for request in requests]))
        if held:
            accepted = accepted | held.places
        noise = torch.cat([request.noise.tokens(shape[1], self.config.vocab_size) for request in requests])
        following = self._sampler.renoise(sampled, accepted, noise.to(self.device).view(shape))
        step = Step(argmax.cpu(), accepted.cpu(), mean.cpu(), tuple(requests))
        predicted = rows.probabilities.view(*shape, -1)
        for request, tokens, probabilities in zip(requests, following, predicted, strict=True):
            request.tokens, request.predicted = tokens, probabilities
        return step

    def _forward(self, requests: Sequence[Request]) -> Rows:
        """Run the canvases of all sides through the model, and one canvas of each request through the vocabulary."""
        length = self.config.canvas_length
        caches = [self._cache(side) for request in requests for side in request.sides]
        ids = torch.cat([request.tokens.to(self.device) for request in requests for _ in request.sides])
        positions = self._positions(caches, [length] * len(caches))
        hidden = self.model.decode(ids, positions, self._soft(requests), decode_attend(caches, length))
        logits = self.model.logits(self._guided(requests, hidden))
        uniforms = torch.cat([request.noise.uniforms(length) for request in requests]).to(self.device)
        return read_rows(logits, self._temperatures(requests), uniforms)

    def _guided(self, requests: Sequence[Request], hidden: Tensor) -> Tensor:
        """Reduce the hidden states of all sides to those of one canvas for each request."""
        if all(request.unconditional is None for request in requests):
            return hidden
        rows = iter(torch.split(hidden, self.config.canvas_length))
        parts = [
            next(rows) if request.unconditional is None else guided(next(rows), next(rows), request.weight)
            for request in requests
        ]
        return torch.cat(parts)

    def _cache(self, side: Side) -> PrefixCache:
        if side.cache is None:
            side.cache = PrefixCache(self.config, self._weight, len(side.pending) + self.config.canvas_length)
        return side.cache

    def _positions(self, caches: Sequence[PrefixCache], counts: Sequence[int]) -> Tensor:
        return torch.cat(
            [
                torch.arange(cache.length, cache.length + count, device=self.device)
                for cache, count in zip(caches, counts, strict=True)
            ]
        )

    def _soft(self, requests: Sequence[Request]) -> Tensor | None:
        """Return soft embeddings of all sides' rows; zeros for a canvas in its first step, or None if all are."""
        if all(request.predicted is None for request in requests):
            return None
        zeros = self._weight.new_zeros(self.config.canvas_length, self.config.hidden_size)
        found = [zeros if r.predicted is None else self._conditioning(r, r.predicted) for r in requests]
        return torch.cat([soft for soft, request in zip(found, requests, strict=True) for _ in request.sides])

    def _conditioning(self, request: Request, predicted: Tensor) -> Tensor:
        """Return the soft embedding [C, hidden] of the last step's prediction; held tokens count as certain."""
        soft = self.model.soft_embedding(predicted)
        if not request.holds:
            return soft
        held = request.held.places.to(self.device)
        return torch.where(held[:, None], self.model.embed(request.held.tokens.to(self.device)), soft)

    def _temperatures(self, requests: Sequence[Request]) -> Tensor:
        """Return the temperature of each row, fp32 [T]."""
        now = [temperature(r.canvas.step + 1, r.params.max_steps, *r.params.temperature) for r in requests]
        return self._column(now).repeat_interleave(self.config.canvas_length)

    def _column(self, values: list[float]) -> Tensor:
        return torch.tensor(values, dtype=torch.float32, device=self.device)
