"""Imports run one way (docs/design.md): backend -> engine -> kernels, training -> engine, and web imports nothing."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("backend", "engine", "kernels", "training", "web", "benchmarks", "tests")
SHARED: dict[str, set[str]] = {
    "backend/bank.py": set(),
    "backend/brief.py": set(),
    "backend/known.py": {"backend.bank", "backend.prompts"},
    "backend/anchors.py": set(),
    "backend/prompts.py": {"backend.brief", "backend.anchors", "backend.cleaning", "backend.sealing"},
    "backend/cleaning.py": set(),
    "backend/sealing.py": set(),
    "backend/facts_text.py": set(),
    "backend/pointing.py": {"backend.cleaning", "backend.shorten"},
    "backend/shorten.py": set(),
    "backend/screens.py": {"backend.brief"},
    "backend/tree.py": {"backend.cleaning", "backend.markup"},
    "backend/markup.py": set(),
    "backend/nearest.py": {"backend.brief"},
}
"""Modules that training shares with the service: they may import nothing of the service, only each other."""
ALLOWED: dict[str, set[str]] = {
    "kernels": set(),
    "web": set(),
    "engine": {"kernels"},
    "training": {"engine", "kernels", *(path.removesuffix(".py").replace("/", ".") for path in SHARED)},
    "backend": {"engine"},
}
ROOTS = {"backend/cli.py", "training/gate.py", "training/kinds/gate.py", "training/on_gpu.py"}
"""The composition roots, each a command, may import everything."""


def imports(source: str) -> Iterator[str]:
    """The dotted names that a module imports of our packages, wherever in the file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] in OURS)


def within(name: str, allowed: set[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


def modules(package: str) -> list[Path]:
    skipped = {"node_modules", "vendor"}
    return [path for path in sorted((ROOT / package).rglob("*.py")) if not skipped.intersection(path.parts)]


@pytest.mark.parametrize("package", ALLOWED)
def test_imports_run_one_way(package: str) -> None:
    allowed = ALLOWED[package] | {package}
    for path in modules(package):
        name = path.relative_to(ROOT).as_posix()
        if name in ROOTS:
            continue
        wrong = [found for found in imports(path.read_text("utf-8")) if not within(found, SHARED.get(name, allowed))]
        assert not wrong, f"{name} may import {sorted(allowed)}, but imports {wrong}"


def test_every_package_has_modules() -> None:
    assert all(modules(package) for package in ALLOWED)


def test_imports_are_found_wherever_they_stand() -> None:
    source = "import torch\nfrom engine.results import Frame\ndef f():\n    import backend.app\n    from . import x\n"
    assert list(imports(source)) == ["engine.results.Frame", "backend.app"]


def test_a_shared_module_is_allowed_as_a_whole_name_only() -> None:
    assert within("backend.brief.Brief", {"backend.brief"})
    assert not within("backend.briefs", {"backend.brief"})
