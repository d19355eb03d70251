"""Weight matrices in the layouts that products read: bf16 unchanged, fp8 by output channel, int4 in packed groups."""

from dataclasses import dataclass
from enum import IntEnum

import torch
from torch import Tensor

from kernels.checks import KernelError, check
from kernels.chip import Chip

GROUP = 64
"""How many weights of one row share an int4 scale and zero point; it divides the widths to serve, 2816, 2112 and 704.
"""


FP8_MOST = 448.0
"""The largest number of e4m3."""


class Format(IntEnum):
    """How a weight is stored; the value is a compile-time constant of the kernels."""

    PLAIN = 0
    FP8 = 1
    INT4 = 2


def byte_order() -> list[int]:
    """Return which of the 32 numbers of half a group each byte p stands for.

    Four threads share a row of a 16-bit matrix instruction's operand. Thread q of them needs the numbers 2q, 2q + 1, 2q
    + 8 and 2q + 9 of every 16. In this order its eight numbers are eight bytes in a row.
    """
    return [16 * s + 8 * h + 2 * q + e for q in range(4) for s in range(2) for h in range(2) for e in range(2)]


@dataclass(frozen=True)
class Weight:
    """E stacked matrices of `outputs` rows over `depth` columns (E = 1 for a plain linear layer).

    In a group of GROUP int4 weights, the byte for j holds two. Its low half is weight j, and its high half is weight j
    + GROUP / 2. Each half of a loaded tile is then a contiguous piece of the axis that is summed over. Byte p of a
    group is the one for byte_order()[p].

    Attributes:
        format: The format of the data.
        data: PLAIN [E, outputs, depth] in bf16, fp16 or fp32; FP8 the same in e4m3; INT4 uint8 [E, outputs, depth / 2].
        scales: FP8 fp32 [E, outputs]; INT4 bf16 [E, outputs, depth / GROUP]; None for PLAIN.
        zeros: INT4 uint8 [E, outputs, depth / GROUP], 0 to 15; None for the others.

    Raises:
        KernelError: The tensors do not match the format.
    """

    format: Format
    data: Tensor
    scales: Tensor | None = None
    zeros: Tensor | None = None

    def __post_init__(self) -> None:
        if self.format is Format.PLAIN:
            check("weight", self.data, (torch.bfloat16, torch.float16, torch.float32), (None, None, None))
            return
        kind = torch.float8_e4m3fn if self.format is Format.FP8 else torch.uint8
        check("weight", self.data, (kind,), (None, None, None))
        if self.scales is None or (self.format is Format.INT4) != (self.zeros is not None):
            raise KernelError(f"weight: expected scales{' and zeros' * (self.format is Format.INT4)} with this format")
        if self.format is Format.FP8:
            check("scales", self.scales, (torch.float32,), self.data.shape[:2], self.data)
            return
        if self.depth % GROUP:
            raise KernelError(f"weight: expected a depth in whole groups of {GROUP}, got {self.depth}")
        shape = (*self.data.shape[:2], self.depth // GROUP)
        check("scales", self.scales, (torch.bfloat16,), shape, self.data)
        assert self.zeros is not None
        check("zeros", self.zeros, (torch.uint8,), shape, self.data)

    @property
    def experts(self) -> int:
        """Return E, the number of matrices."""
        return self.data.shape[0]

    @property
    def outputs(self) -> int:
        """Return the number of rows of each matrix."""
        return self.data.shape[1]

    @property
    def depth(self) -> int:
        """Return the number of columns of each matrix, which two int4 weights in a byte make twice the stored one."""
        return self.data.shape[2] * (2 if self.format is Format.INT4 else 1)

    @property
    def nbytes(self) -> int:
        """Return how many bytes a product must read."""
        return sum(tensor.nbytes for tensor in (self.data, self.scales, self.zeros) if tensor is not None)


def plain(weight: Tensor) -> Weight:
    """Return the PLAIN weight of [outputs, depth] or [E, outputs, depth]."""
    return Weight(Format.PLAIN, weight if weight.dim() == 3 else weight[None])


def served(weight: Weight, chip: Chip, dtype: torch.dtype) -> Weight:
    """Return the weight in a form that the chip can read.

    That is the weight itself, except fp8 on a chip without the conversion, which is dequantised to `dtype`.
    """
    if weight.format is not Format.FP8 or chip.fp8:
        return weight
    assert weight.scales is not None
    return Weight(Format.PLAIN, (weight.data.to(dtype) * weight.scales[..., None]).to(dtype))


def require(weight: Weight, chip: Chip) -> None:
    """Check that the chip can read the weight; `served` gives one that it can.

    Raises:
        KernelError: It cannot.
    """
    if weight.format is Format.FP8 and not chip.fp8:
        major, minor = chip.capability
        raise KernelError(
            f"weight: expected bf16 or int4 on a chip of capability {major}.{minor}, got fp8; see `served`"
        )
