"""An engine in a process of its own, as Ray Serve runs it; it streams pages and describes its model once."""

import logging
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from backend.models.model_card import ModelCard, read_card
from engine.core.errors import DeviceLost, EngineError

if TYPE_CHECKING:
    from backend.models.base import Prompt
    from engine.core.params import Committed, Params
    from engine.core.results import Frame, Result

log = logging.getLogger(__name__)

PROTOCOL = 3
"""The version of the messages between service and replica; both sides must have the same number."""


@dataclass(frozen=True)
class About:
    """The description of a replica's model, which a service asks for once.

    Attributes:
        card: The model card.
        defaults: The checkpoint's default parameters.
        eos_ids: The tokens that end a page.
        pieces: The bytes of every token.
        canvas: How many tokens a canvas has.
        pad_id: The token that shows nothing.
    """

    card: ModelCard
    defaults: "Params"
    eos_ids: tuple[int, ...]
    pieces: tuple[bytes, ...]
    canvas: int
    pad_id: int


@dataclass(frozen=True)
class Opened:
    """The first item of a stream: which replica makes the page.

    Attributes:
        name: The replica's name in Ray Serve.
        process: Its process id on its machine.
    """

    name: str
    process: int


class Replica:
    """One engine.

    Raises:
        CheckpointError: The checkpoint cannot be loaded; Ray Serve reports it.
        NotEnoughMemory: The model does not fit; Ray Serve reports it.
    """

    def __init__(self, model: str, precision: str | None = None, name: str = "") -> None:
        from engine.engine import Engine

        self._card = read_card(Path(model))
        self._engine = Engine.load(model, precision=precision)
        self._name = name or name_of_replica()
        self._engine.when_lost(end_process)
        self.pages = 0

    def about(self, protocol: int) -> About | int:
        """Describe the model to a service.

        Args:
            protocol: The protocol number of the service.

        Returns:
            The description, or only our own protocol number if the service has another one.
        """
        if protocol != PROTOCOL:
            return PROTOCOL
        engine, config = self._engine, self._engine.config
        pieces = tuple(engine.piece(token) for token in range(config.vocab_size))
        return About(self._card, engine.defaults, tuple(engine.eos_ids), pieces, config.canvas_length, config.pad_id)

    def state(self) -> tuple[str, int, int]:
        """Return the replica's name, its process id, and how many pages it makes now."""
        return self._name, os.getpid(), self.pages

    async def write(
        self, prompt: "Prompt", params: "Params", committed: "Committed | None" = None
    ) -> "AsyncIterator[Opened | Frame | Result | EngineError]":
        """Stream a page: an Opened, Frames, and then a Result or the error that ended the page.

        If the reader ends the stream earlier, the engine is free at its next step. Errors are sent as values, because
        Ray turns raised errors into subclasses that it makes up.
        """
        yield Opened(self._name, os.getpid())
        try:
            generation = self._engine.submit(prompt, params, committed=committed)
        except EngineError as error:
            yield error
            return
        self.pages += 1
        try:
            async for frame in generation:
                yield frame
            yield await generation.result()
        except EngineError as error:
            yield error
        finally:
            generation.cancel()
            self.pages -= 1

    def __del__(self) -> None:
        """Close the engine; Ray Serve calls this before it ends the process."""
        if engine := getattr(self, "_engine", None):
            engine.close()


def end_process(error: DeviceLost) -> None:
    """End this process: Ray Serve starts another one, and services continue this one's pages there."""
    log.critical("%s", error)
    os._exit(1)


def name_of_replica() -> str:
    """Return the name that Ray Serve gave to this replica."""
    from ray import serve

    return str(serve.get_replica_context().replica_tag)
