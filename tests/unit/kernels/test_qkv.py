import pytest
import torch
from torch import Tensor

from engine.core.config import RopeConfig
from engine.model.diffusion_gemma import frequencies
from kernels import reference
from kernels.checks import KernelError
from kernels.qkv import qkv
from tests.support.tolerances import DTYPES, assert_near, name, normal


def arguments(tokens: int, heads: int, kv_heads: int, size: int, own: bool, dtype: torch.dtype) -> dict[str, Tensor]:
    columns = heads + (2 if own else 1) * kv_heads
    return {
        "packed": normal(tokens, columns * size, dtype=dtype),
        "q_weight": normal(size, dtype=dtype, seed=1),
        "k_weight": normal(size, dtype=dtype, seed=2),
        "positions": torch.arange(tokens) * 37 + 1000,
        "frequencies": frequencies(RopeConfig(1e6, 0.25, True) if not own else RopeConfig(1e4), size),
        "slots": torch.randperm(tokens + 3, generator=torch.Generator().manual_seed(3))[:tokens],
    }


@pytest.mark.parametrize("dtype", DTYPES, ids=name)
@pytest.mark.parametrize("own", [True, False], ids=["own", "shared"])
@pytest.mark.parametrize(
    ("tokens", "heads", "kv_heads", "size"),
    [(1, 4, 2, 64), (5, 4, 1, 128), (3, 2, 2, 256), (2, 3, 1, 512), (0, 2, 1, 64)],
)
def test_queries_keys_and_values(
    tokens: int, heads: int, kv_heads: int, size: int, own: bool, dtype: torch.dtype, device: torch.device
) -> None:
    given = {key: value.to(device) for key, value in arguments(tokens, heads, kv_heads, size, own, dtype).items()}
    room = torch.full((tokens + 3, kv_heads, size), float("nan"), dtype=dtype, device=device)
    keys, values, want_keys, want_values = (room.clone() for _ in range(4))
    q = qkv(**given, keys=keys, values=values, own_values=own)
    want = reference.qkv(**given, keys=want_keys, values=want_values, own_values=own, accumulate=torch.float64)
    assert_near(q, want)
    for got, expected in ((keys, want_keys), (values, want_values)):
        assert torch.equal(got.isnan(), expected.isnan()), "rows outside the slots are left alone"
        assert_near(got[given["slots"]], expected[given["slots"]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"slots": torch.zeros(2)}, "slots: expected dtype int64, got float32"),
        ({"positions": torch.zeros(3, dtype=torch.int64)}, r"positions: expected shape \[2\], got \[3\]"),
        ({"packed": torch.zeros(2, 300)}, r"packed: expected shape \[2, 256\], got \[2, 300\]"),
        ({"packed": torch.zeros(2, 128)}, r"packed: expected shape \[2, 192\], got \[2, 128\]"),
        (
            {"keys": torch.zeros(4, 2, 64), "values": torch.zeros(4, 2, 64), "packed": torch.zeros(2, 7 * 64)},
            "packed: expected a multiple of 2 query heads, got 3",
        ),
        ({"frequencies": torch.zeros(64)}, r"frequencies: expected shape \[32\], got \[64\]"),
        ({"values": torch.zeros(4, 1, 128)}, r"values: expected shape \[4, 1, 64\], got \[4, 1, 128\]"),
        (
            {"keys": torch.zeros(4, 1, 48), "values": torch.zeros(4, 1, 48)},
            "expected a head size of 64, 128, 256, 512, got 48",
        ),
    ],
)
def test_bad_input(change: dict[str, Tensor], message: str) -> None:
    given = arguments(2, 2, 1, 64, True, torch.float32)
    given |= {"keys": torch.zeros(4, 1, 64), "values": torch.zeros(4, 1, 64)}
    with pytest.raises(KernelError, match=message):
        qkv(**(given | change))
