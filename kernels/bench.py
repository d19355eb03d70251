"""Every operation on this machine's GPU: right first, then its time beside the floor and beside PyTorch's best.

    python -m kernels.bench                        the table, at the shapes of the 26B model and of the bundled one
    python -m kernels.bench --json -o FILE         all figures
    python -m kernels.bench --only moe,linear      some operations

An operation is timed only if its results are within the ratios of its reference, computed in fp32, on the inputs that
are then timed. Times are medians over replays of a CUDA graph that goes through several sets of inputs, together larger
than the L2 cache. Floors: bytes over the measured rate of a large copy, operations over that of a large bf16 product.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import torch
import triton
from torch import Tensor

from kernels.peers import eager, references
from kernels.shapes import LARGE, SMALL, Case, Maker, cases
from kernels.weights import Weight

RATIO = {torch.bfloat16: 5e-3, torch.float16: 1e-3, torch.float32: 1e-4}
SETS_AT_MOST = 16
REPLAYS = 30
UNEQUAL = {"vocab_rows": ("sampled",), "quantize": ()}
"""Results that may differ between fp32 in one order and another: a draw next to the border of two tokens."""


@dataclass(frozen=True)
class Ceilings:
    """What the chip reached in one large copy (bytes read and written) and one large product, each a second."""

    bytes_per_second: float
    flops_per_second: float

    def floor(self, case: Case) -> float:
        return max(case.moved / self.bytes_per_second, case.flops / self.flops_per_second)


@dataclass(frozen=True)
class Measured:
    """Seconds; fraction: floor over seconds; peers: by name. ok: within the ratio; error: the largest found."""

    model: str
    operation: str
    label: str
    ok: bool
    error: float
    floor: float
    bound: str
    seconds: float | None
    fraction: float | None
    peers: dict[str, float | str]


def timed(calls: Sequence[Callable[[], object]], replays: int = REPLAYS) -> float:
    """Median seconds of one call. `calls` go into one graph, one after the other, each on inputs of its own."""
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
    seconds: list[float] = []
    for _ in range(replays):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        graph.replay()
        end.record()
        end.synchronize()
        seconds.append(begin.elapsed_time(end) / 1000 / len(calls))
    return statistics.median(seconds[3:])


def ceilings() -> Ceilings:
    """Measured: a copy of 1 GiB, and a bf16 product of 8192 by 8192 by 8192, on random data."""
    source = torch.randn(2**28, device="cuda")
    target = torch.empty_like(source)
    copy = timed([lambda: target.copy_(source)])
    a, b = (torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    return Ceilings(2 * source.nbytes / copy, 2 * 8192**3 / timed([lambda: a @ b]))


def input_sets(case: Case) -> list[tuple[object, ...]]:
    """As many sets of inputs as are together larger than twice the L2 cache, and no fewer than two."""
    cache = torch.cuda.get_device_properties(0).L2_cache_size
    count = min(SETS_AT_MOST, max(2, 1 + 2 * cache // max(case.moved, 1)))
    return [case.inputs() for _ in range(count)]


def tensors(value: object) -> dict[str, Tensor]:
    """The tensors of a result, by name."""
    if isinstance(value, Tensor):
        return {"result": value}
    if isinstance(value, Weight) or is_dataclass(value):
        found = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: tensor for name, tensor in found.items() if isinstance(tensor, Tensor)}
    return {}


def copied(arguments: tuple[object, ...]) -> tuple[object, ...]:
    """Tensors copied, so that what an operation writes in place is not seen by the next."""
    return tuple(value.clone() if isinstance(value, Tensor) else value for value in arguments)


def error_of(case: Case, arguments: tuple[object, ...]) -> tuple[bool, float]:
    """Whether the results are right on these inputs, and the largest RMS error, as a share of the reference's RMS."""
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
            error = (found.view(torch.uint8) != expected.view(torch.uint8)).double().mean().item()
            ok &= error <= (0.01 if name in UNEQUAL.get(case.operation, ()) else 1e-4)
        worst = max(worst, error)
    return ok, worst


