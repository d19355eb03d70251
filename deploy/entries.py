"""The lines of a lock file: a package, the machines that it is for, and the SHA-256 of its wheels."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from packaging.markers import Marker
from packaging.utils import parse_wheel_filename

PYTHONS = ("3.11.0", "3.11.9", "3.12.9", "3.13.9", "3.14.9")
"""Pythons to ask markers for: some speak of patch releases."""
TAG = re.compile(r"py3-none|cp3\d+-abi3|(cp31[1-9])-(\1|none)")
"""Interpreter and ABI of the wheels that these can use."""


@dataclass(frozen=True)
class Machine:
    """A kind of machine that is supported: what markers call it, and a pattern of its wheels' platforms."""

    system: str
    processor: str
    wheels: str

    def included(self, marker: str) -> set[bool]:
        """What the marker says of this machine with each of PYTHONS."""
        here = {"sys_platform": self.system, "platform_system": self.system.title(), "platform_machine": self.processor}
        here |= {"implementation_name": "cpython", "platform_python_implementation": "CPython", "os_name": "posix"}
        versions = [{"python_full_version": full, "python_version": full.rpartition(".")[0]} for full in PYTHONS]
        return {not marker or Marker(marker).evaluate({**here, **version}) for version in versions}

    def takes(self, platforms: Iterable[str]) -> bool:
        return any(re.fullmatch(self.wheels, one) for one in platforms)


MACHINES = (
    Machine("linux", "x86_64", r"any|(many)?linux.*_x86_64"),
    Machine("linux", "aarch64", r"any|(many)?linux.*_aarch64"),
    Machine("darwin", "arm64", r"any|macosx_.*_(arm64|universal2)"),
)


def wheels(package: dict[str, Any]) -> dict[str, set[str]]:
    """SHA-256 of each wheel for a supported Python -> the platforms that it is for. package: as in a pylock.toml."""
    found = {}
    for wheel in package.get("wheels", ()):
        tags = parse_wheel_filename(unquote(wheel["url"].rpartition("/")[2]))[3]
        if fits := {tag.platform for tag in tags if TAG.fullmatch(f"{tag.interpreter}-{tag.abi}")}:
            found[wheel["hashes"]["sha256"]] = fits
    return found


def marked(package: dict[str, Any], found: dict[str, set[str]]) -> str:
    """The marker of a package, which also leaves out machines without a wheel: what is built there is built unseen."""
    said = package.get("marker", "")
    answers = {answer for machine in MACHINES for answer in machine.included(said)}
    bare = [
        f"(sys_platform != '{machine.system}' or platform_machine != '{machine.processor}')"
        for machine in MACHINES
        if True in machine.included(said) and not any(machine.takes(fits) for fits in found.values())
    ]
    kept = [f"({said})" if bare else said] if False in answers else []
    return " and ".join([*kept, *bare])


def entry(package: dict[str, Any], more: Iterable[str] = ()) -> str:
    """The lines of a package, none if no supported machine needs it. more: SHA-256 of files beside the index's."""
    if not any(True in machine.included(package.get("marker", "")) for machine in MACHINES):
        return ""
    found = wheels(package)
    hashes = {sha for sha, fits in found.items() if any(machine.takes(fits) for machine in MACHINES)}
    marker = marked(package, found)
    line = f"{package['name']}=={package['version']}" + (f" ; {marker}" if marker else "")
    return " \\\n".join([line, *(f"    --hash=sha256:{sha}" for sha in sorted({*hashes, *more}))]) + "\n"
