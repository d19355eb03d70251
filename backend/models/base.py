"""What the service asks of a model: something that takes prompts and gives the frames of pages.

`engine.Engine` is one, in this process. Whatever else makes pages elsewhere gives the same frames and raises the same
errors of `engine.core.errors`, so that nothing around it knows the difference.
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
    """A page being written. Its frames are given once; iteration and result raise EngineError when it failed."""

    def __aiter__(self) -> "AsyncIterator[Frame]": ...

    async def result(self) -> "Result": ...

    def cancel(self) -> None:
        """Stop soon; the result then holds what was committed. Of no effect once it is done."""


class Model(Protocol):
    """defaults: its own Params. eos_ids: tokens that end a page."""

    @property
    def defaults(self) -> "Params": ...

    @property
    def eos_ids(self) -> Collection[int]: ...

    def submit(self, prompt: Prompt, params: "Params | None" = None, *, session: str = "") -> Writing:
        """Start a page. session: whose, so that it goes to where the session's prompts are already encoded.

        Raises InvalidPrompt, InvalidParams, PromptTooLong, EngineClosed; where pages are made elsewhere, the Writing
        does.
        """

    def piece(self, token: int) -> bytes:
        """One token's bytes; b"" for special tokens."""

    def when_lost(self, call: "Callable[[DeviceLost], None]") -> None:
        """What to do when the model is lost for good: everything under way has failed by then."""

    def close(self) -> None: ...


@runtime_checkable
class Counting(Protocol):
    """A model that can tell how many tokens a prompt is."""

    def encode(self, messages: Prompt) -> Sequence[int]:
        """The prompt's tokens. Raises InvalidPrompt. May be called from any thread."""


@runtime_checkable
class Spelling(Protocol):
    """A model that can begin from any text, not only from what it has written."""

    def tokens(self, text: str) -> Sequence[int]:
        """A text as a canvas. Raises InvalidPrompt."""


@runtime_checkable
class Holding(Model, Protocol):
    """A model that starts from canvases and can hold parts of them (engine.core.params.Params, hold)."""

    @property
    def canvas_length(self) -> int:
        """Tokens of a canvas."""

    @property
    def pad_id(self) -> int:
        """The token that shows nothing."""


@runtime_checkable
class Reading(Protocol):
    """A model that starts from no canvas: a page that it is to change stands in its prompt.

    lasting: its texts only grow, what has settled stays.
    """

    @property
    def lasting(self) -> bool: ...

    def spelled(self, canvas: Sequence[int]) -> str:
        """The text of a canvas."""


def holds(model: Model) -> TypeGuard[Holding]:
    """Whether a model can hold parts of a page: it starts from canvases, and can fill them up without ending them."""
    return isinstance(model, Holding) and not isinstance(model, Reading) and model.pad_id not in model.eos_ids
