"""Icons of the desktop: each is one <img> whose picture is in its address, so a tokenizer takes it as one word.

What is not in the dock is opened from Applications.
"""

SVG = "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='white' stroke-width='1.6'"
END = "stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E"


def icon(colour: str, path: str) -> str:
    """White lines on a tile of one colour, on a grid of 24 by 24."""
    tile = f"%3E%3Cpath fill='{colour}' stroke='none' d='M0 0h24v24H0z'/%3E"
    return f'<img alt="" src="data:image/svg+xml,{SVG}{tile}%3Cpath d=\'{path}\' {END}">'


FOLDER = icon("rgb(217,136,24)", "M5 8h5l2 2h7v8H5z")
PAPER = icon("rgb(96,108,128)", "M8 5h6l3 3v11H8zM11 12h3M11 15h3")
ICONS: dict[str, str] = {
    "Files": icon("rgb(36,112,214)", "M5 8h5l2 2h7v8H5z"),
    "Notes": icon("rgb(196,146,12)", "M7 5h10v14H7zM10 9h4M10 12h4M10 15h2"),
    "Mail": icon("rgb(72,84,206)", "M5 7h14v10H5zl7 6 7-6"),
    "Music": icon(
        "rgb(205,48,104)",
        "M9.5 16.5V7l7-1.5V15M9.5 16.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0zM16.5 15a2 2 0 1 1-4 0 2 2 0 0 1 4 0z",
    ),
    "Calculator": icon("rgb(64,72,88)", "M7 4h10v16H7zM10 8h4M10 12h0M14 12h0M10 16h0M14 16h0"),
    "Clock": icon("rgb(16,132,110)", "M12 5a7 7 0 1 0 .01 0zM12 8.5V12l2.5 1.5"),
    "Settings": icon("rgb(112,80,168)", "M5 9h14M5 15h14M9 7v4M15 13v4"),
    "Calendar": icon("rgb(208,62,44)", "M5 7h14v12H5zM5 11h14M9 5v3M15 5v3"),
    "Photos": icon("rgb(20,122,160)", "M5 6h14v12H5zM5 16l5-5 4 4 2-2 3 3M15 9.5h.01"),
    "Terminal": icon("rgb(28,34,44)", "M6 8l4 4-4 4M12 16h6"),
    "Applications": icon("rgb(74,96,124)", "M6 6h4v4H6zM14 6h4v4h-4zM6 14h4v4H6zM14 14h4v4h-4z"),
    "Contacts": icon("rgb(150,92,44)", "M12 5a3 3 0 1 0 .01 0zM6 19a6 6 0 0 1 12 0z"),
    "Paint": icon("rgb(176,58,150)", "M18 5l-8 8M10 13c-4-1-5 2-5 6 4 0 7-1 6-5"),
    "Processes": icon("rgb(44,120,58)", "M4 13h4l2-6 4 11 2-5h4"),
    "Notifications": icon("rgb(190,104,12)", "M7 16V11a5 5 0 0 1 10 0v5zM5 16h14M11 19h2"),
    "Lock Screen": icon("rgb(84,84,96)", "M7 11h10v8H7zM9 11V8a3 3 0 0 1 6 0v3"),
}
DOCKED = ("Files", "Notes", "Mail", "Calendar", "Music", "Photos", "Terminal", "Settings", "Applications")
DOCK: dict[str, str] = {name: ICONS[name] for name in DOCKED}
LAUNCHED: dict[str, str] = {name: icon for name, icon in ICONS.items() if name not in DOCK}
