"""Refuses request heads that two readers could read differently, before anything is made of them.

h11 reads some of them in its own way. Of Transfer-Encoding and Content-Length it takes the first, and it joins repeated
lengths and folded lines. A proxy in front of it may read them in another way. Then what one of them takes for a body is
the other's next request.
"""

import re
from collections.abc import Sequence

from h11._receivebuffer import ReceiveBuffer
from h11._util import LocalProtocolError

CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
HEX = re.compile(rb"0*([0-9A-Fa-f]*)")
LENGTH, CODING = b"content-length", b"transfer-encoding"
MOST_CHUNKS = 20_000
"""The most chunks that a body may come in; each costs the same, however little is in it."""
CHUNK_LINE = 256
"""The most bytes of the line before a chunk, which may say more than its size."""
SIZE_DIGITS = 7
"""The most digits of a chunk's size without leading zeros; every reader's integers can hold such a size."""


class CheckedHeads(ReceiveBuffer):
    """The bytes that h11 has not read yet.

    For such a head it raises LocalProtocolError, which h11 reports as the client's fault.
    """

    def __init__(self) -> None:
        super().__init__()
        self._taken = bytearray()
        self._body, self._chunks = False, 0

    def _extract(self, count: int) -> bytearray:
        self._taken = super()._extract(count)
        return self._taken

    def maybe_extract_lines(self) -> list[bytearray] | None:
        """Return the lines of a request's head, or those after a body in chunks, if all have come.

        Raises:
            LocalProtocolError: They can be read in more than one way.
        """
        lines = super().maybe_extract_lines()
        if lines is None:
            return None
        if self._taken.count(b"\n") != self._taken.count(b"\r\n"):
            raise LocalProtocolError("expected lines that end with CR LF")
        after, self._chunks = self._body, 0
        self._body = False
        if found := trailing(lines) if after else fault(lines):
            raise LocalProtocolError(found)
        self._body = not after and CODING in names(lines)
        return lines

    def maybe_extract_next_line(self) -> bytearray | None:
        """Return the line before a chunk, if it has come.

        Raises:
            LocalProtocolError: There are too many chunks, or the line or the chunk is too long.
        """
        line = super().maybe_extract_next_line()
        if line is not None:
            self._chunks += 1
            if self._chunks > MOST_CHUNKS or len(line) > CHUNK_LINE:
                raise LocalProtocolError("expected a body in fewer chunks, each with a short line before it")
            if len(HEX.match(line)[1]) > SIZE_DIGITS:  # type: ignore[index]
                raise LocalProtocolError("expected smaller chunks")
        return line


def names(lines: Sequence[bytes | bytearray]) -> list[bytes]:
    """Return the names of header fields in small letters; `lines` is a head with its first line."""
    return [bytes(line.partition(b":")[0]).strip().lower() for line in lines[1:]]


def fault(lines: Sequence[bytes | bytearray]) -> str | None:
    """Return why the end of a request may be read in more than one way, or None if it is certain."""
    if folded(lines[1:]):
        return "expected header fields on a line each"
    if any(CONTROL.search(line) for line in lines):
        return "expected no control characters"
    found = names(lines)
    lengths, codings = found.count(LENGTH), found.count(CODING)
    if lengths + codings > 1:
        return "expected one Content-Length or one Transfer-Encoding"
    if codings and lines and not lines[0].rstrip().endswith(b"HTTP/1.1"):
        return "expected Transfer-Encoding in HTTP/1.1 alone"
    if lengths and not lines[1 + found.index(LENGTH)].partition(b":")[2].strip(b" \t").isdigit():
        return "expected a Content-Length of digits"
    return None


def trailing(lines: Sequence[bytes | bytearray]) -> str | None:
    """Return why the lines after a body are refused, or None if they are not."""
    found = names([b"", *lines])
    if folded(lines) or LENGTH in found or CODING in found:
        return "expected no folded lines and no lengths after a body"
    return None


def folded(lines: Sequence[bytes | bytearray]) -> bool:
    """Return whether a line begins with white space, so that it continues the line before."""
    return any(line[:1] in (b" ", b"\t") for line in lines)
