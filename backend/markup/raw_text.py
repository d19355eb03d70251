"""Scripts, styles and text that mean the same, but are spelled so that no browser takes anything in them for markup."""

import re

TAG_LIKE = re.compile(r"<(?=[a-zA-Z/!?])")
_STRINGS = r"\"(?:[^\"\\\n]|\\[\s\S])*+\"?|'(?:[^'\\\n]|\\[\s\S])*+'?|/\*[\s\S]*?(?:\*/|\Z)"
_ESCAPED_OR_TAG = r"(?P<escaped>\\<(?=[a-zA-Z/!?]))|\\[^<]|(?P<tag><(?=[a-zA-Z/!?]))"
_INSIDE = re.compile(_ESCAPED_OR_TAG)
_SCRIPT = re.compile(rf"(?P<whole>{_STRINGS}|`(?:[^`\\]|\\[\s\S])*+`?|//[^\n]*+)|{_ESCAPED_OR_TAG}")
_STYLE = re.compile(
    rf"(?P<whole>{_STRINGS}|url\((?:[^)\\]|\\[\s\S])*+\)?)|(?P<mark><!--)|{_ESCAPED_OR_TAG}", re.IGNORECASE
)
"""Strings, comments and addresses as a whole, and tags outside them. What is taken for one is harmless, too."""

_INNER_SCRIPT = re.compile(r"<(?=script(?:[\t\n\f\r />]|\Z))", re.IGNORECASE)
_SRCDOC = re.compile("(srcdo)(c)", re.IGNORECASE | re.ASCII)
_SPELLED = {"script": "\\u{:04x}", "style": "\\{:x} ", "": "&#{};"}


def scripts_apart(script: str) -> str:
    """A script in whose text no tag begins: in strings "<" is escaped, elsewhere a blank comes behind it."""
    return _SCRIPT.sub(lambda token: _without_tags(token, "\\x3c"), script)


def styles_apart(style: str) -> str:
    """A style sheet in whose text no tag begins; the marks that hid styles from the first browsers go."""
    return _STYLE.sub(lambda token: _without_tags(token, "\\3c "), style)


def _without_tags(token: "re.Match[str]", escape: str) -> str:
    """A token without the beginnings of tags. escape: stands for "<" in strings, and where it is escaped already."""
    kind = token.lastgroup
    if kind == "whole":
        return _INSIDE.sub(lambda found: escape if found.lastgroup else found[0], token[0])
    return {"tag": "< ", "mark": " ", "escaped": escape}.get(str(kind), token[0])


def one_script(script: str) -> str:
    """A script that ends at its first end tag, as it stands: browsers take "<!--<script>" in it for one more inside."""
    head, hidden, tail = script.partition("<!--")
    return f"{head}{hidden}{_INNER_SCRIPT.sub(lambda _: chr(92) + 'x3c', tail)}" if hidden else script


def respelled(text: str, kind: str) -> str:
    """Text without the word srcdoc, its last letter spelled otherwise. kind: "script", "style" or "" for others."""
    spelled = _SPELLED[kind]
    return _SRCDOC.sub(lambda word: f"{word[1]}{spelled.format(ord(word[2]))}", text)
