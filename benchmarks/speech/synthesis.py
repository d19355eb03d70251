"""Synthetic speech from espeak-ng, as sound and as WAV files."""

import subprocess
import wave
from pathlib import Path

import numpy as np

from backend.errors import StartupError
from backend.voice.recognition import RATE, Sound, read_sound

VOICE = ("-v", "en-us", "-s", "150")


def spoken(words: str) -> Sound:
    """Return words as a synthetic voice speaks them.

    Raises:
        StartupError: espeak-ng is missing or fails.
    """
    try:
        said = subprocess.run(["espeak-ng", *VOICE, "--stdout", words], check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise StartupError(f"expected espeak-ng to speak with, got: {error}") from error
    return read_sound(said)


def silence(seconds: float) -> Sound:
    """Return so many seconds of silence."""
    return np.zeros(int(seconds * RATE), np.float32)


def pcm(sound: Sound) -> bytes:
    """Return a sound as 16-bit little-endian samples."""
    return (sound * (2**15 - 1)).astype("<i2").tobytes()


def write_wav(path: Path, *sounds: Sound) -> None:
    """Write sounds one after another, at 16 kHz with one channel."""
    with wave.open(str(path), "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        for sound in sounds:
            writer.writeframes(pcm(sound))
