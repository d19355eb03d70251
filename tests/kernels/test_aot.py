"""Every kernel compiles for chips that this machine does not have, and takes no more of them than they have."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

KERNELS = Path(__file__).parents[2] / "kernels"
CHIPS = ("sm_90", "sm_100")


@pytest.fixture(scope="module")
def compiled() -> list[dict[str, Any]]:
    """In a process of its own: kernels that the interpreter has wrapped cannot be compiled."""
    environment = {key: value for key, value in os.environ.items() if key != "TRITON_INTERPRET"}
    command = [sys.executable, "-m", "kernels.aot", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=KERNELS.parent)
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def written() -> set[str]:
    """The kernels that launchers launch, as the source files name them."""
    return {name for file in KERNELS.glob("*.py") for name in re.findall(r"def (_\w+_kernel)\(", file.read_text())}


@pytest.mark.parametrize("chip", CHIPS)
def test_every_kernel_compiles(compiled: list[dict[str, Any]], chip: str) -> None:
    assert {one["kernel"] for one in compiled if one["chip"] == chip} == written()


@pytest.mark.parametrize("chip", CHIPS)
def test_nothing_spills(compiled: list[dict[str, Any]], chip: str) -> None:
    assert [one for one in compiled if one["chip"] == chip and one["spilled"]] == []


@pytest.mark.parametrize("chip", CHIPS)
def test_shared_memory_fits(compiled: list[dict[str, Any]], chip: str) -> None:
    assert [one for one in compiled if one["chip"] == chip and one["shared"] > 232_448] == []
