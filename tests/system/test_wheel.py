"""The wheel: everything that it needs is inside, and it serves, makes pages and examines itself without the checkout.

Its programs run without the `site` module, so that no .pth file puts the checkout on the path: they see the unpacked
wheel, then the packages that it depends on.
"""

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.repository import ROOT
from tests.support.running_service import free_port

LARGEST = 40_000_000
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
PACKAGES = ("backend", "engine", "kernels", "web", "training", "benchmarks")
WHOLE = {
    "backend": ("*.py", "*.toml", "*.j2"),
    "engine": ("*.py",),
    "kernels": ("*.py", "*.json"),
    "training": ("*.py", "*.toml"),
    "models/silverprint-s": ("*",),
    "web/kit": ("*",),
    "web/static": ("*",),
    "web/templates": ("*",),
    "web/mcp": ("*",),
    "web/gallery": ("*",),
    "web/package": ("*.js",),
}
"""Folders whose files of these kinds are all in the wheel."""
OUTSIDE = ("tests/", "docs/", "deploy/", "models/kinds/", "models/trained/", "web/node_modules/", "benchmarks/results/")


class Unpacked(NamedTuple):
    wheel: Path
    folder: Path
    elsewhere: Path
    """A folder with nothing in it, where the wheel's programs run."""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    """The wheel as `make wheel` builds it."""
    top = tmp_path_factory.mktemp("wheel")
    python = top / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    env = {**os.environ, "PATH": f"{python.parent}:{os.environ['PATH']}", "WHEELS": str(top / "dist")}
    subprocess.run(["sh", str(ROOT / "deploy" / "install.sh"), "wheel"], env=env, check=True)
    [wheel] = (top / "dist").iterdir()
    with zipfile.ZipFile(wheel) as file:
        file.extractall(top / "site")
    (top / "elsewhere").mkdir()
    return Unpacked(wheel, top / "site", top / "elsewhere")


def start(unpacked: Unpacked, *words: str, **variables: str) -> "subprocess.Popen[str]":
    """Python with these arguments, to which the checkout is unknown."""
    dependencies = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SILVERPRINT_"))}
    env = {
        **kept,
        **variables,
        "PYTHONSAFEPATH": "1",
        "PYTHONPATH": os.pathsep.join((str(unpacked.folder), *dependencies)),
    }
    command = [sys.executable, "-S", "-P", *words]
    return subprocess.Popen(
        command, env=env, cwd=unpacked.elsewhere, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def said(unpacked: Unpacked, *words: str, **variables: str) -> str:
    with start(unpacked, *words, **variables) as process:
        try:
            out, errors = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 0, out + errors
    return out


@contextmanager
def serving(unpacked: Unpacked, port: int, data: Path) -> Iterator[None]:
    """A service that listens, and that ends in order."""
    where = ("--port", str(port), "--data", str(data))
    with start(unpacked, "-m", "backend.cli", "serve", *where) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            assert line == f"Silverprint is at http://127.0.0.1:{port}/\n", process.communicate(timeout=20)[1]
            yield
            process.terminate()
            process.communicate(timeout=20)
            assert process.returncode == 0
        finally:
            process.kill()


def fetched(address: str) -> str:
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert answer.status == 200
        body: bytes = answer.read()
    return body.decode()


def test_the_wheel_has_every_file_that_it_needs_and_no_other(unpacked: Unpacked) -> None:
    names = set(zipfile.ZipFile(unpacked.wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for folder, patterns in WHOLE.items()
        for pattern in patterns
        for path in (ROOT / folder).rglob(pattern)
        if path.is_file() and "__pycache__" not in path.parts
    }
    vendored = {path.relative_to(ROOT).as_posix() for path in (ROOT / "web/static/vendor").rglob("*.js")}
    assert vendored
    assert sorted((wanted | vendored) - names) == []
    tops = {name.partition("/")[0] for name in names}
    assert tops == {*PACKAGES, "models", f"silverprint-{VERSION}.dist-info"}
    assert [name for name in names if name.startswith(OUTSIDE) or "__pycache__" in name] == []
    assert unpacked.wheel.stat().st_size < LARGEST


def test_the_core_is_the_engine_and_an_extra_is_the_service(unpacked: Unpacked) -> None:
    metadata = (unpacked.folder / f"silverprint-{VERSION}.dist-info" / "METADATA").read_text("utf-8")
    needs = [
        line.removeprefix("Requires-Dist: ") for line in metadata.splitlines() if line.startswith("Requires-Dist:")
    ]
    core = [one for one in needs if "extra ==" not in one]
    assert any(one.startswith("torch") for one in core)
    assert not any(one.startswith(("starlette", "uvicorn", "websockets", "redis")) for one in core)
    assert any(one.startswith("starlette") and one.endswith("extra == 'server'") for one in needs)


def test_everything_is_imported_from_the_wheel(unpacked: Unpacked) -> None:
    script = f"import importlib; print(*(importlib.import_module(name).__file__ for name in {PACKAGES!r}), sep='\\n')"
    files = said(unpacked, "-c", script).split()
    assert files == [str(unpacked.folder / name / "__init__.py") for name in PACKAGES]
    assert said(unpacked, "-m", "backend.cli", "--version") == f"silverprint {VERSION}\n"


def test_the_wheel_examines_itself(unpacked: Unpacked) -> None:
    told = json.loads(said(unpacked, "-m", "backend.cli", "doctor", "--json"))
    findings = {one["name"]: one for one in told["findings"]}
    assert told["ready"], findings
    assert findings["web"] == {"name": "web", "state": "ok", "detail": "the shell's files are complete"}
    assert findings["model"]["detail"].endswith(str(unpacked.folder / "models" / "silverprint-s"))


def test_the_wheel_makes_a_page(unpacked: Unpacked, tmp_path: Path) -> None:
    words = ("generate", "a page about tea", "--seed", "1", "--steps", "4", "--data", str(tmp_path))
    page = said(unpacked, "-m", "backend.cli", *words, SILVERPRINT_PAGE_TOKENS="256")
    assert page.lower().startswith("<!doctype html>")


@pytest.mark.redis
def test_the_wheel_serves(unpacked: Unpacked, tmp_path: Path) -> None:
    port = free_port()
    with serving(unpacked, port, tmp_path):
        address = f"http://127.0.0.1:{port}"
        assert json.loads(fetched(f"{address}/healthz"))
        assert "<title>" in fetched(f"{address}/kit")
        assert "silverprint-shell" in fetched(f"{address}/")
        assert fetched(f"{address}/static/vendor/idiomorph/idiomorph.js")
