"""Texts made to be dear for a pattern, and whether the time that something takes stays in proportion to its text.

The texts come out of the pattern itself: what it repeats is repeated many times behind what it wants before, and then
something follows that it does not want; what it begins with is begun again and again and never ended.
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
"""Characters that stand for the classes of patterns; the first that fits is taken."""

AGAIN = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
LOOKS = (code.ASSERT, code.ASSERT_NOT)
MANY, MOST_WORDS = 8, 600
STEPS = tuple(int(8 * 1.25**step) for step in range(20))
"""Sizes to begin with: small enough, and close enough to each other, that even a time that doubles with every few
characters is noticed before it is long."""


@dataclass(frozen=True)
class Attack:
    """A text of any size: a beginning, something again and again, an end."""

    unit: str
    begins: str = ""
    ends: str = ""

    def text(self, size: int) -> str:
        return f"{self.begins}{self.unit * (size // len(self.unit) + 1)}"[:size] + self.ends


def attacks(pattern: re.Pattern[str]) -> list[Attack]:
    """Many texts that are dear for a pattern which is careless."""
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
    """Texts that a sequence of a pattern takes: its first choice, then each other choice once."""
    choices = [choice(*item) for item in items]
    first = [options[0] if options else "" for options in choices]
    found = {"".join(first): None}
    for at, options in enumerate(choices):
        for option in options[1:]:
            found["".join([*first[:at], option, *first[at + 1 :]])] = None
    return list(found)[:MOST_WORDS]


def choice(kind: Any, given: Any) -> list[str]:
    """Texts that one item of a pattern takes."""
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
    """Some characters of a class."""
    if kind is code.ANY:
        return ["a", "<"]
    if kind is code.NOT_LITERAL:
        return [next(sign for sign in "a<" if ord(sign) != given)]
    fits = re.compile(f"[{spelled(given if kind is code.IN else [(kind, given)])}]")
    return [sign for sign in ALPHABET if fits.match(sign)][:3] or [first_of(given)]


def first_of(given: Any) -> str:
    """A character that a class names."""
    _, value = next(item for item in given if item[0] in (code.LITERAL, code.RANGE))
    return chr(value if isinstance(value, int) else value[0])


def spelled(given: Any) -> str:
    """A class as it stands in a pattern."""
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
    """What stands before each repetition in a pattern, and what it repeats."""
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
    """What is wrong with the time that some work takes on texts up to a size; "" if nothing is.

    most: the largest size, in characters. each: seconds that a character may take, generously. times: how much more a
    text of four times the size may take. It is the processor's time of this thread that counts, so that others who
    use the machine count for little.
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
    """Seconds of the processor: the least of several tries, or one that is little enough.

    Without the garbage collector, as timeit does: one pass over all that thousands of tests have left takes a second.
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
