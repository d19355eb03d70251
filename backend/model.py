"""What the service asks of a model: something that takes prompts and gives the frames of pages.

`engine.Engine` is one, in this process. Whatever else makes pages elsewhere gives the same frames and raises the same
errors of `engine.errors`, so that nothing around it knows the difference.
"""

from collections.abc import AsyncIterator, Callable, Collection
from typing import TYPE_CHECKING, Protocol

from backend.prompts import Message

if TYPE_CHECKING:
    from engine.errors import DeviceLost
    from engine.params import Params
    from engine.results import Frame, Result

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

    def submit(self, prompt: Prompt, params: "Params | None" = None) -> Writing:
        """Start a page. Raises InvalidPrompt, InvalidParams, PromptTooLong, EngineClosed."""

    def piece(self, token: int) -> bytes:
        """One token's bytes; b"" for special tokens."""

    def when_lost(self, call: "Callable[[DeviceLost], None]") -> None:
        """What to do when the model is lost for good: everything under way has failed by then."""

    def close(self) -> None: ...
