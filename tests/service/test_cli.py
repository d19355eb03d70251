"""The command line, in this process, with a tiny random checkpoint."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from backend.cli import main
from backend.pages.provenance import Provenance, read_source, signed
from backend.prompts.brief import Brief
from engine.checkpoint.loader import save_checkpoint
from engine.core.config import ModelConfig, RopeConfig
from engine.core.errors import DeviceLost
from engine.core.params import Params
from engine.model.diffusion_gemma import DiffusionGemma
from training.optim import initialise

SPECIAL = ["<bos>", "<eos>", "<turn>"]
TEMPLATE = "<bos>{% for message in messages %}{{ message['content'] }}{% endfor %}<turn>"
CANVAS, STEPS = 32, 3


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights that write bytes, in the layout of the bundled checkpoint."""
    folder = tmp_path_factory.mktemp("tiny")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([], trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    words = {"bos_token": "<bos>", "eos_token": "<eos>", "chat_template": TEMPLATE}
    (folder / "tokenizer_config.json").write_text(json.dumps(words))
    (folder / "silverprint.json").write_text(json.dumps({"dialect": "terse", "styles": {"web": ["plain paper"]}}))
    config = ModelConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=16, intermediate_size=16,
        layer_types=("sliding_attention", "full_attention"), heads=2, kv_heads=1, head_dim=8, full_kv_heads=1,
        full_head_dim=8, window=64, experts=1, experts_per_token=1, expert_size=16, canvas_length=CANVAS,
        sliding_rope=RopeConfig(1e4), full_rope=RopeConfig(1e6, 0.25, True), logit_cap=30.0, max_positions=4096,
        pad_id=1, bos_id=0, eos_ids=(1,),
    )  # fmt: skip
    model = DiffusionGemma(config)
    initialise(model, torch.Generator().manual_seed(0))
    save_checkpoint(model, folder, params=Params(max_steps=STEPS))
    return folder


