"""An engine in a process of its own, as Ray Serve runs it: pages as streams, and what a service asks it once."""

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
"""Of what goes between service and replica; a service and replicas of different numbers do not work together."""


@dataclass(frozen=True)
class About:
    """What a service asks once. pieces: the bytes of every token. canvas: tokens of one."""

    card: ModelCard
    defaults: "Params"
    eos_ids: tuple[int, ...]
    pieces: tuple[bytes, ...]
    canvas: int
    pad_id: int


@dataclass(frozen=True)
class Opened:
    """The first thing in a stream: which replica makes the page. name: as Serve calls it. process: its id there."""

    name: str
    process: int


class Replica:
    """One engine. Raises CheckpointError or NotEnoughMemory on construction, which Serve reports."""

    def __init__(self, model: str, precision: str | None = None, name: str = "") -> None:
        from engine.engine import Engine

        self._card = read_card(Path(model))
        self._engine = Engine.load(model, precision=precision)
        self._name = name or name_of_replica()
        self._engine.when_lost(end_process)
        self.pages = 0

    def about(self, protocol: int) -> About | int:
        """protocol: the service's; to one that would not understand it, only ours is told."""
        if protocol != PROTOCOL:
            return PROTOCOL
        engine, config = self._engine, self._engine.config
        pieces = tuple(engine.piece(token) for token in range(config.vocab_size))
        return About(self._card, engine.defaults, tuple(engine.eos_ids), pieces, config.canvas_length, config.pad_id)

    def state(self) -> tuple[str, int, int]:
        """Its name, its process id, and how many pages it makes."""
        return self._name, os.getpid(), self.pages

    async def write(
        self, prompt: "Prompt", params: "Params", committed: "Committed | None" = None
    ) -> "AsyncIterator[Opened | Frame | Result | EngineError]":
        """A page's stream: an Opened, Frames, and then a Result or the error that ended it. Whoever ends the stream
        earlier frees the engine at its next step.

        Errors are sent as values, because those that are raised come back as subclasses that Ray makes up.
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
        """Serve calls this before it ends the process."""
        if engine := getattr(self, "_engine", None):
            engine.close()


def end_process(error: DeviceLost) -> None:
    """Serve starts another in its place, and services go on there with the pages of this one."""
    log.critical("%s", error)
    os._exit(1)


def name_of_replica() -> str:
    from ray import serve

    return str(serve.get_replica_context().replica_tag)
