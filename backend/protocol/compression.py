"""permessage-deflate (RFC 7692) for drafts alone, with a separate compression context for each page.

A draft repeats the one before, so with a shared context it costs a quarter of its bytes. But compression leaks secrets
to attackers who can put words of theirs into somebody's page and can see how long messages are. They learn what else is
in the same context. So a context only ever holds drafts of one page: no key of a session, no history, no other page.
The context (256 KiB) begins with a page's first draft and ends with the next message that is no draft. An idle client
has none.

Clients are told to compress each of their messages by itself.
"""

import zlib
from collections.abc import Sequence

from websockets.extensions.base import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import CTRL_OPCODES, Frame
from websockets.typing import ExtensionParameter


class Drawn(bytes):
    """A message with a draft, which may be compressed.

    Attributes:
        sent: The number of compressed bytes that were sent; 0 if the message was not compressed.
    """

    sent = 0


class DraftDeflate(PerMessageDeflate):
    """Compresses messages that are `Drawn`, and resets the context at any other message."""

    def __init__(
        self,
        remote_no_context_takeover: bool,
        local_no_context_takeover: bool,
        remote_max_window_bits: int = 15,
        local_max_window_bits: int = 15,
    ) -> None:
        bits = (remote_max_window_bits, local_max_window_bits)
        super().__init__(remote_no_context_takeover, local_no_context_takeover, *bits)
        self._empty: bool
        self._forget()

    def encode(self, frame: Frame) -> Frame:
        """Return a frame as it is sent: compressed if its data are Drawn."""
        if frame.opcode in CTRL_OPCODES:
            return frame
        if not isinstance(frame.data, Drawn):
            self._forget()
            return frame
        if self._empty and not self.local_no_context_takeover:
            self.encoder = zlib.compressobj(wbits=-self.local_max_window_bits)
            self._empty = False
        compressed = super().encode(frame)
        frame.data.sent = len(compressed.data)
        return compressed

    def _forget(self) -> None:
        """Reset the compression context and free its memory."""
        self._empty = True
        self.__dict__.pop("encoder", None)


class DraftDeflateFactory(ServerPerMessageDeflateFactory):
    """Negotiates the extension as the websockets library does, and creates a `DraftDeflate`."""

    def __init__(self) -> None:
        super().__init__(client_no_context_takeover=True)

    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        """Return the answer to a client's offer, and the extension that was agreed on.

        Raises:
            NegotiationError: The offer cannot be accepted (an exception of websockets).
        """
        answer, agreed = super().process_request_params(params, accepted_extensions)
        memories = (agreed.remote_no_context_takeover, agreed.local_no_context_takeover)
        return answer, DraftDeflate(*memories, agreed.remote_max_window_bits, agreed.local_max_window_bits)
