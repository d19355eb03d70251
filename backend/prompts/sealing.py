"""Words that open and close the data of a prompt, which nobody who writes the data can know. Pure.

The word comes from a secret of this installation and from the whole prompt, so the same prompt always has the same one,
and whoever has seen the word of a prompt knows nothing of the word of any other.
"""

import base64
import hmac
import secrets
from collections.abc import Iterator
from itertools import count

WORD_CHARS, SECRET_BYTES = 16, 32
PROCESS = secrets.token_bytes(SECRET_BYTES)
"""The secret of whoever has no installation."""


def word_for(prompt: str, secret: bytes) -> str:
    """The word that seals a prompt's data: 80 bits as letters and digits, which stand nowhere in the prompt."""
    said = prompt.casefold()
    return next(word for word in words(prompt, secret) if word not in said)


def words(prompt: str, secret: bytes) -> Iterator[str]:
    """The words that a prompt may have, in the order in which they are tried."""
    for number in count():
        digest = hmac.digest(secret, f"{number} {prompt}".encode("utf-8", "surrogatepass"), "sha256")
        yield base64.b32encode(digest)[:WORD_CHARS].decode().lower()
