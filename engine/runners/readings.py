"""Reading a denoised canvas (see Request.unread) in static buffers, so that it can be captured as one graph."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from engine.model import ops
from engine.model.fused_attention import commit_attend, commit_places
from engine.model.fused_model import FusedModel


@dataclass(frozen=True)
class Doubts:
    """What the encoder predicts for T tokens, each from the tokens before it.

    Attributes:
        tokens: int64 [T], the tokens, with the likeliest one in place of each doubtful one.
        doubtful: bool [T], whether a token is doubtful.
        entropy: fp32 [T], in nats.
        surprisal: fp32 [T], in nats: minus the log-probability of each token before any replacement.
    """

    tokens: Tensor
    doubtful: Tensor
    entropy: Tensor
    surprisal: Tensor

    @classmethod
    def empty(cls, count: int, device: torch.device, pinned: bool = False) -> "Doubts":
        """Return zeros for `count` tokens, in pinned host memory if asked."""
        kinds = torch.int64, torch.bool, torch.float32, torch.float32
        return cls(*(torch.zeros(count, dtype=kind, device=device, pin_memory=pinned) for kind in kinds))

    @property
    def columns(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return all four tensors in the order that engine.requests.request.Request.judged takes them."""
        return self.tokens, self.doubtful, self.entropy, self.surprisal

    def copy(self, other: "Doubts") -> None:
        """Copy the contents of `other` into these buffers, without waiting for the copy to finish."""
        for field in fields(self):
            getattr(self, field.name).copy_(getattr(other, field.name), non_blocking=True)


def doubts(logits: Tensor, ids: Tensor, bounds: Tensor) -> Doubts:
    """Find the doubtful tokens.

    Args:
        logits: fp32 [T, V], soft-capped, each row predicting the token of that row.
        ids: int64 [T], the tokens.
        bounds: fp32 [T], in nats; a token is doubtful if the likeliest one exceeds its log-probability by more (see
            `doubt` of engine.core.params.Params).
    """
    log = logits.log_softmax(-1)
    likeliest, argmax = log.max(-1)
    own = log.gather(1, ids[:, None])[:, 0]
    doubtful = likeliest - own > bounds
    return Doubts(torch.where(doubtful, argmax, ids), doubtful, -(log.exp() * log).sum(-1), -own)


class CanvasReader:
    """The static buffers for reading one canvas.

    Attributes:
        found: The Doubts of one padded block of C rows, of which only the last count are of use.
        hidden: [C, hidden], the encoder's hidden states of those rows.
    """

    def __init__(self, model: FusedModel, most_keys: int, scratch: int) -> None:
        """Allocate the buffers.

        Args:
            model: The model that reads.
            most_keys: Upper bound of a prefix and its canvas, in tokens.
            scratch: The first cache row for padding. It may be the same as that of
                engine.runners.graph_state.GraphState.
        """
        self.model, self._most_keys, self._scratch = model, most_keys, scratch
        self.length, device = model.config.canvas_length, model.device
        self.ids = torch.zeros(self.length, dtype=torch.int64, device=device)
        self.ints = torch.tensor([[scratch], [self.length], [self.length]], device=device)  # base, prefix, count
        self.bound = torch.zeros(1, device=device)
        self.before = model.table.new_zeros(1, model.config.hidden_size)
        self.hidden = model.table.new_zeros(self.length, model.config.hidden_size)
        self.found = Doubts.empty(self.length, device)

    def take(self, tokens: Sequence[int], base: int, before: int, last: Tensor, bound: float) -> None:
        """Put in what to read next.

        Args:
            tokens: The tokens to read, at most C.
            base: The cache row where the prefix begins.
            before: The number of tokens in the prefix.
            last: [hidden], the encoder's hidden state of the prefix's last token.
            bound: How much likelier another token must be to make one doubtful, in nats.
        """
        count = len(tokens)
        self.ids.copy_(torch.tensor([*[0] * (self.length - count), *tokens]), non_blocking=True)
        self.ints.copy_(torch.tensor([[base], [before + count], [count]]), non_blocking=True)
        self.bound.fill_(bound)
        self.before[0].copy_(last)

    def read(self) -> None:
        """Read the tokens into `found` and `hidden`.

        This also writes the tokens' keys and values to the cache rows behind the prefix.
        """
        model, (base, prefix, count) = self.model, self.ints.unbind()
        attend = commit_attend(model, base, prefix, count, self._scratch, self._most_keys)
        places = commit_places(base, prefix, count, self._scratch, self.length)
        hidden = model.run(model.embed(self.ids), places, attend, encoded=self.length)
        first = (torch.arange(self.length, device=hidden.device) == self.length - count)[:, None]
        behind = torch.where(first, self.before, torch.cat([self.before, hidden[:-1]]))
        logits = ops.soft_cap(model.logits(behind), model.config.logit_cap)
        self.found.copy(doubts(logits, self.ids, self.bound))
        self.hidden.copy_(hidden)
