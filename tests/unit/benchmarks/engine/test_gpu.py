"""The bench of a GPU, tried out on a small shape where there is none."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from backend.cli.main import main
from backend.settings import PRECISIONS as OFFERED
from benchmarks.charts import bars, curve
from benchmarks.engine import gpu, gpu_pages, step_profile, transformers_baseline
from benchmarks.engine.gpu import SHAPES, Bench, Task, load, whole
from benchmarks.engine.gpu_report import as_table, derived, pictures
from benchmarks.engine.incremental_results import Doubtful, Journal
from benchmarks.engine.quantization_error import errors
from engine.checkpoint import loader
from engine.checkpoint.loader import load_defaults
from engine.model.diffusion_gemma import DiffusionGemma
from engine.model.fused_model import PRECISIONS
from engine.model.kernel_set import references
from engine.runners.cuda_graph import CudaGraphRunner
from tests.support.repository import ROOT
from tests.unit.engine.runners.test_cuda_graph import still

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _small(model: DiffusionGemma, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SHAPES, "small", model.config)
    monkeypatch.setattr(gpu, "COMPANY", (1, 3))
    monkeypatch.setattr(gpu, "CANVASES", 1)
    monkeypatch.setattr(gpu, "SHORT", 8)
    monkeypatch.setattr(loader, "operations", lambda _: still(references()))
    monkeypatch.setattr("benchmarks.engine.quantization_error.operations", lambda _: still(references()))
    monkeypatch.setattr(torch.compiler, "cudagraph_mark_step_begin", lambda: None)  # would load the compiler, 2 s


def small(precision: str = "int4", weights: str = "random") -> Task:
    return Task("small", weights, precision, steps=3, prompt=20, repeats=1)


@pytest.mark.usefixtures("quiet")
def test_all_measurements_of_a_model(tmp_path: Path) -> None:
    found = whole(small(), CPU, tmp_path / "small.json")
    assert found["problems"] == {}
    assert found["alone"]["steps_per_canvas"] == 3
    assert 1 <= found["adaptive"]["steps_per_canvas"] <= 48
    assert all(found[name]["first_frame_ms"] > 0 for name in ("one_canvas", "short_prompt", "guided"))
    assert [found[f"together_{count}"]["pages"] for count in (1, 3)] == [1, 3]
    assert len(found["errors"]["by_layer"]) == 4
    assert found["derived"]["guidance_cost"] > 0
    assert found["derived"]["times_transformers"] > 0
    assert found["adaptive"]["note"].startswith("random weights never settle")
    assert "ceilings" not in found  # of a GPU
    assert found["pictures"] == ["small-company.svg"]
    assert json.loads((tmp_path / "small.json").read_text()) == found
    assert (tmp_path / "small-company.svg").read_text().startswith("<svg")
    table = as_table(found)
    assert "small, random weights, int4, prompt of 20 tokens" in table
    assert "fixed steps         3.0" in table
    assert "relative error of int4 against bf16: a layer alone at most" in table
    assert "transformers in bfloat16 (the engine in int4), one canvas" in table
    assert "random weights never settle" in next(line for line in table.splitlines() if line.startswith("adaptive"))


def test_no_prompt_is_found_among_those_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prompts that are long enough to be kept, and found again: all their tokens are encoded, in every measurement."""
    monkeypatch.setattr("engine.runners.prefix_cache.LEAST", 16)
    bench = Bench(small(), CPU)
    names = [name for name in bench.measures() if name != "adaptive"]
    found = {name: bench.measured(name) for name in names}
    bench.engine.close()
    assert {name: run["prompt_tokens_cached"] for name, run in found.items()} == dict.fromkeys(names, 0)
    assert {name: run["prompt_tokens_encoded"] for name, run in found.items()} == {
        "alone": 40, "one_canvas": 40, "short_prompt": 16, "guided": 72, "together_1": 40, "together_3": 120,
    }  # fmt: skip


