"""An engine without a model: each token is a byte, and each canvas settles in a few steps of equally many positions."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from backend.composer.compose import Composer
from backend.errors import StoreError
from backend.jobs.page_maker import PageMaker
from backend.models.model_card import read_card
from backend.sessions.registry import SessionRegistry
from backend.settings import Settings
from backend.storage.records import PageRecord, SessionRecord
from engine.core.errors import DeviceLost, GenerationFailed, PromptTooLong
from engine.core.params import Params
from engine.core.results import Frame, Result, Stats

EOS = 256
CANVAS = 96
STEPS = 6


def page_for(prompt: str) -> str:
    """Return the page that the fake model writes; it contains its title, the whole prompt, a link and a script."""
    title = next((s.removeprefix("title: ") for s in prompt.splitlines() if s.startswith("title: ")), "Untitled")
    return (
        f"<!doctype html><style>h1{{color:red}}</style><title>{title}</title><h1>{title}</h1>"
        f"<p>{prompt}</p><p>é 🌋</p><a href=/wiki>Lava</a><script>let x=1</script>"
    )


@dataclass
class FakeEngine:
    """An engine that writes the page of a function.

    Attributes:
        gate: Cleared to hold every generation before its next step.
        page: Returns the page for a prompt.
        defaults: The checkpoint's parameters.
        pause: Seconds before each step.
        fail: Whether generations fail at the second step.
        longest: Most characters of a prompt.
        dies: Seconds after which the device is lost; None if it never is.
        submitted: Prompt and parameters of each page that was asked for.
        sessions: The session of each page that was asked for.
        cancelled: Number of pages that were cancelled.
        closed: Whether the engine was closed.
        eos_ids: Tokens that end a text.
        surprisal: What it reports of the pages that it made.
    """

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    page: Callable[[str], str] = page_for
    defaults: Params = field(default_factory=Params)
    pause: float = 0.0
    fail: bool = False
    longest: int = 100_000
    dies: float | None = None
    submitted: list[tuple[str, Params]] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)
    cancelled: int = 0
    closed: bool = False
    eos_ids: tuple[int, ...] = (EOS,)
    surprisal: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    def piece(self, token: int) -> bytes:
        """Return the byte of a token."""
        return bytes([token]) if token < EOS else b""

    def encode(self, messages: list[dict[str, str]]) -> list[int]:
        """Return the bytes of a chat."""
        return [byte for message in messages for byte in message["content"].encode()]

    def tokens(self, text: str) -> list[int]:
        """Return the bytes of a text."""
        return list(text.encode())

    def submit(self, messages: list[dict[str, str]], params: Params, *, session: str = "") -> "FakeGeneration":
        """Begin a page for the chat's last message."""
        prompt = messages[-1]["content"]
        if len(prompt) > self.longest:
            raise PromptTooLong(len(prompt), self.longest)
        self.submitted.append((prompt, params))
        self.sessions.append(session)
        return FakeGeneration(self, [*self.page(prompt).encode(), EOS], params)

    def when_lost(self, call: Callable[[DeviceLost], None]) -> None:
        """Call a function when the device is lost."""
        if self.dies is not None:
            threading.Timer(self.dies, call, [DeviceLost("the GPU has failed: CUDA error")]).start()

    def close(self) -> None:
        """Record that the engine was closed."""
        self.closed = True


