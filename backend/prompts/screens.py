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
class KnownScreen:
    """An application or a screen.

    Attributes:
        asked: A pattern of the words that name it in a request.
        gets: The fields of its brief.
    """

    asked: str
    gets: tuple[Gift, ...] = ()


WINDOWS: dict[str, KnownScreen] = {
    FILES: KnownScreen("files?", ("links",)),
    "Notes": KnownScreen("notes?|text editor"),
    "Mail": KnownScreen("e?mails?|e-mails?|inbox", ("names",)),
    "Music": KnownScreen("music|songs?|playlists?", ("links",)),
    "Calendar": KnownScreen("calendars?|(?:this|the) month"),
    "Photos": KnownScreen("photos?|gallery|photographs"),
    "Terminal": KnownScreen("terminal|command line|command prompt|console|shell", ("links",)),
    "Settings": KnownScreen("settings|preferences"),
    LAUNCHER: KnownScreen("applications|apps|launcher|app drawer|programs"),
    "Calculator": KnownScreen("calculator"),
    "Clock": KnownScreen("clock|the time"),
    "Contacts": KnownScreen("contacts?|address book|phone book", ("names",)),
    "Paint": KnownScreen("paint|painting|drawing|draw|sketch pad"),
    "Processes": KnownScreen("processes|task manager|(?:system|activity) monitor|running programs"),
}
"""The applications; each opens a window."""
SCREENS: dict[str, KnownScreen] = {
    LOCK: KnownScreen("lock(?:ed)?|log ?in|sign ?in|password", ("names",)),
    NOTIFICATIONS: KnownScreen("notifications?|alerts?", ("links", "names")),
}
"""Screens without a window."""
KNOWN: dict[str, KnownScreen] = {**WINDOWS, **SCREENS}
ASKED = re.compile("|".join(f"(?P<n{at}>\\b(?:{k.asked})\\b)" for at, k in enumerate(KNOWN.values())), re.IGNORECASE)


BEHIND, BEHIND_CHARS = 2, 48
"""The maximum number of windows behind the one in front, and of characters that show of the text of one."""


def behind(windows: Sequence[Window], opened: str, screen: str) -> tuple[Window, ...]:
    """Return the windows that stay open behind what is opened, the one in front first.

    "Close" closes the window that the screen is named after. The window that is opened comes to the front. Screens
    without windows show none.

    Args:
        windows: The windows that were open on the screen, the one in front first.
        opened: The name of what is opened.
        screen: The title of the screen.
    """
    if opened in (UNLOCK, *SCREENS):
        return ()
    gone = {"", opened, *SCREENS, *((screen,) if opened == CLOSE else ())}
    left = [window for window in windows if window.title not in gone]
    return tuple(replace(window, text=beginning(window.text), place="") for window in left[:BEHIND])


def beginning(text: str) -> str:
    """Return the words that a text begins with, as far as they show.

    The function returns its own results unchanged.
    """
    return text if len(text) <= BEHIND_CHARS else text[: BEHIND_CHARS + 1].rpartition(" ")[0] or text[:BEHIND_CHARS]


def mentioned(ask: str) -> str:
    """Return the application or screen that a request names first, which stands in front; "" for none."""
    found = ASKED.search(ask)
    return list(KNOWN)[int((found.lastgroup or "n")[1:])] if found else ""