def test_pages_together_have_the_canvases_there_is_room_for(
    model: DiffusionGemma, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "CANVASES", 4)
    monkeypatch.setattr(loader, "most_rows", lambda config: (2 + 3 * 2) * config.canvas_length + 3 * 20)
    bench = Bench(small(), CPU)
    found = bench.measured("together_1"), bench.measured("together_3")
    bench.engine.close()
    assert [run["canvases"] for run in found] == [4, 2]


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("stored", [False, True], ids=["random", "checkpoint"])
def test_transformers_stands_beside_what_is_measured_in_bf16(
    folder: Path, monkeypatch: pytest.MonkeyPatch, stored: bool
) -> None:
    monkeypatch.setattr(gpu.Bench, "measures", lambda bench: {"one_canvas": lambda: {"tokens_per_second": 5.0}})
    found = whole(small("bf16", str(folder) if stored else "random"), CPU)
    assert found["problems"] == {}
    assert found["transformers"]["steps_per_canvas"] == 3
    assert len(found["transformers"]["seconds"]) == 3
    assert found["derived"]["times_transformers"] > 0
    assert torch.get_default_dtype() == torch.float32


@pytest.mark.usefixtures("quiet")
def test_the_random_model_of_transformers_holds_its_weights_once(model: DiffusionGemma) -> None:
    found = transformers_baseline.made(model.config, "random", CPU)
    named = dict(found.named_parameters(remove_duplicate=False))
    assert not any(tensor.is_meta for tensor in (*named.values(), *found.buffers()))
    assert {tensor.dtype for tensor in named.values()} == {torch.bfloat16}
    assert found.lm_head.weight is found.model.decoder.embed_tokens.weight
    layers = found.model.encoder.language_model.layers, found.model.decoder.layers
    assert all(one.mlp.up_proj.weight is other.mlp.up_proj.weight for one, other in zip(*layers, strict=True))


@pytest.mark.usefixtures("quiet")
def test_transformers_is_left_out_where_it_has_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transformers_baseline, "free_memory", lambda _: 0)
    monkeypatch.setattr(gpu.Bench, "measures", lambda bench: {})
    found = whole(small("fp8"), CPU)
    assert found["problems"] == {}
    assert "transformers was left out: expected 0.0 GiB of free memory for bf16, got 0.0 GiB" in as_table(found)


@pytest.mark.usefixtures("quiet")
def test_a_checkpoint_makes_pages_with_its_own_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real prompts, and the confidence and readings that its users get."""
    bundled = ROOT / "models" / "silverprint-s"
    assert [len(ids) > 10 for ids, _ in gpu_pages.prompts(bundled, 1)] == [True] * 5
    quick = replace(load_defaults(bundled), max_tokens=256, max_steps=2, max_readings=1)
    monkeypatch.setattr(gpu_pages, "load_defaults", lambda _: quick)
    monkeypatch.setattr(gpu_pages, "PAGES", gpu_pages.PAGES[:1])
    monkeypatch.setattr(loader, "most_rows", lambda _: 2048)
    bench = Bench(Task("silverprint-s", str(bundled), "bf16", repeats=1), CPU)
    found = bench.measured("pages")
    assert "adaptive" not in bench.measures()
    bench.engine.close()
    assert found["pages"] == 1
    assert found["doubt"] == quick.doubt == 0.3
    assert found["steps_per_canvas"] <= 2
    assert found["readings_per_canvas"] >= 1
    assert "1 pages as visitors ask for them" in as_table({"task": vars(bench.task), "pages": found, "problems": {}})


@pytest.mark.usefixtures("quiet")
def test_the_bundled_model_has_a_section_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(transformers_baseline, "free_memory", lambda _: 0)
    monkeypatch.setattr(gpu.Bench, "measures", lambda bench: {"one": lambda: 1, "two": broken})
    found = whole(small("bf16"), CPU, beside=small("fp8"))
    assert found["bundled"]["one"] == found["one"] == 1
    assert found["bundled"]["task"]["precision"] == "fp8"
    assert list(found["problems"]) == ["two", "bundled: two"]
    assert as_table(found).count("not measured: ") == 2


def test_one_measurement_that_fails_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was measured before is in the file by then."""
    file, seen = tmp_path / "small.json", []

    def broken(*_: Any) -> None:
        seen.append(json.loads(file.read_text()))
        raise RuntimeError("CUDA error: out of luck\nand more")

    monkeypatch.setattr(gpu, "together", broken)
    found = whole(small(), CPU, file)
    assert found["problems"] == {f"together_{count}": "RuntimeError: CUDA error: out of luck" for count in (1, 3)}
    assert seen[0]["alone"] == found["alone"]
    assert "errors" in found
    assert "not measured: together_3: RuntimeError: CUDA error: out of luck" in as_table(found)


