"""Data inside packages, from a wheel in the cache or one that pip cannot get."""

import hashlib
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from training.texts.packages import Package

TOYS = Package("toy-data", "1.2", "toy_data_of_nobody", "0" * 64)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "toy_data-1.2-py3-none-any.whl", "w") as wheel:
        for name in ("b/two.json", "a/one.json", "a/one.txt"):
            wheel.writestr(f"toy_data_of_nobody/{name}", name)
        wheel.writestr("other/a/three.json", "not ours")
    return tmp_path


@pytest.fixture
def toys(cache: Path) -> Package:
    """The package whose wheel is the one in the cache."""
    (wheel,) = cache.iterdir()
    return replace(TOYS, sha256=hashlib.sha256(wheel.read_bytes()).hexdigest())


def test_files_of_a_cached_wheel_are_found_by_pattern_in_order(toys: Package, cache: Path) -> None:
    assert toys.files("*/*.json", cache) == {"a/one.json": b"a/one.json", "b/two.json": b"b/two.json"}
    assert list(toys.files("a/one.txt", cache)) == ["a/one.txt"]


def test_another_wheel_of_the_same_name_is_not_read(cache: Path) -> None:
    with pytest.raises(
        RuntimeError, match=r"^expected .*toy_data-1\.2-py3-none-any\.whl to have the SHA-256 0{64}, got [0-9a-f]{64}$"
    ):
        TOYS.files("*/*.json", cache)


def test_an_installed_package_is_read_without_running_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "toy_data_of_nobody"
    (module / "a").mkdir(parents=True)
    (module / "__init__.py").write_text("raise RuntimeError")
    (module / "a" / "one.json").write_bytes(b"installed")
    monkeypatch.syspath_prepend(tmp_path)
    assert TOYS.files("a/*.json", tmp_path / "cache") == {"a/one.json": b"installed"}


def test_a_package_without_such_a_file_says_so(toys: Package, cache: Path) -> None:
    with pytest.raises(RuntimeError, match=r"expected nothing/\* in toy-data==1\.2, got no such file"):
        toys.files("nothing/*", cache)


def test_a_failed_download_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(RuntimeError, match=r"pip to download toy-data==1\.2, got exit code 1: pip said nothing"):
        TOYS.files("*", tmp_path / "cache")
