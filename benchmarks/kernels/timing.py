"""Time on this machine's GPU, what the chip can reach at most, and whether a result is right."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass

import torch
from torch import Tensor

from benchmarks.kernels.shapes import Case
from kernels.peers import references
from kernels.weights import Weight

RATIO = {torch.bfloat16: 5e-3, torch.float16: 1e-3, torch.float32: 1e-4}
SETS_AT_MOST = 16
REPLAYS = 30
UNEQUAL = {"vocab_rows": ("sampled",), "quantize": ()}
"""Results that may differ if fp32 sums have another order: a draw close to the border between two tokens."""


@dataclass(frozen=True)
class Ceilings:
    """What the chip reached in one large copy and in one large product.

    Attributes:
        bytes_per_second: Bytes read and written a second.
        flops_per_second: Arithmetic operations a second.
    """

    bytes_per_second: float
    flops_per_second: float

    def floor(self, case: Case) -> float:
        """Return the least seconds that a case can take."""
        return max(case.moved / self.bytes_per_second, case.flops / self.flops_per_second)


def timed(calls: Sequence[Callable[[], object]], replays: int = REPLAYS) -> float:
    """Return the median seconds of one call.

    Args:
        calls: Calls with inputs of their own each; they are put into one graph, one after the other.
        replays: How often the graph is run.
    """
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            for call in calls:
                call()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for call in calls:
            call()
    return replayed(graph.replay, replays) / len(calls)


def replayed(replay: Callable[[], object], replays: int = REPLAYS) -> float:
    """Return the median seconds of a graph's replay, by events on the device; the first three do not count."""
    seconds: list[float] = []
    for _ in range(replays):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        replay()
        end.record()
        end.synchronize()
        seconds.append(begin.elapsed_time(end) / 1000)
    return statistics.median(seconds[3:])


def ceilings() -> Ceilings:
    """Measure a copy of 1 GiB, and a bf16 product of 8192 by 8192 by 8192, on random data."""
    source = torch.randn(2**28, device="cuda")
    target = torch.empty_like(source)
    copy = timed([lambda: target.copy_(source)])
    a, b = (torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    return Ceilings(2 * source.nbytes / copy, 2 * 8192**3 / timed([lambda: a @ b]))


def input_sets(case: Case) -> list[tuple[object, ...]]:
    """Return at least two sets of inputs, which are together larger than twice the L2 cache; at most SETS_AT_MOST."""
    cache = torch.cuda.get_device_properties(0).L2_cache_size
    count = min(SETS_AT_MOST, max(2, 1 + 2 * cache // max(case.moved, 1)))
    return [case.inputs() for _ in range(count)]


def tensors(value: object) -> dict[str, Tensor]:
    """Return the tensors of a result, by name."""
    if isinstance(value, Tensor):
        return {"result": value}
    if isinstance(value, Weight) or is_dataclass(value):
        found = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: tensor for name, tensor in found.items() if isinstance(tensor, Tensor)}
    return {}


def copied(arguments: tuple[object, ...]) -> tuple[object, ...]:
    """Return the arguments with tensors copied, so that an operation that writes in place does not affect the next."""
    return tuple(value.clone() if isinstance(value, Tensor) else value for value in arguments)


def error_of(case: Case, arguments: tuple[object, ...]) -> tuple[bool, float]:
    """Compare an operation with its reference.

    Args:
        case: The operation.
        arguments: Its inputs.

    Returns:
        Whether the results are right, and the largest RMS error as a share of the reference's RMS.
    """
    mine, theirs = copied(arguments), copied(arguments)
    got, want = tensors(case.run(*mine)), tensors(references(case.operation)(*theirs))
    for i, (written, expected) in enumerate(zip(mine, theirs, strict=True)):
        if isinstance(written, Tensor) and isinstance(expected, Tensor):
            got[f"argument {i}"], want[f"argument {i}"] = written, expected
    worst, ok = 0.0, True
    for name, expected in want.items():
        found = got[name]
        if found.dtype.is_floating_point and found.dtype.itemsize > 1:
            scale = expected.double().square().mean().sqrt().item()
            error = (found.double() - expected.double()).square().mean().sqrt().item() / max(scale, 1e-30)
            ok &= error <= RATIO[found.dtype]
        else:
            error = (numbers(found) != numbers(expected)).double().mean().item()
            ok &= error <= (0.01 if name in UNEQUAL.get(case.operation, ()) else 1e-4)
        worst = max(worst, error)
    return ok, worst


def numbers(exact: Tensor) -> Tensor:
    """Return values that can be compared, which e4m3 cannot; zeros of either sign are equal."""
    return exact.float() if exact.dtype.is_floating_point else exact
