"""The tests of an operation, run on this machine's GPU before anything of it is timed."""

import os
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests" / "kernels"
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


@cache
def problem(file: str) -> str | None:
    """What is wrong with the tests in a file under tests/kernels, by its last lines; None if all passed."""
    if not (TESTS / file).is_file():
        return f"expected tests in {TESTS / file}; the bench runs in a checkout, from its root"
    # Warnings of other versions of torch are not what is asked here, nor are fixtures of tests that need a browser.
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-o", "filterwarnings=", f"--confcutdir={TESTS}"]
    if find_spec("xdist") and (os.cpu_count() or 1) >= 8:  # most of the time goes into compiling for each shape
        command += ["-n", "8"]
    done = subprocess.run([*command, str(TESTS / file)], capture_output=True, text=True, cwd=TESTS.parents[1])
    return None if done.returncode == 0 else "\n".join(done.stdout.splitlines()[-30:])
