"""Every kernel compiles for chips that this machine does not have, and takes no more of them than they have."""

import json
import os
import re
import subprocess
import sys
from typing import Any

from tests.support.repository import ROOT

KERNELS = ROOT / "kernels"
CHIPS = ("sm_90", "sm_100")


def compiled() -> list[dict[str, Any]]:
    """In a process of its own: kernels that the interpreter has wrapped cannot be compiled."""
    environment = {key: value for key, value in os.environ.items() if key != "TRITON_INTERPRET"}
    command = [sys.executable, "-m", "benchmarks.kernels.aot", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=KERNELS.parent)
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def written() -> set[str]:
    """The kernels that launchers launch, as the source files name them."""
    return {name for file in KERNELS.glob("*.py") for name in re.findall(r"def (_\w+_kernel)\(", file.read_text())}


def test_every_kernel_compiles_without_spilling_and_fits_into_shared_memory() -> None:
    """One test, because compiling all of them for both chips takes half a minute."""
    found = compiled()
    for chip in CHIPS:
        ours = [one for one in found if one["chip"] == chip]
        assert {one["kernel"] for one in ours} == written()
        assert [one for one in ours if one["spilled"]] == []
        assert [one for one in ours if one["shared"] > 232_448] == []
