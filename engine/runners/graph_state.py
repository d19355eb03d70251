"""The static device buffers of a step's canvases, and the denoising step that reads and overwrites them.

Nothing here waits for the host, and no allocation depends on computed values. A step can therefore be captured as one
CUDA graph for each number of canvases. The location, temperature and limits of each canvas are read from the buffers.
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
    """The initial state of a canvas. See engine.core.params.Params for its limits.

    Attributes:
        tokens: int64 [C], on the CPU, the canvas of the first step.
        base: The row of the key-value buffers where its prefix begins.
        prefix: The number of tokens in its prefix.
        seed: The seed of its request's random numbers.
        drawn: How many steps its request has taken on earlier canvases.
        max_steps: The most steps that the canvas takes.
        stability: How many steps the argmax canvas must stay unchanged before an early stop.
        temperature: The first step's temperature and the end of the schedule.
        entropy_bound: How much joint uncertainty one step may accept, in nats.
        confidence: The mean entropy below which a stable canvas stops early, in nats.
        held: The held tokens, on the CPU; None if there are none.
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
    """The results of a step of N canvases.

    Attributes:
        argmax: int32 [N, C], the likeliest token of each position.
        accepted: bool [N, C], the positions whose sampled token was kept.
        entropy: fp32 [N], the mean over positions that are not held, in nats.
    """

    argmax: Tensor
    accepted: Tensor
    entropy: Tensor

    @classmethod
    def empty(cls, canvases: int, length: int, device: torch.device, pinned: bool = False) -> "Shown":
        """Return zeros for `canvases` canvases of `length` tokens, in pinned host memory if asked."""
        shapes = ((canvases, length), torch.int32), ((canvases, length), torch.bool), ((canvases,), torch.float32)
        return cls(*(torch.zeros(shape, dtype=kind, device=device, pin_memory=pinned) for shape, kind in shapes))

    def copy(self, other: "Shown", canvases: int) -> None:
        """Copy the first `canvases` rows of `other` into these buffers, without waiting for the copy to finish."""
        for field in fields(self):
            getattr(self, field.name)[:canvases].copy_(getattr(other, field.name)[:canvases], non_blocking=True)


INTS = ("base", "prefix", "seed", "drawn", "max_steps", "stability", "step", "unchanged")
"""The names of the rows of GraphState.ints."""
FLOATS = ("first", "last", "bound", "confidence", "share")
"""The names of the rows of GraphState.floats; `first` and `last` are temperatures."""
FOREVER = 2**30
"""A number of steps that is never reached."""


