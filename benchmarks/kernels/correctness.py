"""Run the tests of an operation on this machine's GPU before any of its shapes is timed."""

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from kernels import child_processes

TESTS = Path(__file__).parents[2] / "tests" / "unit" / "kernels"
FILES = {
    "rms_norm": "test_rms_norm.py",
    "qkv": "test_qkv.py",
    "canvas_attention": "test_attention.py",
    "prefill_attention": "test_attention.py",
    "linear": "test_products.py",
    "route": "test_products.py",
    "moe": "test_products.py",
    "quantize": "test_products.py",
    "vocab_rows": "test_vocabulary.py",
    "soft_embedding": "test_vocabulary.py",
    "accept_renoise": "test_vocabulary.py",
}


def problem(file: str, seconds: float | None = None) -> str | None:
    """Run the tests in a file.

    Args:
        file: Name of the file under tests/unit/kernels.
        seconds: How long they may take; None sets no limit.

    Returns:
        The last lines of their output if they failed, or None if all passed.
    """
    if not (TESTS / file).is_file():
        return f"expected tests in {TESTS / file}; the bench runs in a checkout, from its root"
    # Warnings of other versions of torch do not matter here, and fixtures for browsers are not needed.
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-o", "filterwarnings=", f"--confcutdir={TESTS}"]
    if find_spec("xdist") and (os.cpu_count() or 1) >= 8:  # most of the time goes into compiling for each shape
        command += ["-n", "8"]
    with tempfile.TemporaryFile("w+") as said:
        status = child_processes.run([*command, str(TESTS / file)], seconds, TESTS.parents[1], said, subprocess.STDOUT)
        said.seek(0)
        lines = said.read().splitlines()[-30:]
    if status is None:
        lines.append(f"its tests took longer than {seconds:.0f} s")
    return None if status == 0 else "\n".join(lines) or f"its tests ended with status {status}, without a word"
