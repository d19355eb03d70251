"""Train in less than ten minutes on a machine with one GPU, check the result, and bring it back, with one command.

    python -m training.on_gpu --prepare                     here: tokenizer and corpus, into .cache/on-gpu
    python -m training.on_gpu --out DIR                     there: our architecture, from random weights
    python -m training.on_gpu --out DIR --start models/kinds                 on from a checkpoint
    python -m training.on_gpu --out DIR --start gemma FOLDER_OR_FILE.gguf    a low-rank adapter of Gemma 3

--minutes is for everything, from the first line of Python to the last file. DIR holds report.json, which is updated
during the run, and pages.json with the pages that the check wrote. Every minute the newest checkpoint is written there
as pieces of at most 15 MiB:

    cat DIR/checkpoint-*.tar.* | tar x -C models/NAME

A run that is cut off leaves the checkpoint of its last whole minute. The service's packages are not needed there.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

BEGAN = time.monotonic()
"""When the command was started; imports that follow take seconds that count."""

ROOT = Path(__file__).resolve().parent.parent
MINUTES, CHECK_SECONDS = 9.0, 60.0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    shape = argparse.RawDescriptionHelpFormatter
    parse = argparse.ArgumentParser("python -m training.on_gpu", description=__doc__, formatter_class=shape)
    add = parse.add_argument
    add("--out", type=Path, help="folder for what comes back")
    add("--start", nargs="+", default=["scratch"], metavar="START", help="scratch, a checkpoint, or: gemma PATH")
    add("--data", type=Path, default=ROOT / ".cache/on-gpu", help="folder that travels (%(default)s)")
    add("--prepare", action="store_true", help="write it, say its size, and stop")
    add("--examples", type=int, default=60_000, help="pages to draw (%(default)s)")
    add("--probe", type=int, default=64, help="held-out pages to write at the end (%(default)s)")
    add("--minutes", type=float, default=MINUTES, help="for everything (%(default)s)")
    add("--check-seconds", type=float, default=CHECK_SECONDS, help="of them for the check (%(default)s)")
    add("--reading", type=float, default=0.4, help="share of the training for the encoder alone (%(default)s)")
    add("--width", type=int, default=384, help="of the model, a multiple of 128 (%(default)s)")
    add("--layers", type=int, default=6, help="of the model, a multiple of 3 (%(default)s)")
    add("--budget", type=int, default=0, help="tokens a batch (default: by memory)")
    add("--rate", type=float, default=1.0, help="factor on the learning rates (%(default)s)")
    add("--limit", type=float, default=24.0, help="MiB of weights that come back (%(default)s)")
    add("--plain", action="store_true", help="compile nothing")
    add("--device", default="cuda", help="cpu for a trial (%(default)s)")
    add("--seed", type=int, default=0)
    return parse


def problem(given: argparse.Namespace) -> str:
    """Return what is wrong with the options, or an empty string."""
    start = given.start
    if not (len(start) == 1 or (len(start) == 2 and start[0] == "gemma")):
        return f"--start: expected scratch, a folder, or gemma and a path, got {' '.join(start)}"
    if start == ["gemma"]:
        return "--start: expected the path of its weights behind gemma, got none"
    if start[0] not in ("scratch", "gemma") and not Path(start[0]).is_dir():
        return f"--start: expected scratch, gemma or a folder, got {start[0]}"
    if given.width < 256 or given.width % 128:
        return f"--width: expected a multiple of 128 from 256, got {given.width}"
    if given.layers < 3 or given.layers % 3:
        return f"--layers: expected a multiple of 3, got {given.layers}"
    if not 0 <= given.reading <= 1:
        return f"--reading: expected a share from 0 to 1, got {given.reading}"
    if not 0 <= given.check_seconds < 60 * given.minutes:
        return f"--check-seconds: expected fewer than the {60 * given.minutes:g} of the run, got {given.check_seconds}"
    if given.out is None and not given.prepare:
        return "expected --out, got none"
    return ""


def main(arguments: Sequence[str] | None = None, began: float | None = None) -> int:
    """Run the command.

    Args:
        arguments: Command-line arguments; None takes those of the process.
        began: Begin of the run on time.monotonic's clock, for a call that is not the first of its process.

    Returns:
        The exit code: 0 if a checkpoint came back and was checked, 1 if not, and 2 for wrong options.
    """
    parse = parser()
    given = parse.parse_args(arguments)
    if wrong := problem(given):
        parse.error(wrong)
    from backend.machine import hardware, versions
    from engine.core.errors import CheckpointError
    from kernels import child_processes
    from training.gpu import run

    if given.device == "cuda" and not given.prepare and not run.has_gpu():
        parse.error("expected a CUDA device, got none; --device cpu is for a trial")
    child_processes.end_tidily()
    try:
        if given.prepare:
            run.prepare(given)
            return 0
        asked = ["python", "-m", "training.on_gpu", *(sys.argv[1:] if arguments is None else arguments)]
        machine = {"command": " ".join(asked), "hardware": hardware(), "versions": versions()}
        return run.run(given, BEGAN if began is None else began, machine)
    except CheckpointError as error:
        parse.error(str(error))


if __name__ == "__main__":
    sys.exit(main())
