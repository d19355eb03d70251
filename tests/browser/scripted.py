"""An engine that knows its pages by heart and develops them as diffusion does: everywhere at once, out of noise.

A token is a tag, a style rule, a line of script or a word. Each position settles at a step of its own; until then the
engine guesses, mostly well near the end, and now and then it takes a settled token back.
"""

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.core.params import Params
from engine.core.results import Frame, Result, Stats

EOS = 0
CANVAS = 128
STEPS = 16
PIECE = re.compile(r"<style>|</style>|<[^>]*>|[^<>{}\n]*\{[^{}]*\}|[^\n]*;\n|[ \n]?[^ <\n]+|\s")


@dataclass
class ScriptedEngine:
    """write: the page for a prompt. pause: seconds a step takes. until: steps a page may take before it is held.
    surprisal: what it tells of the pages that it made (engine.core.results.Stats)."""

    write: Callable[[str], str]
    pause: float = 0.01
    until: float = float("inf")
    defaults: Params = field(default_factory=Params)
    eos_ids: tuple[int, ...] = (EOS,)
    prompts: list[str] = field(default_factory=list)
    surprisal: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._pieces: list[bytes] = [b""]
        self._ids: dict[str, int] = {}

    def piece(self, token: int) -> bytes:
        return self._pieces[token]

    def submit(self, messages: list[dict[str, str]], params: Params, *, session: str = "") -> "ScriptedGeneration":
        self.prompts.append(messages[-1]["content"])
        return ScriptedGeneration(self, [*self._encode(self.write(self.prompts[-1])), EOS])

    def close(self) -> None:
        pass

    def _encode(self, page: str) -> list[int]:
        pieces = PIECE.findall(page)
        assert "".join(pieces) == page
        for text in pieces:
            if text not in self._ids:
                self._ids[text] = len(self._pieces)
                self._pieces.append(text.encode())
        return [self._ids[text] for text in pieces]


class ScriptedGeneration:
    def __init__(self, engine: ScriptedEngine, tokens: list[int]) -> None:
        self._engine, self._tokens, self._stopped = engine, tokens, False
        self._rng = random.Random(len(tokens))
        self._began = time.perf_counter()
        self._frames = self._run()

    def cancel(self) -> None:
        self._stopped = True

    def __aiter__(self) -> AsyncIterator[Frame]:
        return self._frames

    async def _run(self) -> AsyncIterator[Frame]:
        padded = np.array(self._tokens + [EOS] * (-len(self._tokens) % CANVAS), np.int32)
        for block, canvas in enumerate(padded.reshape(-1, CANVAS)):
            due = [self._due(token) for token in canvas]
            for step in range(1, STEPS + 1):
                await asyncio.sleep(self._engine.pause)
                while block * STEPS + step > self._engine.until and not self._stopped:
                    await asyncio.sleep(0.01)
                if self._stopped:
                    return
                yield self._frame(block, step, canvas, np.array(due))

    def _due(self, token: int) -> float:
        """The step by which a token settles: structure before words, as models do it."""
        structure = self._engine.piece(token).endswith((b">", b"}"))
        return self._rng.triangular(1, 6, 2) if structure else self._rng.triangular(1, STEPS - 2, 9)

    def _frame(self, block: int, step: int, canvas: "np.ndarray[Any, Any]", due: "np.ndarray[Any, Any]") -> Frame:
        final = step == STEPS
        settled = (due < step) & (np.array([self._rng.random() for _ in due]) > 0.03) | final
        guessed = np.array([self._rng.random() * STEPS > step for _ in due]) & ~settled
        noise = np.array([self._rng.choice(self._tokens) for _ in due], np.int32)
        tokens = np.where(guessed, noise, canvas).astype(np.int32)
        return Frame(
            block, step, STEPS, tokens, settled, float(1 - settled.mean()), time.perf_counter() - self._began, final
        )

    async def result(self) -> Result:
        seconds = time.perf_counter() - self._began
        canvases = -(-len(self._tokens) // CANVAS)
        rate = len(self._tokens) / seconds
        stats = Stats(len(self._tokens) - 1, canvases, [STEPS] * canvases, rate, 0.03, seconds, 2)
        if read := self._engine.surprisal:
            stats = replace(stats, readings=[1] * canvases, surprisal=read)
        return Result(self._tokens[:-1], "eos", stats)
