"""Judge one page: by its markup, then by its links, features and console messages in a browser."""

from dataclasses import dataclass

from playwright.sync_api import Browser
from playwright.sync_api import Error as BrowserError

from training.corpus.design import Example
from training.evaluation.accessibility import accessibility
from training.evaluation.browse import ADDRESS, Opened, Wrap, opened
from training.evaluation.checks import apps, cards, desktop, games, makers, places, reading, screens, tools, web
from training.evaluation.checks.base import Check, UnmetError, expect, followed
from training.evaluation.checks.markup import check_markup

MODULES = (
    apps, cards, games, makers, desktop, places, reading, screens,
    tools, web,
)  # fmt: skip


def all_features() -> dict[str, Check]:
    """Return every module's checks by name.

    Raises:
        ValueError: Two modules use the same name.
    """
    found: dict[str, Check] = {}
    for module in MODULES:
        if twice := found.keys() & module.FEATURES.keys():
            raise ValueError(f"expected names of their own in {module.__name__}, got {', '.join(sorted(twice))}")
        found |= module.FEATURES
    return found


FEATURES = all_features()
ALWAYS: dict[str, tuple[str, ...]] = {"todo": ("todo",)}
"""Features that every page of a family has without being asked for them."""


@dataclass(frozen=True)
class Judgement:
    """The result of judging a page.

    Attributes:
        outcome: For each check, an empty string if it holds, otherwise why not.
        picture: The page as PNG.
    """

    outcome: dict[str, str]
    picture: bytes

    @property
    def ok(self) -> bool:
        """Whether every check holds."""
        return not any(self.outcome.values())


def judge(running: Browser, wrap: Wrap, example: Example, page: str, before: str = "") -> Judgement:
    """Judge a page as an answer to an example.

    The checks of markup are described in ``check_markup``, and "axe" and "contrast" in ``accessibility``. "links"
    requires that each link leads to another page. Each feature of the example is a check. "console" requires that there
    are no error messages, no uncaught errors, and nothing that was blocked.

    Args:
        running: The browser.
        wrap: Makes the live frame's document of a page.
        example: The example.
        page: The page.
        before: For an edit, the page that was changed.

    Returns:
        The judgement.
    """
    outcome = check_markup(page, example, before)
    picture = b""
    try:
        with opened(running, wrap(page)) as seen:
            picture = seen.page.screenshot()
            outcome |= accessibility(seen.page)
            outcome |= behaviour(seen, example)
            outcome["console"] = "; ".join(seen.errors[:3])
    except BrowserError as error:
        outcome["console"] = f"the page did not open: {error.message.splitlines()[0]}"
    return Judgement(outcome, picture)


def behaviour(seen: Opened, example: Example) -> dict[str, str]:
    """Try links and every feature that was asked for, each on a newly loaded page."""
    tries: dict[str, Check] = {}
    if example.checks.links:
        tries["links"] = desktop.links if example.brief.world == "os" else web.links
    for name in (*ALWAYS.get(example.family, ()), *example.checks.features):
        tries[name] = FEATURES[name]
    return {name: _attempt(name, check, seen, example) for name, check in tries.items()}


def _attempt(name: str, check: Check, seen: Opened, example: Example) -> str:
    try:
        seen.page.goto(ADDRESS)
        check(seen.page, example.checks)
        if name not in ("links", "search"):
            expect("what leads away from the page", [], followed(seen.page))
    except (UnmetError, BrowserError) as error:
        return str(error).split("Call log")[0].strip()
    except (ValueError, LookupError, TypeError) as error:  # a check may fail on what a model wrote
        return f"the page is not what the check can read: {error!r}"
    return ""
