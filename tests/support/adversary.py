"""Texts that are expensive for a regular expression, and a check that running time stays in proportion to the text.

The texts are derived from the expression. What it repeats is repeated many times behind what has to come before, and
something follows that it does not match. What it begins with is begun again and again and never ended.
"""

import gc
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

ALPHABET = " \n\t<>/!-=\"'`{}[]();:,.#&*_|%^$@?~+\\0159azAZf\xe9\u2013\u2007"
"""Characters that stand for character classes; the first that matches is taken."""

AGAIN = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
LOOKS = (code.ASSERT, code.ASSERT_NOT)
MANY, MOST_WORDS = 8, 600
STEPS = tuple(int(8 * 1.25**step) for step in range(20))
"""The first sizes of a text, in characters.

They are small and close to each other. Even a time that doubles with every few characters is noticed before it is long.
"""


@dataclass(frozen=True)
class Attack:
    """A text of any size: a beginning, a unit that is repeated, and an end."""

    unit: str
    begins: str = ""
    ends: str = ""

    def text(self, size: int) -> str:
        """Return the text, cut to `size` characters before its end is added."""
        return f"{self.begins}{self.unit * (size // len(self.unit) + 1)}"[:size] + self.ends


def attacks(pattern: re.Pattern[str]) -> list[Attack]:
    """Return many texts that are expensive for a carelessly written expression."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    whole = words(list(tree))
    begun = {word[:cut] for word in whole for cut in range(1, min(len(word), 12) + 1)}
    units = [Attack(unit) for unit in sorted(begun)[:MOST_WORDS]] + [Attack(sign) for sign in ALPHABET]
    found = dict.fromkeys(units)
    for before, bodies in repeated(list(tree), ""):
        for body, end in product(filter(None, bodies), ("", "\0")):
            found[Attack(body, before, end)] = None
            found[Attack(before + body, "", end)] = None
    return list(found)


def words(items: list[Any]) -> list[str]:
    """Return texts that a sequence of the expression matches: its first choice, then each other choice once."""
    choices = [choice(*item) for item in items]
    first = [options[0] if options else "" for options in choices]
    found = {"".join(first): None}
    for at, options in enumerate(choices):
        for option in options[1:]:
            found["".join([*first[:at], option, *first[at + 1 :]])] = None
    return list(found)[:MOST_WORDS]


def choice(kind: Any, given: Any) -> list[str]:
    """Return texts that one item of the expression matches."""
    if kind is code.LITERAL:
        return [chr(given)]
    if kind in (code.NOT_LITERAL, code.ANY, code.IN, code.CATEGORY):
        return members(kind, given)
    if kind is code.BRANCH:
        return [word for branch in given[1] for word in words(list(branch))]
    if kind is code.SUBPATTERN:
        return words(list(given[3]))
    if kind is code.ATOMIC_GROUP:
        return words(list(given))
    if kind in AGAIN:
        low, _, body = given
        return [word * max(1, low) for word in words(list(body))]
    return [""]


def members(kind: Any, given: Any) -> list[str]:
    """Return some characters of a class."""
    if kind is code.ANY:
        return ["a", "<"]
    if kind is code.NOT_LITERAL:
        return [next(sign for sign in "a<" if ord(sign) != given)]
    fits = re.compile(f"[{spelled(given if kind is code.IN else [(kind, given)])}]")
    return [sign for sign in ALPHABET if fits.match(sign)][:3] or [first_of(given)]


def first_of(given: Any) -> str:
    """Return a character that a class names."""
    _, value = next(item for item in given if item[0] in (code.LITERAL, code.RANGE))
    return chr(value if isinstance(value, int) else value[0])


def spelled(given: Any) -> str:
    """Return a class as it is written in an expression."""
    names = {code.CATEGORY_DIGIT: r"\d", code.CATEGORY_SPACE: r"\s", code.CATEGORY_WORD: r"\w"}
    names |= {code.CATEGORY_NOT_DIGIT: r"\D", code.CATEGORY_NOT_SPACE: r"\S", code.CATEGORY_NOT_WORD: r"\W"}
    found = ""
    for kind, value in given:
        if kind is code.NEGATE:
            found += "^"
        elif kind is code.LITERAL:
            found += f"\\U{value:08x}"
        elif kind is code.RANGE:
            found += f"\\U{value[0]:08x}-\\U{value[1]:08x}"
        else:
            found += names[value]
    return found


def repeated(items: list[Any], before: str) -> Iterator[tuple[str, list[str]]]:
    """Yield what comes before each repetition in the expression, and what it repeats."""
    for kind, given in items:
        if kind in AGAIN:
            _, high, body = given
            if high > MANY:
                yield before, words(list(body))
            yield from repeated(list(body), before)
        elif kind is code.BRANCH:
            for branch in given[1]:
                yield from repeated(list(branch), before)
        elif kind is code.SUBPATTERN:
            yield from repeated(list(given[3]), before)
        elif kind is code.ATOMIC_GROUP:
            yield from repeated(list(given), before)
        elif kind in LOOKS:
            yield from repeated(list(given[1]), before)
        before += (choice(kind, given) or [""])[0]


def complaint(work: Callable[[str], object], attack: Attack, most: int, each: float = 2e-6, times: int = 8) -> str:
    """Check the time that some work takes on texts up to a size.

    The processor time of this thread counts, so that other users of the machine have little influence.

    Args:
        work: Works on a text.
        attack: Makes the texts.
        most: The largest size, in characters.
        each: Seconds that a character may take; this is generous.
        times: How much longer a text of four times the size may take.

    Returns:
        What is wrong, or an empty string.
    """
    begins = [size for size in STEPS if size < most]
    sizes = [*begins, *(size for size in (most // 64, most // 16, most // 4) if size > begins[-1]), most]
    taken: list[float] = []
    for size in sizes:
        text, bound = attack.text(size), 0.2 + size * each
        if size == most:
            bound = min(bound, max(0.03, times * taken[-1]))
        taken.append(cost(work, text, bound))
        if taken[-1] > bound:
            before = f", {sizes[len(taken) - 2]} take {taken[-2]:.4f} s" if len(taken) > 1 else ""
            return f"{size} characters take {taken[-1]:.4f} s{before}"
    return ""


def cost(work: Callable[[str], object], text: str, enough: float) -> float:
    """Return seconds of processor time: the least of several tries, or the first that is low enough.

    The garbage collector is off meanwhile, as in timeit. One pass over what thousands of tests have left takes a
    second.

    Args:
        work: Works on a text.
        text: The text.
        enough: A time that is low enough.
    """
    collecting, least = gc.isenabled(), float("inf")
    gc.disable()
    try:
        for _ in range(4):
            began = time.thread_time()
            work(text)
            least = min(least, time.thread_time() - began)
            if least <= enough or least > 20 * enough:
                break
    finally:
        if collecting:
            gc.enable()
    return least
