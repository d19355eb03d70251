"""The benchmark of doubt: what it asks, how it tells the strange from the known, and what it writes."""

import json
from pathlib import Path

import numpy as np
import pytest

from backend.models.doubt import SIGNALS, Gauge
from backend.models.model_card import ModelCard, read_card
from benchmarks import doubt
from benchmarks.doubt import REQUESTS, known, main, strange
from benchmarks.gauge import area, cut, fit, left_out, logistic, table
from tests.service.test_cli import checkpoint as checkpoint
from training.corpus import FAMILIES
from training.texts.source import Entry, Source
from training.texts.wordnet import Noun

READ = {"doubt": 0.3, "max_readings": 4}
TRUTH = np.array([False] * 20 + [True] * 20)


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    """A small one, in the place of that which has to be fetched."""
    names = [f"Salt & Lake {n}" for n in range(200)]
    entries = [Entry(name, "A lake", "Places", (f"{name} is near a <sea>.", "It is deep.")) for name in names]
    found = Source(entries, [Noun(f"pot{'abcdefghij'[n % 10]}{n}", "a vessel", n % 2 == 0) for n in range(400)])
    monkeypatch.setattr(Source, "load", classmethod(lambda cls, cache=None: found))
    return found


@pytest.fixture
def model(checkpoint: Path, tmp_path: Path) -> Path:
    """The tiny checkpoint, which reads its pages of two canvases."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    for file in checkpoint.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    config = json.loads((folder / "generation_config.json").read_text())
    (folder / "generation_config.json").write_text(json.dumps(config | {"max_new_tokens": 64}))
    (folder / "reading_config.json").write_text(json.dumps(READ))
    return folder


def rows(apart: float, seed: int = 0) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Two signals of twenty known and twenty strange pages: one that is so far apart between them, and noise."""
    draw = np.random.default_rng(seed)
    return np.column_stack([draw.normal(size=40) + apart * TRUTH, 100 * draw.normal(size=40)])


def test_a_fit_finds_the_signal_that_tells() -> None:
    bias, weights = fit(rows(3), TRUTH)
    assert weights[0] > 20 * abs(weights[1])
    scores = logistic(bias + rows(3) @ weights)
    assert scores[TRUTH].mean() > 0.8 > 0.2 > scores[~TRUTH].mean()


def test_a_signal_that_is_always_the_same_weighs_nothing() -> None:
    bias, weights = fit(np.column_stack([rows(3)[:, 0], np.ones(40)]), TRUTH)
    assert weights[1] == pytest.approx(0, abs=1e-6)
    assert np.isfinite(bias)


def test_even_what_is_told_apart_by_a_line_has_weights_that_end() -> None:
    assert np.isfinite(fit(rows(50), TRUTH)[1]).all()


def test_a_page_does_not_judge_itself() -> None:
    draw = np.random.default_rng(3).normal(size=(40, 25))  # noise alone, of which a fit finds whatever it is asked for
    bias, weights = fit(draw, TRUTH)
    assert area(logistic(bias + draw @ weights), TRUTH) > 0.9
    assert area(left_out(draw, TRUTH), TRUTH) < 0.7


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    truth = np.array([False, False, True, True])
    assert area(np.array([0.0, 1.0, 2.0, 3.0]), truth) == 1
    assert area(np.array([0.0, 2.0, 1.0, 3.0]), truth) == 0.75
    assert area(np.ones(4), truth) == 0.5


def test_the_threshold_is_the_one_that_is_worth_most() -> None:
    truth = np.array([False, False, False, True, True, True])
    scores = np.array([0.1, 0.2, 0.7, 0.6, 0.8, 0.9])
    best = cut(scores, truth)
    assert (best.told, best.recall, best.precision) == (4, 1, 0.75)
    assert 0.2 < best.threshold < 0.6
    sure = cut(scores, truth, precision=0.9)
    assert (sure.told, sure.precision) == (2, 1)
    assert sure.recall == pytest.approx(2 / 3)
    assert sure.threshold == pytest.approx(0.75)
    assert cut(np.array([0.9, 0.9, 0.9, 0.1, 0.2, 0.3]), truth, precision=1).precision == 0.5  # the most there is


def test_a_table_tells_of_each_signal_alone() -> None:
    told = table(np.array([[1.0, 5.0], [3.0, 5.0]]), np.array([False, True]), ("a", "b"))
    assert told == {"a": {"known": 1, "strange": 3, "area": 1}, "b": {"known": 5, "strange": 5, "area": 0.5}}


def test_the_strange_requests_are_many_and_all_different() -> None:
    found = strange(REQUESTS, None)
    assert len(found) == len(set(found)) == 60
    assert strange(REQUESTS, 3) == found[:3]


def test_too_few_strange_requests_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "few.txt"
    file.write_text("# none of these\na reactor\n\n")
    with pytest.raises(ValueError, match=r"^expected 3 strange requests or more in .*few\.txt, got 1$"):
        strange(file, None)


@pytest.mark.parametrize("dialect", ["anchored", "kinds"])
def test_requests_that_it_knows_are_held_out_and_of_many_kinds(dialect: str, source: Source) -> None:
    card = ModelCard("m", dialect)  # type: ignore[arg-type]
    asked = known(card, source, 30)
    assert asked == known(card, source, 30)
    assert len(set(asked)) == 30
    assert all(asked)


def test_there_may_be_more_requests_than_kinds(source: Source) -> None:
    count = len(FAMILIES) + 3
    assert len(known(ModelCard("m", "anchored"), source, count)) == count


@pytest.mark.usefixtures("source")
def test_it_measures_and_the_card_says_how(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output, before = tmp_path / "found.json", json.loads((model / "silverprint.json").read_text())
    assert main([str(model), "--known", "3", "--first", "4", "--write", "-o", str(output)]) == 0
    found = json.loads(output.read_text())
    assert found["command"] == f"python -m benchmarks.doubt {model} --known 3 --first 4"
    assert (found["known"], found["strange"]) == (3, 4)
    assert [page["strange"] for page in found["pages"]] == [False] * 3 + [True] * 4
    assert all(0 <= page["score"] <= 1 and page["surprisal"] > 0 for page in found["pages"])
    assert tuple(found["signals"]) == tuple(found["doubt"]["weights"]) == SIGNALS
    assert read_card(model).doubt == Gauge.parse(found["doubt"])
    after = json.loads((model / "silverprint.json").read_text())
    assert after == before | {"doubt": found["doubt"]}
    said = capsys.readouterr()
    assert f"written to {output}" in said.out
    assert "7/7" in said.err  # the progress bar


@pytest.mark.usefixtures("source")
def test_nothing_is_written_into_a_card_unasked(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doubt, "RESULTS", tmp_path)
    assert main([str(model), "--known", "3", "--first", "3"]) == 0
    assert read_card(model).doubt is None
    assert json.loads((tmp_path / "doubt-tiny.json").read_text())["model"] == "tiny"


@pytest.mark.usefixtures("source")
def test_a_checkpoint_that_reads_nothing_has_no_doubt_to_measure(model: Path, tmp_path: Path) -> None:
    (model / "reading_config.json").unlink()
    with pytest.raises(ValueError, match=r"^expected a checkpoint that reads its pages \(reading"):
        main([str(model), "--known", "3", "--first", "3", "-o", str(tmp_path / "x.json")])


@pytest.mark.parametrize(
    ("given", "said"), [(["--known", "2"], "expected --known of 3 or more, got 2"), (["--first", "1"], "got 1")]
)
def test_too_few_to_fit_are_refused(given: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["models/none", *given])
    assert said in capsys.readouterr().err
