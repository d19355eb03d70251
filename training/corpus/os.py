"""Page families of world "os": screens of a desktop, asked for or come to by opening something on another screen.

Every application has a family of its own; family "desktop" has what is no application: the bare desktop, folders and
papers. Page structure and what evaluation may rely on: os_desktop.py, os_windows.py, os_tools.py, os_pictures.py and
os_screens.py. What opens what: the name of an application or a screen (backend/prompts/screens.py) opens it; Close and
Unlock go back to the desktop; any other name opens a folder, or a paper if the screen left was itself a folder. The
screen left stands behind, if it had a window.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from backend.prompts.brief import Brief
from backend.prompts.screens import CLOSE, FILES, KNOWN, LAUNCHER, LOCK, NOTIFICATIONS, PLACES, UNLOCK, WINDOWS
from training.corpus import os_asks
from training.corpus.app_asks import COLOURS
from training.corpus.app_made import checked
from training.corpus.design import PALETTES, Checks, Example, Family, Split
from training.corpus.os_desktop import HOME, Screen, desktop_page
from training.corpus.os_icons import DOCK
from training.corpus.os_pictures import paint, photos
from training.corpus.os_screens import lock_page, notifications_page
from training.corpus.os_style import DESIGNS
from training.corpus.os_tools import calendar, contacts, launcher, processes, terminal
from training.corpus.os_windows import Content, calculator, clock, files, folder, mail, music, settings, writing
from training.texts.source import Source

OS_DESIGNS = tuple(DESIGNS)
TITLED_SHARE = 0.5
STRAY_SHARE = 0.2
PLACE = "place"
PAPER = "paper"
BARE = ("", HOME, LOCK, NOTIFICATIONS)
"""Screens without a window, and none."""


@dataclass(frozen=True)
class Step:
    """How a screen is come to. ask or open (from a screen left): as in a brief. title: of the screen it leads to.

    kind: the application in front, a screen, PLACE (a folder), PAPER, or HOME for no window. behind: title of the
    window behind. design, colour: words of them in ask, "" for none.
    """

    title: str
    kind: str
    ask: str = ""
    open: str = ""
    left: str = ""
    behind: str = ""
    design: str = ""
    colour: str = ""


Opening = Callable[[random.Random, Source, Split], Step]


def sample(family: str, openings: tuple[Opening, ...], rng: random.Random, source: Source, split: Split) -> Example:
    """A screen of a family. Held: names of folders, papers and songs, and facts that are never trained on."""
    design, palette = rng.choice(OS_DESIGNS), rng.choice(tuple(PALETTES))
    step = rng.choice(openings)(rng, source, split)
    brief = offered(rng, source, split, step, f"{design} {palette}")
    return made(family, brief, step, step.design or design, COLOURS.get(step.colour, palette))


def made(family: str, brief: Brief, step: Step, design: str, palette: str) -> Example:
    """The page that answers a brief, and what to check in it."""
    page, checks = answer(brief, step, design, palette)
    return Example(family, brief, page, replace(checks, features=checked(checks.features, step.colour)))


def answer(brief: Brief, step: Step, design: str, palette: str) -> tuple[str, Checks]:
    if step.kind == LOCK:
        page = lock_page(palette, design, step.title, brief.names)
        return page, Checks(step.title, (UNLOCK,), ("lock screen",))
    if step.kind == NOTIFICATIONS:
        page = notifications_page(palette, design, step.title, brief.names, brief.links)
        return page, Checks(step.title, (CLOSE, *DOCK), ("notifications",))
    screen = compose(brief, step, palette)
    return desktop_page(palette, design, screen), Checks(step.title, screen.links(), screen.features())


def asked(name: str, rng: random.Random, source: Source, split: Split) -> Step:
    """A screen asked for in words: name is an application, perhaps with another behind it, a screen, or HOME."""
    second = name in WINDOWS and rng.random() < 0.25
    behind = rng.choice([other for other in WINDOWS if other != name]) if second else ""
    design = rng.choice(OS_DESIGNS) if rng.random() < 0.35 else ""
    colour = rng.choice(tuple(COLOURS)) if rng.random() < 0.15 else ""
    if name in (LOCK, NOTIFICATIONS):
        ask = os_asks.screen_request(rng, name, design, colour)
    else:
        apps = tuple(app for app in (name, behind) if app in WINDOWS)
        ask = os_asks.request(rng, apps, design, colour)
    return Step(name, name, ask, behind=behind, design=design, colour=colour)


def opened(name: str, rng: random.Random, source: Source, split: Split) -> Step:
    """An application or a screen, pressed on some other or come to by its address."""
    app = rng.choice((LAUNCHER, *WINDOWS) if name in DOCK else (*[LAUNCHER] * 8, *WINDOWS))
    left = rng.choice((HOME, app, app, app, rng.choice((*PLACES, NOTIFICATIONS, "")), a_name(rng, source, split)))
    left = "" if left == name else left
    return Step(name, name, open=name, left=left, behind="" if left in BARE or name not in WINDOWS else left)


def folder_opened(rng: random.Random, source: Source, split: Split) -> Step:
    """A folder, pressed in Files or on the desktop; one of the usual places, on any screen."""
    if rng.random() < 0.3:
        name, left = rng.choice(PLACES), rng.choice((HOME, *WINDOWS, a_name(rng, source, split)))
    else:
        name, left = a_name(rng, source, split), rng.choice((HOME, FILES, FILES, FILES))
    return Step(name, PLACE, open=name, left=left, behind="" if left == HOME else left)


def paper_opened(rng: random.Random, source: Source, split: Split) -> Step:
    """A paper, pressed in a folder."""
    name, left = a_name(rng, source, split), rng.choice((*PLACES, *(a_name(rng, source, split) for _ in range(4))))
    return Step(name, PAPER, open=name, left=left, behind=left)


def closed(rng: random.Random, source: Source, split: Split) -> Step:
    """The front window, closed; or the desktop, unlocked."""
    if rng.random() < 0.2:
        return Step(HOME, HOME, open=UNLOCK, left=LOCK)
    names = [a_name(rng, source, split) for _ in range(3)]
    return Step(HOME, HOME, open=CLOSE, left=rng.choice((*WINDOWS, NOTIFICATIONS, *PLACES, *names)))


def a_name(rng: random.Random, source: Source, split: Split) -> str:
    """What a visitor may have called a folder or a paper."""
    return source.label(rng, split) if rng.random() < 0.6 else source.entry(rng, split).title


def offered(rng: random.Random, source: Source, split: Split, step: Step, style: str) -> Brief:
    """The brief of a step: what the page will use, and now and then what it has no use for."""

    def use(kind: bool, share: float) -> bool:
        return rng.random() < (share if kind else STRAY_SHARE)

    title = step.title if rng.random() < TITLED_SHARE else ""
    brief = Brief("os", step.ask, step.open, screen=step.left, style=style, title=title)
    gets = KNOWN[step.kind].gets if step.kind in KNOWN else ("links",) if step.kind in (PLACE, HOME) else ()
    if use("links" in gets, 0.6):
        brief = replace(brief, links=tuple(dict.fromkeys(a_name(rng, source, split) for _ in range(rng.randint(3, 5)))))
    if use(step.kind in (PAPER, "Notes"), 0.7):
        brief = replace(brief, facts=source.entry(rng, split).lead(200))
    if use("names" in gets, 0.9):
        brief = replace(brief, names=tuple(source.person(rng) for _ in range(3)))
    return brief


def compose(brief: Brief, step: Step, palette: str) -> Screen:
    """The screen that a brief asks for."""
    if step.kind == HOME:
        return Screen(HOME, places=brief.links or PLACES)
    return Screen(step.title, window(brief, step.kind, palette), step.behind)


def window(brief: Brief, kind: str, palette: str) -> Content:
    """The front window's inside."""
    makers: dict[str, Callable[[], Content]] = {
        FILES: lambda: files(brief.links),
        "Mail": lambda: mail(brief.names),
        "Music": lambda: music(brief.links),
        "Calendar": calendar,
        "Photos": photos,
        "Terminal": lambda: terminal(brief.links),
        "Settings": lambda: settings(palette),
        LAUNCHER: launcher,
        "Calculator": calculator,
        "Clock": clock,
        "Contacts": lambda: contacts(brief.names),
        "Paint": paint,
        "Processes": processes,
        PLACE: lambda: folder(brief.links),
    }
    return makers[kind]() if kind in makers else writing(brief.facts)


def family(name: str, openings: tuple[Opening, ...], weight: float) -> Family:
    return Family(name, OS_DESIGNS, partial(sample, name, openings), weight)


def family_of(kind: str) -> Family:
    """The family of an application or a screen: one in three is asked for in words, the others are opened."""
    openings = (partial(asked, kind), partial(opened, kind), partial(opened, kind))
    return family(FAMILY_NAMES.get(kind, f"desktop-{kind.lower()}"), openings, 0.3)


FAMILY_NAMES = {LOCK: "login", NOTIFICATIONS: "notifications"}
AT_HOME = (partial(asked, HOME), folder_opened, folder_opened, paper_opened, closed)
SCREENS: dict[str, Family] = {
    one.name: one for one in (family("desktop", AT_HOME, 1.2), *(family_of(kind) for kind in KNOWN))
}
