"""Bidirectional attention of canvases: each canvas token sees its request's prefix and its whole canvas."""

from functools import lru_cache

import torch
from torch import Tensor

from kernels.attention import attend
from kernels.checks import KernelError


def canvas_attention(
    q: Tensor, keys: Tensor, values: Tensor, starts: Tensor, counts: Tensor, most_keys: int, out: Tensor | None = None
) -> Tensor:
    """Return attention [N * C, heads, d] of N canvases of C tokens; the softmax scale is 1.

    Canvas n sees rows starts[n] to starts[n] + counts[n]: its prefix and, behind it, the canvas itself, which `qkv` has
    stored there. Source: Dao et al. 2022 (online softmax), Dao et al. 2023 (split over keys).

    Args:
        q: [N * C, heads, d], the queries.
        keys: [S, kv_heads, d], one buffer for all requests.
        values: [S, kv_heads, d], like `keys`.
        starts: int32 [N], the first row that each canvas sees.
        counts: int32 [N], how many rows each canvas sees, at least C.
        most_keys: An upper bound of `counts` that the host knows; it decides over how many programs a prefix is split.
        out: [N * C, heads, d], where to write the result; None allocates it.

    Raises:
        KernelError: An argument is not served.
    """
    canvases = starts.shape[0]
    if not canvases or q.shape[0] % canvases:
        raise KernelError(f"q: expected rows for {canvases} canvases, got {q.shape[0]} rows")
    length = q.shape[0] // canvases
    return attend(
        q, keys, values, *rows(canvases, length, q.device), starts, counts, length, most_keys, False, 0, out
    )  # fmt: skip


@lru_cache(maxsize=64)
def rows(canvases: int, length: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the first row and the number of rows of each canvas, both int32 [N].

    They are the same in every layer of every step, so they are created once. A captured step creates them in the run
    that warms it up.
    """
    first = torch.arange(0, canvases * length, length, dtype=torch.int32, device=device)
    return first, torch.full_like(first, length)
