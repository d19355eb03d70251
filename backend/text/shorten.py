"""Texts cut to a length, between words. Pure."""


def shortened(text: str, chars: int, least: int = 1) -> str:
    """Text of at most so many characters: a longer one ends with an ellipsis, after a whole word if that leaves `least`
    characters."""
    if len(text) <= chars:
        return text
    head = text[:chars].rpartition(" ")[0].rstrip()
    return (head if len(head) >= least else text[: chars - 1]) + "…"
