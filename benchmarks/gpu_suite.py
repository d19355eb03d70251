"""Run everything that is to be measured on a GPU, in three calls of less than ten minutes each.

    python -m benchmarks.gpu_suite a -o DIR --archive DIR.tgz     the 26B shape in int4 and fp8, the bundled checkpoint
    python -m benchmarks.gpu_suite b -o DIR --archive DIR.tgz     the 26B shape in bf16, every kernel
    python -m benchmarks.gpu_suite c -o DIR --archive DIR.tgz     on an H200, say: fp8 at 16 steps, int4 at 24

Each part is a process of its own with a time limit. Its figures are written to NAME.json as they come, its table to
NAME.txt and its messages to NAME.log. If a part fails, hangs or is stopped, the other parts lose nothing, and it loses
only the figures that were still to come. --archive packs the whole folder into one file after every part, so that the
file is complete however the run ends. The service's packages are not needed.
"""

import argparse
import sys
import tarfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kernels import child_processes

ROOT = Path(__file__).resolve().parent.parent
MARGIN = 15
"""Seconds before its end after which a part begins no further measurement."""

LEAST = 60
"""A part is not begun if fewer seconds than this are left: it could not measure anything."""

TAIL = 12
"""Lines of a failed part's output that are shown."""


@dataclass(frozen=True)
class Part:
    """One measurement in a process of its own.

    Attributes:
        name: Name of its results.
        command: Arguments for Python, to which "-o FILE --seconds N" is added.
        seconds: How long it may take.
    """

    name: str
    command: tuple[str, ...]
    seconds: int


def engine(name: str, shape: str, precision: str, seconds: int, steps: int = 16, weights: str = "random") -> Part:
    """Return the part that measures one model with benchmarks/engine/gpu.py."""
    options = ("--shape", shape, "--weights", weights, "--precision", precision, "--steps", str(steps))
    return Part(name, ("-m", "benchmarks.engine.gpu", *options), seconds)


LARGE, SMALL = "diffusiongemma-26b", "silverprint-s"
INT4 = engine("engine-26b-int4", LARGE, "int4", 230)
FP8 = engine("engine-26b-fp8", LARGE, "fp8", 200)
BUNDLED = engine("engine-silverprint-s", SMALL, "bf16", 120, weights=str(ROOT / "models" / SMALL))
BF16 = engine("engine-26b-bf16", LARGE, "bf16", 240)
KERNELS = Part("kernels", ("-m", "benchmarks.kernels.bench", "--no-tests"), 310)
INT4_24 = engine("engine-26b-int4-24", LARGE, "int4", 260, steps=24)
GROUPS = {"a": (INT4, FP8, BUNDLED), "b": (BF16, KERNELS), "c": (FP8, INT4_24)}
"""The parts of each call, the most important first."""

PARTS = tuple(dict.fromkeys(part for group in GROUPS.values() for part in group))
MINUTES = 9.4
"""What is left of a call of ten minutes, after the time that its start and its end take."""


@dataclass(frozen=True)
class Outcome:
    """How a part ended.

    Attributes:
        part: The part.
        seconds: How long it took.
        problem: What is missing and why; empty if nothing is.
    """

    part: Part
    seconds: float
    problem: str


def run(part: Part, file: Path, left: float) -> Outcome:
    """Run a part for as long as it may take, but no longer than `left` seconds."""
    begin, limit = time.monotonic(), min(part.seconds, left)
    table, log = file.with_suffix(".txt"), file.with_suffix(".log")
    file.unlink(missing_ok=True)
    command = [sys.executable, *part.command, "-o", str(file), "--seconds", str(max(1, round(limit - MARGIN)))]
    with table.open("wb") as out, log.open("wb") as err:
        status = child_processes.run(command, limit, ROOT, out, err)
    problem = "took too long" if status is None else problem_of(status, lines(table), lines(log))
    return Outcome(part, time.monotonic() - begin, problem)


def lines(file: Path) -> list[str]:
    """Return the lines of a text file; bytes that are not UTF-8 are replaced."""
    return file.read_text("utf-8", "replace").splitlines()


