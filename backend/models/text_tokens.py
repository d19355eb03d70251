"""Represent text as token ids without a vocabulary, for upstream models that send text.

A piece is up to four ASCII characters or one other character. Its id spells it, so nothing is stored and any id can be
read anywhere. The id of ASCII characters has bit 30 set, followed by four times seven bits. The id of another character
is its code point.
"""

import re

EOS, BLANK = 0x110000, 0x110001
"""The end of a text, and a place of a canvas where nothing stands yet; neither is a character."""

PACKED, BITS, SIZE = 1 << 30, 7, 4
PIECE = re.compile(r"<?[\x01-;=?-\x7f]{1,3}|[\x01-\x7f]|[^\x00-\x7f]")
"""A pattern for a piece.

Markup begins a new piece, so that a tag and the word before it do not wait for each other.
"""


def split(text: str) -> list[int]:
    """Return the ids of a text, without NUL and lone surrogates.

    All ids but the last stay as they are when the text grows.
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return [number(piece) for piece in PIECE.findall(text)]


def is_whole(token: int) -> bool:
    """Return whether a piece at the end of a growing text stays as it is."""
    piece = spell(token)
    return piece == b">" or (piece.isascii() and len(piece) == SIZE - (not piece.startswith(b"<")))


def number(piece: str) -> int:
    """Return the id of one piece."""
    if not piece.isascii():
        return ord(piece)
    packed = 0
    for character in piece:
        packed = packed << BITS | ord(character)
    return PACKED | packed


def spell(token: int) -> bytes:
    """Return the bytes of an id; b"" for EOS, BLANK and numbers that are no ids."""
    if token & PACKED:
        codes = [token >> BITS * at & 0x7F for at in reversed(range(SIZE))]
        return bytes(code for code in codes if code)
    return b"" if not 0x80 <= token < EOS or 0xD800 <= token < 0xE000 else chr(token).encode()


def join(tokens: "list[int] | tuple[int, ...]") -> str:
    """Return the text of ids up to the first EOS."""
    end = tokens.index(EOS) if EOS in tokens else len(tokens)
    return b"".join(map(spell, tokens[:end])).decode()
