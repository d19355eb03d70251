import pytest
import torch
from torch import Tensor

from kernels import launch, reference
from kernels.canvas_attention import canvas_attention
from kernels.checks import KernelError
from kernels.chip import HOPPER
from kernels.prefill_attention import prefill_attention
from tests.support.tolerances import DTYPES, assert_near, name, normal


def ints(*values: int) -> Tensor:
    return torch.tensor(values, dtype=torch.int32)


def buffers(rows: int, kv_heads: int, size: int, dtype: torch.dtype, live: Tensor) -> tuple[Tensor, Tensor]:
    """Keys and values; NaN in all rows but the live ones."""
    keys, values = (normal(rows, kv_heads, size, dtype=dtype, seed=seed) for seed in (1, 2))
    for tensor in (keys, values):
        tensor[~live] = float("nan")
    return keys, values


def rows_of(total: int, starts: list[int], counts: list[int]) -> Tensor:
    live = torch.zeros(total, dtype=torch.bool)
    for start, count in zip(starts, counts, strict=True):
        live[start : start + count] = True
    return live


@pytest.mark.parametrize("dtype", DTYPES, ids=name)
@pytest.mark.parametrize(
    ("canvas", "heads", "kv_heads", "size", "starts", "counts"),
    [
        (16, 4, 2, 64, [0], [16]),
        (16, 4, 2, 64, [3, 90], [79, 16]),
        (7, 2, 1, 128, [5, 130, 60], [7, 300, 11]),
        (1, 2, 2, 64, [0], [1]),
        (5, 4, 1, 256, [1, 70], [41, 5]),
        (3, 8, 1, 512, [0], [70]),
    ],
    ids=["empty-prefix", "two", "three-ragged", "one-row", "D256", "D512"],
)
def test_canvases_see_their_prefix_and_themselves(
    canvas: int, heads: int, kv_heads: int, size: int, starts: list[int], counts: list[int], dtype: torch.dtype,
    device: torch.device,
) -> None:  # fmt: skip
    q = normal(canvas * len(starts), heads, size, dtype=dtype, scale=0.3).to(device)
    live = rows_of(440, starts, counts)
    keys, values = (tensor.to(device) for tensor in buffers(440, kv_heads, size, dtype, live))
    where = ints(*starts).to(device), ints(*counts).to(device)
    got = canvas_attention(q, keys, values, *where, max(counts))
    assert_near(got, reference.canvas_attention(q, keys, values, *where, accumulate=torch.float64))


def test_a_long_prefix_is_split(device: torch.device) -> None:
    plan = launch.attention(64, 1, 16, 1, 3000, 4, HOPPER)
    assert plan.splits > 1
    q = normal(16, 1, 64, scale=0.3).to(device)
    keys, values = (normal(3000, 1, 64, seed=seed).to(device) for seed in (1, 2))
    for count in (3000, 2999, 16):
        where = ints(0).to(device), ints(count).to(device)
        got = canvas_attention(q, keys, values, *where, 3000)
        assert_near(got, reference.canvas_attention(q, keys, values, *where, accumulate=torch.float64))


def test_large_scores_do_not_overflow(device: torch.device) -> None:
    q, keys = (normal(16, 1, 64, seed=seed, scale=30.0).to(device) for seed in (0, 1))
    values = normal(16, 1, 64, seed=2).to(device)
    where = ints(0).to(device), ints(16).to(device)
    got = canvas_attention(q, keys, values, *where, 16)
    assert_near(got, reference.canvas_attention(q, keys, values, *where, accumulate=torch.float64))


@pytest.mark.parametrize("dtype", DTYPES, ids=name)
@pytest.mark.parametrize("window", [0, 1, 13, 64])
def test_prefill_is_causal_within_its_window(window: int, dtype: torch.dtype, device: torch.device) -> None:
    """Three requests: a fresh prompt, one that goes on behind a prefix, and a single token."""
    q_starts, q_counts = [0, 33, 60], [33, 27, 1]
    k_starts, k_counts = [100, 0, 150], [33, 90, 20]
    q = normal(61, 4, 64, dtype=dtype, scale=0.3).to(device)
    keys, values = (t.to(device) for t in buffers(200, 2, 64, dtype, rows_of(200, k_starts, k_counts)))
    where = [ints(*numbers).to(device) for numbers in (q_starts, q_counts, k_starts, k_counts)]
    got = prefill_attention(q, keys, values, *where, 33, 90, window)
    assert_near(got, reference.prefill_attention(q, keys, values, *where, window, accumulate=torch.float64))


def test_prefill_is_what_pytorch_computes(device: torch.device) -> None:
    q, k, v = (normal(50, 2, 64, seed=seed, scale=0.5).to(device) for seed in range(3))
    where = [ints(n).to(device) for n in (0, 50, 0, 50)]
    want = torch.nn.functional.scaled_dot_product_attention(
        *(x.transpose(0, 1).double() for x in (q, k, v)), is_causal=True, scale=1.0
    )
    assert_near(prefill_attention(q, k, v, *where, 50, 50), want.transpose(0, 1).float())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"q": torch.zeros(5, 4, 64)}, "q: expected rows for 2 canvases, got 5 rows"),
        ({"q": torch.zeros(4, 3, 64)}, "q: expected a multiple of 2 heads, got 3"),
        ({"q": torch.zeros(4, 4, 64).half()}, "keys: expected dtype float16, got float32"),
        ({"q": torch.zeros(4, 4, 80)}, "expected a head size of 64, 128, 256, 512, got 80"),
        ({"values": torch.zeros(9, 2, 32)}, r"values: expected shape \[9, 2, 64\], got \[9, 2, 32\]"),
        ({"counts": torch.tensor([4, 4])}, "k_count: expected dtype int32, got int64"),
        ({"most_keys": 1}, "expected 1 query or more and no fewer keys, got 2 queries and 1 keys"),
        ({"starts": ints(), "counts": ints()}, "q: expected rows for 0 canvases, got 4 rows"),
    ],
)
def test_bad_input(change: dict[str, Tensor], message: str) -> None:
    given = {
        "q": torch.zeros(4, 4, 64), "keys": torch.zeros(9, 2, 64), "values": torch.zeros(9, 2, 64),
        "starts": ints(0, 4), "counts": ints(4, 4), "most_keys": 4,
    }  # fmt: skip
    with pytest.raises(KernelError, match=message):
        canvas_attention(**(given | change))


def test_a_negative_window_is_refused() -> None:
    one = ints(1)
    with pytest.raises(KernelError, match="window: expected 0 or more, got -1"):
        prefill_attention(*[torch.zeros(1, 1, 64)] * 3, one, one, one, one, 1, 1, -1)
