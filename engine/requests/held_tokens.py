"""The held tokens of a canvas, which neither the sampler nor a reading may change, as infilling needs them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from engine.core.params import Params


@dataclass(frozen=True)
class HeldTokens:
    """The held tokens of N canvases, or of one canvas without the first axis.

    Attributes:
        places: bool [N, C], the held positions.
        tokens: integers [N, C], the tokens held there.
        early: bool [N, C], free positions before a held token of the page. An end of the page there would cut it off.
    """

    places: Tensor
    tokens: Tensor
    early: Tensor

    @classmethod
    def none(
        cls, shape: Sequence[int], kind: torch.dtype = torch.int64, device: torch.device | None = None
    ) -> "HeldTokens":
        """Return an instance of `shape` without held tokens.

        Args:
            shape: [N, C], or [C] for one canvas.
            kind: The tokens' dtype.
            device: The device; None is the CPU.
        """
        kinds = torch.bool, kind, torch.bool
        return cls(*(torch.zeros(tuple(shape), dtype=each, device=device) for each in kinds))

    @classmethod
    def of(cls, params: Params, start: int, length: int) -> "HeldTokens":
        """Return the held tokens of one canvas, on the CPU.

        Args:
            params: The request's sampling parameters.
            start: The position in the page of the canvas's first token.
            length: Tokens in the canvas.
        """
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
        """Stack those of single canvases along a new first axis, on a device."""
        names = [field.name for field in fields(cls)]
        return cls(*(torch.stack([getattr(part, name) for part in parts]).to(device) for name in names))

    def part(self, places: slice) -> "HeldTokens":
        """Return a slice of the positions."""
        return HeldTokens(self.places[..., places], self.tokens[..., places], self.early[..., places])

    def kept(self, found: Tensor, eos: Sequence[int], pad: int) -> Tensor:
        """Return tokens [N, C] as they may stand, from those `found`.

        Held tokens replace the found ones, and padding replaces an end of the page that comes too early.

        Args:
            found: Integers [N, C], the tokens found.
            eos: The tokens that end a page.
            pad: The padding token.
        """
        ends = torch.zeros_like(self.early)
        for token in eos:
            ends = ends | (found == token)
        return torch.where(self.places, self.tokens, found.masked_fill(self.early & ends, pad))


def share(held: HeldTokens) -> float:
    """Return the factor that turns a mean over all positions of one canvas into the mean over its free ones.

    The held positions must count as zero. It is 1 if nothing is held, and 0 if everything is.
    """
    free = int((~held.places).sum())
    return len(held.places) / free if free else 0.0