@pytest.fixture(autouse=True)
def _two_canvases(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Pages end after two canvases, and facts come from one small folder instead of the encyclopedia."""
    notes = tmp_path_factory.getbasetemp() / "notes"
    notes.mkdir(exist_ok=True)
    (notes / "lava.md").write_text("# Lava\n\nLava is molten rock that a volcano throws out.\n")
    monkeypatch.setenv("SILVERPRINT_PAGE_TOKENS", str(2 * CANVAS))
    monkeypatch.setenv("SILVERPRINT_FACTS", str(notes))
    monkeypatch.setenv("SILVERPRINT_DATA", str(notes.parent / "data"))


def run(*argv: object) -> int:
    return main.main([str(word) for word in argv])


def test_generate_prints_the_page_and_tells_how_it_came_about(
    checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("generate", "lava", "--model", checkpoint, "--seed", 7) == 0
    first = capsys.readouterr()
    assert first.out.strip()
    assert f"steps per canvas {STEPS}, {STEPS}" in first.err
    assert first.err.strip().endswith("seed 7")
    assert run("generate", "lava", "--model", checkpoint, "--seed", 7) == 0
    assert capsys.readouterr().out == first.out


def test_generate_follows_its_prompt_as_far_as_asked(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pages = []
    for options in ((), ("--guidance", 1.0), ("--guidance", 4.0)):
        assert run("generate", "lava", "--model", checkpoint, "--seed", 7, *options) == 0
        pages.append(capsys.readouterr().out)
    assert pages[0] == pages[1] != pages[2]


def test_generate_writes_a_file(checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("generate", "lava", "--model", checkpoint, "--seed", 7, "-o", tmp_path / "lava.html") == 0
    assert capsys.readouterr().out == ""
    assert run("generate", "lava", "--model", checkpoint, "--seed", 7) == 0
    assert (tmp_path / "lava.html").read_text("utf-8") == capsys.readouterr().out


def test_generate_prints_every_step_as_json(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("generate", "lava", "--model", checkpoint, "--seed", 7, "--frames", "--steps", 2) == 0
    *frames, page = map(json.loads, capsys.readouterr().out.splitlines())
    assert [(one["type"], one["block"], one["step"], one["final"]) for one in frames] == [
        ("frame", 0, 1, False), ("frame", 0, 2, True), ("frame", 1, 1, False), ("frame", 1, 2, True),
    ]  # fmt: skip
    assert frames[0]["steps"] == 2
    assert page["type"] == "page"
    assert page["stats"]["steps"] == [2, 2]


def test_generate_edits_the_page_it_made(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("generate", "a to-do app", "--world", "app", "--model", checkpoint, "--seed", 7, "--frames")
    assert run(*words) == 0
    plain = capsys.readouterr().out.splitlines()
    assert run(*words, "--then", "make it dark") == 0
    edited = capsys.readouterr().out.splitlines()
    assert len(edited) == 2 * len(plain) - 1
    assert [json.loads(line)["html"] for line in edited[: len(plain) - 1]] == [
        json.loads(line)["html"] for line in plain[:-1]
    ]


def test_generate_edits_a_page_in_a_file(checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As if it had been edited at once: a file keeps what it was made from."""
    common, file = ("--model", checkpoint, "--seed", 7), tmp_path / "todo.html"
    assert run("generate", "a to-do <app> -- mine", "--world", "app", *common, "-o", file) == 0
    assert run("generate", "make it dark", "--edit", file, *common) == 0
    edited = capsys.readouterr().out
    assert run("generate", "a to-do <app> -- mine", "--world", "app", *common, "--then", "make it dark") == 0
    assert capsys.readouterr().out == edited


@pytest.fixture(scope="module")
def padding(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same checkpoint, with padding that ends no page."""
    folder = tmp_path_factory.mktemp("padding") / "tiny"
    shutil.copytree(checkpoint, folder)
    for name in ("config.json", "generation_config.json"):
        said = json.loads((folder / name).read_text())
        for part in (said, said.get("text_config", {})):
            if "pad_token_id" in part:
                part["pad_token_id"] = 2
        (folder / name).write_text(json.dumps(said))
    return folder


def test_generate_changes_one_element_of_a_page(
    padding: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model of random weights writes something else into it, and all around it stays byte for byte."""
    page, file, out = "<h1>Lava</h1><p class=a>é\r\nrock</p>", tmp_path / "lava.html", tmp_path / "out.html"
    origin = Provenance(Brief("web", "lava", title="Lava"), "/lava", tuple(page.encode()))
    file.write_bytes(signed(page, origin).encode())
    asked = ("generate", "make it short", "--edit", file, "--model", padding, "-o", out)
    heads = set()
    for seed in range(3):
        assert run(*asked, "--select", "h1", "--seed", seed) == 0
        head, rest, _ = out.read_bytes().decode().partition("<p class=a>é\r\nrock</p>")
        assert rest
        heads.add(head)
        assert read_source(out, "web").origin.brief.edit == 'make it short (the heading "Lava")'
    assert len(heads) > 1
    capsys.readouterr()
    assert run(*asked, "--select", "p.b") == 2
    assert "expected one element for the selector p.b, got none" in capsys.readouterr().err
    assert run("generate", "lava", "--select", "h1", "--model", padding) == 2
    assert "expected --edit beside --select, got --select h1 alone" in capsys.readouterr().err


def test_generate_says_that_a_model_cannot_hold(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "lava.html"
    file.write_text(signed("<h1>Lava</h1>", Provenance(Brief("web", "lava"), "/lava", ())))
    assert run("generate", "make it red", "--edit", file, "--select", "h1", "--model", checkpoint) == 2
    assert "expected an element that this model can change while it holds the rest" in capsys.readouterr().err


def test_a_page_without_an_origin_cannot_be_edited(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "page.html"
    for text, why in (
        ("<p>x</p>", "it has none"),
        ("<p>x</p><!--silverprint {-->", "Expecting property name"),
        (f"<!--silverprint {'[' * 100_000}-->", "maximum recursion depth"),
        (
            '<!--silverprint {"brief":{"world":"moon"},"url":"","tokens":[]}-->',
            "brief.world to be one of any, web, os, app",
        ),
        ('<!--silverprint {"brief":{"world":"app","ask":"x"},"url":"","tokens":[-1]}-->', "expected token ids >= 0"),
    ):
        file.write_text(text)
        assert run("generate", "make it dark", "--edit", file) == 2
        said = capsys.readouterr().err
        assert "expected a page that silverprint generate wrote, with its origin in the last line" in said
        assert why in said


def test_the_kit_says_what_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    from backend.kit.bundle import VERSION, designs, pictures

    assert run("kit") == 0
    said = capsys.readouterr().out
    assert said.startswith(f"kit {VERSION}: ")
    assert f"{len(pictures())} scenes" in said
    assert f"designs: {' '.join(designs())}\n" in said
    assert "gallery: http://127.0.0.1:8017/kit while silverprint serve runs, or silverprint kit --gallery -o" in said


def test_the_gallery_is_one_file_or_what_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("kit", "--gallery", "-o", tmp_path / "kit.html") == 0
    assert capsys.readouterr().err == f"the gallery is in {tmp_path / 'kit.html'}\n"
    assert run("kit", "--gallery") == 0
    assert capsys.readouterr().out == (tmp_path / "kit.html").read_text("utf-8")


def test_generate_uses_facts_and_style(checkpoint: Path) -> None:
    from backend.offline import PageGenerator, PageRequest

    settings = main.settings_of(main.parser(main.RUNS).parse_args(["generate", "x", "--model", str(checkpoint)]))
    engine = main.load(settings)
    seen: list[int] = []
    with PageGenerator.open(settings, engine) as studio:
        page = studio.make(PageRequest("an article about lava", seed=3), lambda frame, draft: seen.append(frame.step))
        assert studio.composer.facts
        found = studio.composer.facts.lookup("lava")
    engine.close()
    assert found
    assert found.text == "Lava is molten rock that a volcano throws out."
    assert page.title
    assert seen == [1, 2, 3, 1, 2, 3]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["generate", ""], "expected prompt.text of 1 to 4,000 characters, got 0 characters"),
        (["generate", "x" * 10_000], "expected prompt.text of 1 to 4,000 characters, got 10,000 characters"),
        (["generate", "x", "--then", "x" * 10_000], "expected prompt.text of 1 to 4,000 characters, got 10,000"),
        (["generate", "x", "--edit", "absent.html"], "expected a page to edit, got absent.html: No such file"),
        (["kit", "-o", "kit.html"], "expected --gallery with -o: nothing else is written to a file; got -o kit.html"),
        (["kit", "--gallery", "-o", "/nowhere/kit.html"], "expected a file that can be written, got /nowhere/kit.html"),
        (["generate", "x", "--steps", "0"], "expected page_steps to be a positive number, got 0"),
        (["generate", "x", "--guidance", "-2"], "expected guidance to be a number >= 0, got -2.0"),
        (["serve", "--port", "0"], "expected port to be a number from 1 to 65535, got 0"),
        (["serve", "--store", "http://127.0.0.1/"], "expected store to be an address of redis, rediss, unix"),
        (["serve", "--frame-origin", "http://127.0.0.1:8017"], "expected frames on another origin than the shell"),
        (["serve", "--allow-origin", "example.org/x"], "expected origin to be scheme://host[:port] without a path"),
        (["serve", "--host", "999.0.0.1"], "expected an address to listen on, got 999.0.0.1:8017"),
        (["bench", "--repeats", "0"], "expected --repeats of 1 or more, got 0"),
        (["eval", "--limit", "0"], "expected --limit of 1 or more, got 0"),
        (["eval", "--seeds", "0"], "expected --seeds of 1 or more, got 0"),
        (["train", "--minutes", "0"], "minutes must be above 0, got 0.0"),
    ],
)
def test_a_wrong_use_is_one_sentence_and_code_2(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*argv) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"silverprint: {said}")
    assert error.count("\n") == 1