class FakeGeneration:
    """A page that the fake engine writes."""

    def __init__(self, engine: FakeEngine, tokens: list[int], params: Params) -> None:
        self._engine, self._tokens, self._stopped = engine, tokens, False
        self._frames = self._run()
        self._steps: list[int] = []
        self._began = time.perf_counter()

    def cancel(self) -> None:
        """Stop before the next step."""
        self._stopped = True
        self._engine.cancelled += 1

    def __aiter__(self) -> AsyncIterator[Frame]:
        return self._frames

    async def _run(self) -> AsyncIterator[Frame]:
        for block, start in enumerate(range(0, len(self._tokens), CANVAS)):
            canvas = np.full(CANVAS, EOS, np.int32)
            part = self._tokens[start : start + CANVAS]
            canvas[: len(part)] = part
            for step in range(1, STEPS + 1):
                await self._engine.gate.wait()
                await asyncio.sleep(self._engine.pause)
                if self._stopped:
                    return
                if self._engine.fail and step > 1:
                    raise GenerationFailed("out of luck")
                yield self._frame(block, step, canvas)
            self._steps.append(STEPS)

    def _frame(self, block: int, step: int, canvas: "np.ndarray[Any, Any]") -> Frame:
        """Return a frame; positions settle from the left, and the others are noise."""
        settled = np.arange(CANVAS) < CANVAS * step / STEPS
        tokens = np.where(settled, canvas, np.int32(ord("#")))
        return Frame(block, step, STEPS, tokens, settled, 0.0, time.perf_counter() - self._began, step == STEPS)

    async def result(self) -> Result:
        """Return the whole page and its statistics."""
        seconds = time.perf_counter() - self._began
        stats = Stats(len(self._tokens) - 1, len(self._steps), self._steps, 100.0, 0.01, seconds, 0)
        read = self._engine.surprisal
        stats = replace(stats, readings=[1] * len(self._steps), surprisal=read) if read else stats
        return Result(self._tokens[:-1], "eos", stats)


class MemoryStore:
    """A store in dictionaries.

    Attributes:
        sessions: Sessions by id.
        pages: Session id and page, by page id.
        lent: Values that were lent, by name.
        down: Whether the store behaves as if it could not be reached.
        closed: Whether it was closed.
    """

    def __init__(self) -> None:
        self.sessions: dict[str, SessionRecord] = {}
        self.pages: dict[str, tuple[str, PageRecord]] = {}
        self.lent: dict[str, bytes] = {}
        self.down = False
        self.closed = False

    def _reach(self) -> None:
        if self.down:
            raise StoreError("the store does not answer: gone")

    async def load_session(self, session: str) -> SessionRecord | None:
        """Return a session, or None."""
        self._reach()
        return self.sessions.get(session)

    async def save(
        self, session: SessionRecord, pages: tuple[PageRecord, ...] = (), gone: tuple[str, ...] = ()
    ) -> None:
        """Save a session and pages of it, and delete the pages that are gone."""
        await asyncio.sleep(0)
        self._reach()
        self.sessions[session.id] = session
        self.pages |= {page.id: (session.id, page) for page in pages}
        for page in gone:
            self.pages.pop(page, None)

    async def load_page(self, session: str, page: str) -> PageRecord | None:
        """Return a page of a session, or None."""
        self._reach()
        owner, record = self.pages.get(page, ("", None))
        return record if owner == session else None

    async def find_page(self, page: str) -> PageRecord | None:
        """Return a page of any session, or None."""
        self._reach()
        return self.pages.get(page, ("", None))[1]

    async def lend(self, name: str, value: bytes, seconds: int) -> None:
        """Store a value until it is taken."""
        self._reach()
        self.lent[name] = value

    async def take(self, name: str) -> bytes | None:
        """Return a value that was lent, and remove it."""
        self._reach()
        return self.lent.pop(name, None)

    async def ping(self) -> None:
        """Raise StoreError if the store cannot be reached."""
        self._reach()

    async def close(self) -> None:
        """Record that the store was closed."""
        self.closed = True


def settings_in(folder: Path, **options: Any) -> Settings:
    """Return settings with a folder for a model of the terse dialect, for data and for facts."""
    model = folder / "model"
    model.mkdir(exist_ok=True)
    card = (
        '{"dialect": "terse", "styles": {"web": ["plain mint", "cards sky"], "os": ["flat sky"], "app": ["soft rose"]}}'
    )
    (model / "silverprint.json").write_text(card)
    facts = folder / "facts"
    facts.mkdir(exist_ok=True)
    (facts / "Volcano.txt").write_text("A volcano is a vent. Lava comes out of it.")
    return Settings(**{"model": model, "data": folder / "data", "facts": facts} | options)


@contextmanager
def held(engine: FakeEngine) -> Iterator[None]:
    """Keep every generation from making a step inside the block."""
    engine.gate.clear()
    try:
        yield
    finally:
        engine.gate.set()


def hub_of(settings: Settings, engine: FakeEngine, store: MemoryStore) -> SessionRegistry:
    """Return a session registry over the fakes, without facts."""
    card = read_card(settings.model)
    maker = PageMaker(engine, card.dialect, settings, judge=card.judge)  # type: ignore[arg-type]
    return SessionRegistry(store, Composer(card), maker, settings)
