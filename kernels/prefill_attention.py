"""Causal attention of prompts and committed canvases to the keys before them, optionally within a window."""

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
    """Return causal attention [T, heads, d] of ragged requests; the softmax scale is 1.

    Request n has the query rows q_starts[n] to q_starts[n] + q_counts[n]. It sees the key rows k_starts[n] to
    k_starts[n] + k_counts[n], the last of which belongs to its last query.

    Args:
        q: [T, heads, d], the queries.
        keys: [S, kv_heads, d], one buffer for all requests.
        values: [S, kv_heads, d], like `keys`.
        q_starts: int32 [N], the first query row of each request.
        q_counts: int32 [N], the number of its query rows.
        k_starts: int32 [N], the first key row of each request.
        k_counts: int32 [N], the number of its key rows.
        longest: An upper bound of `q_counts` that the host knows.
        most_keys: An upper bound of `k_counts` that the host knows.
        window: How many tokens a query sees, itself included; 0 for all.
        out: [T, heads, d], where to write the result; None allocates it.

    Raises:
        KernelError: An argument is not served.
    """
    if window < 0:
        raise KernelError(f"window: expected 0 or more, got {window}")
    return attend(q, keys, values, q_starts, q_counts, k_starts, k_counts, longest, most_keys, True, window, out)
