"""Causal attention of prompts and committed canvases to the keys before them, within a window if there is one."""

from torch import Tensor

from kernels.attention import attend
from kernels.checks import KernelError


def prefill_attention(
    q: Tensor,
    keys: Tensor,
    values: Tensor,
    q_starts: Tensor,
    q_counts: Tensor,
    k_starts: Tensor,
    k_counts: Tensor,
    longest: int,
    most_keys: int,
    window: int = 0,
    out: Tensor | None = None,
) -> Tensor:
    """q [T, heads, d], ragged: request n has rows q_starts[n] to q_starts[n] + q_counts[n] -> [T, heads, d]; scale 1.

    It sees keys and values [S, kv_heads, d] at rows k_starts[n] to k_starts[n] + k_counts[n], the last of which belongs
    to its last query; window: tokens a query sees, itself included, 0 for all. All int32 [N]. longest, most_keys: upper
    bounds of q_counts and k_counts that the host knows. Raises KernelError.
    """
    if window < 0:
        raise KernelError(f"window: expected 0 or more, got {window}")
    return attend(q, keys, values, q_starts, q_counts, k_starts, k_counts, longest, most_keys, True, window, out)
