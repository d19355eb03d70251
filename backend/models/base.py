"""The interface of a model: something that takes prompts and produces the frames of pages.

`engine.Engine` is one, in this process. A model that makes pages elsewhere produces the same frames and raises the same
errors of `engine.core.errors`. So the code around it need not know the difference.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import TYPE_CHECKING, Protocol, TypeGuard, runtime_checkable

from backend.prompts.render import Message

if TYPE_CHECKING:
    from engine.core.errors import DeviceLost
    from engine.core.params import Params
    from engine.core.results import Frame, Result

Prompt = str | list[Message]
"""A user's message, or a chat."""


class Writing(Protocol):
    """A page being written. Its frames are given once; iteration and `result` raise EngineError if the page failed."""

    def __aiter__(self) -> "AsyncIterator[Frame]":
        """Iterate over the frames.

        Raises:
            EngineError: The page failed.
        """

    async def result(self) -> "Result":
        """Wait for the end and return the result.

        Raises:
            EngineError: The page failed.
        """

    def cancel(self) -> None:
        """Stop soon; the result then holds what was committed. The call has no effect once the page is done."""


class Model(Protocol):
    """Something that takes prompts and writes pages."""

    @property
    def defaults(self) -> "Params":
        """The parameters that the model uses if a request has none."""

    @property
    def eos_ids(self) -> Collection[int]:
        """The tokens that end a page."""

    def submit(self, prompt: Prompt, params: "Params | None" = None, *, session: str = "") -> Writing:
        """Start a page. If pages are made elsewhere, the Writing raises the errors below.

        Args:
            prompt: A user's message, or a chat.
            params: The parameters, if not the defaults.
            session: The session that asks, so that the page is made where the session's prompts are already encoded.

        Raises:
            InvalidPrompt: The prompt cannot be encoded.
            InvalidParams: The parameters are wrong.
            PromptTooLong: The prompt is too long.
            EngineClosed: The model takes no more requests.
        """

    def piece(self, token: int) -> bytes:
        """Return one token's bytes; b"" for special tokens."""

    def when_lost(self, call: "Callable[[DeviceLost], None]") -> None:
        """Set what to call when the model is lost for good; all pages under way have failed by then."""

    def close(self) -> None:
        """Stop the model."""


@runtime_checkable
class Counting(Protocol):
    """A model that can tell how many tokens a prompt is."""

    def encode(self, messages: Prompt) -> Sequence[int]:
        """Return the prompt's tokens. The method may be called from any thread.

        Raises:
            InvalidPrompt: The prompt cannot be encoded.
        """


@runtime_checkable
class Spelling(Protocol):
    """A model that can begin from any text, not only from what it has written."""

    def tokens(self, text: str) -> Sequence[int]:
        """Return a text as a canvas.

        Raises:
            InvalidPrompt: The text cannot be encoded.
        """


@runtime_checkable
class Holding(Model, Protocol):
    """A model that starts from canvases and can hold parts of them (engine.core.params.Params, hold)."""

    @property
    def canvas_length(self) -> int:
        """The number of tokens of a canvas."""

    @property
    def pad_id(self) -> int:
        """The token that shows nothing."""


@runtime_checkable
class Reading(Protocol):
    """A model that does not start from a canvas: a page that it is to change stands in its prompt."""

    @property
    def lasting(self) -> bool:
        """Whether its texts only grow, so that what has settled stays."""

    def spelled(self, canvas: Sequence[int]) -> str:
        """Return the text of a canvas."""


def holds(model: Model) -> TypeGuard[Holding]:
    """Return whether a model can hold parts of a page.

    Such a model starts from canvases, and can fill them up without ending them.
    """
    return isinstance(model, Holding) and not isinstance(model, Reading) and model.pad_id not in model.eos_ids
