"""The checks that all launchers make of their arguments, with one error type and one form of message."""

from collections.abc import Sequence

import torch
from torch import Tensor

FLOATS = (torch.bfloat16, torch.float16, torch.float32)
"""The float types that kernels accept."""
HEAD_SIZES = (64, 128, 256, 512)
"""The head sizes that attention kernels accept."""


class KernelError(ValueError):
    """An argument that a kernel does not serve: wrong dtype, shape, stride or device, or a size out of range."""


def check(
    name: str, tensor: Tensor, dtypes: Sequence[torch.dtype], shape: Sequence[int | None], like: Tensor | None = None
) -> None:
    """Check that a tensor has one of the dtypes, the shape, and rows without gaps.

    Args:
        name: The argument's name, for the error.
        tensor: The tensor to check.
        dtypes: The dtypes that are accepted.
        shape: The expected shape; None accepts any size of an axis.
        like: A tensor on whose device it must be.

    Raises:
        KernelError: The tensor is not as expected.
    """
    if tensor.dtype not in dtypes:
        expected = " or ".join(str(dtype).removeprefix("torch.") for dtype in dtypes)
        raise KernelError(f"{name}: expected dtype {expected}, got {str(tensor.dtype).removeprefix('torch.')}")
    wrong = tensor.dim() != len(shape)
    if wrong or any(size not in (None, found) for size, found in zip(shape, tensor.shape, strict=True)):
        expected = ", ".join("any" if size is None else str(size) for size in shape)
        raise KernelError(f"{name}: expected shape [{expected}], got {list(tensor.shape)}")
    if not tensor.is_contiguous():
        raise KernelError(f"{name}: expected a contiguous tensor, got strides {tensor.stride()}")
    if like is not None and tensor.device != like.device:
        raise KernelError(f"{name}: expected device {like.device}, got {tensor.device}")


def check_head(size: int) -> None:
    """Check that a head size is served.

    Raises:
        KernelError: It is not.
    """
    if size not in HEAD_SIZES:
        raise KernelError(f"expected a head size of {', '.join(map(str, HEAD_SIZES))}, got {size}")
