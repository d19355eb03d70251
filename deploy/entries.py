"""The lines of a lock file: a package, the machines that it is for, and the SHA-256 of its wheels."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from packaging.markers import Marker
from packaging.utils import parse_wheel_filename

PYTHONS = ("3.11.0", "3.11.9", "3.12.9", "3.13.9", "3.14.9")
"""Python versions with which markers are evaluated; some markers depend on patch releases."""
TAG = re.compile(r"py3-none|cp3\d+-abi3|(cp31[1-9])-(\1|none)")
"""Matches the interpreter and ABI of wheels that these versions can use."""


@dataclass(frozen=True)
class Machine:
    """A kind of machine that is supported.

    Attributes:
        system: Its sys_platform.
        processor: Its platform_machine.
        wheels: A regular expression for the platforms of its wheels.
    """

    system: str
    processor: str
    wheels: str

    def included(self, marker: str) -> set[bool]:
        """Return the values of a marker on this machine, with each of PYTHONS."""
        here = {"sys_platform": self.system, "platform_system": self.system.title(), "platform_machine": self.processor}
        here |= {"implementation_name": "cpython", "platform_python_implementation": "CPython", "os_name": "posix"}
        versions = [{"python_full_version": full, "python_version": full.rpartition(".")[0]} for full in PYTHONS]
        return {not marker or Marker(marker).evaluate({**here, **version}) for version in versions}

    def takes(self, platforms: Iterable[str]) -> bool:
        """Return whether a wheel for some of these platforms can be installed."""
        return any(re.fullmatch(self.wheels, one) for one in platforms)


MACHINES = (
    Machine("linux", "x86_64", r"any|(many)?linux.*_x86_64"),
    Machine("linux", "aarch64", r"any|(many)?linux.*_aarch64"),
    Machine("darwin", "arm64", r"any|macosx_.*_(arm64|universal2)"),
)


def wheels(package: dict[str, Any]) -> dict[str, set[str]]:
    """Return the wheels of a package that a supported Python can use.

    Args:
        package: The package as a pylock.toml describes it.

    Returns:
        For the SHA-256 of each wheel, the platforms that it is for.
    """
    found = {}
    for wheel in package.get("wheels", ()):
        tags = parse_wheel_filename(unquote(wheel["url"].rpartition("/")[2]))[3]
        if fits := {tag.platform for tag in tags if TAG.fullmatch(f"{tag.interpreter}-{tag.abi}")}:
            found[wheel["hashes"]["sha256"]] = fits
    return found


def marked(package: dict[str, Any], found: dict[str, set[str]]) -> str:
    """Return the marker of a package.

    The marker also excludes machines for which there is no wheel, because a package that is built there is not checked.

    Args:
        package: The package as a pylock.toml describes it.
        found: Its wheels, from `wheels`.
    """
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
    """Return the lines of a package, or an empty string if no supported machine needs it.

    Args:
        package: The package as a pylock.toml describes it.
        more: SHA-256 of further files that the index does not have.
    """
    if not any(True in machine.included(package.get("marker", "")) for machine in MACHINES):
        return ""
    found = wheels(package)
    hashes = {sha for sha, fits in found.items() if any(machine.takes(fits) for machine in MACHINES)}
    marker = marked(package, found)
    line = f"{package['name']}=={package['version']}" + (f" ; {marker}" if marker else "")
    return " \\\n".join([line, *(f"    --hash=sha256:{sha}" for sha in sorted({*hashes, *more}))]) + "\n"
