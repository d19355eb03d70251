"""Recordings from anyone: which formats are read, and how much of one is decoded."""

import io
from collections.abc import Iterator
from itertools import repeat
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backend.errors import VoiceError
from backend.voice.recognition import RATE, decoded, read_sound

av = pytest.importorskip("av")


def frame(samples: int, rate: int) -> Any:
    made = av.AudioFrame.from_ndarray(np.zeros((1, samples), np.int16), format="s16", layout="mono")
    made.sample_rate = rate
    return made


def recorded(form: str, codec: str, rate: int = RATE, seconds: int = 2) -> bytes:
    """Silence in a file of some format."""
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        stream.codec_context.open()
        resampler = av.AudioResampler(
            stream.codec_context.format, "mono", rate, stream.codec_context.frame_size or 4096
        )
        for part in [*repeat(frame(rate, rate), seconds), None]:
            for piece in resampler.resample(part):
                container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize(
    ("form", "codec", "rate"),
    [
        ("wav", "pcm_s16le", 16_000), ("wav", "pcm_u8", 8_000), ("flac", "flac", 44_100), ("ogg", "libopus", 48_000),
        ("webm", "libopus", 48_000), ("matroska", "pcm_s16le", 48_000), ("mp3", "libmp3lame", 44_100),
        ("ipod", "aac", 44_100),
    ],
)  # fmt: skip
def test_what_microphones_and_programs_record_is_read(form: str, codec: str, rate: int) -> None:
    assert len(read_sound(recorded(form, codec, rate))) == pytest.approx(2 * RATE, abs=RATE / 10)


@pytest.mark.parametrize(("form", "codec"), [("aiff", "pcm_s16be"), ("au", "pcm_s16be"), ("mpegts", "mp2")])
def test_other_formats_are_not_even_opened(form: str, codec: str) -> None:
    with pytest.raises(VoiceError, match=r"expected a recording \(WAV, FLAC, Ogg, WebM, MP3, MP4\), got"):
        read_sound(recorded(form, codec))


def test_a_recording_that_names_others_is_not_followed(tmp_path: Any) -> None:
    (tmp_path / "said.mp3").write_bytes(recorded("mp3", "libmp3lame"))
    for text in (
        "ffconcat version 1.0\nfile '{}'\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{}\n#EXT-X-ENDLIST\n",
    ):
        with pytest.raises(VoiceError, match="that are none"):
            read_sound(text.format(tmp_path / "said.mp3").encode())


class Endless:
    """A recording without an end. decoded: how much of it was asked for, in seconds."""

    def __init__(self, samples: int, rate: int) -> None:
        self._frame, self.decoded = frame(samples, rate), 0.0

    def decode(self, audio: int) -> Iterator[Any]:
        while True:
            self.decoded += self._frame.samples / self._frame.sample_rate
            yield self._frame


def test_no_more_than_a_minute_is_decoded() -> None:
    endless = Endless(4096, RATE)
    with pytest.raises(VoiceError, match="expected a recording of 60 s or less, got more"):
        decoded(endless)  # type: ignore[arg-type]
    assert endless.decoded < 62


def test_half_an_hour_in_a_few_bytes() -> None:
    data = recorded("flac", "flac", seconds=1800)
    assert len(data) < 2**19
    with pytest.raises(VoiceError) as caught:
        read_sound(data)
    assert caught.value.code == "too_long"


def test_a_frame_of_minutes_is_not_made_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(av, "AudioResampler", lambda **_: SimpleNamespace(resample=None))
    with pytest.raises(VoiceError, match="got more"):
        decoded(Endless(65_535, 1000))  # type: ignore[arg-type]
    for rate in (1, 2**31 - 1):
        with pytest.raises(ValueError, match="samples a second"):
            decoded(Endless(16, rate))  # type: ignore[arg-type]
