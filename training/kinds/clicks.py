"""A small language of clicks, in which a kind says how its pages are tried in a browser.

There is one step a line:

press Add                    click the button, link or tab of that name
click .cell:nth-child(3)     click the first element that a selector finds
fill input[name=bill] 60     put a value into a field (check and uncheck: a tick box)
pick select Large            choose an option by its text
type Hello                   type on the keyboard, wherever the focus is
key ArrowLeft                press one key
wait 500                     milliseconds, for what moves by itself
see 9.00                     that text is visible now
miss call grandma            that text is not visible
value #out 42                a field or an output holds that text
count li 3                   so many elements are visible;   count li >2   more than so many
moves                        the page looks different after a second and a half, by itself
changed                      the page looks different from before the last press, click, key, fill, pick or type
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from training.evaluation.checks.base import UnmetError

if TYPE_CHECKING:  # a machine that only trains on pages has no browser
    from playwright.sync_api import Locator, Page

VERBS = frozenset(
    [
        "press",
        "click",
        "fill",
        "check",
        "uncheck",
        "pick",
        "type",
        "key",
        "wait",
        "see",
        "miss",
        "value",
        "count",
        "moves",
        "changed",
        "dark",
        "light",
    ]
)
ALONE = frozenset({"moves", "changed", "dark", "light"})
ACTS = frozenset({"press", "click", "fill", "check", "uncheck", "pick", "type", "key"})
SETTLE = 120
"""Milliseconds that a page gets after each action."""

VISIBLE = """() => document.body.innerText + '\\n'
  + [...document.querySelectorAll('input, textarea, output')].map(e => e.value).join('\\n')"""
SHADE = """() => { for (const e of [document.body, document.documentElement]) {
  const found = getComputedStyle(e).backgroundColor;
  if (!/, 0\\)$/.test(found)) { const c = new OffscreenCanvas(1, 1).getContext('2d');
    c.fillStyle = found; c.fillRect(0, 0, 1, 1);
    return [...c.getImageData(0, 0, 1, 1).data].slice(0, 3).reduce((a, b) => a + b) / 3 } } return 255 }"""


@dataclass(frozen=True)
class Click:
    """One step.

    Attributes:
        verb: What is done.
        rest: What follows the verb.
    """

    verb: str
    rest: str

    def __str__(self) -> str:
        return f"{self.verb} {self.rest}".strip()


def clicks(text: str) -> tuple[Click, ...]:
    """Return the steps in a text, without blank lines and comments (#).

    Raises:
        ValueError: A verb is unknown, or what follows it is wrong.
    """
    found = []
    for line in text.splitlines():
        verb, _, rest = line.strip().partition(" ")
        if not verb or verb.startswith("#"):
            continue
        if verb not in VERBS:
            raise ValueError(f"expected one of {', '.join(sorted(VERBS))}; got {line.strip()!r}")
        if bool(rest.strip()) == (verb in ALONE):
            raise ValueError(f"{verb}: expected {'nothing' if verb in ALONE else 'something'} behind it, got {rest!r}")
        if verb in ("fill", "value", "count", "pick") and " " not in rest.strip():
            raise ValueError(f"{verb}: expected a selector and a value, got {rest!r}")
        found.append(Click(verb, rest.strip()))
    return tuple(found)


def try_clicks(page: "Page", steps: tuple[Click, ...]) -> None:
    """Do the steps on an open page.

    Raises:
        UnmetError: A step failed; the message names it.
    """
    before: bytes | None = None
    for step in steps:
        if step.verb == "changed":
            if before is None or page.screenshot() == before:
                raise UnmetError("changed: expected another picture, got the same")
            continue
        if step.verb in ACTS:
            before = page.screenshot()
        _do(page, step)
        if step.verb in ACTS:
            page.wait_for_timeout(SETTLE)


def _do(page: "Page", step: Click) -> None:
    acts: dict[str, Callable[[Page, str], None]] = {
        "press": lambda page, rest: named(page, rest).click(),
        "click": lambda page, rest: page.locator(rest).first.click(),
        "check": lambda page, rest: page.locator(rest).first.check(),
        "uncheck": lambda page, rest: page.locator(rest).first.uncheck(),
        "fill": _fill,
        "pick": _pick,
        "type": lambda page, rest: page.keyboard.type(rest),
        "key": lambda page, rest: page.keyboard.press(rest),
        "wait": lambda page, rest: page.wait_for_timeout(float(rest)),
        "see": lambda page, rest: _sees(page, rest, True),
        "miss": lambda page, rest: _sees(page, rest, False),
        "value": _value,
        "count": _count,
        "moves": _moves,
        "dark": lambda page, _: _shade(page, "dark"),
        "light": lambda page, _: _shade(page, "light"),
    }
    try:
        acts[step.verb](page, step.rest)
    except UnmetError as error:
        raise UnmetError(f"{step}: {error}") from None


def named(page: "Page", name: str) -> "Locator":
    """Return the first visible button, link, tab or tick box with this name."""
    exact = re.compile(rf"^\s*{re.escape(name)}\s*$", re.IGNORECASE)
    for role in ("button", "link", "tab", "checkbox", "radio", "menuitem", "switch"):
        found = page.get_by_role(role, name=exact).filter(visible=True)
        if found.count():
            return found.first
    found = page.get_by_label(exact).filter(visible=True)
    if found.count():
        return found.first
    raise UnmetError("expected something of that name, found nothing")


def _parted(rest: str) -> tuple[str, str]:
    """Return a selector and a value; a value with blanks is in quotes."""
    match = re.fullmatch(r"""(.+?)\s+("[^"]*"|\S+)""", rest)
    if match is None:
        raise UnmetError(f"expected a selector and a value, got {rest!r}")
    return match[1], match[2].strip('"')


def _fill(page: "Page", rest: str) -> None:
    selector, value = _parted(rest)
    page.locator(selector).first.fill(value)


def _pick(page: "Page", rest: str) -> None:
    selector, value = _parted(rest)
    page.locator(selector).first.select_option(label=value)


def _sees(page: "Page", text: str, wanted: bool) -> None:
    seen = page.evaluate(VISIBLE)
    if (text.lower() in seen.lower()) != wanted:
        raise UnmetError(f"the page says {seen[:160]!r}")


def _value(page: "Page", rest: str) -> None:
    selector, wanted = _parted(rest)
    found = page.locator(selector).first.evaluate("e => e.value ?? e.textContent")
    if wanted.lower() not in str(found).lower():
        raise UnmetError(f"got {found!r}")


def _count(page: "Page", rest: str) -> None:
    selector, _, wanted = rest.rpartition(" ")
    found = page.locator(selector).filter(visible=True).count()
    if not (found > int(wanted[1:]) if wanted.startswith(">") else found == int(wanted)):
        raise UnmetError(f"got {found}")


def _moves(page: "Page", _: str) -> None:
    before = page.screenshot()
    page.wait_for_timeout(1500)
    if page.screenshot() == before:
        raise UnmetError("nothing moved")


def _shade(page: "Page", wanted: str) -> None:
    found = page.evaluate(SHADE)
    if (found < 90) != (wanted == "dark"):
        raise UnmetError(f"the background's mean value is {found:.0f} of 255")
