"""The shapes to serve, as calls of the operations; they are compiled ahead of time and measured by the bench."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from kernels.accept_renoise import accept_renoise
from kernels.canvas_attention import canvas_attention
from kernels.linear import linear
from kernels.moe import moe, route
from kernels.prefill_attention import prefill_attention
from kernels.qkv import qkv
from kernels.quantize import quantize
from kernels.results import Limits, Routing
from kernels.rms_norm import rms_norm
from kernels.soft_embedding import soft_embedding
from kernels.vocab_rows import vocab_rows
from kernels.weights import GROUP, Format, Weight

CAP = 30.0


@dataclass(frozen=True)
class Heads:
    """Attention of one layer type.

    Attributes:
        heads: Number of query heads.
        kv_heads: Number of key heads.
        size: Size of a head.
        own_values: Whether values have weights of their own.
    """

    heads: int
    kv_heads: int
    size: int
    own_values: bool = True


@dataclass(frozen=True)
class Shape:
    """The sizes of a model that kernels depend on.

    Attributes:
        name: Name of the model.
        hidden: Size of the hidden state.
        sliding: Attention of the sliding layers.
        full: Attention of the full layers.
        dense: Inner size of the dense feed-forward layer.
        experts: Number of experts.
        top: Experts for each token.
        inner: Inner size of an expert.
        vocabulary: Tokens of the vocabulary.
        canvas: Tokens of a canvas.
        window: Tokens that a sliding layer sees.
        prompt: Tokens of a prompt.
    """

    name: str
    hidden: int
    sliding: Heads
    full: Heads
    dense: int
    experts: int
    top: int
    inner: int
    vocabulary: int
    canvas: int = 256
    window: int = 1024
    prompt: int = 1024


LARGE = Shape("26B-A4B", 2816, Heads(16, 8, 256), Heads(16, 2, 512, False), 2112, 128, 8, 704, 262_144)
SMALL = Shape("silverprint-s", 192, Heads(4, 2, 64), Heads(4, 2, 64, False), 384, 1, 1, 192, 6144)


@dataclass(frozen=True)
class Case:
    """One operation at one shape.

    Attributes:
        operation: Name of the operation.
        label: Its shape.
        inputs: Makes new inputs.
        run: Runs the operation on inputs.
        moved: Bytes that have to pass through memory once.
        flops: Multiplications and additions, each counted.
    """

    operation: str
    label: str
    inputs: Callable[[], tuple[object, ...]]
    run: Callable[..., object]
    moved: int
    flops: int = 0


@dataclass(frozen=True)
class Maker:
    """Makes inputs on a device: random ones, or tensors without memory on `meta`.

    Attributes:
        device: Name of the device.
        dtype: Dtype of the inputs.
    """

    device: str
    dtype: torch.dtype = torch.bfloat16

    def normal(self, *shape: int, scale: float = 1.0, dtype: torch.dtype | None = None) -> Tensor:
        """Return normally distributed values."""
        return torch.randn(shape, device=self.device, dtype=dtype or self.dtype) * scale

    def ints(self, *values: int, dtype: torch.dtype = torch.int32) -> Tensor:
        """Return a vector of these integers."""
        return torch.tensor(values, dtype=dtype, device=self.device)

    def spread(self, below: int, *shape: int, dtype: torch.dtype = torch.int32) -> Tensor:
        """Return uniform integers from 0 to below `below`."""
        return torch.randint(below, shape, dtype=dtype, device=self.device)

    def weight(self, format: Format, experts: int, outputs: int, depth: int) -> Weight:
        """Return a weight [experts, outputs, depth] of random codes, as values do not affect the cost of a product."""
        if format is Format.PLAIN:
            return Weight(format, self.normal(experts, outputs, depth, scale=depth**-0.5))
        if format is Format.FP8:
            data = self.normal(experts, outputs, depth).to(torch.float8_e4m3fn)
            return Weight(format, data, torch.full((experts, outputs), depth**-0.5, device=self.device))
        groups = (experts, outputs, depth // GROUP)
        return Weight(
            format, self.spread(256, experts, outputs, depth // 2, dtype=torch.uint8),
            torch.full(groups, 0.2 * depth**-0.5, dtype=torch.bfloat16, device=self.device),
            torch.full(groups, 8, dtype=torch.uint8, device=self.device),
        )  # fmt: skip

    def limits(self, canvases: int) -> Limits:
        """Return the sampler's limits for so many canvases."""
        whole = torch.ones(canvases, dtype=torch.int32, device=self.device)
        return Limits(whole * 0.1, whole * 0.005, whole, 48 * whole)


