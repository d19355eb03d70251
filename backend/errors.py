"""The exceptions that the service raises for what its users and clients can cause.

SilverprintError
+-- StartupError        The service cannot start: one sentence for the terminal, exit code 2.
|   +-- SettingsError   An option or environment variable is wrong.
|   +-- FactsError      The facts cannot be read or indexed.
+-- ProtocolError       A client's message cannot be acted upon: a stable code and a sentence go over the wire.
+-- VoiceError          A recording cannot be used: a stable code and a sentence.
+-- StoreError          The store did not answer; sessions go on from memory.
    +-- SessionMoved    Another process holds the session now.
"""

RESTARTING = "the service is about to start again; connect anew in a moment"
"""What clients are told, with the code busy, while a service that is about to end takes no more pages."""


class SilverprintError(Exception):
    """The base class of all errors that the service raises on purpose."""


class StartupError(SilverprintError):
    """The service cannot start; the message is one sentence that says what to do."""


class SettingsError(StartupError):
    """An option or environment variable has a value that cannot be used."""


class FactsError(StartupError):
    """The encyclopedia package or the folder given as facts cannot be read or indexed."""


class ProtocolError(SilverprintError):
    """A client's message cannot be acted upon.

    Attributes:
        code: One of the stable codes in docs/protocol.md.
        message: One sentence for the client.
        close: The websocket close code if the connection ends with this error, else None.
    """

    def __init__(self, code: str, message: str, close: int | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.close = code, message, close


class VoiceError(SilverprintError):
    """A recording cannot be used.

    Attributes:
        code: One of bad_audio, bad_form, silent and too_long.
        message: One sentence for the client.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class StoreError(SilverprintError):
    """The store did not answer."""


class SessionMoved(StoreError):
    """Another process holds the session, so this process's copy is out of date and is not written."""
