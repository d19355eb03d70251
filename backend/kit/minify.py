"""A style sheet in as few bytes as say the same: without what only people read, and with rules that begin alike as one.

A minifier does the first half only. This needs no build step, so that a sheet that was edited is served as it is. Rules
of one parent are nested in it, in their order: `.a{x}.a>b{y}` is `.a{x;>b{y}}`. A nested rule weighs what it weighs
alone, since only single selectors become parents, never lists of them.
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
    """One with a block, be it an at-rule. says: its declarations. rules: those inside it, which come after them."""

    selector: str
    says: tuple[str, ...] = ()
    rules: tuple["Rule", ...] = ()

    def __str__(self) -> str:
        rules = spelled(self.rules if self.selector.startswith("@keyframes") else nested(self.rules))
        return f"{self.selector}{{{';'.join(self.says)}{';' if self.says and rules else ''}{rules}}}"


def squeezed(css: str) -> str:
    """The sheet in fewer bytes."""
    return spelled(nested(parsed(TOKEN.finditer(css)).rules))


def spelled(rules: Sequence[Rule]) -> str:
    return "".join(map(str, rules))


def parsed(tokens: "Iterator[re.Match[str]]", selector: str = "") -> Rule:
    """The rule whose block comes next, up to its end."""
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
    name, _, value = text.partition(":")
    return f"{name.strip()}:{short(value, VALUE)}"


def short(text: str, rest: "re.Pattern[str]") -> str:
    """Without white space that means nothing, and zeros and words that can be said shorter."""

    def said(match: "re.Match[str]") -> str:
        string, mark, *word = match.groups()
        return string or mark or ("#0000" if any(word) else "")

    return rest.sub(said, SPACE.sub(" ", text)).strip()


def nested(rules: Sequence[Rule]) -> list[Rule]:
    """Rules that follow each other and begin alike as one, wherever that is shorter."""
    out: list[Rule] = []
    while rules:
        best = max(joined(rules), key=lambda found: found[0], default=(0, 1, rules[0]))
        out.append(best[2])
        rules = rules[best[1] :]
    return out


def joined(rules: Sequence[Rule]) -> Iterator[tuple[int, int, Rule]]:
    """Ways to nest the first rule and those behind it in a parent: bytes saved, number of rules, the parent."""
    for parent in parents(rules[0].selector):
        like = children(parent, rules)
        if len(like) > 1:
            own = like[0] if like[0].selector == parent and not like[0].rules else Rule(parent)
            inside = [replace(rule, selector=behind(rule.selector, parent)) for rule in like if rule is not own]
            one = replace(own, rules=tuple(inside))
            if (saved := len(spelled(like)) - len(str(one))) > 0:
                yield saved, len(like), one


def children(parent: str, rules: Sequence[Rule]) -> list[Rule]:
    """The first of the rules, as far as they can be nested in that parent."""
    return list(takewhile(lambda rule: parent in parents(rule.selector), rules))


def behind(selector: str, parent: str) -> str:
    """What a rule in its parent is for."""
    rest = selector[len(parent) :]
    return rest.strip() if rest.startswith(tuple(COMBINATORS)) else f"&{rest}"


def parents(selector: str) -> list[str]:
    """The beginnings of a selector that are selectors of elements themselves, itself included; none of a list, and
    not <body>, whose classes are sought in front of them (backend.kit.content_only)."""
    found, depth = [], 0
    for at, mark in enumerate(selector):
        if (depth == 0 and mark == ",") or selector.startswith("@"):
            return []
        if depth == 0 and mark in f"{COMBINATORS}.:[" and selector[at - 1] not in f"{COMBINATORS}:":
            found.append(selector[:at])
        depth += (mark in "([") - (mark in ")]")
    return [parent for parent in (*found, selector) if parent not in ("", "&", "body") and "::" not in parent]
