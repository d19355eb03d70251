"""The `ui://` view that MCP hosts show beside a page's tool call: one document with its script inside."""

import re
from functools import lru_cache

from backend.pages.documents import WEB

VIEW = "ui://silverprint/page.html"
FOLDER = WEB / "mcp"
IN_PAGES = (WEB / "static" / "frame" / "confine.js", FOLDER / "leads.js")
"""What runs in the view's frame before a page's own scripts."""


@lru_cache(maxsize=1)
def view() -> str:
    """Return the view's document.

    Raises:
        ValueError: A script in it could end early.
    """
    scripts = [(FOLDER / name).read_text("utf-8") for name in ("rpc.js", "view.js")]
    script = "\n".join(re.sub(r"^(?:import .*|export (?=[a-z]))", "", text, flags=re.MULTILINE) for text in scripts)
    ours = "\n".join(path.read_text("utf-8") for path in IN_PAGES)
    if re.search(r"</script|<!--", script + ours, re.IGNORECASE):
        raise ValueError("expected scripts of the view without '</script' and '<!--', which would end or change them")
    return (FOLDER / "view.html").read_text("utf-8").replace("{{script}}", script).replace("{{ours}}", ours)
