"""Copying what browsers load out of node_modules."""

from pathlib import Path

import pytest

from web.vendor import FILES, ICONS, vendor


def test_vendor_copies_modules_and_licences_and_nothing_else(tmp_path: Path) -> None:
    modules, into = tmp_path / "node_modules", tmp_path / "vendor"
    for file in (*FILES, "@msgpack/msgpack/dist.esm/index.mjs", "@msgpack/msgpack/dist.esm/utils/int.mjs"):
        path = modules / file
        if path.name != "dist.esm":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file)
    (modules / "@msgpack/msgpack/dist.esm/index.d.ts").write_text("types")
    into.mkdir()
    (into / "old.js").write_text("old")
    vendor(modules, into)
    copied = sorted(str(path.relative_to(into)) for path in into.rglob("*") if path.is_file())
    assert [name for name in copied if not name.endswith(".svg")] == [
        "diff/LICENSE",
        "diff/diff/base.js",
        "diff/diff/line.js",
        "diff/util/params.js",
        "idiomorph/LICENSE",
        "idiomorph/idiomorph.js",
        "lucide/LICENSE",
        "msgpack/LICENSE",
        "msgpack/index.mjs",
        "msgpack/utils/int.mjs",
    ]
    assert (into / "msgpack/utils/int.mjs").read_text() == "@msgpack/msgpack/dist.esm/utils/int.mjs"
    assert len(ICONS) == 150
    assert [name for name in copied if name.endswith(".svg")] == sorted(f"lucide/{name}.svg" for name in ICONS)


def test_vendor_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"^expected .*idiomorph\.js; run npm ci in .*web first$"):
        vendor(tmp_path, tmp_path / "vendor")