def test_a_model_that_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    found = whole(small("fp8", "nowhere"), CPU)
    assert list(found["problems"]) == ["seconds_to_load", "transformers"]
    assert "CheckpointError: cannot read nowhere/config.json" in found["problems"]["seconds_to_load"]
    assert as_table(found).startswith("small, nowhere weights, fp8")


def test_nothing_is_begun_when_its_time_is_over(tmp_path: Path) -> None:
    journal = Journal({"task": 1}, tmp_path / "out.json", limit=-1.0)
    assert journal.keep("one", lambda: 1) is None
    assert json.loads((tmp_path / "out.json").read_text()) == {
        "task": 1, "seconds": {}, "problems": {"one": "no time left"},
    }  # fmt: skip


def test_what_only_a_gpu_tells_through_a_stand_in(model: DiffusionGemma, monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks.kernels import timing

    def replayed(work: Callable[[], None]) -> float:
        work()
        return 0.002

    monkeypatch.setattr(timing, "replayed", replayed)
    monkeypatch.setattr(timing, "ceilings", lambda: timing.Ceilings(1e9, 1e12))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda: 4 * 2**30)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (75 * 2**30, 80 * 2**30))
    assert step_profile.ceilings()["bytes_per_second"] == 1e9
    packed = load(small(), CPU)
    runner = CudaGraphRunner(packed, graphs=gpu.Direct())
    found = step_profile.step(packed, runner, (1, 16, 32), 1e9)
    assert found["graph_ms_by_canvases"] == {"1": 2.0, "16": 2.0}
    assert found["share_of_copy_bandwidth"] == round(packed.nbytes / 0.002 / 1e9, 3)
    memory = step_profile.memory(packed, {"load": 2.0, "alone": 3.0})
    assert (memory["peak_gib"], memory["device_gib"]) == (3.0, 5.0)
    told = {"alone": {"step_ms": 2.5}, "chip": found, "guided": {"step_ms": 5.0}}
    assert derived(told) == {"host_ms_a_step": 0.5, "guidance_cost": 2.0}


