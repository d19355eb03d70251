"""Respell scripts, styles and text so that they mean the same, but no browser reads anything in them as markup."""

import re

TAG_LIKE = re.compile(r"<(?=[a-zA-Z/!?])")
_STRINGS = r"\"(?:[^\"\\\n]|\\[\s\S])*+\"?|'(?:[^'\\\n]|\\[\s\S])*+'?|/\*[\s\S]*?(?:\*/|\Z)"
_ESCAPED_OR_TAG = r"(?P<escaped>\\<(?=[a-zA-Z/!?]))|\\[^<]|(?P<tag><(?=[a-zA-Z/!?]))"
_INSIDE = re.compile(_ESCAPED_OR_TAG)
_SCRIPT = re.compile(rf"(?P<whole>{_STRINGS}|`(?:[^`\\]|\\[\s\S])*+`?|//[^\n]*+)|{_ESCAPED_OR_TAG}")
_STYLE = re.compile(
    rf"(?P<whole>{_STRINGS}|url\((?:[^)\\]|\\[\s\S])*+\)?)|(?P<mark><!--)|{_ESCAPED_OR_TAG}", re.IGNORECASE
)
"""Patterns for strings, comments and addresses as a whole, and for tags outside them.

A match that only looks like a string, comment or address is harmless, too.
"""

_INNER_SCRIPT = re.compile(r"<(?=script(?:[\t\n\f\r />]|\Z))", re.IGNORECASE)
_SRCDOC = re.compile("(srcdo)(c)", re.IGNORECASE | re.ASCII)
_SPELLED = {"script": "\\u{:04x}", "style": "\\{:x} ", "": "&#{};"}


def scripts_apart(script: str) -> str:
    """Return a script in whose text no tag begins.

    In strings "<" is escaped; elsewhere a blank follows it.
    """
    return _SCRIPT.sub(lambda token: _without_tags(token, "\\x3c"), script)


def styles_apart(style: str) -> str:
    """Return a style sheet in whose text no tag begins.

    The "<!--" marks that hid styles from the first browsers are removed.
    """
    return _STYLE.sub(lambda token: _without_tags(token, "\\3c "), style)


def _without_tags(token: "re.Match[str]", escape: str) -> str:
    """Return a token without the beginnings of tags.

    Args:
        token: A match of `_SCRIPT` or `_STYLE`.
        escape: Stands for "<" in strings, and where it is escaped already.
    """
    kind = token.lastgroup
    if kind == "whole":
        return _INSIDE.sub(lambda found: escape if found.lastgroup else found[0], token[0])
    return {"tag": "< ", "mark": " ", "escaped": escape}.get(str(kind), token[0])


def one_script(script: str) -> str:
    """Return a script that ends at its first end tag as it stands.

    Browsers read "<!--<script>" in a script as the start of another script inside.
    """
    head, hidden, tail = script.partition("<!--")
    return f"{head}{hidden}{_INNER_SCRIPT.sub(lambda _: chr(92) + 'x3c', tail)}" if hidden else script


def respelled(text: str, kind: str) -> str:
    """Return text without the word srcdoc: its last letter is spelled as an escape or entity.

    Args:
        text: The text.
        kind: "script", "style", or "" for other text.
    """
    spelled = _SPELLED[kind]
    return _SRCDOC.sub(lambda word: f"{word[1]}{spelled.format(ord(word[2]))}", text)
