"""`POST /v1/audio/transcriptions` in OpenAI's form, and `WS /voice`, which hears an utterance as it is spoken."""

import asyncio
import contextlib
import json
import logging
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect

from backend.auth.access import Grant, Unauthorized
from backend.auth.admission import Admission, shown
from backend.auth.client_address import address_of, network
from backend.errors import StartupError, StoreError, VoiceError
from backend.http.api_requests import Refused, timely
from backend.http.connections import Connections
from backend.observability import audit_log
from backend.settings import Settings
from backend.voice.recognition import HINT, MOST_SECONDS, RATE, Listener, Sound, Utterance, checked, read_sound, silero

MOST_BYTES = 8 * 2**20
"""The most bytes of a recording with the fields beside it; they are counted in backend/http/body_limit.py."""
FIELD_BYTES = 2**16
UPLOAD_SECONDS = 60.0
CHUNK_BYTES = 2**16
FORMATS = ("json", "text", "verbose_json")
HINT_CHARS = 400
SPEAKERS, SHARE = 16, 4
"""The most clients that speak at once, in all and from one address."""

HUSH_SECONDS = 20.0
"""A speaker that sends no message for so long counts as gone."""

UTTERANCE_SECONDS = 90.0
"""How long an utterance may take to come; its sound is up to a minute long.

Without this limit, a sample from time to time would keep a place.
"""

RECOGNISING = ThreadPoolExecutor(1, "recognising")
"""The thread in which recordings become words, one after the other.

Recordings that wait hold no thread that other work needs.
"""

FOREIGN, ABSENT, WRONG, FULL = 4403, 4404, 4400, 4429
log = logging.getLogger(__name__)


@dataclass
class SpeechSocket:
    """What recognition needs; the model is loaded when someone first speaks.

    Attributes:
        settings: Options of the service.
        admission: Decides whose sound is taken.
        speakers: How many clients speak now, by their network.
    """

    settings: Settings
    admission: Admission
    speakers: "Counter[str]" = field(default_factory=Counter)
    _listener: Listener | None = None
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def trusts(self, client: HTTPConnection) -> Grant | None:
        """Return the grant by which a client may have its sound turned into words, or None if it may not.

        The client is let in by its Origin, or by its token or ticket.
        """
        origin = client.headers.get("origin")
        try:
            return await self.admission.admit(origin, shown(client)) if self.admission.knows(origin) else None
        except (Unauthorized, StoreError):
            return None

    @contextlib.contextmanager
    def speaker(self, client: HTTPConnection) -> Iterator[None]:
        """Hold a place among the clients that speak, of which an address has a share.

        Raises:
            VoiceError: busy.
        """
        place = network(address_of(client))
        if self.speakers.total() >= SPEAKERS:
            raise VoiceError("busy", "too many people speak at once; try again in a moment")
        if self.speakers[place] >= SHARE:
            raise VoiceError("busy", f"expected at most {SHARE} people of an address to speak at once")
        self.speakers[place] += 1
        try:
            yield
        finally:
            self.speakers[place] -= 1
            self.speakers += Counter()  # This drops the networks that are gone.

    async def listener(self) -> Listener:
        """Return the loaded model.

        Raises:
            StartupError: There is no model to recognise speech with.
        """
        async with self._loading:
            if self._listener is None:
                self._listener = await asyncio.to_thread(Listener.load, self.settings.voice_model)
        return self._listener

    async def words(self, sound: Sound, hint: str = HINT) -> str:
        """Return what is said in a sound."""
        listener = await self.listener()
        return await asyncio.get_running_loop().run_in_executor(RECOGNISING, listener.transcribe, sound, hint)


@contextlib.contextmanager
def counted(client: HTTPConnection) -> Iterator[None]:
    """Count a client as a connection of its address while the block runs.

    Raises:
        VoiceError: busy, if the address has too many connections.
    """
    connections: Connections = client.app.state.connections
    address = address_of(client)
    try:
        if not connections.claim_connection(address):
            most = connections.settings.address_connections
            raise VoiceError("busy", f"expected at most {most} connections from an address")
        yield
    finally:
        connections.release_connection(address)


async def transcribe(request: Request) -> Response:
    """Turn a recording into words.

    The request is multipart form data with file, and optionally model, prompt, response_format and language.
    """
    ear: SpeechSocket = request.app.state.ear
    if not await ear.trusts(request):
        audit_log.tell("refuse", code="unauthorized", address=address_of(request), at="voice")
        return failure(request, 401, "invalid_api_key", "expected an allowed Origin or the bearer token, got neither")
    request = Request(request.scope, timely(request.receive, UPLOAD_SECONDS))
    try:
        with counted(request):
            async with request.form(max_files=1, max_fields=16, max_part_size=FIELD_BYTES) as form:
                return await answer(ear, request, form)
    except Refused as error:
        return failure(request, error.status, error.code, error.message)
    except ClientDisconnect:
        return Response(status_code=499)
    except HTTPException as error:
        return failure(request, 400, "bad_form", f"expected multipart form data with a file: {error.detail}")
    except VoiceError as error:
        return failure(request, 429 if error.code == "busy" else 400, error.code, error.message)
    except StartupError as error:
        return failure(request, 501, "no_voice", str(error))