def problem_of(status: int, table: Sequence[str], log: Sequence[str]) -> str:
    """Return what a part did not measure, or else how it failed; an empty string if it did not fail.

    Args:
        status: Exit status of the part.
        table: Lines that it wrote to stdout.
        log: Lines that it wrote to stderr.
    """
    if status == 0:
        return ""
    missing = [line for line in table if line.startswith("not measured: ")]
    said = [line for line in log if line.strip()] or [f"no output, exit status {status}"]
    return "; ".join(missing) or said[-1].strip()


def measured(parts: Sequence[Part], folder: Path, minutes: float, archive: Path | None = None) -> list[Outcome]:
    """Run parts in order while there is time left; their results are written to a folder as they come.

    Args:
        parts: The parts.
        folder: Where results are written.
        minutes: Time for all parts.
        archive: If given, the folder is packed into this file after every part.

    Returns:
        How each part ended.
    """
    end, outcomes = time.monotonic() + 60 * minutes, list[Outcome]()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for part in parts:
            file, left = (folder / f"{part.name}.json").absolute(), end - time.monotonic()
            if left < LEAST:
                outcomes.append(Outcome(part, 0, f"skipped, {max(0.0, left):.0f} s are left"))
                print(f"{part.name:24}      0 s  {outcomes[-1].problem}", flush=True)
                continue
            outcomes.append(run(part, file, left))
            tell(outcomes[-1], file)
            if archive:
                pack(folder, archive)
    finally:
        if archive:
            pack(folder, archive)
    return outcomes


def tell(outcome: Outcome, file: Path) -> None:
    """Print one line about a part, and the last lines of its output if it failed."""
    kept = "measured" if file.exists() else "nothing measured"
    said = f"{kept}; {outcome.problem}" if outcome.problem else kept
    print(f"{outcome.part.name:24} {outcome.seconds:6.0f} s  {said}", flush=True)
    if outcome.problem:
        print("\n".join(f"    {line}" for line in lines(file.with_suffix(".log"))[-TAIL:]), flush=True)


def pack(folder: Path, archive: Path) -> None:
    """Pack a folder's files into one archive, which replaces the old one atomically."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    fresh = archive.with_name(archive.name + ".new")
    with tarfile.open(fresh, "w:gz") as packed:
        for file in sorted(path for path in folder.iterdir() if path.is_file()):
            if not file.samefile(fresh) and file.absolute() != archive.absolute():
                packed.add(file, f"{folder.name}/{file.name}")
    fresh.replace(archive)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that the command line names.

    Returns:
        The exit code: 0 if all was measured, 1 if not, and 2 for wrong options. After SIGTERM it is 143, and the
        results so far are packed first.
    """
    groups = "; ".join(f"{name}: {', '.join(part.name for part in parts)}" for name, parts in GROUPS.items())
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*", metavar="PART", help=f"groups or parts, first by default. {groups}")
    options.add_argument("-o", "--output", type=Path, default=ROOT / "benchmarks/results", help="folder (%(default)s)")
    options.add_argument("--archive", type=Path, metavar="FILE.tgz", help="pack the folder into one file as well")
    options.add_argument("--minutes", type=float, default=MINUTES, help="for all of them (%(default)s)")
    given = options.parse_args(arguments)
    known = {**GROUPS, **{part.name: (part,) for part in PARTS}}
    if unknown := set(given.names) - set(known):
        options.error(f"expected groups or parts among {', '.join(known)}, got {', '.join(sorted(unknown))}")
    child_processes.end_tidily()
    names = given.names or list(GROUPS)[:1]
    parts = tuple(dict.fromkeys(part for name in names for part in known[name]))
    outcomes = measured(parts, given.output, given.minutes, given.archive)
    if rest := [name for name, group in GROUPS.items() if not set(group) <= set(parts)]:
        print(
            f"go on with: python -m benchmarks.gpu_suite {rest[0]}"
            + (f" (then {', '.join(rest[1:])})" if rest[1:] else "")
        )
    return int(any(outcome.problem for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
