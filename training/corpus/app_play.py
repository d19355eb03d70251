# ruff: noqa: E501 - a CSS rule is one word to the tokenizer, so it is one line here
"""Parts that the apps to play and learn with share: a board of tiles, a line that says how things stand, `q` and `all`.

`q` finds one element of the page, `all` an array of them.
"""

FIND = "const q=s=>document.querySelector(s),all=s=>[...document.querySelectorAll(s)]\n"
TILE = "<button class=tile type=button></button>"
TILES = 'const tiles=all(".tile"),say=q(".say")\n'
AGAIN = '<div class=row><button class="new main" type=button>New game</button></div>'
SPACED = ".tools{align-items:center;padding-top:16px}"
SHARED = (
    SPACED,
    ".say{margin:14px 0;color:var(--mut)}",
    ".row{display:flex;justify-content:center;gap:10px}",
    ".row button{flex:1;font-size:18px}",
)
SCORE_RULES = (".score{font-weight:600}", ".score b{font-size:22px;color:var(--acc)}")
TURN = "@keyframes turn{from{transform:rotateY(75deg)}}"
CORNERS: dict[str, str] = {
    "soft": ".vote,.answer,.day{border-radius:14px}",
    "sharp": ".vote,.answer,.day{border-radius:0}",
    "ruled": ".vote,.answer,.day{border-radius:8px 5px 9px 6px;box-shadow:inset 0 0 0 1.5px var(--mut)}",
}
TILE_RULES: dict[str, tuple[str, ...]] = {
    "soft": (
        ".board button{display:grid;place-content:center;aspect-ratio:1;padding:0;font-size:0;line-height:0;border-radius:22px;background:var(--bg)}",
    ),
    "sharp": (
        ".board button{display:grid;place-content:center;aspect-ratio:1;padding:0;font-size:0;line-height:0;border-width:3px;background:var(--bg)}",
    ),
    "ruled": (
        ".board button{display:grid;place-content:center;aspect-ratio:1;padding:0;font-size:0;line-height:0;border:2px solid var(--mut);border-radius:12px 8px 14px 7px;background:var(--card)}",
    ),
}
"""Tiles hold a figure that is drawn by CSS; their text is of no size."""


def board(says: str, tiles: int) -> str:
    """The line that says how things stand (read out when it changes), the tiles, and a button for a new game."""
    return f"<p class=say aria-live=polite>{says}</p><div class=board>{TILE * tiles}</div>{AGAIN}"


def rounded(design: str) -> tuple[str, ...]:
    """The corners of buttons that are large or stand in a grid."""
    return (CORNERS[design],)
