"""The stages of `make test` are given all files that have tests for them."""

import re

import pytest

from tests.support.repository import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def given(name: str) -> list[str]:
    """The files and folders in a variable of the Makefile."""
    found = re.search(rf"^{name} := (.+)$", MAKEFILE, re.MULTILINE)
    assert found
    return found[1].split()


@pytest.mark.parametrize(("mark", "variable"), [("browser", "BROWSER_TESTS"), ("ray", "RAY_TESTS")])
def test_every_test_with_a_mark_is_in_its_stage(mark: str, variable: str) -> None:
    marked = re.compile(rf"^\s*@?(?:pytestmark = )?\[?pytest\.mark\.{mark}\b", re.MULTILINE)
    folders = [ROOT / one for one in given(variable)]
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if "node_modules" not in path.parts]
    found = [path for path in files if marked.search(path.read_text("utf-8"))]
    assert found
    assert [path for path in found if not any(path.is_relative_to(folder) for folder in folders)] == []
    assert all(any(path.is_relative_to(folder) for path in found) for folder in folders), "a folder without any"
    assert f"-m {mark} $({variable})" in MAKEFILE
