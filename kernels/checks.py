"""What every launcher asks of its arguments: one error type, one way to say what was expected and what came."""

from collections.abc import Sequence

import torch
from torch import Tensor

FLOATS = (torch.bfloat16, torch.float16, torch.float32)
HEAD_SIZES = (64, 128, 256, 512)


class KernelError(ValueError):
    """An argument that a kernel does not serve: wrong dtype, shape, stride or device, or a size out of range."""


def check(
    name: str, tensor: Tensor, dtypes: Sequence[torch.dtype], shape: Sequence[int | None], like: Tensor | None = None
) -> None:
    """Raise KernelError unless `tensor` has one of the dtypes, the shape (None: any size), and rows without gaps.

    like: a tensor on whose device it must lie.
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
    if size not in HEAD_SIZES:
        raise KernelError(f"expected a head size of {', '.join(map(str, HEAD_SIZES))}, got {size}")
