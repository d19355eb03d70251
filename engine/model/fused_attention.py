"""The two ways a packed model attends: prefixes as they are encoded, and canvases (see engine/model/fused_model.py,
Attend)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.model.fused_model import Attend, FusedLayer, FusedModel, Places


@dataclass(frozen=True)
class Span:
    """Tokens of one request to encode: `count` of them, behind `before` whose keys and values begin at row `base`."""

    base: int
    before: int
    count: int


def places(spans: Sequence[Span], device: torch.device) -> Places:
    """Where the tokens of the spans stand, one span behind the other."""
    positions = torch.cat([torch.arange(span.before, span.before + span.count) for span in spans])
    bases = torch.tensor([span.base for span in spans]).repeat_interleave(torch.tensor([s.count for s in spans]))
    return Places(positions.to(device), (positions + bases).to(device))


def encode_attend(model: FusedModel, spans: Sequence[Span]) -> Attend:
    """Causal attention of each span to its prefix and itself; sliding layers see a window."""
    window = model.config.window
    counts = [span.count for span in spans]
    starts = [sum(counts[:n]) for n in range(len(counts))]
    seen = {
        False: [(span.base, span.before + span.count) for span in spans],
        True: [
            (span.base + span.before - kept, kept + span.count)
            for span in spans
            for kept in [min(span.before, window - 1)]
        ],
    }
    mine = [torch.tensor(values, dtype=torch.int32, device=model.device) for values in (starts, counts)]
    ranges = {
        sliding: [torch.tensor(row, dtype=torch.int32, device=model.device) for row in zip(*pairs, strict=True)]
        for sliding, pairs in seen.items()
    }
    most = {sliding: max(count for _, count in pairs) for sliding, pairs in seen.items()}

    def attend(layer: FusedLayer, q: Tensor) -> Tensor:
        sliding = layer.sliding
        found: Tensor = model.ops.prefill_attention(
            q, model.keys[layer.number], model.values[layer.number], *mine, *ranges[sliding], max(counts),
            most[sliding], window if sliding else 0,
        )  # fmt: skip
        return found

    return attend


def canvas_attend(model: FusedModel, base: Tensor, prefix: Tensor, most_keys: int) -> Attend:
    """Every token of N canvases sees what a layer keeps of its prefix, and its whole canvas.

    base, prefix int64 [N]: row where a prefix begins, and its length; the canvas lies behind it. most_keys: upper bound
    of a prefix and its canvas.
    """
    window, length = model.config.window, model.config.canvas_length
    kept = prefix.clamp(max=window - 1)
    ranges = {
        False: (base.int(), (prefix + length).int()),
        True: ((base + prefix - kept).int(), (kept + length).int()),
    }
    most = {False: most_keys, True: min(most_keys, window - 1 + length)}

    def attend(layer: FusedLayer, q: Tensor) -> Tensor:
        keys, values = model.keys[layer.number], model.values[layer.number]
        found: Tensor = model.ops.canvas_attention(q, keys, values, *ranges[layer.sliding], most[layer.sliding])
        return found

    return attend


def commit_attend(
    model: FusedModel, base: Tensor, prefix: Tensor, count: Tensor, scratch: int, most_keys: int
) -> Attend:
    """Causal attention of a canvas's worth of rows, the last `count` of which are the last of one prefix, to what is
    before them and themselves. The rows before these are a text of their own, at row `scratch`, that nobody reads.

    base, prefix int64 [1], as for `canvas_attend`: the prefix with those tokens in it. count int64 [1].
    """
    window, length = model.config.window, model.config.canvas_length
    spare, kept = length - count, (prefix - count).clamp(max=window - 1)
    start, many = (torch.cat(pair).int() for pair in ((torch.zeros_like(spare), spare), (spare, count)))
    nowhere = torch.full_like(base, scratch)
    bounds = {False: (base, prefix), True: (base + prefix - count - kept, kept + count)}
    ranges = {
        sliding: (torch.cat([nowhere, first]).int(), torch.cat([spare, seen]).int())
        for sliding, (first, seen) in bounds.items()
    }
    most = {False: most_keys, True: min(most_keys, window - 1 + length)}

    def attend(layer: FusedLayer, q: Tensor) -> Tensor:
        sliding = layer.sliding
        found: Tensor = model.ops.prefill_attention(
            q, model.keys[layer.number], model.values[layer.number], start, many, *ranges[sliding], length,
            most[sliding], window if sliding else 0,
        )  # fmt: skip
        return found

    return attend


def commit_places(base: Tensor, prefix: Tensor, count: Tensor, scratch: int, length: int) -> Places:
    """Where the rows of `commit_attend` stand, `length` of them: those to spare are laid aside."""
    place = torch.arange(length, device=prefix.device)
    spare, before = place < length - count, prefix - length + place
    return Places(torch.where(spare, place, before), torch.where(spare, scratch + place, base + before))