def count(client: HTTPConnection, code: str) -> None:
    """Count an error that a client is told."""
    connections: Connections = client.app.state.connections
    connections.observer.refused(code)


async def answer(ear: SpeechSocket, request: Request, form: FormData) -> Response:
    """Answer with the words in the form's recording.

    Raises:
        VoiceError: The form or the recording cannot be used.
        StartupError: There is no model to recognise speech with.
    """
    file, shape = form.get("file"), str(form.get("response_format") or "json")
    if not isinstance(file, UploadFile):
        raise VoiceError("bad_form", "expected a recording in the field file, got none")
    if shape not in FORMATS:
        raise VoiceError("bad_form", f"expected response_format among {', '.join(FORMATS)}, got {shape[:40]!r}")
    hint = str(form.get("prompt") or HINT)[:HINT_CHARS]
    with ear.speaker(request):
        await ear.listener()  # The model is needed before the sound is read, which needs the same extra.
        sound = await asyncio.to_thread(read_sound, await file.read())
        text = await ear.words(sound, hint)
    if shape == "text":
        return PlainTextResponse(f"{text}\n")
    more = {"task": "transcribe", "language": "english", "duration": round(len(sound) / RATE, 2)}
    return JSONResponse({"text": text} | (more if shape == "verbose_json" else {}))


def failure(request: Request, status: int, code: str, message: str) -> Response:
    """Answer with an error in OpenAI's form, and count it."""
    count(request, code)
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return JSONResponse({"error": {"message": message, "type": kind, "param": None, "code": code}}, status)


async def hear(socket: WebSocket) -> None:
    """Receive 16-bit little-endian samples at 16 kHz, and send JSON: ready, speech, end, text, error.

    The client sends binary messages of 64 KiB or less while the visitor speaks. Any text message ends the utterance
    before a pause does. Then `{"type":"end"}` and `{"type":"text","text":...}` are sent, and the socket is closed.
    """
    ear: SpeechSocket = socket.app.state.ear
    connections: Connections = socket.app.state.connections
    grant = await ear.trusts(socket)
    if grant is None:
        audit_log.tell("refuse", code="unauthorized", address=address_of(socket), at="voice")
        count(socket, "unauthorized")
        await socket.close(FOREIGN)
        return
    await socket.accept()
    try:
        async with connections.while_granted(grant):
            with counted(socket), ear.speaker(socket):
                await ear.listener()
                await listen(socket, ear, Utterance(silero()))
        await socket.close()
    except Unauthorized as error:
        audit_log.tell("dismiss", address=address_of(socket))
        await complain(socket, "unauthorized", error.message)
        await socket.close(FOREIGN)
    except StartupError as error:
        await complain(socket, "no_voice", str(error))
        await socket.close(ABSENT)
    except VoiceError as error:
        await complain(socket, error.code, error.message)
        await socket.close(FULL if error.code == "busy" else WRONG)
    except WebSocketDisconnect:
        log.info("a speaker left in the middle of a sentence")


async def heard(socket: WebSocket, until: float) -> Message:
    """Return the next message.

    Args:
        socket: The websocket.
        until: When the utterance must have ended, by the event loop's clock in seconds.

    Raises:
        VoiceError: No message has come in time.
    """
    hush = asyncio.get_running_loop().time() + HUSH_SECONDS
    try:
        async with asyncio.timeout_at(min(hush, until)):
            return await socket.receive()
    except TimeoutError as error:
        if until <= hush:
            raise VoiceError("too_long", f"expected an utterance within {UTTERANCE_SECONDS:.0f} s") from error
        raise VoiceError("silent", f"expected sound, got none for {HUSH_SECONDS:.0f} s") from error


async def listen(socket: WebSocket, ear: SpeechSocket, utterance: Utterance) -> None:
    """Hear one utterance and send what was said.

    Raises:
        VoiceError: A message holds no sound.
        WebSocketDisconnect: The client has left.
    """
    told, until = False, asyncio.get_running_loop().time() + UTTERANCE_SECONDS
    await tell(socket, type="ready", rate=RATE, seconds=MOST_SECONDS)
    while not utterance.ended:
        message = await heard(socket, until)
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code") or 1005)
        if (data := message.get("bytes")) is None:
            break
        if len(data) % 2 or len(data) > CHUNK_BYTES:
            raise VoiceError("bad_audio", f"expected 16-bit samples, {CHUNK_BYTES:,} bytes or less, got {len(data):,}")
        await asyncio.to_thread(utterance.hear, samples(data))
        if utterance.speaking and not told:
            told = True
            await tell(socket, type="speech")
    await tell(socket, type="end")
    sound = utterance.sound
    await tell(socket, type="text", text=await ear.words(checked(sound)) if len(sound) else "")


def samples(data: bytes) -> Sound:
    """Return 16-bit little-endian samples as sound."""
    return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(2**15)


async def complain(socket: WebSocket, code: str, message: str) -> None:
    """Tell a client an error, and count it."""
    count(socket, code)
    await tell(socket, type="error", code=code, message=message)


async def tell(socket: WebSocket, **said: object) -> None:
    """Send a JSON object."""
    await socket.send_text(json.dumps(said))