class GraphState:
    """The static buffers of all slots.

    A guided canvas takes two slots with the same content, behind two prefixes: with the prompt and without it.

    Attributes:
        model: The model that a step runs.
        seats: The number of slots.
        most_keys: Upper bound of a prefix and its canvas, in tokens.
        length: C, the number of tokens in a canvas.
        ints: int64 [8, seats], the values that INTS names for each slot.
        floats: fp32 [5, seats], the values that FLOATS names. For `share`, see engine.requests.held_tokens.share.
        tokens: int32 [seats, C], the canvases as noised for the next step.
        soft: [seats, C, hidden] in the weights' dtype, the soft embeddings that the next step is conditioned on. They
            are zero in a first step.
        shown: The last step's results; argmax is -1 before a first step.
        held: The held tokens of each slot's canvas.
        pairs: int64 [2, seats]. For each slot: the slot whose prefix has the prompt, and the slot whose prefix has not.
            A slot without guidance is its own pair.
        weights: fp32 [seats], the guidance weight of each slot.
        committed: int32 [C], the padded block of tokens that a committing step encodes.
        behind: int64 [1], how many of those end the prefix; the rows before are padding.
        last: [hidden] in the weights' dtype, the encoder's hidden state of the last token a committing step encoded.
    """

    def __init__(
        self, model: FusedModel, seats: int, most_keys: int, scratch: int, sampler: Sampler = ENTROPY_BOUND
    ) -> None:
        """Allocate the buffers, without canvases.

        Args:
            model: The model that a step runs.
            seats: The number of slots.
            most_keys: Upper bound of a prefix and its canvas, in tokens.
            scratch: The first of 2 C rows of the key-value buffers that empty slots and padding may overwrite.
            sampler: Decides after each step which tokens are kept.
        """
        # A kernel computes the rules of exactly the default's type; a subclass may have rules of its own.
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
        """Empty a slot; a step may still run over it, since it then uses only the scratch rows."""
        # Its prefix is the first C scratch rows and its canvas the C behind them.
        nothing = torch.zeros(self.length, dtype=torch.int64)
        self.begin(seat, Start(nothing, self._scratch, self.length, 0, 0, 1, 0, (1.0, 1.0), 0.0, 0.0))

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Restore all canvases after the steps taken inside this context."""
        before = [buffer.clone() for buffer in self._buffers()]
        try:
            yield
        finally:
            for buffer, value in zip(self._buffers(), before, strict=True):
                buffer.copy_(value)

    def _buffers(self) -> list[Tensor]:
        return [self.ints, self.floats, *self._rows()]

    def _rows(self) -> list[Tensor]:
        """Return the buffers that have a row for each slot."""
        shown, held = self.shown, self.held
        mine = [self.tokens, self.soft, shown.argmax, shown.accepted, shown.entropy]
        return [*mine, held.places, held.tokens, held.early]

    def rehearse(self, bases: Sequence[int], prefix: int) -> None:
        """Fill slots with different canvases for steps that are only timed, while no request is served.

        The steps may run any number of times: temperatures do not fall, and no canvas ends.

        Args:
            bases: For each canvas, the row of the key-value buffers where its prefix begins.
            prefix: How many rows of random keys and values to write at each base.
        """
        generator = torch.Generator().manual_seed(0)
        for seat, base in enumerate(bases):
            for rows in (*self.model.keys, *self.model.values):
                rows[base : base + prefix].normal_()
            tokens = torch.randint(self.model.config.vocab_size, (self.length,), generator=generator)
            self.begin(seat, Start(tokens, base, prefix, seat, 0, FOREVER, FOREVER, (0.6, 0.6), 0.1, 0.0))

    def begin(self, seat: int, start: Start) -> None:
        """Put a canvas into a slot.

        The copies are queued in stream order, one for each buffer, so that a running step is not disturbed.
        """
        ints = (start.base, start.prefix, start.seed, start.drawn, start.max_steps, start.stability, 0, 0)
        held = start.held or HeldTokens.none((self.length,))
        floats = (*start.temperature, start.entropy_bound, start.confidence, share(held))
        self.ints[:, seat].copy_(torch.tensor(ints), non_blocking=True)
        self.floats[:, seat].copy_(torch.tensor(floats), non_blocking=True)
        self.tokens[seat].copy_(start.tokens.to(torch.int32), non_blocking=True)
        self.soft[seat].zero_()
        self.shown.argmax[seat].fill_(-1)  # no token has this id, so a first step never counts as unchanged
        for field in fields(held):
            getattr(self.held, field.name)[seat].copy_(getattr(held, field.name), non_blocking=True)

    def move(self, source: int, target: int) -> None:
        """Move the canvas in slot `source` to slot `target`."""
        for buffer in (self.ints, self.floats):
            buffer[:, target].copy_(buffer[:, source])
        for buffer in self._rows():
            buffer[target].copy_(buffer[source])

    def pair(self, conditional: Sequence[int], unconditional: Sequence[int], weights: Sequence[float]) -> None:
        """Set which of the first slots belong together, and their guidance weights (see the class).

        Args:
            conditional: For each slot, the slot whose prefix has the prompt.
            unconditional: For each slot, the slot whose prefix has not.
            weights: For each slot, the guidance weight.
        """
        count = len(weights)
        self.pairs[:, :count].copy_(torch.tensor([conditional, unconditional]), non_blocking=True)
        self.weights[:count].copy_(torch.tensor(weights), non_blocking=True)

    def commit(self, tokens: Sequence[int]) -> None:
        """Set the last tokens of the first slot's prefix, at most C, which the next committing `step` encodes.

        The tokens go to the end of the block; padding fills the rows before them.
        """
        spare = [0] * (self.length - len(tokens))
        self.committed.copy_(torch.tensor([*spare, *tokens]), non_blocking=True)
        self.behind.fill_(len(tokens))

    def step(self, canvases: int, committing: bool = False, guiding: bool = False, holding: bool = False) -> None:
        """Run one denoising step of the first `canvases` slots, which overwrites their buffers and step counters.

        Args:
            canvases: How many slots take part.
            committing: Encode the tokens given to `commit` in the same pass. Only a single slot can do this.
            guiding: Mix the predictions of the slots that `pair` has set.
            holding: Keep held tokens; needed if any of the canvases holds some.
        """
        model, ops, cap = self.model, self.model.ops, self.model.config.logit_cap
        # These are views of the buffers, not copies: the in-place updates at the end go through them.
        seeds, drawn, step, unchanged = (self._int(name, canvases) for name in ("seed", "drawn", "step", "unchanged"))
        x = model.canvas_input(self.tokens[:canvases].flatten(), self.soft[:canvases].flatten(0, 1))
        # The first rows of a committing step are the encoder's; all behind them are canvases, which the decoder takes.
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
            # This precedes acceptance, so that held tokens have zero entropy and take nothing from the others' bound.
            argmax, sampled, entropy, soft = self._kept(argmax, sampled, entropy, soft)
        after = ops.accept_renoise(
            argmax, sampled, entropy, self.shown.argmax[:canvases], unchanged.int(), self._limits(canvases), seeds,
            drawn.int(), step.int(), model.config.vocab_size,
        )  # fmt: skip
        following, accepted = after.canvas, after.accepted
        if self._sampler:
            following, accepted = self._resampled(self._sampler, sampled, entropy, after.canvas, holding)
        # Both slots of a guided canvas continue with the content of the slot with the prompt, so they stay identical.
        owner = self.pairs[0, :canvases] if guiding else slice(None)
        self.tokens[:canvases].copy_(following[owner])
        self.soft[:canvases].copy_(soft[owner])
        self.shown.argmax[:canvases].copy_(argmax)
        self.shown.accepted[:canvases].copy_(accepted)
        # The kernel's mean counts held positions as zeros; `share` makes it the mean over the others.
        mean = after.entropy * self._float("share", canvases) if holding else after.entropy
        self.shown.entropy[:canvases].copy_(mean)
        unchanged.copy_(after.unchanged)
        # The counters advance on the device, since the next step may be launched before the host knows of this one.
        step.add_(1)
        drawn.add_(1)

    def _resampled(
        self, sampler: Sampler, sampled: Tensor, entropy: Tensor, noise: Tensor, holding: bool
    ) -> tuple[Tensor, Tensor]:
        """Let a caller's own sampler decide what is accepted.

        Args:
            sampler: The caller's sampler.
            sampled: int32 [N, C], the sampled tokens.
            entropy: fp32 [N, C], in nats.
            noise: int32 [N, C], the canvas from the kernel, which has accepted nothing (see `_limits`).
            holding: Whether any of the canvases holds tokens.

        Returns:
            The next canvas, int32 [N, C], and the accepted positions, bool [N, C].
        """
        canvases = len(sampled)
        accepted = sampler.accept(entropy, self._float("bound", canvases))
        if holding:
            accepted = accepted | self.held.places[:canvases]
        return sampler.renoise(sampled, accepted, noise), accepted

    def _guided(self, hidden: Tensor, canvases: int) -> Tensor:
        """Mix hidden states [N * C, hidden] by guidance; both slots of a guided canvas get the same result."""
        rows = hidden.view(canvases, self.length, -1)
        conditional, unconditional = self.pairs[:, :canvases]
        mixed = guided(rows[conditional], rows[unconditional], self.weights[:canvases, None, None])
        return mixed.flatten(0, 1)

    def _kept(self, argmax: Tensor, sampled: Tensor, entropy: Tensor, soft: Tensor) -> tuple[Tensor, ...]:
        """Return the arguments with held tokens in place and certain.

        Args:
            argmax: int32 [N, C], for the first N slots.
            sampled: int32 [N, C].
            entropy: fp32 [N, C], in nats; 0 at held positions afterwards.
            soft: [N, C, hidden], soft embeddings; those of the held tokens themselves afterwards.
        """
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
        """Return the places of the canvases' rows, and before them those of the block that ends the prefix.

        The block's padding rows go to the scratch rows.
        """
        prefix, base = self._int("prefix", canvases), self._int("base", canvases)
        place = torch.arange(self.length, device=prefix.device)
        positions, slots = (prefix[:, None] + place).flatten(), ((base + prefix)[:, None] + place).flatten()
        if not committing:
            return Places(positions, slots)
        before = commit_places(base, prefix, self.behind, self._scratch, self.length)
        return Places(torch.cat([before.positions, positions]), torch.cat([before.slots, slots]))

    def _temperatures(self, canvases: int) -> Tensor:
        """Return fp32 [N * C]; the temperature falls linearly, as in engine/model/sampler.py (`temperature`)."""
        first, last = self._float("first", canvases), self._float("last", canvases)
        step, steps = self._int("step", canvases), self._int("max_steps", canvases)
        # `step` counts finished steps here; engine/model/sampler.py counts the one in progress, hence its + 1.
        now = last + (first - last) * (steps - step) / steps
        return now.repeat_interleave(self.length)

    def _limits(self, canvases: int) -> Limits:
        """Return the limits of the kernel that accepts tokens and stops canvases.

        For a caller's own sampler, the kernel is to accept nothing. A bound of -1 does that, since no sum of entropies
        is below 0.
        """
        bound, confidence = (self._float(name, canvases) for name in ("bound", "confidence"))
        if self._sampler:
            bound = torch.full_like(bound, -1.0)
        stability, steps = (self._int(name, canvases).int() for name in ("stability", "max_steps"))
        return Limits(bound, confidence, stability, steps)
