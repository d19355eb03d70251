"""Join the kit: the style sheet that pages are written over, from one file a component.

python web/kit/build.py        writes web/static/kit/kit.css (`make install` and the wheel's build run it)
"""

import re
import sys
from pathlib import Path

KIT = Path(__file__).resolve().parent
ORDER = ("tokens.css", "base.css", "components", "designs", "palettes.css", "adjust.css")
COMMENT, SPACE = re.compile(r"/\*.*?\*/", re.DOTALL), re.compile(r"\s+")


def joined() -> str:
    """All of the kit in one layer, so that whatever a page says itself comes after it, and within pages that ask for it:
    those whose <html> has a class."""
    rules = "".join(squeezed(path.read_text("utf-8")) for name in ORDER for path in files(KIT / name))
    return f"{squeezed((KIT / 'motion.css').read_text('utf-8'))}@layer kit{{:where(html[class]){{{rules}}}}}"


def files(path: Path) -> list[Path]:
    return sorted(path.glob("*.css")) if path.is_dir() else [path] if path.exists() else []


def squeezed(sheet: str) -> str:
    """A sheet without comments and without white space that means nothing."""
    text = SPACE.sub(" ", COMMENT.sub("", sheet)).strip()
    text = re.sub(r" ?([{};,]) ?", r"\1", text)
    return re.sub(r";}", "}", re.sub(r"([{;][\w-]+): ", r"\1:", text))


if __name__ == "__main__":
    out = KIT.parent / "static" / "kit" / "kit.css"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(joined(), "utf-8")
    sys.stdout.write(f"{out.name}: {len(joined()):,} bytes\n")
