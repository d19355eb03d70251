"""Everything the service raises for what its users and clients can cause.

SilverprintError
+-- StartupError        the service cannot start: one sentence for the terminal, exit code 2
|   +-- SettingsError   an option or environment variable is wrong
|   +-- FactsError      the facts cannot be read or indexed
+-- ProtocolError       what a client sent cannot be done: a stable code and a sentence go over the wire
+-- VoiceError          a recording cannot be used: a stable code and a sentence
+-- StoreError          the store did not answer; sessions go on from memory
    +-- SessionMoved    another process holds the session now
"""

RESTARTING = "the service is about to start again; connect anew in a moment"
"""What clients are told, with the code busy, while a service that ends takes no more pages."""


class SilverprintError(Exception):
    """Base of all errors the service raises on purpose."""


class StartupError(SilverprintError):
    """The service cannot start; the message is one sentence that says what to do."""


class SettingsError(StartupError):
    """An option or environment variable has a value that cannot be used."""


class FactsError(StartupError):
    """The encyclopedia package or the folder given as facts cannot be read or indexed."""


class ProtocolError(SilverprintError):
    """A client's message cannot be acted upon.

    code: one of those in docs/protocol.md, stable. close: websocket close code when the connection ends with it.
    """

    def __init__(self, code: str, message: str, close: int | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.close = code, message, close


class VoiceError(SilverprintError):
    """A recording that cannot be used. code: bad_audio, bad_form, silent or too_long."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class StoreError(SilverprintError):
    """The store did not answer."""


class SessionMoved(StoreError):
    """Another process holds the session: what this one has of it is out of date and is not written."""
