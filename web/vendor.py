"""Copy what browsers load of the npm packages, and the icons of the kit, from node_modules into static/vendor.

python web/vendor.py        after `npm ci` in this folder

Files are copied one by one and unchanged.
"""

import shutil
import sys
from pathlib import Path

WEB = Path(__file__).resolve().parent
ICONS = [line.split()[0] for line in (WEB / "kit" / "icons.txt").read_text("utf-8").splitlines()]
FILES = {
    "idiomorph/dist/idiomorph.js": "idiomorph/idiomorph.js",
    "idiomorph/LICENSE": "idiomorph/LICENSE",
    "@msgpack/msgpack/dist.esm": "msgpack",
    "@msgpack/msgpack/LICENSE": "msgpack/LICENSE",
    "diff/libesm/diff/base.js": "diff/diff/base.js",
    "diff/libesm/diff/line.js": "diff/diff/line.js",
    "diff/libesm/util/params.js": "diff/util/params.js",
    "diff/LICENSE": "diff/LICENSE",
    "lucide-static/LICENSE": "lucide/LICENSE",
    **{f"lucide-static/icons/{name}.svg": f"lucide/{name}.svg" for name in ICONS},
}


def vendor(modules: Path, into: Path) -> list[Path]:
    """Copy FILES into a folder, which is emptied first.

    Args:
        modules: The folder node_modules.
        into: The folder for the copies.

    Returns:
        The copies.

    Raises:
        FileNotFoundError: A package is missing.
    """
    for source in FILES:
        if not (modules / source).exists():
            raise FileNotFoundError(f"expected {modules / source}; run npm ci in {WEB} first")
    shutil.rmtree(into, ignore_errors=True)
    copied = []
    for source, target in FILES.items():
        for file in wanted(modules / source):
            goal = into / target / file.relative_to(modules / source) if file != modules / source else into / target
            goal.parent.mkdir(parents=True, exist_ok=True)
            copied.append(shutil.copyfile(file, goal))
    return copied


def wanted(source: Path) -> list[Path]:
    """Return the file itself, or the modules in a folder."""
    return [source] if source.is_file() else sorted(source.rglob("*.mjs"))


if __name__ == "__main__":
    try:
        vendor(WEB / "node_modules", WEB / "static" / "vendor")
    except FileNotFoundError as error:
        sys.exit(str(error))
