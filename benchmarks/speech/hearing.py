"""Measure speech recognition of recorded voices: whole files over HTTP, and streams as from a microphone."""

import json
import time
import urllib.request
from dataclasses import asdict, dataclass
from typing import Any

from tqdm import tqdm
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from backend.voice.recognition import RATE, Sound
from benchmarks.speech.synthesis import pcm, silence
from benchmarks.speech.voice_clips import CLIPS, COMMAND, Clip
from benchmarks.speech.words import error_rate, words_of

CHUNK = 0.1
"""Seconds of sound in one message of the stream."""

HUSH = 3.0
"""Seconds of silence that are streamed after a recording; this pause ends the utterance."""

PATIENCE = 60.0
EDGE = "silverprint-recording"


@dataclass(frozen=True)
class Heard:
    """A recording as the service recognized it.

    Attributes:
        words: What is said in the recording.
        seconds: Length of the recording.
        file: Words from POST /v1/audio/transcriptions.
        rate: Word error rate of these.
        took: Seconds that the request took.
        factor: Seconds that the request took for each second of sound.
        stream: Words from WS /voice.
        stream_rate: Word error rate of these.
        ended_after: Seconds from the recording's last sample until the service reported the end of the utterance; below
            0 if it cut the speaker short.
    """

    words: str
    seconds: float
    file: str
    rate: float
    took: float
    factor: float
    stream: str
    stream_rate: float
    ended_after: float


def measure(address: str) -> dict[str, Any]:
    """Send all recordings to a running service, one at a time.

    Args:
        address: Its address, with a slash at the end.

    Returns:
        The figures as JSON takes them.

    Raises:
        StartupError: The recordings are missing.
    """
    post(address, COMMAND.read())  # the first request loads the model
    clips = tqdm(CLIPS, unit="clip", desc="listening")
    heard = [listen(address, clip) for clip in clips]
    return {"whole": figures(heard), "clips": [asdict(one) for one in heard]}


def figures(heard: list[Heard]) -> dict[str, float]:
    """Return error rates over all words, total seconds, the longest ended_after, and how many were cut short."""
    counts = [len(words_of(one.words)) for one in heard]
    rates = {
        name: sum(getattr(one, name) * count for one, count in zip(heard, counts, strict=True)) / sum(counts)
        for name in ("rate", "stream_rate")
    }
    seconds = sum(one.seconds for one in heard)
    return {
        "clips": len(heard),
        "words": sum(counts),
        "seconds": round(seconds, 1),
        **{name: round(rate, 3) for name, rate in rates.items()},
        "factor": round(sum(one.took for one in heard) / seconds, 2),
        "ended_after": max(one.ended_after for one in heard),
        "cut_short": sum(one.ended_after < 0 for one in heard),
    }


def listen(address: str, clip: Clip) -> Heard:
    """Send one recording as a file and as a stream."""
    data, sound = clip.read(), clip.sound()
    start = time.perf_counter()
    file = post(address, data)
    took = time.perf_counter() - start
    stream, ended_after = streamed(address, sound)
    seconds = len(sound) / RATE
    rates = [round(error_rate(clip.words, heard), 3) for heard in (file, stream)]
    timing = (round(took, 2), round(took / seconds, 2))
    return Heard(clip.words, round(seconds, 2), file, rates[0], *timing, stream, rates[1], round(ended_after, 2))


def post(address: str, data: bytes) -> str:
    """Return the words of a recording, by POST /v1/audio/transcriptions as any client uses it."""
    head = f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="clip.wav"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{EDGE}--\r\n".encode()
    headers = {"content-type": f"multipart/form-data; boundary={EDGE}", "origin": address.rstrip("/")}
    request = urllib.request.Request(f"{address}v1/audio/transcriptions", body, headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        text: str = json.load(answer)["text"]
    return text


def streamed(address: str, sound: Sound) -> tuple[str, float]:
    """Stream a sound to WS /voice in real time.

    Args:
        address: The service's address, with a slash at the end.
        sound: The sound.

    Returns:
        The words, and the seconds from the sound's last sample until the utterance was over.
    """
    samples = pcm(sound) + pcm(silence(HUSH))
    size = int(CHUNK * RATE) * 2
    chunks = [samples[at : at + size] for at in range(0, len(samples), size)]
    with connect(f"ws{address.removeprefix('http')}voice", origin=Origin(address.rstrip("/"))) as socket:
        socket.recv(PATIENCE)  # ready: the model is loaded
        start = time.monotonic()
        for count, chunk in enumerate(chunks, 1):
            socket.send(chunk)
            if "end" in received(socket, start + count * CHUNK):
                break
        else:
            socket.send("end")
        after = time.monotonic() - start - len(sound) / RATE
        said = next(message for message in map(json.loads, socket) if message["type"] == "text")
        return str(said["text"]), after


def received(socket: ClientConnection, due: float) -> list[str]:
    """Return the types of the messages that come until a time of the clock, or until the utterance is over."""
    types: list[str] = []
    while "end" not in types:
        try:
            types.append(json.loads(socket.recv(max(0.0, due - time.monotonic())))["type"])
        except TimeoutError:
            break
    return types


def as_table(found: dict[str, Any]) -> str:
    """Return the figures as text: a line for each recording, then all."""
    lines = [f"{'recorded voices':48}  length  errors  streamed  time a second  over after"]
    whole = found["whole"] | {"words": f"all {found['whole']['words']} words"}
    for one in (*found["clips"], whole):
        lines.append(
            f"{one['words'][:48]:48}  {one['seconds']:4.1f} s  {one['rate']:6.0%}  {one['stream_rate']:8.0%}"
            f"  {one['factor']:11.2f} s  {one['ended_after']:8.2f} s"
        )
    return "\n".join(lines)
