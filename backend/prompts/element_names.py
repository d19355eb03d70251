"""Describe a selected element in words, as an instruction names the element that it is about. The module is pure."""

from collections.abc import Mapping

from backend.text.cleaning import one_line
from backend.text.shorten import shortened

TEXT_CHARS = 60
"""The maximum number of characters of an element's text in an instruction.

They are enough to distinguish the element; a model finds it on the page that it changes.
"""

QUOTES = str.maketrans(dict.fromkeys('"“”„‟«»″‶〝〞〟＂❝❞🙶🙷🙸', "'"))
"""Double quotes, and characters that a model or its tokenizer may read as such."""
NAMES: Mapping[str, str] = {
    "a": "link", "article": "article", "aside": "sidebar", "audio": "player", "blockquote": "quotation",
    "button": "button", "canvas": "drawing", "caption": "caption", "code": "code", "dd": "description",
    "details": "details", "dialog": "dialog", "dl": "list", "dt": "term", "fieldset": "group",
    "figcaption": "caption", "figure": "figure", "footer": "footer", "form": "form", "h1": "heading",
    "h2": "heading", "h3": "heading", "h4": "heading", "h5": "heading", "h6": "heading", "header": "header",
    "hr": "line", "img": "image", "input": "field", "label": "label", "legend": "legend", "li": "list item",
    "main": "main part", "meter": "meter", "nav": "navigation", "ol": "list", "output": "output",
    "p": "paragraph", "pre": "code", "progress": "progress bar", "section": "section", "select": "menu",
    "summary": "summary", "svg": "image", "table": "table", "tbody": "table", "td": "cell", "textarea": "field",
    "th": "cell", "thead": "table", "time": "time", "tr": "row", "ul": "list", "video": "video",
}  # fmt: skip
"""What people call elements; any other element is a "part".

web/static/shell/element-names.js holds the same names for visitors.
"""


def directed(instruction: str, tag: str, text: str) -> str:
    """Return an instruction that says which element it is about: `make it red (the button "Add")`."""
    return f"{instruction.rstrip(' .')} ({pointed(tag, text)})"


def pointed(tag: str, text: str) -> str:
    """Return the description of an element: `the button "Add"`.

    The text of the element stands on one line, is cut between words, and cannot end its quotes.
    """
    name = NAMES.get(tag, "part")
    said = quotable(text, TEXT_CHARS)
    return f'the {name} "{said}"' if said else f"the {name}"


def quotable(text: str, chars: int) -> str:
    """Return a text that can stand in double quotes of any kind.

    The result is on one line, has at most `chars` characters and holds no such quotes.
    """
    return shortened(one_line(text.translate(QUOTES)), chars, chars // 2)
