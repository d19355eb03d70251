"""No pattern of the shell and of the frames takes time that grows faster than the text it is given."""

import json
import re
import subprocess
from pathlib import Path

from tests.support.repository import ROOT

FOLDERS = ("web/static", "web/kit", "web/mcp", "web/package", "web/gallery")
LITERAL = re.compile(
    r"(?:[=(,:!&|?]|return)\s*/((?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+)/([a-z]*)(?=[\s.,;)])"
)


def literals() -> dict[str, tuple[str, str]]:
    """The patterns in our JavaScript, each with its flags, by file and source."""
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.js"))]
    ours = [path for path in files if not {"vendor", "node_modules", "dist"} & set(path.parts)]
    found = [(path, match) for path in ours for match in LITERAL.finditer(path.read_text("utf-8"))]
    return {f"{path.relative_to(ROOT)} {match[0]}": (match[1], match[2]) for path, match in found}


def slow(patterns: dict[str, tuple[str, str]]) -> dict[str, str]:
    command = ["node", Path(__file__).with_name("patterns.mjs")]
    said = subprocess.run(command, input=json.dumps({"patterns": patterns}), check=True, capture_output=True, text=True)
    found: dict[str, str] = json.loads(said.stdout)
    return found


def test_every_pattern_takes_time_in_proportion() -> None:
    patterns = literals()
    assert len(patterns) > 20
    assert slow(patterns) == {}


def test_careless_patterns_are_found_out() -> None:
    careless = {
        "tags": ("(<[a-z!/][^>]*>)", "gi"),
        "twice": ("(a+)+$", ""),
        "end": (r"\s+$", ""),
        "open": (r"/\*.*?\*/", "s"),
    }
    assert slow(careless).keys() == careless.keys()


def test_patterns_are_literals() -> None:
    made = [
        path for folder in FOLDERS for path in (ROOT / folder).rglob("*.js") if "RegExp(" in path.read_text("utf-8")
    ]
    assert [path for path in made if not {"vendor", "node_modules", "dist"} & set(path.parts)] == []
