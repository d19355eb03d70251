"""Measure every operation on this machine's GPU: first its results, then its time, the floor, and PyTorch's best time.

    python -m benchmarks.kernels.bench                      the table, at the shapes of the 26B and the bundled model
    python -m benchmarks.kernels.bench --json -o FILE       all figures
    python -m benchmarks.kernels.bench --only moe,linear    some operations
    python -m benchmarks.kernels.bench --search LAUNCHES    look for better launch parameters first, recorded there

An operation is timed only if its tests pass on this GPU (--no-tests leaves them out, as they take minutes). Its
results on the timed inputs must also be close enough to its reference, which is computed in fp32. Times are medians
over replays of a CUDA graph that uses several sets of inputs, together larger than the L2 cache. The floor is the
larger of two times: bytes by the measured rate of a large copy, and operations by that of a large bf16 product. FILE is
written after each case.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import triton

from benchmarks.kernels import correctness
from benchmarks.kernels.search import record, search, using
from benchmarks.kernels.shapes import LARGE, SMALL, Case, Maker, cases
from benchmarks.kernels.timing import Ceilings, ceilings, error_of, input_sets, timed
from kernels import child_processes, chip
from kernels.peers import eager, references

COMPILED = ("rms_norm", "vocab_rows", "soft_embedding", "route", "accept_renoise", "linear")
"""Operations that torch.compile can make faster; eager attention and the eager mixture are library kernels already."""


@dataclass(frozen=True)
class Measured:
    """One operation at one shape.

    Attributes:
        model: Name of the model.
        operation: Name of the operation.
        label: Its shape.
        moved: Bytes that the floor counts.
        flops: Arithmetic operations that the floor counts.
        ok: Whether the error is within the ratio.
        error: The largest error.
        floor: Least seconds that the operation can take on this chip.
        bound: Whether "bytes" or "arithmetic" determine the floor.
        seconds: Seconds of one call; None if its results are wrong.
        fraction: floor divided by seconds.
        peers: Seconds of PyTorch's versions by name, or why one could not run.
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
    """Check one operation, then time it and its peers on the same inputs.

    Args:
        model: Name of the model.
        case: The operation.
        ceiling: What the chip reaches.
        compiled: Whether torch.compile is timed as well.

    Returns:
        The figures. An operation with wrong results is not timed.
    """
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
        except Exception as problem:  # a peer that cannot run on this chip or in a graph must not stop the others
            peers[name] = f"{type(problem).__name__}: {str(problem).splitlines()[0][:120]}"
            torch.cuda.synchronize()
    return Measured(*what, seconds, floor / seconds, peers)


def machine() -> dict[str, Any]:
    """Return what the figures depend on: the GPU, versions and the command."""
    found = torch.cuda.get_device_properties(0)
    return {
        "gpu": found.name, "multiprocessors": found.multi_processor_count, "memory": found.total_memory,
        "l2": found.L2_cache_size, "torch": torch.__version__, "triton": triton.__version__,
        "cuda": torch.version.cuda, "driver": chip.driver(), "python": sys.version.split()[0],
        "command": " ".join(sys.argv),
    }  # fmt: skip


def best_peer(one: Measured) -> float | None:
    """Return the fewest seconds of any peer, or None if none could run."""
    return min((value for value in one.peers.values() if isinstance(value, float)), default=None)


