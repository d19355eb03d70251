"""The model's two kinds of attention over packed rows of several requests.

Both are `Attend` callbacks of engine/model/diffusion_gemma.py.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.model.diffusion_gemma import Attend
from engine.model.kv_cache import PrefixCache


def encode_attend(caches: Sequence[PrefixCache], counts: Sequence[int]) -> Attend:
    """Return causal attention for counts[i] new tokens of each request to its prefix and to one another.

    Sliding layers see only a window. The keys and values are stored behind the prefix; `PrefixCache.commit` makes them
    part of it.
    """
    masks: dict[tuple[int, int], Tensor | None] = {}

    def attend(layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        parts, row = [], 0
        for i, (cache, count) in enumerate(zip(caches, counts, strict=True)):
            rows = slice(row, row + count)
            key = (i, cache.layers[layer].keep or 0)  # layers of one type share their mask
            if key not in masks:
                masks[key] = cache.band(layer, count, q.device)
            keys, values = cache.layers[layer].lay(k[rows], v[rows])
            parts.append(_attention(q[rows], keys, values, masks[key], causal=masks[key] is None))
            row += count
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    return attend


def decode_attend(caches: Sequence[PrefixCache], canvas_length: int) -> Attend:
    """Return bidirectional attention: each canvas token sees its whole canvas and what the cache keeps of its prefix.

    No further mask applies.
    """

    def attend(layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        parts = []
        for i, cache in enumerate(caches):
            rows = slice(i * canvas_length, (i + 1) * canvas_length)
            parts.append(_attention(q[rows], *cache.layers[layer].lay(k[rows], v[rows])))
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    return attend


def _attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, causal: bool = False) -> Tensor:
    """Return [n, heads, d] for q [n, heads, d] and k, v [m, kv_heads, d].

    The softmax scale is 1, and groups of heads share keys.
    """
    q, k, v = (x.transpose(0, 1)[None] for x in (q, k, v))
    out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal, scale=1.0, enable_gqa=True)
    return out[0].transpose(0, 1)
