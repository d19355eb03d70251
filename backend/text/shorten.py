"""Cut texts to a length, between words. The module is pure."""


def shortened(text: str, chars: int, least: int = 1) -> str:
    """Return the text, or a shorter form of at most `chars` characters that ends with an ellipsis.

    Args:
        text: The text to shorten.
        chars: The maximum length of the result, in characters.
        least: The cut is after a whole word if that leaves at least this many characters.
    """
    if len(text) <= chars:
        return text
    head = text[:chars].rpartition(" ")[0].rstrip()
    return (head if len(head) >= least else text[: chars - 1]) + "…"
