"""The call that measures everything on a GPU: parts that work, fail, hang, and come too late."""

from pathlib import Path

import pytest
import torch

from benchmarks.on_gpu import PARTS, Part, main, measured


def test_results_are_kept_and_failures_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = (
        Part("good", ("-c", "print('{}')"), 60),
        Part("bad", ("-c", "raise SystemExit('no GPU')"), 60),
        Part("slow", ("-c", "import time; time.sleep(60)"), 1),
        Part("last", ("-c", "print('[]')"), 60),
    )
    outcomes = measured(parts, tmp_path / "results", 1.0)
    assert [outcome.problem for outcome in outcomes] == ["", "no GPU", "took too long", ""]
    assert {path.name: path.read_text() for path in (tmp_path / "results").iterdir()} == {
        "good.json": "{}\n",
        "last.json": "[]\n",
    }
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["good", "bad", "slow", "last"]


def test_what_no_time_is_left_for_is_not_begun(tmp_path: Path) -> None:
    outcomes = measured([Part("never", ("-c", "1"), 60)], tmp_path, 0.0)
    assert [outcome.problem for outcome in outcomes] == ["no time left"]


def test_an_unknown_part(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["engine-7b"])
    assert f"expected parts among {PARTS[0].name}" in capsys.readouterr().err


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU would be measured")
def test_without_a_gpu_a_part_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["engine-silverprint-s", "-o", str(tmp_path)]) == 1
    assert "expected a CUDA device for --shape, got none" in capsys.readouterr().out