def cases(shape: Shape, make: Maker, canvases: int = 1, prefix: int = 1024) -> list[Case]:
    """Return every operation as a denoising step runs it.

    Args:
        shape: Shape of the model.
        make: Makes the inputs.
        canvases: Number of canvases.
        prefix: Tokens before each canvas.
    """
    return [
        *_norms(shape, make, canvases * shape.canvas),
        *_attention(shape, make, canvases, prefix),
        *_products(shape, make, canvases * shape.canvas),
        *_vocabulary(shape, make, canvases),
        *_quantize(shape, make),
    ]


def _norms(shape: Shape, make: Maker, tokens: int) -> list[Case]:
    row = tokens * shape.hidden * make.dtype.itemsize

    def plain() -> tuple[object, ...]:
        return make.normal(tokens, shape.hidden), make.normal(shape.hidden)

    def fused() -> tuple[object, ...]:
        return (*plain(), make.normal(tokens, shape.hidden), make.normal(1))

    found = [
        Case("rms_norm", f"T{tokens}-W{shape.hidden}", plain, rms_norm, 2 * row),
        Case("rms_norm", f"T{tokens}-W{shape.hidden}-fused", fused, rms_norm, 3 * row),
    ]
    for heads in dict.fromkeys((shape.sliding, shape.full)):
        found.append(_qkv(heads, make, tokens))
    return found


