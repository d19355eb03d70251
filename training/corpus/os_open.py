"""Windows that stay open behind a screen that is opened from another: what the service reads from the screen left.

The brief says which they are, the last left first, and how the text of each begins; the page shows them behind the one
in front, the last left nearest to it, so that a window keeps its place while others come and go above it.
"""

import random
import re
from dataclasses import replace

from backend.markup.tree import parse
from backend.prompts.brief import Brief, Window
from backend.prompts.screens import BEHIND, CLOSE, DESKTOP, SCREENS, UNLOCK, WINDOWS, beginning
from training.corpus.design import Example
from training.corpus.os import PAPER, PLACE, a_name, window
from training.corpus.os_desktop import DRAG, behind
from training.corpus.os_style import BACK, SECOND, TOLD
from training.corpus.web_subject import clean
from training.texts.source import Source
from training.texts.split import Split

GIVEN_SHARE = 0.85
"""Of the screens opened from one with a window: those whose brief gives the windows behind."""
BARE_SHARE = 0.6
"""The same of those opened from the bare desktop, and of those that a window was closed on."""
EMPTY_SHARE = 0.15
"""Windows of whose text nothing is known."""
FULL_SHARE = 0.5
"""Of those, the ones with as many windows as there may be; the others have any number."""
APPLICATION_SHARE = 0.7
"""Applications among the windows further behind; the others are folders and papers."""
STACK = re.compile(r'<section class="win back">.*?</section>')
FRONT = re.compile(r"(?=<section class=win>)|(?=</main>)")


def windowed(source: Source, split: Split, example: Example) -> Example:
    """The example with the windows behind that its brief gives; as it is for one without any, and mostly.

    They follow from the brief alone, so that all else is drawn as it would be without.
    """
    brief, rng = example.brief, random.Random(f"windows {example.brief}")
    left = brief.screen if STACK.search(example.page) else ""
    if not may_have(brief, left) or rng.random() >= (GIVEN_SHARE if left else BARE_SHARE):
        return example
    windows = tuple(one(rng, source, split, title, brief) for title in titles(rng, source, split, brief, left))
    if not windows:
        return example
    links = tuple(dict.fromkeys((*example.checks.links, *(window.title for window in windows))))
    return replace(
        example,
        brief=replace(brief, windows=windows),
        page=among(example.page, windows),
        checks=replace(example.checks, links=links),
        before=among(example.before, windows) if example.before else "",
    )


def may_have(brief: Brief, left: str) -> bool:
    """Whether windows may stand behind the screen that a brief opens. left: title of the one left behind, or ""."""
    if brief.world != "os" or not brief.open or brief.open in (UNLOCK, *SCREENS):
        return False
    closed = brief.open == CLOSE and brief.screen not in SCREENS
    return bool(left) or closed or brief.screen in ("", DESKTOP)


def among(page: str, windows: tuple[Window, ...]) -> str:
    """A screen of the corpus among these windows, which take the place of those that it has behind the front."""
    stack = "".join(behind(window.title, window.text) for window in reversed(windows))
    told = any(window.text for window in windows)
    more = "".join((*(SECOND if len(windows) > 1 else ()), *((TOLD,) if told else ())))
    shown = FRONT.sub(lambda _: stack, STACK.sub("", page), count=1)
    if BACK[-1] in shown:
        return shown.replace(BACK[-1], BACK[-1] + more)
    styled = shown.replace("</style>", f"{''.join(BACK)}{more}</style>")
    return styled if DRAG in styled else styled.replace("</script>", f"{DRAG}</script>")


def titles(rng: random.Random, source: Source, split: Split, brief: Brief, left: str) -> list[str]:
    """Titles of the windows that stay open, the last left first."""
    found = {left: None} if left else {}
    room = BEHIND - len(found)
    for _ in range(room if rng.random() < FULL_SHARE else rng.randint(0 if left else 1, room)):
        found[other(rng, source, split)] = None
    gone = {brief.open, "" if left else brief.screen}
    return [title for title in found if title not in gone]


def other(rng: random.Random, source: Source, split: Split) -> str:
    """The title of some window."""
    return rng.choice(tuple(WINDOWS)) if rng.random() < APPLICATION_SHARE else a_name(rng, source, split)


def one(rng: random.Random, source: Source, split: Split, title: str, brief: Brief) -> Window:
    """A window with the beginning of what it holds."""
    if rng.random() < EMPTY_SHARE:
        return Window(title, "")
    kind = title if title in WINDOWS else rng.choice((PLACE, PAPER))
    held = replace(
        brief,
        links=tuple(a_name(rng, source, split) for _ in range(4)) if rng.random() < 0.6 else (),
        facts=source.entry(rng, split).lead(200) if rng.random() < 0.7 else "",
        names=tuple(source.person(rng) for _ in range(3)) if rng.random() < 0.9 else (),
    )
    inside = window(held, kind, brief.style.partition(" ")[2])
    return Window(title, beginning(clean(parse(inside.markup).text())))
