"""The scripts of the kit (web/kit/scripts/): charts, boards, keys, pads and tabs.

A page gets the scripts whose names stand anywhere in its text, as it gets the sheets (`backend/kit/bundle.py`). They
stand in front of everything of its own. Drafts get no scripts. The scripts run in one scope that the page does not see,
and act after the page's own.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "web" / "kit" / "scripts"
ASKS = re.compile(r"/\* for: ([^*]*)\*/")
COMMENTS = re.compile(r"/\*.*?(?:\*/|\Z)|^[ \t]*//[^\n]*", re.DOTALL | re.MULTILINE)
_QUOTED = r"""\"(?:[^\"\\]|\\[\s\S]?)*+(?:\"|\Z)|`(?:[^`\\]|\\[\s\S]?)*+(?:`|\Z)"""
_CLASS = r"\[(?:[^\]\\]|\\[\s\S]?)*+(?:\]|\Z)"
_PATTERN = rf"(?:(?<=[(,=:!?])|(?<=[,=:>?] ))/(?![*/ ])(?:[^/\\[]|\\[\s\S]?|{_CLASS})++(?:/|\Z)"
CODE = re.compile(
    rf"({_QUOTED}|{_PATTERN})|(?:(?<!\s)\s++)?+([{{}}()\[\];,:?=<>&|!*])\s*+|(?<![+-])[ ]([+-])[ ](?![+-])"
)
"""A pattern for tokens that stay as they are, and for marks around which white space means nothing.

The tokens that stay are strings, templates and regular expressions.
"""
ENDS = re.compile(r"</script|<!--", re.IGNORECASE)


@dataclass(frozen=True)
class Script:
    """One file of the scripts.

    Attributes:
        name: The name of the file without its ending.
        code: The code without comments and white space.
        uses: What asks for the script: sets of words, of one of which a page must have all.
    """

    name: str
    code: str
    uses: frozenset[frozenset[str]]


@lru_cache(maxsize=8)
def scripts(folder: Path = SCRIPTS) -> tuple[Script, ...]:
    """Return the scripts in the order in which they run.

    Raises:
        ValueError: A script could not stand in a page.
    """
    return tuple(read(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.js")))


def read(name: str, text: str) -> Script:
    """Parse a script from the text of its file.

    Raises:
        ValueError: The script does not say what asks for it, or it could end a <script>.
    """
    asks, code = ASKS.match(text), shortened(text)
    if asks is None or ENDS.search(code):
        raise ValueError(f"expected '/* for: ... */' in front and nothing that ends a <script>, got {name}.js without")
    return Script(name, code, frozenset(frozenset(use.strip(".").split(".")) for use in asks[1].split()))


def shortened(code: str) -> str:
    """Return a script without comments and needless white space.

    Comments stand between /* and */ or have a line of their own.
    """
    lines = (line.strip() for line in COMMENTS.sub("", code).splitlines())
    return CODE.sub(lambda found: found[1] or found[2] or found[3], "\n".join(line for line in lines if line)).strip()


def joined(words: frozenset[str], folder: Path = SCRIPTS) -> str:
    """Return the scripts that a page with these words uses as one script, or "" if there are none.

    The script removes its own element.
    """
    code = "\n".join(script.code for script in scripts(folder) if any(use <= words for use in script.uses))
    return f'(()=>{{"use strict";document.currentScript.remove();\n{code}\n}})();' if code else ""
