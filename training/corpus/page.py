"""The frame every page of the corpus shares: style first, then title, body and script.

A tokenizer learns each piece here as one word, so nothing in it varies.
"""

from collections.abc import Sequence

from backend.prompts.render import line

HEAD = (
    "<!doctype html><html lang=en><head><meta charset=utf-8>"
    '<meta name=viewport content="width=device-width,initial-scale=1"><style>'
)


def page(style_rules: Sequence[str], title: str, body: str, script: str = "") -> str:
    """A whole HTML page.

    style_rules: whole CSS rules, the palette first. title: plain text, spelled here as prompts spell it (``text``).
    body: markup of <body>. script: statement lines, each ended with a newline; none: no <script> at all.
    """
    code = f"<script>{script}</script>" if script else ""
    return f"{HEAD}{''.join(style_rules)}</style><title>{text(title)}</title></head><body>{body}{code}</body></html>"


def text(value: str) -> str:
    """Free text as page text: on one line and escaped byte for byte as a prompt spells it, so that it can be copied."""
    return line(value)
