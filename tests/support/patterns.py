"""Every regular expression of the service, read from its source, with where it is used."""

import ast
import importlib
import re
from collections.abc import Iterator
from typing import Any

from tests.support.repository import ROOT

FOLDERS = ("backend", "engine")
MAKERS = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
HELPER = "pattern"
"""The function with which backend.composer.subject makes its expressions."""


def collected() -> dict[str, re.Pattern[str]]:
    """Return all regular expressions by where they are.

    Returns:
        Expressions by "module.NAME", or by "module.function" if they are in a call. Further ones of a function get a
        number.

    Raises:
        NameError: An expression uses something other than names of its module, so it cannot be known beforehand.
    """
    found: dict[str, re.Pattern[str]] = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for name, call in calls(ast.parse(path.read_text("utf-8"))):
                key = named = f"{module}.{name}"
                number = 1
                while key in found:
                    number += 1
                    key = f"{named}#{number}"
                found[key] = made(call, vars(importlib.import_module(module)))
    return found


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls that take a regular expression, each with the name of what contains it."""
    for statement in tree.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and is_maker(node.func):
                name = around(statement, node)
                if name != HELPER:
                    yield name, node


def is_maker(called: ast.expr) -> bool:
    """Return whether a call of this function takes a regular expression."""
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        return called.value.id == "re" and called.attr in MAKERS
    return isinstance(called, ast.Name) and called.id == HELPER


def around(statement: ast.stmt, call: ast.Call) -> str:
    """Return the innermost function around a call, or else the module's name for its result."""
    functions = [node for node in ast.walk(statement) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = [function.name for function in functions if any(node is call for node in ast.walk(function))]
    if inside:
        return inside[-1]
    assert isinstance(statement, ast.Assign)
    assert isinstance(statement.targets[0], ast.Name)
    return statement.targets[0].id


def made(call: ast.Call, names: dict[str, Any]) -> re.Pattern[str]:
    """Return the regular expression of a call, with its flags."""
    if isinstance(call.func, ast.Name):
        whole: re.Pattern[str] = value(call, names)
        return whole
    assert isinstance(call.func, ast.Attribute)
    last = call.args[1:] if call.func.attr == "compile" else call.args[2:] if call.func.attr != "sub" else []
    flags = [*last, *(word.value for word in call.keywords if word.arg == "flags")]
    return re.compile(value(call.args[0], names), value(flags[0], names) if flags else 0)


def value(expression: ast.expr, names: dict[str, Any]) -> Any:
    """Return the value of an expression with a module's names."""
    return eval(compile(ast.Expression(expression), "<pattern>", "eval"), names)
