"""The canvases of a step on the device: static buffers, and the denoising step that reads and overwrites them.

Nothing here waits for the host or allocates by what it computes, so that a step can be captured as one CUDA graph per
number of canvases: where a canvas lies, how hot it is sampled and what it was asked for are read from the buffers.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from engine.model.fused_attention import canvas_attend, commit_attend, commit_places
from engine.model.fused_model import Attend, FusedModel, Places
from engine.model.guidance import guided
from engine.model.sampler import ENTROPY_BOUND, EntropyBound, Sampler
from engine.requests.held_tokens import HeldTokens, share
from kernels.results import Limits


@dataclass(frozen=True)
class Start:
    """A canvas as it begins. tokens int64 [C], on the CPU. base: row of the key/value buffers where its prefix lies;
    prefix: tokens of it. drawn: steps that its request has taken on canvases before. Limits: see
    engine.core.params.Params.
    held: what is held of it, on the CPU.
    """

    tokens: Tensor
    base: int
    prefix: int
    seed: int
    drawn: int
    max_steps: int
    stability: int
    temperature: tuple[float, float]
    entropy_bound: float
    confidence: float
    held: HeldTokens | None = None


@dataclass(frozen=True)
class Shown:
    """What a step gave of N canvases. argmax int32 [N, C], accepted bool [N, C], entropy fp32 [N] (nats, mean over what
    is not held)."""

    argmax: Tensor
    accepted: Tensor
    entropy: Tensor

    @classmethod
    def empty(cls, canvases: int, length: int, device: torch.device, pinned: bool = False) -> "Shown":
        shapes = ((canvases, length), torch.int32), ((canvases, length), torch.bool), ((canvases,), torch.float32)
        return cls(*(torch.zeros(shape, dtype=kind, device=device, pin_memory=pinned) for shape, kind in shapes))

    def copy(self, other: "Shown", canvases: int) -> None:
        """Take over the first `canvases` of another, without waiting for it."""
        for field in fields(self):
            getattr(self, field.name)[:canvases].copy_(getattr(other, field.name)[:canvases], non_blocking=True)


INTS = ("base", "prefix", "seed", "drawn", "max_steps", "stability", "step", "unchanged")
FLOATS = ("first", "last", "bound", "confidence", "share")
FOREVER = 2**30
"""Steps that nobody takes."""


class GraphState:
    """Room for `seats` canvases. most_keys: upper bound of a prefix and its canvas, in tokens. scratch: of the
    key/value buffers, the first of two canvases' rows where seats without a canvas may write.

    pairs int64 [2, seats], weights fp32 [seats]: of guidance, the seat whose prefix has the prompt, the seat whose
    prefix has not, and the weight. A guided canvas sits twice, with one content; any other is its own pair.
    held: of each seat's canvas, what is held; "share" of the floats see engine.requests.held_tokens.share.
    last [hidden]: what the encoder made of the last token that a committing step took in.
    """

    def __init__(
        self, model: FusedModel, seats: int, most_keys: int, scratch: int, sampler: Sampler = ENTROPY_BOUND
    ) -> None:
        self._sampler = None if type(sampler) is EntropyBound else sampler
        self.model, self.seats, self.most_keys, self._scratch = model, seats, most_keys, scratch
        self.length = model.config.canvas_length
        device = model.device
        self.ints = torch.zeros(len(INTS), seats, dtype=torch.int64, device=device)
        self.floats = torch.ones(len(FLOATS), seats, device=device)
        self.tokens = torch.zeros(seats, self.length, dtype=torch.int32, device=device)
        self.soft = model.table.new_zeros(seats, self.length, model.config.hidden_size)
        self.shown = Shown.empty(seats, self.length, device)
        self.held = HeldTokens.none((seats, self.length), torch.int32, device)
        self.pairs = torch.arange(seats, device=device).repeat(2, 1)
        self.weights = torch.ones(seats, device=device)
        self.committed = torch.zeros(self.length, dtype=torch.int32, device=device)
        self.behind = torch.full((1,), self.length, device=device)
        self.last = model.table.new_zeros(model.config.hidden_size)
        for seat in range(seats):
            self.clear(seat)

    def clear(self, seat: int) -> None:
        """Leave a seat without a canvas; a step over it does no harm."""
        nothing = torch.zeros(self.length, dtype=torch.int64)
        self.begin(seat, Start(nothing, self._scratch, self.length, 0, 0, 1, 0, (1.0, 1.0), 0.0, 0.0))

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Steps taken inside leave no trace on the canvases."""
        before = [buffer.clone() for buffer in self._buffers()]
        try:
            yield
        finally:
            for buffer, value in zip(self._buffers(), before, strict=True):
                buffer.copy_(value)

    def _buffers(self) -> list[Tensor]:
        return [self.ints, self.floats, *self._rows()]

    def _rows(self) -> list[Tensor]:
        """The buffers with a row for each seat."""
        shown, held = self.shown, self.held
        mine = [self.tokens, self.soft, shown.argmax, shown.accepted, shown.entropy]
        return [*mine, held.places, held.tokens, held.early]

    def rehearse(self, bases: Sequence[int], prefix: int) -> None:
        """Seat canvases that differ, behind `prefix` rows of random keys and values at each base, to be stepped any
        number of times while nobody is served: temperatures do not fall, and no canvas comes to its end."""
        generator = torch.Generator().manual_seed(0)
        for seat, base in enumerate(bases):
            for rows in (*self.model.keys, *self.model.values):
                rows[base : base + prefix].normal_()
            tokens = torch.randint(self.model.config.vocab_size, (self.length,), generator=generator)
            self.begin(seat, Start(tokens, base, prefix, seat, 0, FOREVER, FOREVER, (0.6, 0.6), 0.1, 0.0))

    def begin(self, seat: int, start: Start) -> None:
        """Put a canvas on a seat. One copy a buffer, in the order of the stream: a step under way is not disturbed."""
        ints = (start.base, start.prefix, start.seed, start.drawn, start.max_steps, start.stability, 0, 0)
        held = start.held or HeldTokens.none((self.length,))
        floats = (*start.temperature, start.entropy_bound, start.confidence, share(held))
        self.ints[:, seat].copy_(torch.tensor(ints), non_blocking=True)
        self.floats[:, seat].copy_(torch.tensor(floats), non_blocking=True)
        self.tokens[seat].copy_(start.tokens.to(torch.int32), non_blocking=True)
        self.soft[seat].zero_()
        self.shown.argmax[seat].fill_(-1)
        for field in fields(held):
            getattr(self.held, field.name)[seat].copy_(getattr(held, field.name), non_blocking=True)

    def move(self, source: int, target: int) -> None:
        """A canvas changes its seat."""
        for buffer in (self.ints, self.floats):
            buffer[:, target].copy_(buffer[:, source])
        for buffer in self._rows():
            buffer[target].copy_(buffer[source])

    def pair(self, conditional: Sequence[int], unconditional: Sequence[int], weights: Sequence[float]) -> None:
        """Of the first seats, which belong together (see the class)."""
        count = len(weights)
        self.pairs[:, :count].copy_(torch.tensor([conditional, unconditional]), non_blocking=True)
        self.weights[:count].copy_(torch.tensor(weights), non_blocking=True)

    def commit(self, tokens: Sequence[int]) -> None:
        """The end of the prefix behind which the first seat's canvas stands, at most a canvas's worth, which `step` is
        to encode on its way. Rows that it leaves free go first."""
        spare = [0] * (self.length - len(tokens))
        self.committed.copy_(torch.tensor([*spare, *tokens]), non_blocking=True)
        self.behind.fill_(len(tokens))

    def step(self, canvases: int, committing: bool = False, guiding: bool = False, holding: bool = False) -> None:
        """One denoising step of the first `canvases` seats: reads and overwrites tokens, soft, shown and clocks.

        committing: of a single seat, whose prefix ends in what `commit` was given: encodes that in the same pass.
        guiding: of seats that `pair` has put together. holding: of canvases of which something may be held.
        """
        model, ops, cap = self.model, self.model.ops, self.model.config.logit_cap
        seeds, drawn, step, unchanged = (self._int(name, canvases) for name in ("seed", "drawn", "step", "unchanged"))
        x = model.canvas_input(self.tokens[:canvases].flatten(), self.soft[:canvases].flatten(0, 1))
        first = self.length if committing else 0
        if committing:
            x = torch.cat([model.embed(self.committed), x])
        hidden = model.run(x, self._places(canvases, committing), self._attend(canvases, committing), encoded=first)
        if committing:
            self.last.copy_(hidden[first - 1])
        hidden = self._guided(hidden[first:], canvases) if guiding else hidden[first:]
        logits, temperatures = model.logits(hidden), self._temperatures(canvases)
        rows = ops.vocab_rows(logits, cap, temperatures, seeds, drawn.int())
        soft = ops.soft_embedding(logits, cap, temperatures, rows.log_sum, model.table, model.scale)
        soft = soft.view(canvases, self.length, -1)
        argmax, sampled, entropy = (x.view(canvases, self.length) for x in (rows.argmax, rows.sampled, rows.entropy))
        if holding:
            argmax, sampled, entropy, soft = self._kept(argmax, sampled, entropy, soft)
        after = ops.accept_renoise(
            argmax, sampled, entropy, self.shown.argmax[:canvases], unchanged.int(), self._limits(canvases), seeds,
            drawn.int(), step.int(), model.config.vocab_size,
        )  # fmt: skip
        following, accepted = after.canvas, after.accepted
        if self._sampler:
            following, accepted = self._resampled(self._sampler, sampled, entropy, after.canvas, holding)
        owner = self.pairs[0, :canvases] if guiding else slice(None)
        self.tokens[:canvases].copy_(following[owner])
        self.soft[:canvases].copy_(soft[owner])
        self.shown.argmax[:canvases].copy_(argmax)
        self.shown.accepted[:canvases].copy_(accepted)
        mean = after.entropy * self._float("share", canvases) if holding else after.entropy
        self.shown.entropy[:canvases].copy_(mean)
        unchanged.copy_(after.unchanged)
        step.add_(1)
        drawn.add_(1)

    def _resampled(
        self, sampler: Sampler, sampled: Tensor, entropy: Tensor, noise: Tensor, holding: bool
    ) -> tuple[Tensor, Tensor]:
        """What a caller's own sampler makes of a step: the next canvas int32 [N, C] and what is accepted, bool [N, C].

        noise: the canvas that the kernel gave, which has accepted nothing (see `_limits`).
        """
        canvases = len(sampled)
        accepted = sampler.accept(entropy, self._float("bound", canvases))
        if holding:
            accepted = accepted | self.held.places[:canvases]
        return sampler.renoise(sampled, accepted, noise), accepted

    def _guided(self, hidden: Tensor, canvases: int) -> Tensor:
        """hidden [N * C, hidden] -> the same, both seats of a guided canvas with what guidance makes of them."""
        rows = hidden.view(canvases, self.length, -1)
        conditional, unconditional = self.pairs[:, :canvases]
        mixed = guided(rows[conditional], rows[unconditional], self.weights[:canvases, None, None])
        return mixed.flatten(0, 1)

    def _kept(self, argmax: Tensor, sampled: Tensor, entropy: Tensor, soft: Tensor) -> tuple[Tensor, ...]:
        """argmax, sampled int32 and entropy fp32 [N, C], soft [N, C, hidden] of the first seats -> the same, what is
        held as it is and certain."""
        canvases, config = len(argmax), self.model.config
        held = HeldTokens(*(getattr(self.held, field.name)[:canvases] for field in fields(self.held)))
        argmax, sampled = (held.kept(found, config.eos_ids, config.pad_id) for found in (argmax, sampled))
        certain = self.model.embed(held.tokens)
        soft = torch.where(held.places[..., None], certain, soft)
        return argmax, sampled, entropy.masked_fill(held.places, 0), soft

    def _int(self, name: str, canvases: int) -> Tensor:
        return self.ints[INTS.index(name), :canvases]

    def _float(self, name: str, canvases: int) -> Tensor:
        return self.floats[FLOATS.index(name), :canvases]

    def _attend(self, canvases: int, committing: bool) -> Attend:
        base, prefix = self._int("base", canvases), self._int("prefix", canvases)
        canvas = canvas_attend(self.model, base, prefix, self.most_keys)
        if not committing:
            return canvas
        first, behind = self.length, commit_attend(self.model, base, prefix, self.behind, self._scratch, self.most_keys)
        return lambda layer, q: torch.cat([behind(layer, q[:first]), canvas(layer, q[first:])])

    def _places(self, canvases: int, committing: bool) -> Places:
        """Of the canvases' rows, and before them of the rows that end the prefix: those to spare are laid aside."""
        prefix, base = self._int("prefix", canvases), self._int("base", canvases)
        place = torch.arange(self.length, device=prefix.device)
        positions, slots = (prefix[:, None] + place).flatten(), ((base + prefix)[:, None] + place).flatten()
        if not committing:
            return Places(positions, slots)
        before = commit_places(base, prefix, self.behind, self._scratch, self.length)
        return Places(torch.cat([before.positions, positions]), torch.cat([before.slots, slots]))

    def _temperatures(self, canvases: int) -> Tensor:
        """fp32 [N * C]: falls linearly from the first step's towards the last (engine/model/sampler.py,
        temperature)."""
        first, last = self._float("first", canvases), self._float("last", canvases)
        step, steps = self._int("step", canvases), self._int("max_steps", canvases)
        now = last + (first - last) * (steps - step) / steps
        return now.repeat_interleave(self.length)

    def _limits(self, canvases: int) -> Limits:
        """Limits of the kernel that accepts and stops. Where a caller's own sampler accepts, the kernel is told to
        accept
        nothing: a sum of entropies is never below 0."""
        bound, confidence = (self._float(name, canvases) for name in ("bound", "confidence"))
        if self._sampler:
            bound = torch.full_like(bound, -1.0)
        stability, steps = (self._int(name, canvases).int() for name in ("stability", "max_steps"))
        return Limits(bound, confidence, stability, steps)
