"""What people say, as data (wordings.toml)."""

import tomllib
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def wordings() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return every group of wordings by its table and name."""
    data = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return {table: {name: tuple(texts) for name, texts in found.items()} for table, found in data.items()}


ASK, DESIGNS, CHANGE, ADJUST, FREE = (wordings()[name] for name in ("ask", "designs", "change", "adjust", "free"))
