import json
import random
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from tokenizers import Tokenizer

from engine.core.errors import CheckpointError
from engine.engine import Engine
from engine.model.diffusion_gemma import DiffusionGemma
from training import dataset
from training.losses import losses
from training.noising import DRAWS, noised
from training.optim import Optimizer, Rates
from training.quality import SAMPLING, ratio, shown
from training.tokenizers import tokenizer
from training.train import (
    Batches,
    Run,
    TrainConfig,
    Usual,
    finish,
    hold_memory,
    initialise,
    keep,
    loss_function,
    model_config,
    parser,
    prepare_tokenizer,
    schedule,
    train,
)
from training.warm_start import adopt

WORDS = ["lava", "magma", "crater", "ash", "cone", "vent", "rock", "fire"]


def pairs() -> list[tuple[str, str]]:
    rng = random.Random(0)
    drawn = [" ".join(rng.choices(WORDS, k=3)) for _ in range(120)]
    return [(f"web\nask: {said}", f"<p>{said}</p>") for said in drawn]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run of a model of two narrow layers on pages of one paragraph, a hundredth of a minute long."""
    words = tokenizer.train(pairs(), 360)
    tokenizer.save(words, tmp_path)
    config = TrainConfig(out=tmp_path, minutes=0.02, budget=512, rates=Rates(warmup=2), watch_every=2, compile=False)
    model = DiffusionGemma(model_config(words))
    initialise(model, torch.Generator().manual_seed(0))
    return Run(config, model, Optimizer(model, config.rates), 0, 0.0, [])


def batches(folder: Path) -> Batches:
    words = Tokenizer.from_file(str(folder / "tokenizer.json"))
    encoded = [("one", *tokenizer.encode_pair(words, *pair), []) for pair in pairs()]
    corpus = dataset.pack(encoded, len(encoded))
    reading, both = (dataset.Batches(corpus, words, 0, 512, (256,), cost) for cost in (0, dataset.CANVAS_COST))
    return Batches(iter(reading), iter(both))


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


def test_the_encoder_learns_first_alone_and_a_run_that_is_cut_off_leaves_a_checkpoint(run: Run, tmp_path: Path) -> None:
    """No canvas is trained on in the minutes for reading: what only canvases need stays as it was."""
    run.config = replace(run.config, reading=0.02, watch_every=1)
    before = {name: value.clone() for name, value in run.model.state_dict().items()}
    train(run, batches(tmp_path), losses, tmp_path / "state.pt")
    keep(run, tmp_path / "state.pt", None)
    changed = {name for name, value in run.model.state_dict().items() if not torch.equal(value, before[name])}
    assert "layers.0.mlp.up_proj.weight" in changed
    assert not {name for name in changed if name.startswith("self_conditioning")}
    assert run.log[-1]["canvas"] == 0
    assert run.log[-1]["next"] < run.log[0]["next"]
    Engine.load(tmp_path, "cpu").close()


def test_a_probe_tells_how_good_pages_are(run: Run, tmp_path: Path) -> None:
    """An untrained model's pages are not the true ones; a page that is, but for padding, is wholly alike."""
    words = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    encoded = [("one", *tokenizer.encode_pair(words, *pair), []) for pair in pairs()[:2]]
    keep(run, tmp_path / "state.pt", dataset.pack(encoded, 2))
    (row,) = run.log
    assert row["likeness"] < 0.5
    assert row["steps"] == SAMPLING.max_steps
    assert row["readings"] >= 1
    assert ratio(shown([5, 0, 6, 7, 0], 0), [5, 6, 7]) == 1
    finish(run)
    assert (tmp_path / "training.png").read_bytes()[:4] == b"\x89PNG"


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


def test_a_run_may_be_given_more_time(run: Run, tmp_path: Path) -> None:
    run.step, run.spent = 7, 100.0
    run.save(tmp_path / "state.pt")
    longer = Run(replace(run.config, minutes=5.0), run.model, run.optimizer, 0, 0.0, [])
    longer.resume(tmp_path / "state.pt")
    assert (longer.step, longer.spent) == (7, 100.0)


def batch(length: int, page_len: int) -> dataset.Batch:
    """Four examples with prompts of 20 tokens, of token 9, and pages of `page_len` tokens 8."""
    canvas = torch.tensor([[8] * page_len + [1] * (dataset.CANVAS - page_len)] * 4)
    ids = torch.full((4, length), 9)
    seed, edits = torch.full((4, dataset.CANVAS), 7), torch.tensor([True, False, True, False])
    return dataset.Batch(
        ids, torch.full((4,), 20), torch.full((4,), page_len), torch.full((4,), 20), canvas, seed, edits
    )


