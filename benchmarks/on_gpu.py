"""Everything that is to be measured on a GPU, in one call: python -m benchmarks.on_gpu -o benchmarks/results

Each part is a process of its own with a limit of time, and writes its figures to a file of its name as they come: one
that fails, hangs or is stopped costs the others nothing, and of its own figures those that were still to come. Where a
call may not take as long as all parts do, name some of them. The service's packages are not needed.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MARGIN = 15
"""Seconds before its end at which a part begins nothing more by itself."""


@dataclass(frozen=True)
class Part:
    """A measurement: name of its result, arguments for Python, to which "-o FILE" is added, and seconds it may take.

    timed: whether it also takes "--seconds N".
    """

    name: str
    command: tuple[str, ...]
    seconds: int
    timed: bool = False


def engine(name: str, shape: str, precision: str, seconds: int, steps: int = 16, weights: str = "random") -> Part:
    """One model, measured by benchmarks/engine_gpu.py."""
    options = ("--shape", shape, "--weights", weights, "--precision", precision, "--steps", str(steps))
    return Part(name, ("-m", "benchmarks.engine_gpu", *options), seconds, timed=True)


LARGE, SMALL = "diffusiongemma-26b", "silverprint-s"
PARTS = (
    engine("engine-26b-int4", LARGE, "int4", 200),
    engine("engine-26b-bf16", LARGE, "bf16", 240),
    engine("engine-silverprint-s", SMALL, "bf16", 120, weights=str(ROOT / "models" / SMALL)),
    engine("engine-26b-fp8", LARGE, "fp8", 200),
    engine("engine-26b-int4-24", LARGE, "int4", 200, steps=24),
    Part("kernels", ("-m", "kernels.bench", "--json"), 600),
)
"""The most wanted first. Those in bf16 have transformers beside them, the others their error against bf16."""


@dataclass(frozen=True)
class Outcome:
    """How a part ended. printed: its table; problem: "", or what is missing and why."""

    part: Part
    seconds: float
    printed: str
    problem: str


def run(part: Part, file: Path, left: float) -> Outcome:
    """Run a part for as long as it may take, and no longer than is `left`."""
    file.unlink(missing_ok=True)
    begin, limit = time.monotonic(), max(1.0, min(part.seconds, left))
    timed = ("--seconds", str(round(limit - MARGIN))) if part.timed else ()
    try:
        done = subprocess.run(
            [sys.executable, *part.command, "-o", str(file), *timed], cwd=ROOT, capture_output=True, text=True,
            check=False, timeout=limit,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Outcome(part, time.monotonic() - begin, "", "took too long")
    return Outcome(part, time.monotonic() - begin, done.stdout, problem_of(done))


def problem_of(done: "subprocess.CompletedProcess[str]") -> str:
    """What a part says it did not measure, else how it failed; "" if it did not."""
    if done.returncode == 0:
        return ""
    missing = [line for line in done.stdout.splitlines() if line.startswith("not measured: ")]
    said = done.stderr.strip().splitlines() or ["no output"]
    return "; ".join(missing) or said[-1]


def measured(parts: Sequence[Part], folder: Path, minutes: float) -> list[Outcome]:
    """Run the parts in order while time is left; results go to `folder` as they come."""
    end, outcomes = time.monotonic() + 60 * minutes, []
    folder.mkdir(parents=True, exist_ok=True)
    for part in parts:
        file, left = (folder / f"{part.name}.json").absolute(), end - time.monotonic()
        outcome = run(part, file, left) if left > 0 else Outcome(part, 0, "", "no time left")
        kept = "measured" if file.exists() else "nothing measured"
        said = f"{kept}; {outcome.problem}" if outcome.problem else kept
        print(f"{part.name:24} {outcome.seconds:6.0f} s  {said}", flush=True)
        if part.timed and outcome.printed:
            file.with_suffix(".txt").write_text(outcome.printed, "utf-8")
        outcomes.append(outcome)
    return outcomes


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*", metavar="PART", help=f"{', '.join(part.name for part in PARTS)} (all)")
    options.add_argument("-o", "--output", type=Path, default=ROOT / "benchmarks/results", help="folder (%(default)s)")
    options.add_argument("--minutes", type=float, default=9.5, help="for all of them (%(default)s)")
    given = options.parse_args(arguments)
    if unknown := set(given.names) - {part.name for part in PARTS}:
        options.error(
            f"expected parts among {', '.join(part.name for part in PARTS)}, got {', '.join(sorted(unknown))}"
        )
    parts = [part for part in PARTS if not given.names or part.name in given.names]
    return int(any(outcome.problem for outcome in measured(parts, given.output, given.minutes)))


if __name__ == "__main__":
    sys.exit(main())
