"""Where a page came from, kept in a comment at its end, so that the file alone can be edited later."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from backend.alone import alone
from backend.brief import Brief
from backend.errors import ProtocolError, StartupError
from backend.shape import build

MARK, END = "<!--silverprint ", "-->"


@dataclass(frozen=True)
class Origin:
    """What a page was made from. url: its address. tokens: the ids that it was made of, to start an edit from."""

    brief: Brief
    url: str
    tokens: tuple[int, ...]


def signed(html: str, origin: Origin) -> str:
    """The page as a file that works alone, with the kit that it uses inside and its origin behind it, as a comment that
    shows nothing."""
    said = json.dumps(asdict(origin), separators=(",", ":"), ensure_ascii=True)
    for sign in "<>-":  # nothing in it can end the comment
        said = said.replace(sign, f"\\u{ord(sign):04x}")
    return f"{alone(html)}\n{MARK}{said}{END}\n"


def read_origin(path: Path) -> Origin:
    """The origin of the page in a file. Raises StartupError if the file cannot be read or does not tell."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise StartupError(f"expected a page to edit, got {path}: {why}") from error
    _, mark, said = text.rpartition(MARK)
    try:
        if not mark:
            raise ValueError("it has none")
        return _origin(json.loads(said.strip().removesuffix(END)))
    except (ProtocolError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise StartupError(
            f"expected a page that silverprint generate wrote, with its origin in the last line, got {path}: {error}"
        ) from error


def _origin(said: Mapping[str, Any]) -> Origin:
    if not all(isinstance(token, int) and token >= 0 for token in said["tokens"]):
        raise ValueError("expected token ids >= 0")
    return Origin(build(Brief, said["brief"], "brief"), str(said["url"]), tuple(said["tokens"]))
