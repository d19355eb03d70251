"""The `ui://` view that MCP hosts show beside a page's tool call: one document, its script inside."""

import re
from functools import lru_cache

from backend.frames import WEB

VIEW = "ui://silverprint/page.html"
FOLDER = WEB / "mcp"


@lru_cache(maxsize=1)
def view() -> str:
    """The document. Raises ValueError if a script in it could end early."""
    scripts = [(FOLDER / name).read_text("utf-8") for name in ("rpc.js", "view.js")]
    script = "\n".join(re.sub(r"^(?:import .*|export (?=[a-z]))", "", text, flags=re.MULTILINE) for text in scripts)
    if re.search(r"</script|<!--", script, re.IGNORECASE):
        raise ValueError("expected scripts of the view without '</script' and '<!--', which would end or change them")
    return (FOLDER / "view.html").read_text("utf-8").replace("{{script}}", script)
