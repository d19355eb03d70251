"""deploy/entries.py: which wheels of a package are locked, and for which machines."""

from typing import Any

from deploy.entries import entry
from deploy.lock import Layer


def package(*wheels: str, marker: str = "") -> dict[str, Any]:
    """As a pylock.toml describes it; the hash of the first wheel is all a, of the second all b."""
    files = [
        {"url": f"https://example.org/x/{name}", "hashes": {"sha256": letter * 64}}
        for name, letter in zip(wheels, "abcdef", strict=False)
    ]
    return {"name": "toy", "version": "1.0", "wheels": files} | ({"marker": marker} if marker else {})


def lines(text: str) -> tuple[str, list[str]]:
    """The requirement, and the first letters of the hashes."""
    first, *rest = text.replace(" \\\n", "\n").splitlines()
    return first, [line.strip().removeprefix("--hash=sha256:")[0] for line in rest]


def test_a_wheel_for_everything_needs_no_marker() -> None:
    assert lines(entry(package("toy-1.0-py3-none-any.whl"))) == ("toy==1.0", ["a"])
    assert lines(entry(package("toy-1.0-py2.py3-none-any.whl", marker="python_version >= '3.8'"))) == (
        "toy==1.0",
        ["a"],
    )


def test_wheels_that_no_supported_machine_or_python_uses_are_left_out() -> None:
    found = package(
        "toy-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "toy-1.0-cp39-abi3-manylinux_2_28_aarch64.whl",
        "toy-1.0-cp312-cp312-macosx_11_0_universal2.whl",
        "toy-1.0-cp312-cp312-win_amd64.whl",
        "toy-1.0-cp310-cp310-manylinux_2_17_x86_64.whl",
        "toy-1.0-cp313-cp313t-musllinux_1_2_x86_64.whl",
    )
    assert lines(entry(found)) == ("toy==1.0", ["a", "b", "c"])


def test_a_build_number_and_an_escaped_plus_are_read() -> None:
    assert lines(entry(package("toy-1.0%2Bcpu-1-py3-none-any.whl"))) == ("toy==1.0", ["a"])


def test_a_machine_without_a_wheel_goes_without_the_package() -> None:
    found = package("toy-1.0-py3-none-manylinux_2_17_x86_64.whl", "toy-1.0-py3-none-macosx_11_0_arm64.whl")
    bare = "(sys_platform != 'linux' or platform_machine != 'aarch64')"
    assert lines(entry(found)) == (f"toy==1.0 ; {bare}", ["a", "b"])
    marked = {**found, "marker": "python_version < '3.13' or sys_platform == 'darwin'"}
    assert lines(entry(marked))[0] == f"toy==1.0 ; ({marked['marker']}) and {bare}"


def test_a_marker_that_decides_is_kept_and_one_for_other_systems_drops_the_package() -> None:
    early = package("toy-1.0-py3-none-any.whl", marker="python_full_version < '3.11.3'")
    assert lines(entry(early))[0] == "toy==1.0 ; python_full_version < '3.11.3'"
    assert entry(package("toy-1.0-py3-none-any.whl", marker="sys_platform == 'win32'")) == ""


def test_more_files_are_accepted_beside_the_index_s() -> None:
    assert lines(entry(package("toy-1.0-py3-none-any.whl"), {"c" * 64, "a" * 64}))[1] == ["a", "c"]


def test_a_layer_knows_what_it_asks_for_itself() -> None:
    assert {"triton", "pytest", "silverprint"} <= Layer("test", extras=("test",)).named
    assert "triton" not in Layer("service", extras=("facts", "voice", "faces", "upstream")).named