def measure(model: str, case: Case, ceiling: Ceilings, compiled: bool) -> Measured:
    """Check, then time one operation and its peers on the same inputs."""
    sets = input_sets(case)
    ok, error = error_of(case, sets[0])
    floor = ceiling.floor(case)
    bound = "bytes" if case.moved / ceiling.bytes_per_second >= floor else "arithmetic"
    if not ok:
        return Measured(model, case.operation, case.label, ok, error, floor, bound, None, None, {})
    seconds = timed([lambda given=given: case.run(*given) for given in sets])  # type: ignore[misc]
    peers: dict[str, float | str] = {}
    plain = eager(case.operation) or references(case.operation)
    for name, function in (
        ("eager", plain),
        *((("compiled", torch.compile(plain, dynamic=False)),) if compiled else ()),
    ):
        try:
            peers[name] = timed([lambda given=given, f=function: f(*given) for given in sets])  # type: ignore[misc]
        except Exception as problem:  # a peer that cannot run on this chip or in a graph is named, and stops nothing
            peers[name] = f"{type(problem).__name__}: {str(problem).splitlines()[0][:120]}"
            torch.cuda.synchronize()
    return Measured(model, case.operation, case.label, ok, error, floor, bound, seconds, floor / seconds, peers)


def machine() -> dict[str, Any]:
    found = torch.cuda.get_device_properties(0)
    return {
        "gpu": found.name, "multiprocessors": found.multi_processor_count, "memory": found.total_memory,
        "l2": found.L2_cache_size, "torch": torch.__version__, "triton": triton.__version__,
        "cuda": torch.version.cuda, "python": sys.version.split()[0], "command": " ".join(sys.argv),
    }  # fmt: skip


def best_peer(one: Measured) -> float | None:
    return min((value for value in one.peers.values() if isinstance(value, float)), default=None)


def as_table(found: Sequence[Measured]) -> str:
    lines = [f"{'operation':18} {'at':44} {'floor':>9} {'time':>9} {'share':>6} {'PyTorch':>9} {'ratio':>6}"]
    for one in found:
        if one.seconds is None:
            lines.append(f"{one.operation:18} {one.label:44} wrong: error {one.error:.1e}; not timed")
            continue
        peer = best_peer(one)
        said = f"{1e6 * peer:7.1f}us {peer / one.seconds:5.2f}x" if peer else f"{'-':>9} {'-':>6}"
        lines.append(f"{one.operation:18} {one.label:44} {1e6 * one.floor:7.1f}us {1e6 * one.seconds:7.1f}us "
                     f"{one.fraction:6.0%} {said}")  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), help="operations, separated by commas")
    parser.add_argument("--canvases", type=int, nargs="+", default=[1, 8], help="canvases a step (%(default)s)")
    parser.add_argument("--prefix", type=int, default=1024, help="tokens before each canvas (%(default)s)")
    parser.add_argument("--compiled", action="store_true", help="also time torch.compile (seconds each to compile)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("-o", "--output", type=Path, help="write the JSON to a file as well")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        parser.exit(2, "kernels.bench needs a GPU, and torch sees none here\n")
    torch.manual_seed(0)
    ceiling = ceilings()
    found = []
    for shape in (LARGE, SMALL):
        for count in options.canvases:
            for case in cases(shape, Maker("cuda"), count, options.prefix):
                if options.only is None or case.operation in options.only:
                    found.append(measure(shape.name, case, ceiling, options.compiled))
                    print(as_table(found[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
                    torch.cuda.empty_cache()
    whole = {"machine": machine(), "ceilings": asdict(ceiling), "operations": [asdict(one) for one in found]}
    if options.output:
        options.output.write_text(json.dumps(whole, indent=1) + "\n")
    print(json.dumps(whole, indent=1) if options.json else as_table(found))
    sys.exit(0 if all(one.ok for one in found) else 1)


if __name__ == "__main__":
    main()
