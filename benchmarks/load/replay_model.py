"""A model without weights: it gives frames that the bundled model made once, at a steady rate.

With it, a benchmark measures the service and not the model. This module imports no torch.
`python -m benchmarks.load.record_replay` makes the recording. A page's seed chooses one of the recorded pages.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import StartupError
from engine.core.errors import EngineClosed
from engine.core.params import Params
from engine.core.results import Finish, Frame, Result, Stats

if TYPE_CHECKING:
    from backend.models.base import Prompt
    from engine.core.errors import DeviceLost

RECORDING = Path(__file__).with_name("recorded.npz")


@dataclass(frozen=True)
class Take:
    """One recorded page.

    Attributes:
        frames: Its frames, with the times of the recording.
        result: Its result.
    """

    frames: tuple[Frame, ...]
    result: Result


@dataclass(frozen=True)
class Recording:
    """Recorded pages.

    Attributes:
        about: How the recording was made.
        takes: The pages.
        pieces: The bytes of every token that occurs in them.
        eos_ids: Tokens that end a text.
    """

    about: dict[str, Any]
    takes: tuple[Take, ...]
    pieces: dict[int, bytes]
    eos_ids: tuple[int, ...]

    @classmethod
    def load(cls, path: Path = RECORDING) -> "Recording":
        """Load a recording.

        Raises:
            StartupError: The file is no recording.
        """
        try:
            with np.load(path) as file:
                data = {name: file[name] for name in file.files}
            about = json.loads(bytes(data["about"]))
            takes = tuple(take_of(one, data) for one in about.pop("takes"))
            pieces = {int(token): bytes.fromhex(text) for token, text in about.pop("pieces").items()}
            return cls(about, takes, pieces, tuple(about["eos_ids"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StartupError(
                f"expected a recording in {path}, got: {error}; benchmarks.load.record_replay makes one"
            ) from error

    def save(self, path: Path) -> None:
        """Write the recording to a file."""
        frames = [frame for take in self.takes for frame in take.frames]
        spans = np.cumsum([0, *(len(take.frames) for take in self.takes)])
        takes = [described(take, int(start)) for take, start in zip(self.takes, spans, strict=False)]
        about = {**self.about, "eos_ids": self.eos_ids, "takes": takes}
        about["pieces"] = {str(token): piece.hex() for token, piece in sorted(self.pieces.items())}
        np.savez_compressed(
            path,
            about=np.frombuffer(json.dumps(about).encode(), np.uint8),
            tokens=np.stack([frame.tokens for frame in frames]),
            settled=np.stack([frame.settled for frame in frames]),
            counts=np.array([(f.block, f.step, f.steps, f.reading, f.final) for f in frames], np.int32),
            figures=np.array([(f.entropy, f.elapsed) for f in frames], np.float64),
        )


def described(take: Take, start: int) -> dict[str, Any]:
    """Return what of a page is not in its frames.

    Args:
        take: The page.
        start: Index of its first frame among those of all pages.
    """
    stats = vars(take.result.stats)
    return {"start": start, "frames": len(take.frames), "tokens": take.result.tokens, "stats": stats,
            "finish": take.result.finish}  # fmt: skip


def take_of(one: dict[str, Any], data: "dict[str, np.ndarray[Any, Any]]") -> Take:
    """Return a page from its description and the arrays of the recording."""
    rows = range(one["start"], one["start"] + one["frames"])
    frames = []
    for row in rows:
        block, step, steps, reading, final = map(int, data["counts"][row])
        entropy, elapsed = map(float, data["figures"][row])
        tokens, settled = data["tokens"][row], data["settled"][row]
        frames.append(Frame(block, step, steps, tokens, settled, entropy, elapsed, bool(final), reading))
    finish: Finish = one["finish"]
    return Take(tuple(frames), Result(one["tokens"], finish, Stats(**one["stats"])))


class Recorded:
    """A model for the service whose pages are those of a recording, with `rate` frames a second."""

    def __init__(self, recording: Recording, rate: float) -> None:
        self.defaults = Params()
        self.eos_ids = recording.eos_ids
        self._takes = [paced(take, rate) for take in recording.takes]
        self._pieces, self._closed = recording.pieces, False

    def piece(self, token: int) -> bytes:
        """Return the bytes of a token."""
        return self._pieces[token]

    def submit(self, prompt: "Prompt", params: Params | None = None, *, session: str = "") -> "Replay":
        """Return the recorded page that the seed chooses.

        Raises:
            EngineClosed: The model was closed.
        """
        if self._closed:
            raise EngineClosed("the engine is closed")
        return Replay(self._takes[((params or self.defaults).seed or 0) % len(self._takes)])

    def when_lost(self, call: "Callable[[DeviceLost], None]") -> None:
        """Do nothing, because there is no device that could be lost."""

    def close(self) -> None:
        """Refuse further pages."""
        self._closed = True


def paced(take: Take, rate: float) -> Take:
    """Return the page with a frame every 1 / rate seconds."""
    frames = tuple(replace(frame, elapsed=number / rate) for number, frame in enumerate(take.frames, 1))
    seconds = len(frames) / rate
    speed = take.result.stats.tokens / seconds
    stats = replace(take.result.stats, first_frame=1 / rate, seconds=seconds, tokens_per_second=speed)
    return Take(frames, replace(take.result, stats=stats))


class Replay:
    """A page that is being replayed. A frame that is asked for late is given at once, as an engine does."""

    def __init__(self, take: Take) -> None:
        self._take, self._began, self._stopped = take, time.perf_counter(), False

    def __aiter__(self) -> AsyncIterator[Frame]:
        return self._frames()

    async def _frames(self) -> AsyncIterator[Frame]:
        for frame in self._take.frames:
            wait = self._began + frame.elapsed - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            if self._stopped:
                return
            yield frame

    async def result(self) -> Result:
        """Return the recorded result."""
        return self._take.result

    def cancel(self) -> None:
        """Give no further frames."""
        self._stopped = True