def _qkv(heads: Heads, make: Maker, tokens: int) -> Case:
    columns = heads.heads + (2 if heads.own_values else 1) * heads.kv_heads
    out = heads.heads + 2 * heads.kv_heads

    def inputs() -> tuple[object, ...]:
        return (
            make.normal(tokens, columns * heads.size), make.normal(heads.size), make.normal(heads.size),
            make.spread(4096, tokens, dtype=torch.int64), make.normal(heads.size // 2, dtype=torch.float32),
            torch.arange(tokens, device=make.device), make.normal(tokens, heads.kv_heads, heads.size),
            make.normal(tokens, heads.kv_heads, heads.size), heads.own_values,
        )  # fmt: skip

    label = f"T{tokens}-H{heads.heads}-{heads.kv_heads}-D{heads.size}"
    return Case("qkv", label, inputs, qkv, (columns + out) * tokens * heads.size * make.dtype.itemsize)


def _attention(shape: Shape, make: Maker, canvases: int, prefix: int) -> list[Case]:
    found = []
    for heads, seen in ((shape.sliding, min(prefix, shape.window - 1)), (shape.full, prefix)):
        found += [
            _canvas(heads, make, canvases, shape.canvas, seen),
            _prefill(heads, make, shape, heads is shape.sliding),
        ]
    return found


def _canvas(heads: Heads, make: Maker, canvases: int, length: int, prefix: int) -> Case:
    keys, tokens = prefix + length, canvases * length

    def inputs() -> tuple[object, ...]:
        return (
            make.normal(tokens, heads.heads, heads.size, scale=heads.size**-0.5),
            make.normal(canvases * keys, heads.kv_heads, heads.size),
            make.normal(canvases * keys, heads.kv_heads, heads.size),
            torch.arange(canvases, dtype=torch.int32, device=make.device) * keys,
            torch.full((canvases,), keys, dtype=torch.int32, device=make.device), keys,
        )  # fmt: skip

    moved = (2 * tokens * heads.heads + 2 * canvases * keys * heads.kv_heads) * heads.size * make.dtype.itemsize
    label = f"N{canvases}-K{keys}-H{heads.heads}-{heads.kv_heads}-D{heads.size}"
    return Case(
        "canvas_attention", label, inputs, canvas_attention, moved, 4 * tokens * keys * heads.heads * heads.size
    )


def _prefill(heads: Heads, make: Maker, shape: Shape, sliding: bool) -> Case:
    tokens = shape.prompt

    def inputs() -> tuple[object, ...]:
        where = [make.ints(number) for number in (0, tokens, 0, tokens)]
        return (
            make.normal(tokens, heads.heads, heads.size, scale=heads.size**-0.5),
            make.normal(tokens, heads.kv_heads, heads.size), make.normal(tokens, heads.kv_heads, heads.size),
            *where, tokens, tokens, shape.window if sliding else 0,
        )  # fmt: skip

    moved = 2 * tokens * (heads.heads + heads.kv_heads) * heads.size * make.dtype.itemsize
    label = f"T{tokens}-H{heads.heads}-{heads.kv_heads}-D{heads.size}"
    return Case("prefill_attention", label, inputs, prefill_attention, moved, 2 * tokens**2 * heads.heads * heads.size)


def _products(shape: Shape, make: Maker, tokens: int) -> list[Case]:
    found = []
    for format in Format:
        found.append(_linear(make, format, tokens, 2 * shape.dense, shape.hidden))
        found.append(_linear(make, format, tokens, shape.hidden, shape.dense))
    found.append(_linear(make, Format.PLAIN, tokens, shape.vocabulary, shape.hidden))
    if shape.experts > 1:
        found.append(_route(shape, make, tokens))
        found += [_moe(shape, make, format, tokens) for format in Format]
    return found


def _linear(make: Maker, format: Format, tokens: int, outputs: int, depth: int) -> Case:
    def inputs() -> tuple[object, ...]:
        return make.normal(tokens, depth), make.weight(format, 1, outputs, depth)

    moved = Maker("meta", make.dtype).weight(format, 1, outputs, depth).nbytes
    moved += tokens * (outputs + depth) * make.dtype.itemsize
    label = f"{format.name}-T{tokens}-N{outputs}-K{depth}"
    return Case("linear", label, inputs, linear, moved, 2 * tokens * outputs * depth)


def _route(shape: Shape, make: Maker, tokens: int) -> Case:
    def inputs() -> tuple[object, ...]:
        return make.normal(tokens, shape.experts, dtype=torch.float32), make.normal(shape.experts), shape.top

    label = f"T{tokens}-E{shape.experts}-top{shape.top}"
    return Case("route", label, inputs, route, tokens * (4 * shape.experts + 8 * shape.top))


def _moe(shape: Shape, make: Maker, format: Format, tokens: int) -> Case:
    def inputs() -> tuple[object, ...]:
        scores = torch.rand(tokens, shape.experts, device=make.device)
        index = scores.topk(shape.top).indices.int()
        routing = Routing(index, torch.full(index.shape, 1 / shape.top, device=make.device))
        return (
            make.normal(tokens, shape.hidden), routing,
            make.weight(format, shape.experts, 2 * shape.inner, shape.hidden),
            make.weight(format, shape.experts, shape.hidden, shape.inner),
        )  # fmt: skip

    nothing = Maker("meta", make.dtype)
    moved = nothing.weight(format, shape.experts, 2 * shape.inner, shape.hidden).nbytes
    moved += nothing.weight(format, shape.experts, shape.hidden, shape.inner).nbytes
    moved += 2 * tokens * shape.hidden * make.dtype.itemsize
    label = f"{format.name}-T{tokens}-E{shape.experts}-top{shape.top}"
    return Case("moe", label, inputs, moe, moved, 6 * tokens * shape.top * shape.hidden * shape.inner)


def _vocabulary(shape: Shape, make: Maker, canvases: int) -> list[Case]:
    tokens = canvases * shape.canvas
    logits = tokens * shape.vocabulary * make.dtype.itemsize

    def rows() -> tuple[object, ...]:
        return (
            make.normal(tokens, shape.vocabulary, scale=3.0), CAP, torch.full((tokens,), 0.6, device=make.device),
            make.spread(1000, canvases, dtype=torch.int64), make.spread(48, canvases),
        )  # fmt: skip

    def soft() -> tuple[object, ...]:
        table = make.normal(shape.vocabulary, shape.hidden)
        return (*rows()[:3], torch.full((tokens,), 18.0, device=make.device), table, shape.hidden**0.5)

    def canvas() -> tuple[object, ...]:
        ids = [make.spread(shape.vocabulary, canvases, shape.canvas) for _ in range(3)]
        counts = [make.spread(9, canvases) for _ in range(3)]
        entropy = torch.rand(canvases, shape.canvas, device=make.device)
        seeds = make.spread(1000, canvases, dtype=torch.int64)
        return (*ids[:2], entropy, ids[2], counts[0], make.limits(canvases), seeds, *counts[1:], shape.vocabulary)

    label = f"T{tokens}-V{shape.vocabulary}"
    table = shape.vocabulary * shape.hidden * make.dtype.itemsize
    flops = 2 * tokens * shape.vocabulary * shape.hidden
    return [
        Case("vocab_rows", label, rows, vocab_rows, logits),
        Case("soft_embedding", f"{label}-W{shape.hidden}", soft, soft_embedding, logits + table, flops),
        Case("accept_renoise", f"N{canvases}-C{shape.canvas}", canvas, accept_renoise, 22 * tokens),
    ]


def _quantize(shape: Shape, make: Maker) -> list[Case]:
    outputs, depth = 2 * shape.dense, shape.hidden
    size = outputs * depth * make.dtype.itemsize
    nothing = Maker("meta", make.dtype)
    return [
        Case("quantize", f"{format.name}-N{outputs}-K{depth}",
             lambda format=format: (make.normal(outputs, depth), format),  # type: ignore[misc]
             quantize, size + nothing.weight(format, 1, outputs, depth).nbytes)
        for format in (Format.FP8, Format.INT4)
    ]  # fmt: skip