def test_each_stratum_of_noise_is_drawn_once() -> None:
    drawn = noised(batch(160, 90), 50, torch.device("cpu"), torch.Generator().manual_seed(0))
    strata = ((drawn.level - 0.001) / 0.999 * len(drawn.level)).long()
    assert sorted(strata.tolist()) == list(range(4 * DRAWS))
    assert drawn.conditioned == 2 * DRAWS
    assert drawn.start.tolist() == [20] * 4 * DRAWS


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("minutes", "minutes must be above 0, got 0"),
        ("examples", "examples must be 100 or more, got 0"),
        ("width", "width must be a multiple of 64 from 128, got 0"),
        ("layers", "layers must be a multiple of 3, got 0"),
    ],
)
def test_impossible_runs_are_refused(field: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TrainConfig(**{field: 0})


def test_flags_make_a_config() -> None:
    assert TrainConfig(**vars(parser().parse_args(["--minutes", "5", "--compile"]))).compile is True


def test_memory_is_held_where_the_system_lets_it_be(monkeypatch: pytest.MonkeyPatch) -> None:
    options: list[tuple[int, int]] = []
    libc = SimpleNamespace(mallopt=lambda option, value: options.append((option, value)))
    monkeypatch.setattr("ctypes.CDLL", lambda name: libc)
    hold_memory()
    assert options == [(-1, -1), (-2, 2**28), (-4, 0)]
    monkeypatch.setattr("ctypes.CDLL", lambda name: SimpleNamespace())
    hold_memory()


def test_the_rate_is_zero_when_the_time_is_up() -> None:
    assert schedule(Rates(), 1000, 1.0) == 0.0


def test_training_goes_on_without_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", lambda function, dynamic: print)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert loss_function(True) is print
    assert loss_function(False) is losses
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert loss_function(True) is losses


def test_canvases_of_edits_may_begin_as_the_page_before() -> None:
    """Rows 0 and 2 of four examples are edits; token 7 fills the page before, token 8 the one after."""
    generator, cpu = torch.Generator().manual_seed(0), torch.device("cpu")
    whole = [0] * 4
    for _ in range(40):
        drawn = noised(batch(160, 90), 50, cpu, generator)
        for row, canvas in enumerate(drawn.noisy):
            whole[row % 4] += bool((canvas == 7).all())
        assert (drawn.clean[:, :90] == 8).all()
    assert whole[1] == whole[3] == 0
    assert 10 < whole[0] < 30 * DRAWS
    assert 10 < whole[2] < 30 * DRAWS


def test_a_start_keeps_what_layers_and_shared_tokens_know(run: Run, tmp_path: Path) -> None:
    finish(run)
    other = tokenizer.train([*pairs(), *((f"web\nask: {n} geysers", "<p>geyser</p>") for n in range(40))], 370)
    model = DiffusionGemma(model_config(other))
    initialise(model, torch.Generator().manual_seed(1))
    adopt(model, other, tmp_path)
    old, new = run.model.state_dict(), model.state_dict()
    name = next(name for name in old if name.endswith("q_proj.weight"))
    torch.testing.assert_close(new[name], old[name].bfloat16().float())
    words = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    shared = [n for n in range(4, other.get_vocab_size()) if words.token_to_id(other.id_to_token(n)) is not None]
    theirs = [words.token_to_id(other.id_to_token(n)) for n in shared]
    assert len(shared) > 250
    assert shared != theirs, "the same tokens under other numbers"
    torch.testing.assert_close(
        model.embed_tokens.weight[shared], run.model.embed_tokens.weight[theirs].bfloat16().float()
    )
    fresh = next(n for n in range(other.get_vocab_size()) if words.token_to_id(other.id_to_token(n)) is None)
    ids = words.encode(other.decode([fresh])).ids
    mean = run.model.embed_tokens.weight[ids].bfloat16().float().mean(0)
    torch.testing.assert_close(model.embed_tokens.weight[fresh], mean)


def test_a_start_of_other_layers_is_refused(run: Run, tmp_path: Path) -> None:
    finish(run)
    words = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    wider = DiffusionGemma(model_config(words, width=256))
    with pytest.raises(CheckpointError, match=r"expected .* of shape \[.*256.*\], got \[.*192.*\]"):
        adopt(wider, words, tmp_path)


def test_a_tokenizer_of_other_prompts_is_refused(tmp_path: Path) -> None:
    words = tokenizer.train(pairs(), 360)
    tokenizer.save(words, tmp_path)
    assert prepare_tokenizer(tmp_path).get_vocab_size() == 360
    kept = json.loads((tmp_path / "tokenizer.json").read_text())
    kept["added_tokens"] = [token for token in kept["added_tokens"] if token["content"] != "<!--L1-->"]
    (tmp_path / "tokenizer.json").write_text(json.dumps(kept))
    with pytest.raises(CheckpointError, match="expected words for all parts of a prompt, got none for '<!--L1-->'"):
        prepare_tokenizer(tmp_path)


def test_time_in_which_a_run_was_stopped_does_not_count() -> None:
    usual = Usual()
    assert [usual.of(seconds) for seconds in (2.0, 3.0, 4.0, 14.0)] == [2.0, 3.0, 4.0, 14.0]
    assert usual.of(3600.0) == 3.5
    assert usual.of(3.0) == 3.0
