"""Words that open and close the data of a prompt, which nobody who writes the data can know.

The word is derived from a secret of this installation and from the whole prompt. So the same prompt always has the same
word, and the word of one prompt tells nothing of any other's. The module is pure.
"""

import base64
import hmac
import secrets
from collections.abc import Iterator
from itertools import count

WORD_CHARS, SECRET_BYTES = 16, 32
PROCESS = secrets.token_bytes(SECRET_BYTES)
"""The secret of callers that have no installation; it changes with each process."""


def word_for(prompt: str, secret: bytes) -> str:
    """Return the word that seals a prompt's data: 80 bits as letters and digits, which stand nowhere in the prompt."""
    said = prompt.casefold()
    return next(word for word in words(prompt, secret) if word not in said)


def words(prompt: str, secret: bytes) -> Iterator[str]:
    """Yield the words that a prompt may have, in the order in which they are tried."""
    for number in count():
        digest = hmac.digest(secret, f"{number} {prompt}".encode("utf-8", "surrogatepass"), "sha256")
        yield base64.b32encode(digest)[:WORD_CHARS].decode().lower()