@pytest.mark.parametrize("command", [["generate", "x"], ["serve", "--port", "8917"], ["bench"], ["eval"]])
def test_a_broken_model_folder(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*command, "--model", tmp_path) == 2
    assert capsys.readouterr().err.startswith(f"silverprint: cannot read {tmp_path / 'tokenizer.json'}")


def test_a_file_that_cannot_be_written(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("generate", "lava", "--model", checkpoint, "-o", "/nowhere/lava.html") == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "silverprint: expected a file that can be written, got /nowhere/lava.html: No such file or directory"


def test_a_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run("serve", "--port", port) == 2
    said = f"silverprint: cannot listen on 127.0.0.1:{port}: Address already in use; choose another with --port\n"
    assert capsys.readouterr().err == said


def test_a_store_that_cannot_be_reached(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        free, silent = one.getsockname()[1], other.getsockname()[1]
    assert run("serve", "--port", free, "--store", f"redis://:secret@127.0.0.1:{silent}/0") == 2
    error = capsys.readouterr().err
    assert error.startswith(f"silverprint: expected a Redis or Valkey server at redis://127.0.0.1:{silent}/0")
    assert "secret" not in error


@pytest.mark.parametrize("argv", [[], ["paint"], ["generate"], ["generate", "x", "--world", "sea"], ["doctor", "--no"]])
def test_what_the_parser_refuses(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run(*argv)
    assert end.value.code == 2
    assert "silverprint" in capsys.readouterr().err


def test_doctor_tells_what_is_here(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("doctor", "--json", "--model", checkpoint)
    found = json.loads(capsys.readouterr().out)
    states = {one["name"]: one for one in found["findings"]}
    assert list(states) == [
        "cpu", "memory", "system", "python", "torch", "gpu", "graphs", "triton", "packages", "model", "store", "facts",
        "voice", "proxy", "web", "chromium",
    ]  # fmt: skip
    assert states["model"]["state"] == "ok"
    assert "canvas 32, context 4,096, terse dialect" in states["model"]["detail"]
    assert states["facts"]["detail"].startswith("1 entries from ")
    assert found["versions"]["torch"] == torch.__version__


def test_doctor_names_what_is_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one:
        silent = one.getsockname()[1]
    assert run("doctor", "--model", tmp_path, "--store", f"redis://127.0.0.1:{silent}") == 2
    broken = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("!!")]
    assert [line[1] for line in broken if line[1] != "web"] == ["model", "store"]


# torch warns of a part of its own that transformers' generate brings in.
@pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")
def test_bench_measures_and_compares(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("bench", "--json", "--repeats", 1, "--model", checkpoint) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["whole"]["pages"] == len(found["pages"]) == 5
    assert found["whole"]["steps_per_canvas"] == STEPS
    assert found["transformers"]["steps"] == STEPS
    assert found["transformers"]["ratio"] > 0
    assert found["command"] == "silverprint bench --repeats 1"


def test_help_answers_without_loading_the_engine() -> None:
    code = "import sys, backend.cli.main as cli; cli.parser(cli.RUNS); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_service_whose_gpu_is_lost_starts_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lose(*_: object) -> None:
        raise DeviceLost("the GPU has failed: CUDA error")

    started: list[list[str]] = []
    monkeypatch.setenv(main.LOSSES, "0")
    monkeypatch.setattr("backend.run.serve", lose)
    monkeypatch.setattr(os, "execv", lambda _, command: started.append(command))
    monkeypatch.setattr(sys, "argv", ["silverprint", "serve", "--port", "8123"])
    said = "silverprint: the GPU has failed: CUDA error"
    for _ in range(main.RESTARTS):
        assert main.main(["serve", "--port", "8123"]) == 0
        assert started.pop() == [sys.executable, "-m", "backend.cli", "serve", "--port", "8123"]
        assert capsys.readouterr().err == f"{said}; starting again\n"
    assert main.main(["serve", "--port", "8123"]) == main.WRONG_USE
    assert capsys.readouterr().err == f"{said}; not started again after 3 restarts that soon failed\n"
    monkeypatch.setattr(main, "STEADY", 0.0)  # one that did last
    assert main.main(["serve", "--port", "8123"]) == 0
    assert (len(started), os.environ[main.LOSSES]) == (1, "1")
