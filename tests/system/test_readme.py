"""What README.md and CONTRIBUTING.md tell people to type exists: commands, options, make targets, files, variables."""

import re
import shlex
from dataclasses import fields

import pytest

from backend.cli import main
from backend.settings import Settings
from tests.support.repository import ROOT

DOCUMENTS = ("README.md", "CONTRIBUTING.md")
TEXT = {name: (ROOT / name).read_text("utf-8") for name in DOCUMENTS}
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def typed(text: str) -> list[str]:
    """Everything set as code: indented blocks line by line, and inline code."""
    blocks = re.findall(r"^ {4}(\S.*)$", text, re.MULTILINE)
    return [*blocks, *(" ".join(code.split()) for code in re.findall(r"`([^`]+)`", text))]


COMMANDS = sorted({line for text in TEXT.values() for line in typed(text) if line.startswith("silverprint ")})
MADE = sorted({line for text in TEXT.values() for line in typed(text) if re.search(r"\bmake [a-z]", line)})


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_are_understood(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(line)[1:]
    if words[0] == "COMMAND":
        words[0] = "serve"
    if "--help" in words:
        with pytest.raises(SystemExit, match="0"):
            main.parser(main.RUNS).parse_args(words)
        assert "usage: silverprint" in capsys.readouterr().out
        return
    if words[0] == "train":
        from training.train import parser

        parser().parse_args(words[1:])
        return
    assert main.parser(main.RUNS).parse_args(words).command == words[0]


def test_there_are_commands_for_everything() -> None:
    assert {line.split()[1] for line in COMMANDS} >= set(main.RUNS)


@pytest.mark.parametrize("line", MADE)
def test_make_targets_exist(line: str) -> None:
    words = re.search(r"\bmake ((?:[a-z-]+ ?)+)", line)
    assert words
    targets = words[1].split() if "  " not in line else words[1].split()[:1]
    assert set(targets) <= TARGETS


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_that_are_named_exist(name: str) -> None:
    linked = re.findall(r"\]\((?!https?:)([^)#]+)", TEXT[name])
    file = re.compile(r"(?!\.venv)[\w.-]+/[\w./-]*|\w[\w.-]*\.(?:md|txt|toml)")
    coded = [code for code in typed(TEXT[name]) if file.fullmatch(code)]
    assert linked
    missing = [path for path in (*linked, *coded) if not (ROOT / path).exists()]
    assert not missing


def test_environment_variables_are_settings() -> None:
    known = {f"SILVERPRINT_{field.name.upper()}" for field in fields(Settings)}
    named = set(re.findall(r"SILVERPRINT_[A-Z_]+", TEXT["README.md"]))
    assert named
    assert named <= known


def test_every_target_of_the_makefile_is_phony() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == TARGETS
