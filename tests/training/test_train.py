import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from engine.engine import Engine
from engine.model import DiffusionGemma
from training import dataset, tokenizer
from training.losses import losses
from training.optim import Optimizer, Rates
from training.train import Run, TrainConfig, finish, initialise, loss_function, model_config, parser, schedule, train

WORDS = ["lava", "magma", "crater", "ash", "cone", "vent", "rock", "fire"]


def pairs() -> list[tuple[str, str]]:
    rng = random.Random(0)
    drawn = [" ".join(rng.choices(WORDS, k=3)) for _ in range(120)]
    return [(f"web\nask: {said}", f"<p>{said}</p>") for said in drawn]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run of a model of two narrow layers on pages of one paragraph, a hundredth of a minute long."""
    words = tokenizer.train(pairs(), 300)
    tokenizer.save(words, tmp_path)
    config = TrainConfig(
        out=tmp_path, minutes=0.02, budget=512, buckets=(256,), rates=Rates(warmup=2), watch_every=2, compile=False
    )
    model = DiffusionGemma(model_config(words))
    initialise(model, torch.Generator().manual_seed(0))
    return Run(config, model, Optimizer(model, config.rates), 0, 0.0, [])


def batches(folder: Path) -> Iterator[dataset.Batch]:
    from tokenizers import Tokenizer

    words = Tokenizer.from_file(str(folder / "tokenizer.json"))
    encoded = [("one", *tokenizer.encode_pair(words, *pair)) for pair in pairs()]
    return iter(dataset.Batches(dataset.pack(encoded, len(encoded)), words, 0, 512, (256,)))


def test_a_run_trains_until_its_time_is_up_and_its_checkpoint_serves(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "state.pt"
    train(run, batches(tmp_path), losses, state)
    assert run.progress == 1
    finish(run)
    kept = json.loads((tmp_path / "training.json").read_text())
    assert kept["steps"] == run.step
    assert kept["log"] == run.log
    engine = Engine.load(tmp_path, "cpu")
    try:
        frames = list(engine.submit("web\nask: lava", engine.defaults).frames())
    finally:
        engine.close()
    assert frames[-1].final


def test_a_run_that_was_cut_off_goes_on(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "state.pt"
    run.step, run.spent, run.log = 7, 0.5, [{"step": 2, "minutes": 0.0, "canvas": 1.0, "next": 1.0}]
    run.save(state)
    again = Run(run.config, run.model, Optimizer(run.model, run.config.rates), 0, 0.0, [])
    again.resume(state)
    assert (again.step, again.spent, again.log) == (7, 0.5, run.log)


def test_a_finished_run_is_not_gone_on_with(run: Run, tmp_path: Path) -> None:
    run.step, run.spent = 7, 100.0
    run.save(tmp_path / "state.pt")
    again = Run(run.config, run.model, run.optimizer, 0, 0.0, [])
    again.resume(tmp_path / "state.pt")
    assert (again.step, again.spent) == (0, 0.0)


@pytest.mark.parametrize(
    ("field", "message"),
    [("minutes", "minutes must be above 0, got 0"), ("examples", "examples must be 100 or more, got 0")],
)
def test_impossible_runs_are_refused(field: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TrainConfig(**{field: 0})


def test_flags_make_a_config() -> None:
    assert TrainConfig(**vars(parser().parse_args(["--minutes", "5", "--no-compile"]))).compile is False


def test_the_rate_is_zero_when_the_time_is_up() -> None:
    assert schedule(Rates(), 1000, 1.0) == 0.0


def test_training_goes_on_without_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", lambda function, dynamic: print)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert loss_function(True) is print
    assert loss_function(False) is losses
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert loss_function(True) is losses
