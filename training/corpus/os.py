"""Page family of world "os": screens of a desktop, asked for or come to by opening something on another screen.

Page structure and what evaluation may rely on: os_desktop.py and os_windows.py. What opens what: the name of an
application opens it; Close goes back to the desktop; any other name opens a folder, or a paper if the screen left was
itself a folder. The screen left stands behind, if it had a window.
"""

import random
from dataclasses import dataclass, replace

from backend.brief import Brief
from training.corpus import os_asks
from training.corpus.app_asks import COLOURS
from training.corpus.app_lists import checked
from training.corpus.design import PALETTES, Checks, Example, Family, Split
from training.corpus.os_desktop import HOME, PLACES, Screen, desktop_page
from training.corpus.os_icons import DOCK
from training.corpus.os_style import DESIGNS
from training.corpus.os_windows import Content, calculator, clock, files, folder, mail, music, settings, writing
from training.source import Source

OS_DESIGNS = tuple(DESIGNS)
TITLED_SHARE = 0.5
STRAY_SHARE = 0.2
PLACE = "place"
PAPER = "paper"


@dataclass(frozen=True)
class Step:
    """How a screen is come to. ask or open (from a screen left): as in a brief. title: of the screen it leads to.

    kind: the application in front, PLACE (a folder), PAPER, or HOME for no window. behind: title of the window behind.
    colour: a colour word in ask.
    """

    title: str
    kind: str
    colour: str = ""
    ask: str = ""
    open: str = ""
    left: str = ""
    behind: str = ""


def sample_desktop(rng: random.Random, source: Source, split: Split) -> Example:
    """A screen of the desktop. Held: names of folders, papers and songs, and facts that are never trained on."""
    design, palette = rng.choice(OS_DESIGNS), rng.choice(tuple(PALETTES))
    style = f"{design} {palette}"
    if rng.random() < 0.35:
        step, design, palette = asked(rng, design, palette)
    else:
        step = rng.choice(OPENINGS)(rng, source, split)
    brief = offered(rng, source, split, step, style)
    screen = compose(brief, step, palette)
    checks = Checks(screen.title, screen.links(), checked(screen.features(), step.colour))
    return Example("desktop", brief, desktop_page(palette, design, screen), checks)


def asked(rng: random.Random, design: str, palette: str) -> tuple[Step, str, str]:
    """A desktop asked for in words, with the design and the palette that the words may name instead of those drawn."""
    apps = tuple(rng.sample(list(DOCK), rng.choice((0, 0, 1, 1, 1, 2))))
    design_word = rng.choice(OS_DESIGNS) if rng.random() < 0.35 else ""
    colour = rng.choice(tuple(COLOURS)) if rng.random() < 0.15 else ""
    ask = os_asks.request(rng, apps, design_word, colour)
    front, behind = (*apps, HOME)[0], apps[1] if len(apps) > 1 else ""
    return Step(front, front, colour, ask, behind=behind), design_word or design, COLOURS.get(colour, palette)


def opened(rng: random.Random, source: Source, split: Split) -> Step:
    """An application, pressed on some screen."""
    name = rng.choice(list(DOCK))
    app = rng.choice(list(DOCK))
    left = rng.choice((HOME, app, app, rng.choice(PLACES), a_name(rng, source, split)))
    return Step(name, name, open=name, left=left, behind="" if left in (HOME, name) else left)


def folder_opened(rng: random.Random, source: Source, split: Split) -> Step:
    """A folder, pressed in Files or on the desktop; one of the usual places, on any screen."""
    if rng.random() < 0.3:
        name, left = rng.choice(PLACES), rng.choice((HOME, *DOCK, a_name(rng, source, split)))
    else:
        name, left = a_name(rng, source, split), rng.choice((HOME, "Files", "Files", "Files"))
    return Step(name, PLACE, open=name, left=left, behind="" if left == HOME else left)


def paper_opened(rng: random.Random, source: Source, split: Split) -> Step:
    """A paper, pressed in a folder."""
    name, left = a_name(rng, source, split), rng.choice((*PLACES, *(a_name(rng, source, split) for _ in range(4))))
    return Step(name, PAPER, open=name, left=left, behind=left)


def closed(rng: random.Random, source: Source, split: Split) -> Step:
    """The front window, closed."""
    names = [a_name(rng, source, split) for _ in range(3)]
    return Step(HOME, HOME, open="Close", left=rng.choice((*DOCK, *PLACES, *names)))


OPENINGS = (opened, opened, opened, folder_opened, folder_opened, paper_opened, closed)


def a_name(rng: random.Random, source: Source, split: Split) -> str:
    """What a visitor may have called a folder or a paper."""
    return source.label(rng, split) if rng.random() < 0.6 else source.entry(rng, split).title


def offered(rng: random.Random, source: Source, split: Split, step: Step, style: str) -> Brief:
    """The brief of a step: what the page will use, and now and then what it has no use for."""

    def use(kind: bool, share: float) -> bool:
        return rng.random() < (share if kind else STRAY_SHARE)

    title = step.title if rng.random() < TITLED_SHARE else ""
    brief = Brief("os", step.ask, step.open, screen=step.left, style=style, title=title)
    if use(step.kind in ("Files", PLACE, "Music", HOME), 0.6):
        brief = replace(brief, links=tuple(dict.fromkeys(a_name(rng, source, split) for _ in range(rng.randint(3, 5)))))
    if use(step.kind in (PAPER, "Notes"), 0.7):
        brief = replace(brief, facts=source.entry(rng, split).lead(200))
    if use(step.kind == "Mail", 0.9):
        brief = replace(brief, names=tuple(source.person(rng) for _ in range(3)))
    return brief


def compose(brief: Brief, step: Step, palette: str) -> Screen:
    """The screen that a brief asks for."""
    if step.kind == HOME:
        return Screen(HOME, places=brief.links or PLACES)
    return Screen(step.title, window(brief, step.kind, palette), step.behind)


def window(brief: Brief, kind: str, palette: str) -> Content:
    """The front window's inside."""
    match kind:
        case "Files":
            return files(brief.links)
        case "Music":
            return music(brief.links)
        case "Mail":
            return mail(brief.names)
        case "Calculator":
            return calculator()
        case "Clock":
            return clock()
        case "Settings":
            return settings(palette)
        case "place":
            return folder(brief.links)
        case _:
            return writing(brief.facts)


SCREENS: dict[str, Family] = {"desktop": Family("desktop", OS_DESIGNS, sample_desktop, 2.5)}
