"""What the bench runs before it times anything, on one small shape; times themselves need a GPU."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from benchmarks.kernels import bench, correctness
from benchmarks.kernels.bench import Measured, as_table
from benchmarks.kernels.shapes import Case, Heads, Maker, Shape, cases
from benchmarks.kernels.timing import Ceilings, error_of
from kernels.peers import eager

TINY = Shape("tiny", 64, Heads(2, 1, 64), Heads(2, 1, 64, False), 64, 4, 2, 64, 300, canvas=16, window=64, prompt=40)
CASES = cases(TINY, Maker("cuda" if torch.cuda.is_available() else "cpu"), canvases=2, prefix=20)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.operation}-{case.label}")
def test_every_case_is_right_and_has_a_peer_that_runs(case: Case) -> None:
    given = case.inputs()
    ok, error = error_of(case, given)
    assert ok, error
    if peer := eager(case.operation):
        peer(*given)


def test_every_operation_has_tests_to_run_first() -> None:
    assert {case.operation for case in CASES} == set(correctness.FILES)
    for file in correctness.FILES.values():
        assert (correctness.TESTS / file).is_file()


def test_a_negative_zero_is_zero() -> None:
    """A kernel that rounds by adding and taking away leaves no sign on what becomes zero; the reference does."""
    case = next(case for case in CASES if case.operation == "quantize" and case.label.startswith("FP8"))
    weight, form = case.inputs()
    assert isinstance(weight, torch.Tensor)
    weight[0, :2] = torch.tensor([-1e-6, 448.0])
    assert error_of(case, (weight, form)) == (True, 0.0)


def test_a_wrong_result_is_seen() -> None:
    case = next(case for case in CASES if case.operation == "rms_norm")
    wrong = Case(case.operation, case.label, case.inputs, lambda *given: case.run(*given) * 1.02, case.moved)
    ok, error = error_of(wrong, wrong.inputs())
    assert not ok
    assert error == pytest.approx(0.02, rel=0.2)


def test_red_tests_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tests" / "kernels").mkdir(parents=True)
    (tmp_path / "tests" / "kernels" / "test_red.py").write_text("def test_red():\n    assert 1 == 2\n")
    monkeypatch.setattr(correctness, "TESTS", tmp_path / "tests" / "kernels")
    assert "1 failed" in str(correctness.problem("test_red.py"))
    assert "expected tests in" in str(correctness.problem("test_missing.py"))


def test_the_floor_is_the_longer_of_bytes_and_arithmetic() -> None:
    case = Case("linear", "", tuple, print, moved=1000, flops=10_000)
    assert Ceilings(1e3, 1e4).floor(case) == 1.0
    assert Ceilings(1e3, 1e3).floor(case) == 10.0


def test_the_table_tells_time_share_and_ratio() -> None:
    what = ("m", "moe", "T1", 8, 9, True, 0.0, 1e-6, "bytes")
    assert "1.0us     2.0us    50%     3.0us  1.50x" in as_table([Measured(*what, 2e-6, 0.5, {"eager": 3e-6})])
    wrong = Measured("m", "moe", "T1", 8, 9, False, 0.5, 1e-6, "bytes", None, None, {})
    assert "wrong: error 5.0e-01; not timed" in as_table([wrong])


def test_figures_are_written_as_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails is named, and what no time is left for; tests of an operation have half of the time."""
    file, limits, seen = tmp_path / "kernels.json", list[float](), list[int]()
    now = iter([0.0, 10.0, 20.0, 101.0])

    def measure(model: str, case: Case, *_: object) -> Measured:
        seen.append(len(json.loads(file.read_text())["operations"]))
        if case.label == "c":
            raise RuntimeError("out of luck")
        return Measured(model, case.operation, case.label, 1, 1, True, 0.0, 1e-6, "bytes", 2e-6, 0.5, {})

    def problem(name: str, seconds: float) -> str | None:
        limits.append(seconds)
        return "1 failed" if name == correctness.FILES["moe"] else None

    asked = [("m", 1, Case(name, label, tuple, print, 1)) for name, label in zip(
        ("qkv", "moe", "qkv", "route"), "abcd", strict=True)]  # fmt: skip
    monkeypatch.setattr(bench, "measure", measure)
    monkeypatch.setattr(bench, "machine", dict)
    monkeypatch.setattr(bench, "all_cases", lambda _: asked)
    monkeypatch.setattr(bench.correctness, "problem", problem)
    monkeypatch.setattr(bench.time, "monotonic", lambda: next(now))
    report = bench.Report(Ceilings(1.0, 1.0), file)
    bench.measured(argparse.Namespace(canvases=[1], no_compiled=True, no_tests=False, search=None), report, 100.0)
    found = json.loads(file.read_text())
    assert [one["label"] for one in found["operations"]] == ["a"]
    assert found["failed"] == {"moe": "1 failed", "m qkv c": "RuntimeError: out of luck"}
    assert found["left_out"] == ["m route d"]
    assert found["tests"] == sorted({correctness.FILES[name] for name in ("qkv", "moe")})
    assert (seen, limits) == ([0, 1], [50.0, 45.0])
    assert list(report.problems()) == [
        "not measured: failed: moe, m qkv c", "not measured: no time left for m route d",
    ]  # fmt: skip


def test_tests_that_take_too_long_are_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tests" / "kernels").mkdir(parents=True)
    slow = "import time\ndef test_slow():\n    time.sleep(600)\n"
    (tmp_path / "tests" / "kernels" / "test_slow.py").write_text(slow)
    monkeypatch.setattr(correctness, "TESTS", tmp_path / "tests" / "kernels")
    assert str(correctness.problem("test_slow.py", 2.0)).endswith("its tests took longer than 2 s")


@pytest.mark.skipif(torch.cuda.is_available(), reason="says what happens without a GPU")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [([], "benchmarks.kernels.bench needs a GPU"), (["--only", "moo"], "expected operations among rms_norm, qkv,")],
)
def test_the_command_without_a_gpu(arguments: list[str], said: str) -> None:
    command = [sys.executable, "-m", "benchmarks.kernels.bench", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=correctness.TESTS.parents[2])
    assert done.returncode == 2
    assert said in done.stderr
