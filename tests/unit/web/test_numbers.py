"""What the numbers of a chart say (numbers.js and lines.js of web/kit/scripts), run by node without a page."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.repository import ROOT

SCRIPTS = ROOT / "web" / "kit" / "scripts"
SOURCE = "const KINDS = {};" + "".join((SCRIPTS / name).read_text("utf-8") for name in ("numbers.js", "lines.js"))


def called(*calls: list[Any]) -> list[Any]:
    """What each call of [name, *arguments] gives. NaN comes as None."""
    said = json.dumps({"source": SOURCE, "calls": calls})
    command = ["node", Path(__file__).with_name("numbers.mjs")]
    run = subprocess.run(command, input=said, check=True, capture_output=True, text=True, timeout=60)
    found: list[Any] = json.loads(run.stdout)
    return found


def values(text: str) -> list[list[float | None]]:
    [series] = called(["seriesOf", text])
    return [[one["value"] for one in each] for each in series]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12,19,8", [[12, 19, 8]]),
        (" 12 , -19 ,8.5 ", [[12, -19, 8.5]]),
        ("3 5 4", [[3, 5, 4]]),
        ("1,2;3,4", [[1, 2], [3, 4]]),
        ("[[1,2],[3,4]]", [[1, 2], [3, 4]]),
        ("[12, 19]", [[12, 19]]),
        ("1,,3", [[1, None, 3]]),
        ("0", [[0]]),
        ("", [[None]]),
        ("none at all", [[None]]),
        ("1e400,-1e400", [[1e15, -1e15]]),
        ("Mon 12, Tue 19", [[12, 19]]),
    ],
)
def test_values_are_read_as_people_and_scripts_write_them(text: str, expected: list[list[float | None]]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon 12", ("Mon", 12, "", "")),
        ("Mon: 12 %", ("Mon", 12, "", "%")),
        ("Week 1 12km", ("Week 1", 12, "", "km")),
        ("€12", ("", 12, "€", "")),
        ("Rent €950", ("Rent", 950, "€", "")),
        ("loss -3", ("loss", -3, "", "")),
        ("12 people or so", ("", 12, "", "")),
    ],
)
def test_an_item_may_say_its_label_and_its_unit(text: str, expected: tuple[str, float, str, str]) -> None:
    [item] = called(["item", text])
    assert tuple(item[name] for name in ("label", "value", "before", "after")) == expected


def test_no_more_than_eight_series_are_read() -> None:
    assert len(values(";".join("1" * 500))) == 8


def test_scales_are_round_and_hold_what_is_drawn() -> None:
    found = called(*(["ticks", low, high, 4] for low, high in SPANS))
    assert found[0] == [0, 5, 10, 15, 20]
    assert found[1] == [0, 1]
    assert found[2] == [-5, 0, 5, 10]
    assert found[3] == [0, 0.0005, 0.001]
    for (low, high), scale in zip(SPANS, found, strict=True):
        assert scale[0] <= low <= high <= scale[-1]
        assert scale[0] < scale[-1]
        assert len(scale) <= 7


SPANS = [(0, 19), (0, 0), (-3, 8), (0, 0.001), (69.8, 72.1), (-1e15, 1e15), (5, 5), (0, 1e-300)]


def test_sampling_keeps_every_peak() -> None:
    wave = [{"value": index % 10} for index in range(100_000)]
    wave[77_777]["value"], wave[33_333]["value"] = 1000, -1000
    many, few = called(["sampled", wave, 300], ["sampled", wave[:5], 300])
    places = [point["at"] for point in many]
    assert {33_333, 77_777} <= set(places)
    assert places == sorted(set(places))
    assert len(places) <= 600
    assert [point["at"] for point in few] == [0, 1, 2, 3, 4]