def as_table(found: Sequence[Measured]) -> str:
    """Return the figures as text, a line for each operation."""
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
    """Search launch parameters of one operation, and record those that are faster and give right results.

    Args:
        case: The operation.
        minutes: How long to search.
        file: Where launch parameters are recorded.
    """
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
    """Parse the command line, and check it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), help="operations, separated by commas")
    parser.add_argument("--canvases", type=int, nargs="+", default=[1, 8], help="canvases a step (%(default)s)")
    parser.add_argument("--prefix", type=int, default=1024, help="tokens before each canvas (%(default)s)")
    parser.add_argument(
        "--no-compiled", action="store_true", help="leave out torch.compile (timed at the first number of canvases)"
    )
    parser.add_argument("--search", type=Path, metavar="FILE", help="search launch parameters and add them to FILE")
    parser.add_argument("--minutes", type=float, default=0.5, help="to search each case for (%(default)s)")
    parser.add_argument(
        "--no-tests", action="store_true", help="check results on the inputs that are timed alone, not by their tests"
    )
    parser.add_argument("--seconds", type=float, default=math.inf, help="after which nothing more is begun")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("-o", "--output", type=Path, help="file for the JSON, written after each case")
    given = parser.parse_args()
    if unknown := set(given.only or ()) - set(correctness.FILES):
        parser.error(f"expected operations among {', '.join(correctness.FILES)}; got {', '.join(sorted(unknown))}")
    if not torch.cuda.is_available():
        parser.exit(2, "benchmarks.kernels.bench needs a GPU, and torch sees none here\n")
    return given


class Report:
    """What has been measured so far; its file is written after each case.

    Attributes:
        ceiling: What the chip reaches.
        found: The operations that were measured.
        failed: What is wrong, by operation.
        left_out: Cases for which no time was left.
    """

    def __init__(self, ceiling: Ceilings, file: Path | None) -> None:
        self.ceiling, self._file = ceiling, file
        self.found: list[Measured] = []
        self.failed: dict[str, str] = {}
        self.left_out: list[str] = []
        self._tested: dict[str, str | None] = {}
        self.write()

    def whole(self) -> dict[str, Any]:
        """Return everything as JSON takes it."""
        return {
            "machine": machine(), "ceilings": asdict(self.ceiling), "operations": [asdict(one) for one in self.found],
            "tests": sorted(self._tested), "failed": self.failed, "left_out": self.left_out,
        }  # fmt: skip

    def tested(self, operation: str, seconds: float | None) -> bool:
        """Return whether an operation's tests pass.

        Args:
            operation: Name of the operation.
            seconds: How long the tests may take; None sets no limit. Each file of tests is run only once.
        """
        file = correctness.FILES[operation]
        if file not in self._tested:
            self._tested[file] = correctness.problem(file, seconds)
        if said := self._tested[file]:
            self.failed[operation] = said
        return not said

    def write(self) -> None:
        """Replace the file atomically, so that it stays whole if the process is stopped while it writes."""
        if self._file:
            fresh = self._file.with_suffix(".new")
            fresh.write_text(json.dumps(self.whole(), indent=1) + "\n")
            fresh.replace(self._file)

    def problems(self) -> Iterator[str]:
        """Yield a line for each reason why something was not measured."""
        if self.failed:
            yield f"not measured: failed: {', '.join(self.failed)}"
        if self.left_out:
            yield f"not measured: no time left for {', '.join(self.left_out)}"
        if wrong := [f"{one.operation} {one.label}" for one in self.found if not one.ok]:
            yield f"not measured: wrong results of {', '.join(wrong)}"


def all_cases(given: argparse.Namespace) -> Iterator[tuple[str, int, Case]]:
    """Yield model, number of canvases and operation, the most important first."""
    for shape in (LARGE, SMALL):
        for count in given.canvases:
            for case in cases(shape, Maker("cuda"), count, given.prefix):
                if not given.only or case.operation in given.only:
                    yield shape.name, count, case


def measured(given: argparse.Namespace, report: Report, end: float) -> None:
    """Measure all cases.

    Args:
        given: Parsed options.
        report: Takes the results.
        end: Time of time.monotonic after which no case is begun. An operation's tests may take half of the time left.
    """
    for name, count, case in all_cases(given):
        left = end - time.monotonic()
        if left <= 0:
            report.left_out.append(f"{name} {case.operation} {case.label}")
            continue
        if not given.no_tests and not report.tested(case.operation, None if left == math.inf else left / 2):
            continue
        try:
            if given.search:
                better(case, given.minutes, given.search)
            compiled = count == given.canvases[0] and not given.no_compiled
            report.found.append(measure(name, case, report.ceiling, compiled))
        except Exception as error:  # the other cases are useful whatever failed here
            report.failed[f"{name} {case.operation} {case.label}"] = f"{type(error).__name__}: {error}"
        else:
            print(as_table(report.found[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
        report.write()
        torch.cuda.empty_cache()
    report.write()


def main() -> None:
    """Run the measurements, print them, and exit with 1 if anything was not measured."""
    given, begin = options(), time.monotonic()
    child_processes.end_tidily()
    torch.manual_seed(0)
    report = Report(ceilings(), given.output)
    measured(given, report, begin + given.seconds)
    for operation, said in report.failed.items():
        print(f"{operation} was not timed; on this GPU its tests, or it, failed:\n{said}", file=sys.stderr)
    print(json.dumps(report.whole(), indent=1) if given.json else as_table(report.found))
    if problems := list(report.problems()):
        print("\n".join(problems), file=sys.stderr if given.json else sys.stdout)
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