def test_a_step_that_computes_nonsense_is_told(model: DiffusionGemma, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its figures are kept, under problems it says why not to believe them."""
    from benchmarks.kernels import timing

    packed = load(small(), CPU)
    packed.norm.fill_(float("nan"))
    runner, journal = CudaGraphRunner(packed, graphs=gpu.Direct()), Journal({"task": vars(small())})
    monkeypatch.setattr(timing, "replayed", lambda work: work() or 0.002)
    with pytest.raises(Doubtful, match="entropy is not finite"):
        step_profile.step(packed, runner, (1,), 1e9)
    journal.keep("chip", lambda: step_profile.step(packed, runner, (1, 2), 1e9))
    assert journal.found["chip"]["graph_ms"] == 2.0
    assert journal.found["problems"]["chip"].endswith("with 1 and 2 canvases")


def test_memory_is_capped_as_a_share_of_the_card(monkeypatch: pytest.MonkeyPatch) -> None:
    card, asked = SimpleNamespace(total_memory=80 * 2**30), list[float]()
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: card)
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", asked.append)
    step_profile.capped(24)
    step_profile.capped(96)
    assert asked == [0.3, 1.0]


def test_kernels_are_put_together_by_what_they_do(tmp_path: Path) -> None:
    kernels = {"_gate_up_kernel": 40.0, "_down_kernel": 20.0, "_linear_kernel": 30.0, "void at::copy": 2.0, "tiny": 0.1}
    operations = step_profile.by_operation(kernels)
    assert operations == {"experts": 60.0, "dense products and head": 30.0, "element by element, copies": 2.1}
    found = {"task": {"shape": "small", "precision": "int4"}, "breakdown": {"operations": operations}}
    assert pictures(found, tmp_path / "one.json") == ["one-breakdown.svg"]
    assert "60 us, 65%" in (tmp_path / "one-breakdown.svg").read_text()


def test_pictures_of_nothing_are_pictures() -> None:
    for picture in (bars("none", [], "us"), curve("a < b", [], "x", "y")):
        assert picture.startswith("<svg")
        assert picture.endswith("</svg>\n")
    assert "a &lt; b" in curve("a < b", [(1, 2, "3")], "x", "y")


def test_a_checkpoint_instead_of_random_weights(folder: Path) -> None:
    assert load(Task("small", str(folder), "fp8"), CPU).precision == "fp8"


def test_errors_grow_with_fewer_bits(model: DiffusionGemma) -> None:
    """By layer, of a layer alone, and of the logits."""
    found = {name: errors(model.config, name, CPU) for name in ("bf16", "fp8", "int4")}
    layers = model.config.layers
    assert found["bf16"]["by_layer"] == found["bf16"]["layer_alone"] == [0.0] * layers
    for name in ("fp8", "int4"):
        assert len(found[name]["by_layer"]) == len(found[name]["layer_alone"]) == layers
        assert all(0 < error < 0.5 for error in (*found[name]["by_layer"], *found[name]["layer_alone"]))
        assert 0 < found[name]["logits"] < 0.5
    assert found["int4"]["logits"] > found["fp8"]["logits"]
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("huge", "random", "int4"), "shape: expected diffusiongemma-26b or silverprint-s or small, got 'huge'"),
        (("small", "random", "int2"), "precision: expected bf16 or fp8 or int4, got 'int2'"),
        (("small", "random", "int4", 1), "expected 2 steps or more, a prompt and a repeat, got"),
    ],
)
def test_a_task_that_cannot_be_measured(options: tuple[str, str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Task(*options)


def test_the_command_writes_its_figures_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With pictures beside them, whatever is printed; problems are its exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(transformers_baseline, "free_memory", lambda _: 0)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(gpu, "hardware", dict)
    one = {"one": lambda: {"pages": 1}}
    monkeypatch.setattr(gpu.Bench, "measures", lambda bench: one)
    real = gpu.whole

    def whole(task: Task, _: torch.device, file: Path | None = None, **more: Any) -> dict[str, Any]:
        if file:
            beside = more.pop("beside")
            assert (more.pop("memory"), beside.precision, Path(beside.weights).name) == (None, "bf16", "silverprint-s")
            more["beside"] = small("bf16")
        return real(task, CPU, file, **more)

    monkeypatch.setattr(gpu, "whole", whole)
    assert main(["bench", "--shape", "small", "--precision", "fp8", "--json"]) == 0
    found = json.loads((tmp_path / "benchmarks/results/engine-small-fp8-16.json").read_text())
    assert json.loads(capsys.readouterr().out) == found
    assert found["bundled"]["task"]["precision"] == "bf16"
    one["two"] = lambda: 1 // 0  # type: ignore[dict-item,return-value]
    assert main(["bench", "--shape", "small", "-o", "two.json"]) == 1
    assert list(json.loads((tmp_path / "two.json").read_text())["problems"]) == ["two", "bundled: two"]
    assert main(["bench", "--shape", "small", "-o", "two.json/three.json"]) == 2
    assert main(["bench", "--shape", "small", "--memory", "0"]) == 2


def test_the_settings_offer_what_the_engine_has() -> None:
    assert tuple(PRECISIONS) == OFFERED
