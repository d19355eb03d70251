"""Synthetic speech (espeak-ng) as sound and as WAV files."""

import subprocess
import wave
from pathlib import Path

import numpy as np

from backend.voice import RATE, Sound, read_sound

VOICE = ("-v", "en-us", "-s", "150")


def spoken(words: str, pause: float = 0.0) -> Sound:
    """Words as a synthetic voice says them, with so many seconds of silence around them."""
    said = subprocess.run(["espeak-ng", *VOICE, "--stdout", words], check=True, capture_output=True).stdout
    hush = np.zeros(int(pause * RATE), np.float32)
    return np.concatenate([hush, read_sound(said), hush])


def pcm(sound: Sound) -> bytes:
    """16-bit little-endian samples."""
    return (sound * (2**15 - 1)).astype("<i2").tobytes()


def write_wav(path: Path, sound: Sound) -> None:
    with wave.open(str(path), "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(pcm(sound))
