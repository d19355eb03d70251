"""Text that somebody else wrote, as a line of a log can hold it."""

from backend.shape import clipped


def cut_line(text: str, most: int) -> str:
    """The beginning of a text, without what would end the line, move the cursor or turn the direction of reading."""
    cut = clipped(text[: most + 1], most)
    return cut if cut.isprintable() else "".join(c if c.isprintable() else " " for c in cut)
