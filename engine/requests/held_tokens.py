"""What a caller holds of a canvas: places that neither the sampler nor a reading may touch, as infilling needs them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from engine.core.params import Params


@dataclass(frozen=True)
class HeldTokens:
    """Of N canvases, or of one without the first axis. places: bool [N, C], what is held. tokens: integers [N, C], the
    tokens held there. early: bool [N, C], free places with a held one behind them in the page: an end of the page
    there would cut it off."""

    places: Tensor
    tokens: Tensor
    early: Tensor

    @classmethod
    def none(
        cls, shape: Sequence[int], kind: torch.dtype = torch.int64, device: torch.device | None = None
    ) -> "HeldTokens":
        """Nothing held, of tokens of a kind."""
        kinds = torch.bool, kind, torch.bool
        return cls(*(torch.zeros(tuple(shape), dtype=each, device=device) for each in kinds))

    @classmethod
    def of(cls, params: Params, start: int, length: int) -> "HeldTokens":
        """What is held of the canvas of `length` tokens that begins at token `start` of the page. On the CPU."""
        held = cls.none((length,))
        ranges = [(begin - start, end - start) for begin, end in params.hold or ()]
        given = list(params.canvas or ())[start : start + length]
        held.tokens[: len(given)] = torch.tensor(given, dtype=torch.int64)
        for begin, end in ranges:
            held.places[max(begin, 0) : max(end, 0)] = True
        held.tokens.masked_fill_(~held.places, 0)
        last = ranges[-1][1] if ranges else 0
        held.early[: max(last, 0)] = True
        held.early.logical_and_(~held.places)
        return held

    @classmethod
    def stack(cls, parts: "Sequence[HeldTokens]", device: torch.device) -> "HeldTokens":
        """Of single canvases, one behind the other."""
        names = [field.name for field in fields(cls)]
        return cls(*(torch.stack([getattr(part, name) for part in parts]).to(device) for name in names))

    def part(self, places: slice) -> "HeldTokens":
        """Of some of the places."""
        return HeldTokens(self.places[..., places], self.tokens[..., places], self.early[..., places])

    def kept(self, found: Tensor, eos: Sequence[int], pad: int) -> Tensor:
        """Tokens [N, C] as they may stand: what is held, padding in place of an end that came too early, else `found`.

        eos: tokens that end a page. pad: one that shows nothing.
        """
        ends = torch.zeros_like(self.early)
        for token in eos:
            ends = ends | (found == token)
        return torch.where(self.places, self.tokens, found.masked_fill(self.early & ends, pad))


def share(held: HeldTokens) -> float:
    """Of one canvas: what its mean entropy is to be multiplied by, which held places count as zero in, to be the mean
    over its free ones. 1 if nothing is held, 0 if everything is."""
    free = int((~held.places).sum())
    return len(held.places) / free if free else 0.0
