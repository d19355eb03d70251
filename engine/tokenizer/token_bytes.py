"""The bytes that a single token stands for, in byte-level BPE and in SentencePiece-style vocabularies."""

import json
import re

from tokenizers import Tokenizer

BYTE_FALLBACK = re.compile(r"<0x([0-9A-F]{2})>")
"""How SentencePiece-style vocabularies spell the token of a single byte."""


class PieceReader:
    """Returns the bytes of single tokens; those of a sequence join to the bytes of the decoded text."""

    def __init__(self, tokenizer: Tokenizer, special: frozenset[int]) -> None:
        """Prepare to read a tokenizer's vocabulary.

        Args:
            tokenizer: The tokenizer.
            special: The ids of special tokens, which stand for no bytes.
        """
        self._tokenizer, self._special = tokenizer, special
        self._added = {i: token.content for i, token in tokenizer.get_added_tokens_decoder().items()}
        self._byte_level = '"ByteLevel"' in json.dumps(json.loads(tokenizer.to_str())["decoder"])

    def read(self, token: int) -> bytes:
        """Return the bytes of a token; b"" for special tokens and unknown ids."""
        spelled = self._tokenizer.id_to_token(token)
        if spelled is None or token in self._special:
            return b""
        if token in self._added:
            return self._added[token].encode()
        if self._byte_level:
            return bytes(BYTE_OF[char] for char in spelled)
        if match := BYTE_FALLBACK.fullmatch(spelled):
            return bytes.fromhex(match[1])
        return str(spelled).replace("▁", " ").encode()


def _byte_alphabet() -> dict[str, int]:
    """Return GPT-2's alphabet, as the byte that each character stands for.

    Printable Latin-1 characters stand for their own bytes, and characters from U+0100 on for the other bytes.
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}


BYTE_OF = _byte_alphabet()
