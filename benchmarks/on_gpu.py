"""Everything that is to be measured on a GPU, in one call: python -m benchmarks.on_gpu -o benchmarks/results

Each part is a process of its own with a limit of time, so that one that fails or hangs costs the others nothing. What
it prints as JSON is kept under its name.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BENCH = ("-m", "backend.cli", "bench", "--json", "--shape")


@dataclass(frozen=True)
class Part:
    """A measurement: name of its result, arguments for Python, and seconds it may take."""

    name: str
    command: tuple[str, ...]
    seconds: int


PARTS = (
    Part("engine-26b-int4", (*BENCH, "diffusiongemma-26b", "--precision", "int4", "--steps", "16"), 240),
    Part("engine-26b-fp8", (*BENCH, "diffusiongemma-26b", "--precision", "fp8", "--steps", "16"), 240),
    Part("engine-26b-int4-24", (*BENCH, "diffusiongemma-26b", "--precision", "int4", "--steps", "24"), 240),
    Part("engine-silverprint-s",
         (*BENCH, "silverprint-s", "--weights", str(ROOT / "models/silverprint-s"), "--precision", "bf16"), 120),
    Part("kernels", ("-m", "kernels.bench", "--json"), 600),
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """How a part ended: "" and what it printed, or why it gave nothing."""

    part: Part
    seconds: float
    printed: str
    problem: str


def run(part: Part, left: float) -> Outcome:
    """Run a part for as long as it may take, and no longer than is `left`."""
    begin = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, *part.command], cwd=ROOT, capture_output=True, text=True, check=False,
            timeout=max(1.0, min(part.seconds, left)),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Outcome(part, time.monotonic() - begin, "", "took too long")
    problem = "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["no output"])[-1]
    return Outcome(part, time.monotonic() - begin, done.stdout, problem)


def measured(parts: Sequence[Part], folder: Path, minutes: float) -> list[Outcome]:
    """Run the parts in order while time is left; results go to `folder` as they come."""
    end, outcomes = time.monotonic() + 60 * minutes, []
    folder.mkdir(parents=True, exist_ok=True)
    for part in parts:
        outcome = run(part, end - time.monotonic()) if time.monotonic() < end else Outcome(part, 0, "", "no time left")
        if not outcome.problem:
            (folder / f"{part.name}.json").write_text(outcome.printed)
        print(f"{part.name:24} {outcome.seconds:6.0f} s  {outcome.problem or 'measured'}", flush=True)
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
