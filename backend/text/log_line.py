"""Prepare text from other parties for one line of a log."""

from backend.shape import clipped


def cut_line(text: str, most: int) -> str:
    """Return the first `most` characters of a text, with every unprintable character replaced by a space.

    Such characters could end the line, move the cursor or change the direction of reading.
    """
    cut = clipped(text[: most + 1], most)
    return cut if cut.isprintable() else "".join(c if c.isprintable() else " " for c in cut)
