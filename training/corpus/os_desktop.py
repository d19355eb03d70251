"""A whole screen of the desktop: menu bar, icons, windows, dock.

What evaluation may rely on: a `button` without a type leads on: its text is what the next screen opens (icons in
`.icons`, applications in `.dock`, entries in `.grid`, the title of a window behind, Close). A button with type=button
is the page's own. The front window is the last `section.win`; its h1 is the page's title; a window behind it is
`section.back` with an h2. Without a front window the menu bar holds the h1. "drag": a window's header moves its window.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.prompts.screens import DESKTOP, PLACES
from training.corpus.os_icons import DOCK, FOLDER
from training.corpus.os_style import rules
from training.corpus.os_windows import Content
from training.corpus.page import page, text

HOME = DESKTOP
NAME = "<b>Silverprint</b>"
TICK = 'const tick=()=>document.querySelector("time").textContent=new Date().toTimeString().slice(0,5)\n'
TIME = (TICK, "tick()\n", "setInterval(tick,9000)\n")
DRAG = (
    'document.querySelectorAll(".win>header").forEach(h=>{let x=0,y=0;h.onpointermove=e=>'
    '{if(e.buttons!=1||e.target.closest("button"))return;h.setPointerCapture(e.pointerId);'
    'h.parentElement.style.translate=(x+=e.movementX)+"px "+(y+=e.movementY)+"px"}})\n'
)


@dataclass(frozen=True)
class Screen:
    """A screen: the front window's title and content (None: no window), the title behind ("": none), desktop icons."""

    title: str = HOME
    content: Content | None = None
    behind: str = ""
    places: tuple[str, ...] = PLACES

    def links(self) -> tuple[str, ...]:
        """Texts of the buttons that lead on, each once, in order."""
        behind = (self.behind,) if self.behind else ()
        front = ("Close", *self.content.links) if self.content else ()
        return tuple(dict.fromkeys((*self.places, *behind, *front, *DOCK)))

    def features(self) -> tuple[str, ...]:
        """Names of the behavioural checks for this screen."""
        if self.content is None:
            return ()
        return ("drag", self.content.feature) if self.content.feature else ("drag",)


def desktop_page(palette: str, design: str, screen: Screen) -> str:
    """The page of a screen."""
    content = screen.content
    name = NAME if content else f"<h1>{text(screen.title)}</h1>"
    windows = (behind(screen.behind) if screen.behind else "") + (front(screen.title, content) if content else "")
    places = buttons([(FOLDER, place) for place in screen.places])
    body = f"{bar(name)}<main><nav class=icons aria-label=Places>{places}</nav>{windows}</main>{dock()}"
    script = "".join((*TIME, DRAG, *content.script) if content else TIME)
    style = rules(palette, design, content.application if content else "", bool(screen.behind))
    return page(style, screen.title, body, script)


def bar(name: str) -> str:
    """The menu bar; name: markup."""
    return f"<header class=bar>{name}<time>9:41</time></header>"


def dock() -> str:
    return f"<nav class=dock aria-label=Applications>{buttons([(icon, name) for name, icon in DOCK.items()])}</nav>"


def buttons(entries: Sequence[tuple[str, str]]) -> str:
    return "".join(f"<button>{icon}{text(name)}</button>" for icon, name in entries)


def front(title: str, content: Content) -> str:
    """The window in front."""
    header = f"<header><button class=shut>Close</button><h1>{text(title)}</h1></header>"
    return f"<section class=win>{header}{content.markup}</section>"


def behind(title: str, told: str = "") -> str:
    """A window behind: its title, which can be pressed to come forward, and how its text begins, if that is known."""
    header = f"<header><h2><button>{text(title)}</button></h2></header>"
    inside = f"<p>{text(told)}</p>" if told else "<p class=ghost></p>"
    return f'<section class="win back">{header}{inside}</section>'
