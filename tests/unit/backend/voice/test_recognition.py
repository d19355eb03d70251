"""Hearing: when an utterance begins and ends, what is refused, and recognition of real and synthetic speech."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from backend.app import create_app
from backend.errors import StartupError, VoiceError
from backend.voice import recognition, routes
from backend.voice.recognition import (
    HUSH,
    MOST_SECONDS,
    RATE,
    SPEECH,
    WINDOW,
    Listener,
    Sound,
    Utterance,
    read_sound,
    silero,
)
from benchmarks.speech.synthesis import pcm, silence, spoken, write_wav
from benchmarks.speech.voice_clips import COMMAND
from benchmarks.speech.words import mistakes
from tests.support.fakes import FakeEngine, MemoryStore, settings_in

FORM = {"content-type": "multipart/form-data; boundary=x"}
SHELL = "http://127.0.0.1:8017"
SAID = "make me a to do app with sorting and dark mode"


def seconds(length: float, level: float) -> Sound:
    return np.full(int(length * RATE), level, np.float32)


def loud(window: Sound) -> float:
    """Stands for a detector: the level of the sound is the probability of speech."""
    return float(window[0])


def heard(*sounds: Sound) -> Utterance:
    utterance = Utterance(loud)
    for sound in sounds:
        for at in range(0, len(sound), 700):  # no multiple of a window
            utterance.hear(sound[at : at + 700])
    return utterance


def test_an_utterance_is_speech_and_a_pause() -> None:
    assert not heard(seconds(2, 0)).speaking
    assert not heard(seconds(2, 0)).ended
    begun = heard(seconds(1, 0), seconds(1, 1))
    assert (begun.speaking, begun.ended) == (True, False)
    assert abs(len(begun.sound) - 2 * RATE) < 2 * WINDOW
    assert heard(seconds(1, 1), seconds(1, 0)).ended
    assert not heard(seconds(1, 1), seconds(0.5, 0), seconds(0.3, 1), seconds(0.5, 0)).ended


def test_a_click_is_no_speech_and_a_doubt_no_pause() -> None:
    assert len(heard(seconds(0.1, 1), seconds(2, 0)).sound) == 0
    doubt = (SPEECH + HUSH) / 2
    assert not heard(seconds(1, 1), seconds(3, doubt)).ended


def test_nobody_is_heard_for_longer_than_a_minute() -> None:
    utterance = heard(seconds(MOST_SECONDS + 3, 1))
    assert utterance.ended
    assert len(utterance.sound) <= MOST_SECONDS * RATE + WINDOW


@pytest.mark.parametrize("data", [b"", b"RIFF", b"not sound at all" * 99])
def test_what_is_no_recording_is_refused(data: bytes) -> None:
    with pytest.raises(VoiceError, match="expected a recording"):
        read_sound(data)


def test_a_recording_longer_than_a_minute_is_refused(tmp_path: Path) -> None:
    write_wav(tmp_path / "long.wav", seconds(61, 0))
    with pytest.raises(VoiceError, match="of 60 s or less, got more"):
        read_sound((tmp_path / "long.wav").read_bytes())


def test_a_model_that_is_not_there_or_not_the_known_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StartupError, match=r"expected a Whisper model .* got no model\.bin"):
        Listener.load(tmp_path)
    monkeypatch.setitem(recognition.HASHES, recognition.PACKAGE, "0")
    with pytest.raises(StartupError, match="expected the known weights"):
        Listener.load(None)
    monkeypatch.setattr(recognition, "PACKAGE", "no_such_package_here")
    with pytest.raises(StartupError, match="expected the package no-such-package-here or --voice-model, got neither"):
        Listener.load(None)


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("speech") / "said.wav"
    write_wav(path, spoken(SAID))
    return path.read_bytes()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = settings_in(tmp_path_factory.mktemp("voice"), token="secret")
    app = create_app(settings, FakeEngine(), MemoryStore())  # type: ignore[arg-type]
    with TestClient(app, base_url=SHELL) as running:
        yield running


def post(client: TestClient, data: bytes, origin: str = SHELL, **fields: str) -> Any:
    headers = {"origin": origin} if origin else {}
    return client.post("/v1/audio/transcriptions", files={"file": ("a.wav", data)}, data=fields, headers=headers)


def test_a_recording_becomes_words(client: TestClient, speech: bytes) -> None:
    found = post(client, speech, model="whisper-1").json()
    assert found.keys() == {"text"}
    assert found["text"].lower().replace("-", " ").rstrip(".") == SAID
    assert post(client, speech, response_format="text").text.strip() == found["text"]
    told = post(client, speech, response_format="verbose_json").json()
    assert 2 < told["duration"] < 6


@pytest.mark.parametrize(
    ("data", "fields", "code"),
    [(b"noise", {}, "bad_audio"), (b"x", {"response_format": "srt"}, "bad_form")],
)
def test_bad_recordings_are_told_in_openai_s_shape(
    client: TestClient, data: bytes, fields: dict[str, str], code: str
) -> None:
    answer = post(client, data, **fields)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_strangers_are_not_heard(client: TestClient, speech: bytes) -> None:
    assert post(client, speech, origin="http://evil.test").status_code == 401
    assert post(client, speech, origin="").status_code == 401
    headers = {"authorization": "Bearer secret"}
    files = {"file": ("a.wav", speech)}
    assert client.post("/v1/audio/transcriptions", files=files, headers=headers).status_code == 200
    pieces = (bytes(2**20) for _ in range(9))
    endless = client.post("/v1/audio/transcriptions", headers=headers | FORM, content=pieces)
    assert endless.json()["error"]["code"] == "too_large"
    assert (
        client.post("/v1/audio/transcriptions", headers=headers, data={"a": "b"}).json()["error"]["code"] == "bad_form"
    )


def test_an_utterance_is_heard_to_its_end(client: TestClient) -> None:
    samples = b"".join(map(pcm, (silence(1.5), spoken(SAID), silence(1.5))))
    with client.websocket_connect("/voice", headers={"origin": SHELL}) as socket:
        assert socket.receive_json()["type"] == "ready"
        for at in range(0, len(samples), 3200):
            socket.send_bytes(samples[at : at + 3200])
        assert [socket.receive_json()["type"] for _ in range(2)] == ["speech", "end"]
        assert "sorting" in socket.receive_json()["text"]


def test_a_person_is_heard(client: TestClient) -> None:
    """A recording of somebody who speaks to a machine: as a file, and as a microphone sends it, ended by a pause."""
    assert mistakes(COMMAND.words, post(client, COMMAND.read()).json()["text"]) <= 1
    sound = pcm(COMMAND.sound()) + pcm(silence(1.5))
    with client.websocket_connect("/voice", headers={"origin": SHELL}) as socket:
        assert socket.receive_json()["type"] == "ready"
        for at in range(0, len(sound), 3200):
            socket.send_bytes(sound[at : at + 3200])
        assert [socket.receive_json()["type"] for _ in range(2)] == ["speech", "end"]
        assert mistakes(COMMAND.words, socket.receive_json()["text"]) <= 1


def test_silence_and_a_button_end_an_utterance_without_words(client: TestClient) -> None:
    with client.websocket_connect("/voice", headers={"origin": SHELL}) as socket:
        socket.receive_json()
        socket.send_bytes(bytes(32000))
        socket.send_text("end")
        assert [socket.receive_json() for _ in range(2)] == [{"type": "end"}, {"type": "text", "text": ""}]


def test_a_message_that_is_no_sound_ends_the_socket(client: TestClient) -> None:
    with client.websocket_connect("/voice", headers={"origin": SHELL}) as socket:
        socket.receive_json()
        socket.send_bytes(b"odd")
        assert socket.receive_json()["code"] == "bad_audio"


def test_speakers_are_counted_and_must_not_fall_silent(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "SPEAKERS", 1)
    monkeypatch.setattr(routes, "HUSH_SECONDS", 0.2)
    with client.websocket_connect("/voice", headers={"origin": SHELL}) as first:
        assert first.receive_json()["type"] == "ready"
        with client.websocket_connect("/voice", headers={"origin": SHELL}) as second:
            assert second.receive_json()["code"] == "busy"
        assert first.receive_json()["code"] == "silent"
    with client.websocket_connect("/voice", headers={"origin": SHELL}) as third:
        assert third.receive_json()["type"] == "ready"


def test_an_address_has_a_share_of_the_speakers(client: TestClient, speech: bytes) -> None:
    ear = client.app.state.ear  # type: ignore[attr-defined]
    ear.speakers["testclient"] = routes.SHARE
    with client.websocket_connect("/voice", headers={"origin": SHELL}) as socket:
        assert socket.receive_json()["message"] == "expected at most 4 people of an address to speak at once"
    assert post(client, speech).status_code == 429
    ear.speakers = Counter(elsewhere=routes.SHARE)
    with client.websocket_connect("/voice", headers={"origin": SHELL}) as socket:
        assert socket.receive_json()["type"] == "ready"
        assert ear.speakers == Counter(elsewhere=routes.SHARE, testclient=1)
    ear.speakers.clear()


def test_a_sample_from_time_to_time_keeps_no_place(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "UTTERANCE_SECONDS", 0.3)
    monkeypatch.setattr(routes, "HUSH_SECONDS", 4.0)
    with client.websocket_connect("/voice", headers={"origin": SHELL}) as socket:
        assert socket.receive_json()["type"] == "ready"
        for _ in range(20):
            socket.send_bytes(bytes(2))
        assert socket.receive_json()["code"] == "too_long"
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_json()
        assert caught.value.code == 4400
    assert not client.app.state.ear.speakers  # type: ignore[attr-defined]


def test_recordings_that_wait_hold_no_thread_that_others_need(client: TestClient) -> None:
    ear, at_work, most = client.app.state.ear, 0, 0  # type: ignore[attr-defined]

    class Slow:
        def transcribe(self, sound: Sound, hint: str) -> str:
            nonlocal at_work, most
            at_work += 1
            most = max(most, at_work)
            time.sleep(0.02)
            at_work -= 1
            return "words"

    async def scene() -> None:
        one = routes.SpeechSocket(ear.settings, ear.admission, _listener=Slow())  # type: ignore[arg-type]
        assert await asyncio.gather(*(one.words(seconds(1, 1)) for _ in range(10))) == ["words"] * 10

    asyncio.run(scene())
    assert most == 1


def test_a_speaker_goes_with_the_token(client: TestClient) -> None:
    with client.websocket_connect("/voice", headers={"authorization": "Bearer secret"}) as socket:
        assert socket.receive_json()["type"] == "ready"
        (send_away,) = client.app.state.connections.grants  # type: ignore[attr-defined]
        assert client.portal
        client.portal.call(send_away)
        told = socket.receive_json()
        assert (told["code"], told["message"]) == (
            "unauthorized",
            "expected a token that is valid still, got one that is not any more",
        )
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_json()
        assert caught.value.code == 4403


def test_recordings_take_a_speaker_s_place(client: TestClient, speech: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    ear = client.app.state.ear  # type: ignore[attr-defined]
    monkeypatch.setattr(ear, "speakers", Counter(somewhere=routes.SPEAKERS))
    answer = post(client, speech)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "busy")
    ear.speakers.clear()
    during: list[int] = []

    def read(data: bytes) -> Sound:
        during.append(ear.speakers.total())
        return read_sound(data)

    monkeypatch.setattr(routes, "read_sound", read)
    assert (post(client, b"noise").status_code, during, ear.speakers) == (400, [1], Counter())


def test_sound_counts_as_a_connection_of_its_address(client: TestClient, speech: bytes) -> None:
    connections = client.app.state.connections  # type: ignore[attr-defined]
    connections.open["testclient"] = connections.settings.address_connections
    answer = post(client, speech)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "busy")
    with client.websocket_connect("/voice", headers={"origin": SHELL}) as socket:
        assert socket.receive_json()["message"] == "expected at most 64 connections from an address"
    assert connections.open.pop("testclient") == connections.settings.address_connections
    assert post(client, b"noise").status_code == 400
    assert not connections.open


def test_a_stranger_s_socket_is_refused(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/voice", headers={"origin": "http://evil.test"}):
        pass


def test_errors_are_counted_as_they_are_told(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(client.app.state.connections.observer.metrics, "error", told.append)  # type: ignore[attr-defined]
    post(client, b"noise")
    post(client, b"x", origin="http://evil.test")
    test_a_message_that_is_no_sound_ends_the_socket(client)
    test_a_stranger_s_socket_is_refused(client)
    assert told == ["bad_audio", "invalid_api_key", "bad_audio", "unauthorized"]


def test_two_speakers_have_a_detector_each() -> None:
    first, second = silero(), silero()
    noise = np.random.default_rng(0).normal(0, 0.1, WINDOW).astype(np.float32)
    before = second(seconds(WINDOW / RATE, 0))
    for _ in range(20):
        first(noise)
    assert silero()(seconds(WINDOW / RATE, 0)) == before


def test_words_are_found_one_recording_at_a_time() -> None:
    """Two at once must not mix: the second waits."""
    running: list[int] = []

    class Model:
        def transcribe(self, sound: Sound, **_: object) -> tuple[list[Any], None]:
            running.append(len(running))
            assert running == [0]
            running.clear()
            return [], None

    listener = Listener(Model(), "toy")

    async def both() -> list[str]:
        return await asyncio.gather(*(asyncio.to_thread(listener.transcribe, seconds(1, 0)) for _ in range(4)))

    assert asyncio.run(both()) == ["", "", "", ""]
