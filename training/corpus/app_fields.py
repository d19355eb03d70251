# ruff: noqa: E501 - a CSS rule is one word to the tokenizer, so it is one line here
"""What small tools share beyond app_kit.py: forms that add, fields, a big result, and the first lines of their scripts."""

from training.corpus.app_style import DIAL, TODO, TODO_SHARED
from training.corpus.app_todo import START

FIRST, ADD, _, DELETE = START
"""Script lines of a list that a form adds to: its elements, adding a clone of its first row, deleting a row."""
OUT = 'const q=s=>document.querySelector(s),out=q("output")\n'
LIST = 'const list=q(".list"),form=q(".add")\n'
WIPE_LIST = 'q(".wipe").onclick=()=>list.replaceChildren()\n'
DELETE_BUTTON = "<button class=del type=button aria-label=Delete></button>"

PLAIN_LIST, _, _, _, WRAP, CAPITAL, _, DEL, CROSS, MUTED = TODO_SHARED[:10]
LISTED = (PLAIN_LIST, WRAP, CAPITAL, DEL, CROSS, MUTED)
"""Rules of a plain list with deletable rows."""
FIELDS: dict[str, str] = {
    "soft": ":where(input,select,textarea){width:100%;font:inherit;padding:10px 18px;border:0;border-radius:18px;background:var(--bg);color:var(--fg)}",
    "sharp": ":where(input,select,textarea){width:100%;font:inherit;padding:9px 12px;border:2px solid var(--fg);border-radius:0;background:var(--bg);color:var(--fg)}",
    "ruled": ":where(input,select,textarea){width:100%;font:italic 18px/34px Georgia,serif;padding:0 10px;border:0;border-radius:4px;background:var(--bg);color:var(--fg)}",
}
SETS = (
    ".sets{display:grid;gap:14px}",
    ".sets label{display:grid;gap:4px;color:var(--mut)}",
    "[type=range]{height:26px;padding:0;border:0;background:none;accent-color:var(--acc)}",
)
"""Rules of labelled fields one below the other; [type=range] has no frame."""
RESULT = "output{font-size:44px;line-height:72px;overflow-wrap:anywhere}"


def add_form(fields: str, button: str = "Add") -> str:
    """A form that the page's script serves: `form.add`."""
    return f"<form class=add>{fields}<button class=main>{button}</button></form>"


def form_rules(design: str) -> tuple[str, ...]:
    """Rules of a form in one row."""
    return TODO[design][:2]


def list_rules(design: str) -> tuple[str, ...]:
    """Rules of a form in one row and of the rows of a list."""
    return TODO[design][:3]


def result_rules(design: str) -> tuple[str, ...]:
    """Rules of a page of fields with a result in large type."""
    return (*DIAL[design], FIELDS[design])
