"""Nothing is installed that is not pinned and hashed: Python's packages by requirements/*.lock, npm's by their lock
files, images by digest. What deploy/install.sh does is tried with the real pip, on wheels of our own, offline."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.lock import LAYERS, Layer, is_cuda, pins
from tests.support.repository import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
ENTRY = re.compile(r"([a-z0-9-]+)==(\S+)(?: ; ([^\\\n]+?))?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n")


class Entry(NamedTuple):
    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def entries(path: Path) -> list[Entry]:
    """The packages of a lock file, which consists of nothing but one comment and them: no options, no addresses."""
    comment, _, text = path.read_text("utf-8").partition("\n")
    assert comment.startswith("# ")
    assert ENTRY.sub("", text) == ""
    found = [match.groups(default="") for match in ENTRY.finditer(text)]
    return [
        Entry(name, version, marker, tuple(re.findall(r"\w{64}", hashes))) for name, version, marker, hashes in found
    ]


LOCKED = {path.stem: entries(path) for path in LOCKS}


def test_what_is_pinned_is_locked_and_what_is_locked_is_pinned() -> None:
    assert {(one.name, one.version) for found in LOCKED.values() for one in found} == set(pins().items())
    assert all(len(set(one.hashes)) == len(one.hashes) for found in LOCKED.values() for one in found)
    assert {"torch", "cuda", *(layer.name for layer in LAYERS)} == LOCKED.keys()


def test_the_pins_are_what_the_project_asks_for() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    wanted = [Requirement(one) for one in (*PROJECT["dependencies"], *chain(*EXTRAS.values()), *build)]
    pinned = pins()
    others = [one for one in wanted if one.name != PROJECT["name"]]
    assert others
    wrong = [
        str(one) for one in others if not one.specifier.contains(pinned[canonicalize_name(one.name)], prereleases=True)
    ]
    assert wrong == []


def needs(name: str, extras: frozenset[str], seen: set[tuple[str, frozenset[str]]]) -> Iterator[str]:
    """The package and all that it needs here, by what the installed packages say of themselves."""
    if (name, extras) in seen:
        return
    seen.add((name, extras))
    yield name
    asked = EXTRAS if name == PROJECT["name"] else {}
    lines = (
        [*PROJECT["dependencies"], *chain(*(asked[extra] for extra in extras))]
        if asked
        else distribution(name).requires
    )
    for one in map(Requirement, lines or ()):
        if not one.marker or any(one.marker.evaluate({"extra": extra}) for extra in (extras or {""})):
            yield from needs(canonicalize_name(one.name), frozenset(one.extras), seen)


@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer.extras], ids=lambda layer: layer.name)
def test_a_layer_brings_everything_that_its_extras_need(layer: Layer) -> None:
    order = [one.name for one in LAYERS]
    before = ("torch", *order[: order.index(layer.name) + 1])
    brought = {one.name for name in before for one in LOCKED[name]}
    wanted = set(needs(PROJECT["name"], frozenset(layer.extras), set())) - {PROJECT["name"]}
    assert {"torch", "tokenizers"} <= wanted
    assert ({"starlette", "websockets"} <= wanted) == ("server" in layer.extras or "test" in layer.extras)
    assert [name for name in sorted(wanted - brought) if not is_cuda(name)] == []


def test_packages_of_cuda_come_with_a_build_for_it_alone() -> None:
    assert all(is_cuda(one.name) and "linux" in one.marker for one in LOCKED["cuda"])
    others = {one.name for name, found in LOCKED.items() if name != "cuda" for one in found}
    assert {name for name in others if is_cuda(name)} == {"triton"}


INSTALL = ROOT / "deploy" / "install.sh"


def commands(path: Path) -> str:
    """A file of commands without its comments."""
    return re.sub(r"(?m)(^|\s)#.*$", "", path.read_text("utf-8"))


@pytest.mark.parametrize("name", ["Makefile", "Dockerfile", ".ci/run", "tests/system.sh", "deploy/images.sh"])
def test_python_packages_are_installed_by_one_script_alone(name: str) -> None:
    text = commands(ROOT / name)
    assert re.findall(r"\bpip3?\b|\buv\b|\beasy_install\b|\bpipx\b", text) == []
    for line in re.findall(r"(?:sh deploy/install\.sh|\$\(INSTALL\)) ([a-z ]+)", text):
        assert set(line.split()) <= {*LOCKED.keys(), "project", "wheel"} - {"cuda"}


def said(tmp_path: Path, cuda: bool, *words: str) -> list[list[str]]:
    """What the script has Python do, for a torch with or without CUDA."""
    log, python = tmp_path / "log", tmp_path / "python"
    probes = f"case $1$3 in -c) exit {int(not cuda)};; -c*) exit 1;; esac"
    python.write_text(f'#!/bin/sh\n{probes}\necho "$@" >>{log}\n')
    python.chmod(0o755)
    subprocess.run(["sh", str(INSTALL), *words], env={"PATH": f"{tmp_path}:{os.environ['PATH']}"}, check=True)
    return [line.split() for line in log.read_text().splitlines()]


@pytest.mark.parametrize("cuda", [False, True])
def test_the_script_installs_with_hashes_or_without_an_index(tmp_path: Path, cuda: bool) -> None:
    ran = said(tmp_path, cuda, "torch", "build", "service", "project")
    installs = [line for line in ran if "install" in line]
    hashed = [
        line
        for line in installs
        if {"--require-hashes", "--only-binary=:all:", "--no-deps", "--requirement"} <= set(line)
    ]
    names = ["torch", *["cuda"] * cuda, "build", "service"]
    assert [line[-1] for line in hashed] == [f"requirements/{name}.lock" for name in names]
    (rest,) = [line for line in installs if line not in hashed]
    assert {"--no-index", "--no-deps", "--no-build-isolation"} <= set(rest)
    download, check = [line for line in ran if line not in installs]
    assert {"download", "--only-binary=:all:", "--no-deps", f"torch=={pins()['torch']}"} <= set(download)
    assert {"--no-index", "--find-links", download[download.index("--dest") + 1]} <= set(hashed[0])
    assert check == ["-m", "pip", "--disable-pip-version-check", "check"]


def test_a_wheel_is_made_with_the_locked_tools_alone(tmp_path: Path) -> None:
    [made] = said(tmp_path, False, "wheel")
    assert {"wheel", "--no-index", "--no-deps", "--no-build-isolation"} <= set(made)


def wheel(folder: Path, name: str = "toy", version: str = "1.0", word: str = "") -> str:
    """A package in a folder, as a wheel. Returns its SHA-256."""
    folder.mkdir(exist_ok=True)
    path, info = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{name}.py", word)
        file.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Dist: more\n"
        )
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def source(folder: Path) -> str:
    """The same as an archive of its source. Returns its SHA-256."""
    path = folder / "toy-1.0.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("toy-1.0/setup.py", "raise SystemExit('this was run')")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def installed(tmp_path: Path, *hashes: str, name: str = "toy", **more: str) -> tuple[int, str]:
    """Exit code and errors of deploy/install.sh, of which a copy stands beside a lock file of our own."""
    for folder in ("deploy", "requirements"):
        (tmp_path / folder).mkdir()
    (tmp_path / "deploy" / "install.sh").write_text(INSTALL.read_text("utf-8"))
    lines = "".join(f" \\\n    --hash=sha256:{one}" for one in hashes)
    (tmp_path / "requirements" / f"{name}.lock").write_text(f"{name}==1.0{lines}\n")
    (tmp_path / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (tmp_path / "python").chmod(0o755)
    site = str(tmp_path / "site")
    settings = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": str(tmp_path), "PIP_TARGET": site, "PYTHONPATH": site}
    settings |= {"PATH": f"{tmp_path}:{os.environ['PATH']}", **(more or {"PIP_NO_INDEX": "1"})}
    command = ["sh", str(tmp_path / "deploy" / "install.sh"), name]
    done = subprocess.run(command, env=settings, capture_output=True, text=True)
    return done.returncode, done.stderr


def test_a_wheel_with_its_hash_is_installed_and_nothing_along_with_it(tmp_path: Path) -> None:
    assert installed(tmp_path, wheel(tmp_path)) == (0, "")
    assert (tmp_path / "site" / "toy.py").exists()


def test_a_wheel_with_another_hash_is_not(tmp_path: Path) -> None:
    wheel(tmp_path)
    code, errors = installed(tmp_path, "0" * 64)
    assert code == 1
    assert "DO NOT MATCH THE HASHES" in errors
    assert not (tmp_path / "site").exists()


def test_nothing_is_built_from_source_whatever_its_hash(tmp_path: Path) -> None:
    code, errors = installed(tmp_path, source(tmp_path))
    assert code == 1
    assert "No matching distribution found for toy==1.0" in errors


@pytest.mark.parametrize("accepted", [True, False])
def test_of_two_builds_of_torch_the_machine_s_own_is_taken_if_its_hash_is_accepted(
    tmp_path: Path, accepted: bool
) -> None:
    own, index = wheel(tmp_path, "torch", "1.0+cpu", "cpu"), tmp_path / "simple" / "torch"
    index.parent.mkdir()
    other = wheel(index, "torch", "1.0", "cuda")
    name = "torch-1.0-py3-none-any.whl"
    (index / "index.html").write_text(
        f'<!DOCTYPE html><html><body><a href="{name}#sha256={other}">{name}</a></body></html>'
    )
    hashes = (own, other) if accepted else (other,)
    code, errors = installed(tmp_path, *hashes, name="torch", PIP_INDEX_URL=index.parent.as_uri())
    module = tmp_path / "site" / "torch.py"
    assert (code, module.read_text() if module.exists() else "") == ((0, "cpu") if accepted else (1, ""))
    assert accepted or "DO NOT MATCH THE HASHES" in errors


IMAGE = re.compile(r"[a-z/]+(:[a-z0-9.-]+)?@(sha256:[0-9a-f]{64}|\$\{[A-Z]+_DIGEST(:\?[^}]+)?\})")


def images() -> list[str]:
    docker = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    return [
        *docker,
        *re.findall(
            r"^ +image: ([^#\n]+?)(?:  # [a-z0-9.-]+)?$", (ROOT / "docker-compose.yml").read_text("utf-8"), re.MULTILINE
        ),
    ]


def test_images_are_taken_by_digest() -> None:
    assert len(images()) == 4
    assert [image for image in images() if not IMAGE.fullmatch(image)] == []


DOCKER = """#!/bin/sh
case $1 in
    pull) ;;
    image) printf 'elsewhere/other@sha256:%064d\\ndocker.io/%s@sha256:%064d\\n\\n' 7 "${5%:*}" ${#5} ;;
esac
"""


def test_digests_are_asked_for_and_kept_beside_other_lines(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    for name in ("Dockerfile", "docker-compose.yml", "deploy/images.sh"):
        (tmp_path / name).write_text((ROOT / name).read_text("utf-8"))
    (tmp_path / ".env").write_text("GRAFANA_PASSWORD=secret\nREDIS_DIGEST=sha256:old\n")
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["sh", str(tmp_path / "deploy" / "images.sh")], env=env, check=True, capture_output=True)
    lengths = [("PYTHON", "python:3.11-slim"), ("REDIS", "redis:7-alpine")]
    lengths += [("PROMETHEUS", "prom/prometheus:v3.5.0"), ("GRAFANA", "grafana/grafana:12.1.0")]
    digests = [f"{name}_DIGEST=sha256:{len(tag):064d}" for name, tag in lengths]
    assert (tmp_path / ".env").read_text().splitlines() == ["GRAFANA_PASSWORD=secret", *digests]
    assert {re.sub(r".*\{|:.*|\}", "", image.partition("@")[2]) for image in images()} == {
        d.split("=")[0] for d in digests
    }


@pytest.mark.parametrize("folder", ["web", "tests/protocol_clients"])
def test_packages_of_npm_have_their_hashes(folder: str) -> None:
    packages = json.loads((ROOT / folder / "package-lock.json").read_text("utf-8"))["packages"]
    others = {name: one for name, one in packages.items() if name}
    assert others
    assert [
        name for name, one in others.items() if not re.fullmatch(r"sha512-[\w+/]{86}==", one.get("integrity", ""))
    ] == []


@pytest.mark.parametrize("name", ["Makefile", "Dockerfile"])
def test_npm_installs_what_is_locked_and_runs_nothing_of_it(name: str) -> None:
    text = commands(ROOT / name)
    calls = re.findall(r"(?:\bnpm --prefix|\$\(NPM\))([^\n&]*)", text.replace("NPM := npm --prefix", "NPM :="))
    assert calls
    assert all(re.search(r"\bci\b", call) for call in calls)
    flagged = re.findall(r"npm --prefix[^\n&]*", text)
    assert all("--ignore-scripts" in call for call in flagged)
