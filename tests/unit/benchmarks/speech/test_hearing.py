"""Recorded voices: what is read, how mistakes are counted, and what is made of them."""

import hashlib
import wave
from io import BytesIO
from pathlib import Path

import pytest

from backend.errors import StartupError
from benchmarks.speech.hearing import Heard, as_table, figures
from benchmarks.speech.voice_clips import Clip
from benchmarks.speech.words import error_rate, mistakes


@pytest.mark.parametrize(
    ("said", "heard", "count"),
    [
        ("ten of clubs", "10 of clubs.", 0),
        ("mister smith is ill disposed", "Mr. Smith is ill-disposed", 0),
        ("five five", "", 2),
        ("a b c d", "b c d", 1),
        ("a b c d", "a x c d e", 2),
        ("go forward", "so go for it", 3),
    ],
)
def test_mistakes_are_the_fewest_words_to_change(said: str, heard: str, count: int) -> None:
    assert mistakes(said, heard) == count
    assert error_rate(said, heard) == count / len(said.split())


def test_a_recording_is_the_known_one_or_none(tmp_path: Path) -> None:
    samples = bytes(range(100))
    clip = Clip("a.raw", "a", hashlib.sha256(samples).hexdigest())
    with pytest.raises(StartupError, match=r"a\.raw \(sudo apt-get install pocketsphinx-testdata\), got: No such file"):
        clip.read(tmp_path)
    (tmp_path / "a.raw").write_bytes(samples)
    with wave.open(BytesIO(clip.read(tmp_path))) as reader:
        assert (reader.getframerate(), reader.getnchannels(), reader.getsampwidth()) == (16_000, 1, 2)
        assert reader.readframes(100) == samples
    (tmp_path / "a.raw").write_bytes(samples[1:])
    with pytest.raises(StartupError, match=r"expected the known recording in .*a\.raw, got another"):
        clip.read(tmp_path)


def test_error_rates_count_every_word_alike() -> None:
    heard = [
        Heard("ten of clubs", 1.0, "ten of clubs", 0.0, 0.5, 0.5, "of clubs", 0.333, 0.8),
        Heard("five", 3.0, "nine", 1.0, 1.5, 0.5, "five", 0.0, -0.2),
    ]
    found = figures(heard)
    assert (found["words"], found["rate"], found["stream_rate"]) == (4, 0.25, 0.25)
    assert (found["factor"], found["ended_after"], found["cut_short"]) == (0.5, 0.8, 1)
    clips = [vars(one) for one in heard]
    assert as_table({"whole": found, "clips": clips}).splitlines()[-1].split()[:3] == ["all", "4", "words"]
