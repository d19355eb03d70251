"""The errors that the engine raises for causes that its callers can act on.

EngineError
+-- CheckpointError     a model folder that cannot be served: unreadable file, missing or misshapen tensor
+-- NotEnoughMemory     a model that does not fit; the message says how much it takes and what would fit
+-- RequestError        a request that cannot be served as asked
|   +-- InvalidParams   a sampling parameter out of range (also a ValueError)
|   +-- InvalidPrompt   messages or token ids that make no prompt (also a ValueError)
|   +-- PromptTooLong   prompt and page do not fit the model's context
+-- GenerationFailed    the model failed on this request while others went on; __cause__ is the reason
+-- OutOfRows           no room for a request's keys and values, and no other request whose end would free some
+-- EngineClosed        submitted to an engine that is closed
+-- DeviceLost          the GPU no longer serves this process; a new process may be served again
"""


class EngineError(Exception):
    """The base of all errors that the engine raises on purpose."""


class CheckpointError(EngineError):
    """The model folder cannot be served; the message names the file or tensors."""


class NotEnoughMemory(EngineError):
    """The device has no room for the model in this precision."""


class RequestError(EngineError):
    """The request cannot be served as asked; the message says what was expected and what came."""


class InvalidParams(RequestError, ValueError):
    """A sampling parameter is out of range."""


class InvalidPrompt(RequestError, ValueError):
    """The prompt is empty, malformed, or holds ids outside the vocabulary."""


class PromptTooLong(RequestError):
    """The prompt and the page together exceed the model's context.

    Attributes:
        tokens: The length of the prompt, in tokens.
        limit: The length of the longest prompt that leaves room for the requested canvases, in tokens.
    """

    def __init__(self, tokens: int, limit: int) -> None:
        super().__init__(f"expected a prompt of at most {limit} tokens, got {tokens}")
        self.tokens, self.limit = tokens, limit

    def __reduce__(self) -> tuple[type["PromptTooLong"], tuple[int, int]]:
        """Support pickling, so that an engine in another process can send this error unchanged."""
        return type(self), (self.tokens, self.limit)


class GenerationFailed(EngineError):
    """The model failed while it worked on this request."""


class OutOfRows(EngineError):
    """The memory for keys and values has no room for a request."""


class EngineClosed(EngineError):
    """The engine was closed and takes no further requests."""


class DeviceLost(EngineError):
    """The GPU has failed in a way that lasts as long as the process."""
