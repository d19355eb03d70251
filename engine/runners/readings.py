"""Reading a written canvas (see Request.unread) in static buffers, so that it can be captured as one graph."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from engine.model import ops
from engine.model.fused_attention import commit_attend, commit_places
from engine.model.fused_model import FusedModel


@dataclass(frozen=True)
class Doubts:
    """What the encoder makes of T tokens, each from those before it. tokens int64 [T]: with the likeliest in place of
    each doubtful one. doubtful bool [T]. entropy fp32 [T], in nats. surprisal fp32 [T], in nats: of each token as it
    stood, minus the logarithm of its probability."""

    tokens: Tensor
    doubtful: Tensor
    entropy: Tensor
    surprisal: Tensor

    @classmethod
    def empty(cls, count: int, device: torch.device, pinned: bool = False) -> "Doubts":
        kinds = torch.int64, torch.bool, torch.float32, torch.float32
        return cls(*(torch.zeros(count, dtype=kind, device=device, pin_memory=pinned) for kind in kinds))

    @property
    def columns(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """All of it, as engine.requests.request.Request.judged takes it."""
        return self.tokens, self.doubtful, self.entropy, self.surprisal

    def copy(self, other: "Doubts") -> None:
        """Take over another, without waiting for it."""
        for field in fields(self):
            getattr(self, field.name).copy_(getattr(other, field.name), non_blocking=True)


def doubts(logits: Tensor, ids: Tensor, bounds: Tensor) -> Doubts:
    """logits fp32 [T, V], soft-capped: before each token. ids int64 [T]. bounds fp32 [T], in nats: see
    engine.core.params.Params, doubt."""
    log = logits.log_softmax(-1)
    likeliest, argmax = log.max(-1)
    own = log.gather(1, ids[:, None])[:, 0]
    doubtful = likeliest - own > bounds
    return Doubts(torch.where(doubtful, argmax, ids), doubtful, -(log.exp() * log).sum(-1), -own)


class CanvasReader:
    """Buffers for the reading of one canvas. most_keys, scratch: as of engine.runners.graph_state.GraphState, whose
    rows it may share.

    found: Doubts of a canvas's worth of rows, of which the last count. hidden [C, hidden]: what the encoder made of
    them.
    """

    def __init__(self, model: FusedModel, most_keys: int, scratch: int) -> None:
        self.model, self._most_keys, self._scratch = model, most_keys, scratch
        self.length, device = model.config.canvas_length, model.device
        self.ids = torch.zeros(self.length, dtype=torch.int64, device=device)
        self.ints = torch.tensor([[scratch], [self.length], [self.length]], device=device)  # base, prefix, count
        self.bound = torch.zeros(1, device=device)
        self.before = model.table.new_zeros(1, model.config.hidden_size)
        self.hidden = model.table.new_zeros(self.length, model.config.hidden_size)
        self.found = Doubts.empty(self.length, device)

    def take(self, tokens: Sequence[int], base: int, before: int, last: Tensor, bound: float) -> None:
        """What to read: at most a canvas's worth of tokens behind a prefix of `before` tokens at row base. last
        [hidden]: what the encoder made of the prefix's last token. bound: nats."""
        count = len(tokens)
        self.ids.copy_(torch.tensor([*[0] * (self.length - count), *tokens]), non_blocking=True)
        self.ints.copy_(torch.tensor([[base], [before + count], [count]]), non_blocking=True)
        self.bound.fill_(bound)
        self.before[0].copy_(last)

    def read(self) -> None:
        """Overwrites `found` and `hidden`, and the rows behind the prefix with the tokens' keys and values."""
        model, (base, prefix, count) = self.model, self.ints.unbind()
        attend = commit_attend(model, base, prefix, count, self._scratch, self._most_keys)
        places = commit_places(base, prefix, count, self._scratch, self.length)
        hidden = model.run(model.embed(self.ids), places, attend, encoded=self.length)
        first = (torch.arange(self.length, device=hidden.device) == self.length - count)[:, None]
        behind = torch.where(first, self.before, torch.cat([self.before, hidden[:-1]]))
        logits = ops.soft_cap(model.logits(behind), model.config.logit_cap)
        self.found.copy(doubts(logits, self.ids, self.bound))
        self.hidden.copy_(hidden)
