"""The search for launch parameters and what is made of its results; a formula takes the place of the GPU's clock."""

import json
import time
from dataclasses import astuple
from pathlib import Path

import pytest

from benchmarks.kernels import report
from benchmarks.kernels.search import FIELDS, moved, record, search, using
from kernels import launch
from kernels.chip import HOPPER
from kernels.launch import Launch

SHAPE = (4224, 256, 2816, False)
KEY = (HOPPER.name, "product 4224 256 2816 False")


def plan() -> Launch:
    return launch.product(*SHAPE, HOPPER)


def cost() -> float:
    """Least at 32 rows and 2 stages."""
    found = plan()
    return 1.0 + abs(found.rows - 32) / 32 + abs(found.stages - 2)


def test_the_least_is_found() -> None:
    found = search(cost, time.monotonic() + 60)
    assert set(found) == {KEY}
    assert (found[KEY].rows, found[KEY].stages) == (32, 2)
    assert astuple(found[KEY])[1:5] == astuple(plan())[1:5], "fields that make no difference stay"


def test_what_cannot_be_done_is_not_taken() -> None:
    assert search(lambda: None, time.monotonic() + 60) == {}
    found = search(lambda: None if plan().rows < 64 else cost(), time.monotonic() + 60)
    assert found[KEY].rows == 64 == plan().rows


def test_a_difference_within_noise_is_not_taken() -> None:
    assert search(lambda: 1.0 + 0.001 * plan().rows / 64, time.monotonic() + 60) == {}


def test_after_the_deadline_nothing_is_tried() -> None:
    assert search(cost, time.monotonic() - 1) == {}


def test_a_launch_under_trial_is_used_only_there() -> None:
    other = Launch(16, 16, 64, 1, 4, 2)
    before = plan()
    with using({KEY: other}) as asked:
        assert plan() == other
        assert asked == {KEY: other}
    assert plan() == before


def test_fields_stay_within_their_ranges() -> None:
    assert moved(Launch(256, 16, 64, 1, 8, 1), "rows", True) is None
    assert moved(Launch(256, 16, 64, 1, 8, 1), "stages", False) is None
    assert moved(Launch(256, 16, 64, 1, 8, 1), "stages", True) == Launch(256, 16, 64, 1, 8, 2)


def test_what_is_recorded_is_what_launches_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "launches.json"
    first, second = Launch(16, 16, 64, 1, 4, 2), Launch(32, 16, 64, 1, 4, 2)
    record({KEY: first, (HOPPER.name, "runs 256"): first}, file)
    record({KEY: second}, file)
    monkeypatch.setattr(launch, "table", lambda: json.loads(file.read_text()))
    assert plan() == second
    assert launch.runs(256, HOPPER) == first
    assert launch.product(4224, 256, 2817, False, HOPPER) != second


def test_the_table_names_rules_and_whole_launches() -> None:
    for rows in launch.table().values():
        for key, fields in rows.items():
            assert key.split()[0] in FIELDS
            assert all(value >= 0 for value in astuple(Launch(*fields)))


@pytest.mark.parametrize("rule", FIELDS)
def test_every_rule_is_searched_over_fields_of_a_launch(rule: str) -> None:
    assert callable(getattr(launch, rule))
    assert set(FIELDS[rule]) <= set(Launch.__dataclass_fields__)


RESULT = {
    "machine": {"gpu": "a test"},
    "ceilings": {"bytes_per_second": 2e12, "flops_per_second": 5e14},
    "operations": [
        {"model": "m", "operation": "linear", "label": "T1", "moved": 2_000_000, "flops": 10**8, "floor": 1e-6,
         "seconds": 2e-6, "peers": {"eager": 4e-6, "compiled": "RuntimeError: no"}},
        {"model": "m", "operation": "route", "label": "T2", "moved": 8, "flops": 0, "floor": 1e-9, "seconds": None,
         "peers": {}},
    ],
}  # fmt: skip


def test_a_report_has_a_row_for_each_operation_and_a_picture(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(json.dumps(RESULT))
    (tmp_path / "kernels.md").write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    report.main([str(tmp_path / "result.json"), "--docs", str(tmp_path)])
    page = (tmp_path / "kernels.md").read_text()
    assert "| m | `linear` | T1 | 1.0 us | 2.0 us | 50% | 4.0 us |" in page
    assert "| m | `route` | T2 | 0.0 us | not measured |  | not measured |" in page
    assert "old" not in page
    assert page.startswith("before\n")
    assert page.endswith("after\n")
    assert (tmp_path / "roofline.png").read_bytes()[:4] == b"\x89PNG"


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "kernels.md"
    page.write_text("text")
    with pytest.raises(ValueError, match="expected <!-- measured --> and <!-- /measured -->, got neither or one"):
        report.insert("table", page)
    assert page.read_text() == "text"
