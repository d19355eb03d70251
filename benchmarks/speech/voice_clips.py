"""Recordings of people with transcripts, from a Debian package of test data that tests/system.sh installs.

They are a command to a machine, playing cards that are called, and sentences of a novel, read aloud for LibriVox.
"""

import hashlib
import wave
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from backend.errors import StartupError
from backend.voice.recognition import RATE, Sound, read_sound

PACKAGE = "pocketsphinx-testdata"
FOLDER = Path("/usr/share/pocketsphinx/test/data")
NOVEL = "librivox/sense_and_sensibility_01_austen_64kb"


@dataclass(frozen=True)
class Clip:
    """A recording with 16-bit samples at 16 kHz.

    Attributes:
        file: Path in the package's folder.
        words: What is said.
        digest: SHA-256 of the file.
    """

    file: str
    words: str
    digest: str

    def read(self, folder: Path = FOLDER) -> bytes:
        """Return the recording as a WAV file.

        Raises:
            StartupError: The package is missing, or the file is not the known one.
        """
        path = folder / self.file
        try:
            data = path.read_bytes()
        except OSError as error:
            hint = f"sudo apt-get install {PACKAGE}"
            raise StartupError(f"expected the recording {path} ({hint}), got: {error.strerror}") from error
        if hashlib.sha256(data).hexdigest() != self.digest:
            raise StartupError(f"expected the known recording in {path}, got another (SHA-256 differs)")
        return data if path.suffix == ".wav" else wav(data)

    def sound(self) -> Sound:
        """Return the recording as sound."""
        return read_sound(self.read())


def wav(samples: bytes) -> bytes:
    """Return bare samples as a WAV file."""
    file = BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, RATE, 0, "NONE", ""))
        writer.writeframes(samples)
    return file.getvalue()


COMMAND = Clip(
    "goforward.raw", "go forward ten meters", "f15c60ec54059d8b66e410d0064945a0b0a04ea56e1ddca1958e493c0cf70e71"
)
CLIPS = (
    COMMAND,
    Clip("cards/001.wav", "ten of clubs", "899951e768666f27c8f8b1d4090b96fe7909cae9cec01bec0a5d5d1b8a8d566e"),
    Clip("cards/002.wav", "four queen of clubs", "a3f9eae6fdb69a1231989e39a14d62388a6f52fb59666c76d95005318fadafec"),
    Clip("cards/003.wav", "seven of clubs", "00d283e46bc257ae479e4aa86593cadb541656eba1d19fc8abeece37f6a5a18b"),
    Clip("cards/004.wav", "five five", "4c44a8177f5b128b99f078cdeb918119933155574231f1833e8840d1af09c521"),
    Clip(
        "cards/005.wav",
        "eight of spades four of clubs seven of hearts",
        "090f18f5f76cf8b2b43cd9e6b07823f4685a4742d9a36cd98b174a6586c18cf9",
    ),
    Clip(
        f"{NOVEL}-0870.wav",
        "and mister john dashwood had then leisure to consider"
        " how much there might be prudently in his power to do for them",
        "b0557cf95c974d930577e58e46b7f068c432a6e3afcc286563d88922b2a5315c",
    ),
    Clip(
        f"{NOVEL}-0880.wav",
        "he was not an ill disposed young man",
        "fbec491ef00ee734a67f0ee318e98c51c157b479e1629ff4f4426861ecac0414",
    ),
    Clip(
        f"{NOVEL}-0890.wav",
        "unless to be rather cold hearted and rather selfish is to be ill disposed",
        "5793ffbdee55fb8bfd284943a6866864c832d9d4accf2661cabd39915c84ee10",
    ),
    Clip(
        f"{NOVEL}-0920.wav",  # as in the book; the package's transcript has one "a" too many
        "had he married a more amiable woman he might have been made still more respectable than he was",
        "40882414ef4cc51f3ff7a63bad0c8c87e7f595ffeb8209fbf756c8ebc5c28a59",
    ),
    Clip(
        f"{NOVEL}-0930.wav",
        "he might even have been made amiable himself",
        "954adbf0b56ac8a148cbe77b39ca18d76b5f2a1e1f405565bd786ce3e68a68b7",
    ),
)
