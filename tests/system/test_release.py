"""A release says one version everywhere, has notes, and what runs before a commit is what `make check` runs."""

import json
import re
import tomllib

import yaml

from tests.support.repository import ROOT

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def test_the_version_is_the_same_everywhere() -> None:
    package = json.loads((ROOT / "web" / "package.json").read_text("utf-8"))
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text("utf-8"))
    assert {package["version"], lock["version"], lock["packages"][""]["version"]} == {VERSION}


def test_the_version_has_release_notes_whose_links_exist() -> None:
    notes = ROOT / "docs" / "releases" / f"{VERSION}.md"
    text = notes.read_text("utf-8")
    assert text.startswith(f"# Silverprint {VERSION}\n")
    assert f"silverprint-{VERSION}-py3-none-any.whl" in text
    linked = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert linked
    assert [link for link in linked if not (notes.parent / link).exists()] == []


def test_what_runs_before_a_commit_is_installed_already() -> None:
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert {one["repo"] for one in repositories} == {"local"}
    hooks = [hook for one in repositories for hook in one["hooks"]]
    assert {hook["language"] for hook in hooks} == {"system"}
    checked = re.search(r"^check: .*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert checked
    programs = {
        "prettier" if "PRETTIER" in line else "eslint" if "ESLINT" in line else line.split()[0]
        for line in checked[1].splitlines()
        if "tsc" not in line
    }
    assert programs == {re.sub(r"^npx --prefix web --no-install ", "", hook["entry"]).split()[0] for hook in hooks}
