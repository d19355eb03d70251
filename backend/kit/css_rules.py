"""Find which rules of a sheet can apply to a page that has certain classes: a page carries only those.

Only classes are checked, since a page may get any element without naming it (`<tbody>`), and an attribute from its
script. The module is pure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from backend.kit.minify import TOKEN, Rule, parsed

CLASS = re.compile(r"\.([A-Za-z][\w-]*)")
OPENS, SHUTS = "([", ")]"
ASKED = (":is(", ":where(", ":has(")
"""The pseudo-classes that ask for one of the selectors in their brackets.

Other brackets ask for nothing: `:not()`, `:nth-child()`, `[a=b]`.
"""


@dataclass(frozen=True)
class Asks:
    """What one selector asks for.

    Attributes:
        classes: Classes that must all be there.
        lists: Lists of selectors, of each of which one must be met.
    """

    classes: frozenset[str]
    lists: tuple[tuple["Asks", ...], ...]

    def met(self, words: frozenset[str]) -> bool:
        """Return whether a page with these classes can have an element that the selector matches."""
        return self.classes <= words and all(any(one.met(words) for one in several) for several in self.lists)


def fitting(sheet: str, words: frozenset[str]) -> str:
    """Return the rules of a minified sheet that can apply where only these classes are, in their order."""
    return "".join(_fitting(_rules(sheet), words))


def begun(sheet: str, words: frozenset[str]) -> frozenset[str]:
    """Return the classes of a sheet that begin with one of the words that end with a dash.

    A script appends the rest of the class to such a word.
    """
    starts = tuple(word for word in words if word.endswith("-"))
    return frozenset(name for name in CLASS.findall(sheet) if name.startswith(starts)) if starts else frozenset()


@lru_cache(maxsize=64)
def _rules(sheet: str) -> tuple[Rule, ...]:
    """Return the parsed rules of a sheet."""
    return parsed(TOKEN.finditer(sheet)).rules


def _fitting(rules: Sequence[Rule], words: frozenset[str]) -> Iterator[str]:
    """Yield the rules that can apply, as text."""
    for rule in rules:
        if any(asks.met(words) for asks in asked(rule.selector)):
            says, inside = ";".join(rule.says), "".join(_fitting(rule.rules, words))
            if says or inside:
                yield f"{rule.selector}{{{says}{';' if says and inside else ''}{inside}}}"


@lru_cache(maxsize=4096)
def asked(selector: str) -> tuple[Asks, ...]:
    """Return what each selector of a list asks for; an at-rule asks for nothing."""
    return (Asks(frozenset(), ()),) if selector.startswith("@") else tuple(map(read, apart(selector)))


def apart(selectors: str) -> Iterator[str]:
    """Yield the selectors of a list."""
    start = depth = 0
    for at, mark in enumerate(selectors):
        depth += (mark in OPENS) - (mark in SHUTS)
        if mark == "," and not depth:
            yield selectors[start:at]
            start = at + 1
    yield selectors[start:]


def read(selector: str) -> Asks:
    """Return what a selector asks for."""
    plain, lists, start, depth = "", [], 0, 0
    for at, mark in enumerate(selector):
        if mark in OPENS:
            start, depth = start if depth else at, depth + 1
        elif mark in SHUTS:
            depth -= 1
            if not depth and selector[: start + 1].endswith(ASKED):
                lists.append(tuple(map(read, apart(selector[start + 1 : at]))))
        elif not depth:
            plain += mark
    return Asks(frozenset(word.lower() for word in CLASS.findall(plain)), tuple(lists))
