"""Minify a style sheet: remove what only people read, and join rules whose selectors begin alike.

An ordinary minifier does the first half only. This one needs no build step, so an edited sheet is served as it is.
Rules with a common parent are nested in it, in their order: `.a{x}.a>b{y}` becomes `.a{x;>b{y}}`. A nested rule keeps
its specificity, since only single selectors become parents, never lists of them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

_STRING = r"\"(?:[^\"\\]|\\[\s\S]?)*+(?:\"|\Z)|'(?:[^'\\]|\\[\s\S]?)*+(?:'|\Z)"
TOKEN = re.compile(rf"(/\*.*?(?:\*/|\Z))|({_STRING}|[^{{}};\"'/]++|/)|([{{}};])", re.DOTALL)
SPACE = re.compile(r"\s++")
SELECTOR = re.compile(rf"({_STRING})| ?([,>~+]) ?|(?<=:) ")
VALUE = re.compile(rf"({_STRING})| ?([,/*]) ?|(?<![\w.])0(?=\.\d)|\b(transparent)\b| (?=!)")
COMBINATORS = " >~+"


@dataclass(frozen=True)
class Rule:
    """A rule with a block, which may be an at-rule.

    Attributes:
        selector: The selector, or the at-rule with its prelude.
        says: The declarations.
        rules: The nested rules, which come after the declarations.
    """

    selector: str
    says: tuple[str, ...] = ()
    rules: tuple["Rule", ...] = ()

    def __str__(self) -> str:
        rules = spelled(self.rules if self.selector.startswith("@keyframes") else nested(self.rules))
        return f"{self.selector}{{{';'.join(self.says)}{';' if self.says and rules else ''}{rules}}}"


def squeezed(css: str) -> str:
    """Return the sheet in fewer bytes."""
    return spelled(nested(parsed(TOKEN.finditer(css)).rules))


def spelled(rules: Sequence[Rule]) -> str:
    """Return rules as text."""
    return "".join(map(str, rules))


def parsed(tokens: "Iterator[re.Match[str]]", selector: str = "") -> Rule:
    """Parse the rule whose block comes next, up to its end.

    Args:
        tokens: Matches of `TOKEN`, the first of which follows the opening brace.
        selector: The selector of the rule.
    """
    text, says, rules = "", [], []
    for token in tokens:
        comment, words, mark = token.groups()
        text += words or (" " if comment else "")
        if mark == "{":
            rules.append(parsed(tokens, short(text, SELECTOR)))
        elif mark and text.strip():
            says.append(declaration(text))
        if mark == "}":
            break
        text = "" if mark else text
    return Rule(selector, tuple(says), tuple(rules))


def declaration(text: str) -> str:
    """Return a declaration without needless white space."""
    name, _, value = text.partition(":")
    return f"{name.strip()}:{short(value, VALUE)}"


def short(text: str, rest: "re.Pattern[str]") -> str:
    """Return text without needless white space, with zeros and some words in a shorter form.

    Args:
        text: A selector or a value.
        rest: `SELECTOR` or `VALUE`.
    """

    def said(match: "re.Match[str]") -> str:
        string, mark, *word = match.groups()
        return string or mark or ("#0000" if any(word) else "")

    return rest.sub(said, SPACE.sub(" ", text)).strip()


def nested(rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules with consecutive rules that begin alike joined, wherever that is shorter."""
    out: list[Rule] = []
    while rules:
        best = max(joined(rules), key=lambda found: found[0], default=(0, 1, rules[0]))
        out.append(best[2])
        rules = rules[best[1] :]
    return out


def joined(rules: Sequence[Rule]) -> Iterator[tuple[int, int, Rule]]:
    """Yield ways to nest the first rule and those after it in a parent: bytes saved, number of rules, the parent."""
    for parent in parents(rules[0].selector):
        like = children(parent, rules)
        if len(like) > 1:
            own = like[0] if like[0].selector == parent and not like[0].rules else Rule(parent)
            inside = [replace(rule, selector=behind(rule.selector, parent)) for rule in like if rule is not own]
            one = replace(own, rules=tuple(inside))
            if (saved := len(spelled(like)) - len(str(one))) > 0:
                yield saved, len(like), one


def children(parent: str, rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules at the beginning of the list that can be nested in that parent."""
    return list(takewhile(lambda rule: parent in parents(rule.selector), rules))


def behind(selector: str, parent: str) -> str:
    """Return the selector of a rule relative to its parent."""
    rest = selector[len(parent) :]
    return rest.strip() if rest.startswith(tuple(COMBINATORS)) else f"&{rest}"


def parents(selector: str) -> list[str]:
    """Return the beginnings of a selector that are selectors of elements themselves, including the whole selector.

    A list of selectors has none. <body> is left out, since its classes are searched for in front of them
    (backend.kit.content_only).
    """
    found, depth = [], 0
    for at, mark in enumerate(selector):
        if (depth == 0 and mark == ",") or selector.startswith("@"):
            return []
        if depth == 0 and mark in f"{COMBINATORS}.:[" and selector[at - 1] not in f"{COMBINATORS}:":
            found.append(selector[:at])
        depth += (mark in "([") - (mark in ")]")
    return [parent for parent in (*found, selector) if parent not in ("", "&", "body") and "::" not in parent]
