"""`silverprint doctor` where there is a GPU, and where the service's packages are missing."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from backend.cli import doctor
from backend.machine import hardware
from backend.settings import Settings
from engine.checkpoint.memory import GIB
from engine.runners import gpu_hardware
from engine.runners.graph_capture import Direct, Work
from kernels.chip import HOPPER, Chip, driver
from tests.unit.benchmarks.test_gpu_suite import ALONE, ROOT, SERVICE
from tests.unit.engine.tape import Taped

CARD = gpu_hardware.Gpu("NVIDIA H100 80GB HBM3", HOPPER, 80 * GIB, 79 * GIB, "570.86.15", "12.8")


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(gpu_hardware, "card", lambda: CARD)


@pytest.mark.usefixtures("card")
def test_a_gpu_is_told_with_what_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.gpu(Settings()).detail == (
        "NVIDIA H100 80GB HBM3, 132 SMs, compute capability 9.0; driver 570.86.15, CUDA 12.8; "
        "79.0 of 80.0 GiB free; fp8 is native; DiffusionGemma 26B fits in bf16"
    )
    small = gpu_hardware.Gpu("T4", Chip(40, 65_536, (7, 5)), 16 * GIB, 15 * GIB, None, "12.8")
    monkeypatch.setattr(gpu_hardware, "card", lambda: small)
    assert doctor.gpu(Settings()).detail.endswith("fp8 is not native; DiffusionGemma 26B does not fit")
    assert [gpu_hardware.large_precision(size * GIB) for size in (79, 40, 24, 15)] == ["bf16", "fp8", "int4", None]


class Lazy:
    """Graphs whose replay does nothing."""

    def captured(self, work: Work) -> Work:
        return lambda: None


def broken() -> bool:
    raise RuntimeError("CUDA error: operation not permitted\nand more")


@pytest.mark.usefixtures("card")
def test_a_tiny_graph_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu = torch.device("cpu")
    assert gpu_hardware.replays(cpu, Direct())
    assert gpu_hardware.replays(cpu, Taped())
    assert not gpu_hardware.replays(cpu, Lazy())
    for works, state in ((lambda: True, "ok"), (lambda: False, "broken"), (broken, "broken")):
        monkeypatch.setattr(gpu_hardware, "replays", works)
        assert doctor.graphs(Settings()).state == state
    assert doctor.graphs(Settings()).detail == "a CUDA graph cannot be captured: CUDA error: operation not permitted"


def test_figures_stand_beside_the_card_and_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    found = SimpleNamespace(name="NVIDIA H200", multi_processor_count=132, total_memory=141 * GIB)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: found)
    monkeypatch.setattr(gpu_hardware, "driver", lambda: "570.86.15")
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    told = hardware()
    assert (told["gpu"], told["cuda"], told["driver"]) == ("NVIDIA H200, 132 SMs, 141 GiB", "12.8", "570.86.15")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023\n", "535.129.03"),
        ("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build\nGCC", "570.86.15"),
        ("", None),
    ],
)
def test_the_driver_tells_its_version(tmp_path: Path, text: str, version: str | None) -> None:
    file = tmp_path / "version"
    assert driver(file) is None
    file.write_text(text)
    assert driver(file) == version


def test_a_command_without_the_server_says_what_to_install() -> None:
    code = "import sys\nsys.modules['starlette'] = None\n"  # as if it were not installed
    code += "from backend.cli.main import main\nsys.exit(main(['serve', '--port', '0']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 2
    assert "expected the extra server (pip install 'silverprint[server]')" in done.stderr


def test_missing_packages_are_a_warning() -> None:
    code = ALONE.replace("{gone!r}", repr(SERVICE)).partition("import benchmarks")[0]
    code += "from backend.cli.main import main\nsys.exit(main(['doctor', *sys.argv[1:]]))"
    for options in ((), ("--store", "redis://127.0.0.1:1")):
        done = subprocess.run([sys.executable, "-c", code, *options], capture_output=True, text=True, cwd=ROOT)
        assert done.stderr == ""
        lines = {line.split()[1]: line for line in done.stdout.splitlines()}
        assert lines["packages"].startswith("??  packages  no starlette, uvicorn,")
        assert lines["store"].startswith("??")
        broken = [line for line in lines.values() if line.startswith("!!") and not line.startswith("!!  web")]
        assert broken == []
