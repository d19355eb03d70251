"""What the desktop knows by name, and what the brief of each is given: one list for the service and for the corpus."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from backend.prompts.brief import Window

DESKTOP, CLOSE, UNLOCK, FILES, LAUNCHER = "Desktop", "Close", "Unlock", "Files", "Applications"
LOCK, NOTIFICATIONS = "Lock Screen", "Notifications"
LEAVING = (CLOSE, UNLOCK)
PLACES = ("Documents", "Pictures", "Trash")
Gift = Literal["links", "names"]


@dataclass(frozen=True)
class Known:
    """An application or a screen. asked: pattern of the words that name it in a request. gets: fields of its brief."""

    asked: str
    gets: tuple[Gift, ...] = ()


WINDOWS: dict[str, Known] = {
    FILES: Known("files?", ("links",)),
    "Notes": Known("notes?|text editor"),
    "Mail": Known("e?mails?|e-mails?|inbox", ("names",)),
    "Music": Known("music|songs?|playlists?", ("links",)),
    "Calendar": Known("calendars?|(?:this|the) month"),
    "Photos": Known("photos?|gallery|photographs"),
    "Terminal": Known("terminal|command line|command prompt|console|shell", ("links",)),
    "Settings": Known("settings|preferences"),
    LAUNCHER: Known("applications|apps|launcher|app drawer|programs"),
    "Calculator": Known("calculator"),
    "Clock": Known("clock|the time"),
    "Contacts": Known("contacts?|address book|phone book", ("names",)),
    "Paint": Known("paint|painting|drawing|draw|sketch pad"),
    "Processes": Known("processes|task manager|(?:system|activity) monitor|running programs"),
}
"""The applications: each opens a window."""
SCREENS: dict[str, Known] = {
    LOCK: Known("lock(?:ed)?|log ?in|sign ?in|password", ("names",)),
    NOTIFICATIONS: Known("notifications?|alerts?", ("links", "names")),
}
"""Screens without a window."""
KNOWN: dict[str, Known] = {**WINDOWS, **SCREENS}
ASKED = re.compile("|".join(f"(?P<n{at}>\\b(?:{k.asked})\\b)" for at, k in enumerate(KNOWN.values())), re.IGNORECASE)


BEHIND, BEHIND_CHARS = 2, 48
"""Most windows behind the one in front, and most characters that show of the text of one."""


def behind(windows: Sequence[Window], opened: str, screen: str) -> tuple[Window, ...]:
    """The windows that stay open behind what is opened, of those that were open on a screen, the one in front first.

    Close closes the one that the screen is named after; the one that is opened comes to the front; screens without
    windows show none.
    """
    if opened in (UNLOCK, *SCREENS):
        return ()
    gone = {"", opened, *SCREENS, *((screen,) if opened == CLOSE else ())}
    left = [window for window in windows if window.title not in gone]
    return tuple(replace(window, text=beginning(window.text), place="") for window in left[:BEHIND])


def beginning(text: str) -> str:
    """The words that a text begins with, as far as they show; of what this gives, it gives all."""
    return text if len(text) <= BEHIND_CHARS else text[: BEHIND_CHARS + 1].rpartition(" ")[0] or text[:BEHIND_CHARS]


def mentioned(ask: str) -> str:
    """The application or screen that a request names first, which stands in front; "" for none."""
    found = ASKED.search(ask)
    return list(KNOWN)[int((found.lastgroup or "n")[1:])] if found else ""
