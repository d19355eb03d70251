"""From requests to tensors and back: packs the rows of all requests of a step, runs the model, samples."""

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
"""Tokens a side of a request encodes between two steps: bounds masks and how long a long prompt holds up the others."""


@dataclass(frozen=True)
class Step:
    """What a denoising step of N requests gave.

    On the CPU: argmax int [N, C], accepted bool [N, C], entropy fp32 [N] (mean over what is not held, nats).
    """

    argmax: Tensor
    accepted: Tensor
    entropy: Tensor
    requests: tuple[Request, ...]


def judged_rows(logits: Tensor, requests: Sequence[Request]) -> list[Reading]:
    """What the encoder makes of what is unread of each canvas, from the soft-capped fp32 logits [T, V] before each
    token."""
    chunks = [request.unread() for request in requests]
    ids = torch.tensor([token for chunk in chunks for token in chunk], device=logits.device)
    bounds = torch.tensor([float(request.params.doubt or 0) for request in requests], device=logits.device)
    sizes = [len(chunk) for chunk in chunks]
    found = doubts(logits, ids, bounds.repeat_interleave(torch.tensor(sizes, device=logits.device)))
    columns = (torch.split(column.cpu(), sizes) for column in found.columns)
    return [request.judged(*part) for request, part in zip(requests, zip(*columns, strict=True), strict=True)]


class EagerRunner:
    """Runs one model. Every method may be repeated after it raised: until it succeeds, requests lose no more than
    random numbers."""

    def __init__(self, model: DiffusionGemma, sampler: Sampler = ENTROPY_BOUND) -> None:
        self.model, self.config, self._sampler = model.eval(), model.config, sampler
        self._weight = model.embed_tokens.weight
        self.device = self._weight.device

    def release(self, request: Request) -> None:
        """A request has ended, one way or another."""
        for side in request.sides:
            side.cache = None

    def holds(self, request: Request) -> bool:
        """Whether others wait for the room that a request has: nobody does, as each takes its own."""
        return False

    def settle(self) -> None:
        """Set up the thread that calls, once, for this model."""
        if self.device.type == "cpu":
            cpu_hardware.settle(self.config)

    @torch.inference_mode()
    def encode(self, requests: Sequence[Request]) -> None:
        """Take up to ENCODE_CHUNK pending ids of each side into its prefix cache, in one packed pass."""
        sides = [side for request in requests for side in request.unencoded]
        chunks = [side.pending[:ENCODE_CHUNK] for side in sides]
        for side, chunk, hidden in zip(sides, chunks, self._encode(sides, chunks), strict=True):
            self._keep(side, hidden, len(chunk))
            side.pending = side.pending[len(chunk) :]

    @torch.inference_mode()
    def read(self, requests: Sequence[Request]) -> list[Reading]:
        """Read what is unread of written canvases, each token from those before it, in one packed pass.

        A guided canvas is read as any other, by the side of its prompt alone. Tokens before the first doubtful one are
        now part of the prefix cache.
        """
        chunks = [request.unread() for request in requests]
        hidden = self._encode(requests, chunks)
        before = [torch.cat([self._last(r)[None], h[:-1]]) for r, h in zip(requests, hidden, strict=True)]
        readings = judged_rows(self.model.logits(torch.cat(before)), requests)
        for request, rows, reading in zip(requests, hidden, readings, strict=True):
            self._keep(request, rows, reading.right)
        return readings

    def _encode(self, sides: Sequence[Side], chunks: Sequence[Sequence[int]]) -> list[Tensor]:
        """Hidden states [n, hidden] of each chunk behind its side's prefix, which it does not become part of."""
        caches, counts = [self._cache(side) for side in sides], [len(chunk) for chunk in chunks]
        ids = torch.tensor([token for chunk in chunks for token in chunk], device=self.device)
        hidden = self.model.encode(ids, self._positions(caches, counts), encode_attend(caches, counts))
        return list(torch.split(hidden, counts))

    def _keep(self, side: Side, hidden: Tensor, count: int) -> None:
        """Make the first `count` tokens encoded last, with these hidden states, part of the prefix."""
        if count:
            self._cache(side).commit(count)
            side.last = hidden[count - 1].clone()

    def _last(self, request: Request) -> Tensor:
        assert request.last is not None
        return request.last

    @torch.inference_mode()
    def step(self, requests: Sequence[Request]) -> Step:
        """One denoising step of requests whose prefixes are encoded: reads their canvases and puts in the next ones,
        with what the step after is conditioned on."""
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
        """All sides' canvases through the model, and of each request one through the vocabulary."""
        length = self.config.canvas_length
        caches = [self._cache(side) for request in requests for side in request.sides]
        ids = torch.cat([request.tokens.to(self.device) for request in requests for _ in request.sides])
        positions = self._positions(caches, [length] * len(caches))
        hidden = self.model.decode(ids, positions, self._soft(requests), decode_attend(caches, length))
        logits = self.model.logits(self._guided(requests, hidden))
        uniforms = torch.cat([request.noise.uniforms(length) for request in requests]).to(self.device)
        return read_rows(logits, self._temperatures(requests), uniforms)

    def _guided(self, requests: Sequence[Request], hidden: Tensor) -> Tensor:
        """Hidden states of all sides -> those of one canvas a request."""
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
        """Soft embeddings of all sides' rows; a canvas in its first step has none, which is the same as zeros."""
        if all(request.predicted is None for request in requests):
            return None
        zeros = self._weight.new_zeros(self.config.canvas_length, self.config.hidden_size)
        found = [zeros if r.predicted is None else self._conditioning(r, r.predicted) for r in requests]
        return torch.cat([soft for soft, request in zip(found, requests, strict=True) for _ in request.sides])

    def _conditioning(self, request: Request, predicted: Tensor) -> Tensor:
        """Soft embedding [C, hidden] of what the last step predicted; what is held was certain."""
        soft = self.model.soft_embedding(predicted)
        if not request.holds:
            return soft
        held = request.held.places.to(self.device)
        return torch.where(held[:, None], self.model.embed(request.held.tokens.to(self.device)), soft)

    def _temperatures(self, requests: Sequence[Request]) -> Tensor:
        """fp32 [T], one for each row."""
        now = [temperature(r.canvas.step + 1, r.params.max_steps, *r.params.temperature) for r in requests]
        return self._column(now).repeat_interleave(self.config.canvas_length)

    def _column(self, values: list[float]) -> Tensor:
        return torch.tensor(values, dtype=torch.float32, device=self.device)
