"""The npm package: what npm packs, and types for those who import it."""

import json
import shutil
import subprocess
from pathlib import Path

from tests.support.repository import ROOT

WEB = ROOT / "web"


def test_the_package_holds_what_its_exports_name(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    assert npm
    command = [npm, "pack", "--json", "--loglevel=error", "--pack-destination", str(tmp_path)]
    said = subprocess.run(command, cwd=WEB, check=True, capture_output=True, text=True).stdout
    packed = json.loads(said[said.index("[") :])[0]
    files = {file["path"] for file in packed["files"]}
    about = json.loads((WEB / "package.json").read_text())
    named = [path for entry in about["exports"].values() for path in entry.values()]
    assert len(named) == 4
    assert {path.removeprefix("./") for path in named} <= files
    assert not any(path.startswith(("node_modules", "static/vendor")) for path in files)
    assert (tmp_path / packed["filename"]).stat().st_size < 50_000
    types = (WEB / "dist" / "package" / "react.d.ts").read_text()
    assert "onCommit?" in types
    assert "Silverprint(" in types
