"""The fused model's two kinds of attention: of prefixes while they are encoded, and of canvases.

Both are `Attend` callbacks of engine/model/fused_model.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.model.fused_model import Attend, FusedLayer, FusedModel, Places


@dataclass(frozen=True)
class Span:
    """Tokens of one request to encode.

    Attributes:
        base: The cache row where the request's keys and values begin.
        before: How many tokens are already encoded there.
        count: How many tokens to encode behind them.
    """

    base: int
    before: int
    count: int


def places(spans: Sequence[Span], device: torch.device) -> Places:
    """Return the places of the spans' tokens, one span behind another."""
    positions = torch.cat([torch.arange(span.before, span.before + span.count) for span in spans])
    bases = torch.tensor([span.base for span in spans]).repeat_interleave(torch.tensor([s.count for s in spans]))
    return Places(positions.to(device), (positions + bases).to(device))


def encode_attend(model: FusedModel, spans: Sequence[Span]) -> Attend:
    """Return causal attention of each span to its prefix and to itself; sliding layers see only a window."""
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
    """Return bidirectional attention of N canvases.

    Each token sees its whole canvas and what a layer keeps of its prefix.

    Args:
        model: The model, which owns the key-value buffers.
        base: int64 [N], the cache row where each prefix begins.
        prefix: int64 [N], the length of each prefix; the canvas lies behind it.
        most_keys: Upper bound of a prefix and its canvas, in tokens.
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
    """Return causal attention for one padded block of `length` rows, where `length` is the canvas length.

    The last `count` rows end the prefix and attend to it and to each other. The rows before are padding, whose output
    is ignored. They form a text of their own at cache row `scratch`.

    Args:
        model: The model, which owns the key-value buffers.
        base: int64 [1], the cache row where the prefix begins.
        prefix: int64 [1], the prefix's length, including the last `count` tokens.
        count: int64 [1], how many rows end the prefix.
        scratch: The first cache row for the padding.
        most_keys: Upper bound of a prefix and its canvas, in tokens.
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
    """Return the places of the `length` rows of `commit_attend`; padding rows go to the rows from `scratch` on."""
    place = torch.arange(length, device=prefix.device)
    spare, before = place < length - count, prefix - length + place
    return Places(torch.where(spare, place, before), torch.where(spare, scratch + place, base + before))
