"""Every operation on this machine's GPU: right first, then its time beside the floor and beside PyTorch's best.

    python -m kernels.bench                        the table, at the shapes of the 26B model and of the bundled one
    python -m kernels.bench --json -o FILE         all figures
    python -m kernels.bench --only moe,linear      some operations
    python -m kernels.bench --search LAUNCHES      look for better launch parameters first, and record them there

An operation is timed only if its tests pass on this GPU and its results, on the inputs that are then timed, are within
the ratios of its reference computed in fp32. Times are medians over replays of a CUDA graph that goes through several
sets of inputs, together larger than the L2 cache. Floors: bytes over the measured rate of a large copy, operations over
that of a large bf16 product.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import triton

from kernels import suite
from kernels.peers import eager, references
from kernels.search import record, search, using
from kernels.shapes import LARGE, SMALL, Case, Maker, cases
from kernels.timing import Ceilings, ceilings, error_of, input_sets, timed

COMPILED = ("rms_norm", "vocab_rows", "soft_embedding", "route", "accept_renoise", "linear")
"""What torch.compile can make faster; attention and the mixture are a library's kernels in eager mode already."""


@dataclass(frozen=True)
class Measured:
    """Seconds; fraction: floor over seconds; peers: by name. ok: within the ratio; error: the largest found.

    moved, flops: bytes and operations that the floor counts.
    """

    model: str
    operation: str
    label: str
    moved: int
    flops: int
    ok: bool
    error: float
    floor: float
    bound: str
    seconds: float | None
    fraction: float | None
    peers: dict[str, float | str]


def measure(model: str, case: Case, ceiling: Ceilings, compiled: bool) -> Measured:
    """Check, then time one operation and its peers on the same inputs."""
    sets = input_sets(case)
    ok, error = error_of(case, sets[0])
    floor = ceiling.floor(case)
    bound = "bytes" if case.moved / ceiling.bytes_per_second >= floor else "arithmetic"
    what = (model, case.operation, case.label, case.moved, case.flops, ok, error, floor, bound)
    if not ok:
        return Measured(*what, None, None, {})
    seconds = timed([lambda given=given: case.run(*given) for given in sets])  # type: ignore[misc]
    peers: dict[str, float | str] = {}
    plain = eager(case.operation) or references(case.operation)
    rivals = {"eager": plain}
    if compiled and case.operation in COMPILED:
        rivals["compiled"] = torch.compile(plain, dynamic=False)
    for name, function in rivals.items():
        try:
            peers[name] = timed([lambda given=given, f=function: f(*given) for given in sets])  # type: ignore[misc]
        except Exception as problem:  # a peer that cannot run on this chip or in a graph is named, and stops nothing
            peers[name] = f"{type(problem).__name__}: {str(problem).splitlines()[0][:120]}"
            torch.cuda.synchronize()
    return Measured(*what, seconds, floor / seconds, peers)


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


def better(case: Case, minutes: float, file: Path) -> None:
    """Search launch parameters of one operation, and record those that are better and right."""
    sets = input_sets(case)

    def seconds() -> float | None:
        try:
            return timed([lambda given=given: case.run(*given) for given in sets], replays=10)  # type: ignore[misc]
        except (triton.OutOfResources, triton.CompilationError, RuntimeError):
            torch.cuda.synchronize()
            return None

    found = search(seconds, time.monotonic() + 60 * minutes)
    with using(found):
        if found and error_of(case, sets[0])[0]:
            record(found, file)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), help="operations, separated by commas")
    parser.add_argument("--canvases", type=int, nargs="+", default=[1, 8], help="canvases a step (%(default)s)")
    parser.add_argument("--prefix", type=int, default=1024, help="tokens before each canvas (%(default)s)")
    parser.add_argument(
        "--no-compiled", action="store_true", help="leave out torch.compile (timed at the first number of canvases)"
    )
    parser.add_argument("--search", type=Path, metavar="FILE", help="search launch parameters and add them to FILE")
    parser.add_argument("--minutes", type=float, default=0.5, help="to search each case for (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("-o", "--output", type=Path, help="write the JSON to a file as well")
    given = parser.parse_args()
    if unknown := set(given.only or ()) - set(suite.FILES):
        parser.error(f"expected operations among {', '.join(suite.FILES)}; got {', '.join(sorted(unknown))}")
    if not torch.cuda.is_available():
        parser.exit(2, "kernels.bench needs a GPU, and torch sees none here\n")
    return given


def main() -> None:
    given = options()
    torch.manual_seed(0)
    ceiling = ceilings()
    found: list[Measured] = []
    failed: dict[str, str] = {}
    for shape in (LARGE, SMALL):
        asked = [(n, case) for n in given.canvases for case in cases(shape, Maker("cuda"), n, given.prefix)]
        for count, case in asked:
            if given.only and case.operation not in given.only:
                continue
            if said := suite.problem(suite.FILES[case.operation]):
                failed[case.operation] = said
                continue
            if given.search:
                better(case, given.minutes, given.search)
            compiled = count == given.canvases[0] and not given.no_compiled
            found.append(measure(shape.name, case, ceiling, compiled))
            print(as_table(found[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
            torch.cuda.empty_cache()
    for operation, said in failed.items():
        print(f"{operation}: its tests fail on this GPU, so it was not timed:\n{said}", file=sys.stderr)
    whole = {"machine": machine(), "ceilings": asdict(ceiling), "operations": [asdict(one) for one in found]}
    if given.output:
        given.output.write_text(json.dumps(whole, indent=1) + "\n")
    print(json.dumps(whole, indent=1) if given.json else as_table(found))
    sys.exit(1 if failed or not all(one.ok for one in found) else 0)


if __name__ == "__main__":
    main()
