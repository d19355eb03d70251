"""A model behind OpenAI's chat completions that says what a function says, so many tokens a second."""

import contextlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Chat = list[dict[str, str]]
TOKEN = re.compile(r"[<=;:.-]?[A-Za-z]{1,6}|[ \n]?[A-Za-z]{1,9}|\d{1,3}| ?[^\sA-Za-z\d]{1,3}|\s+")
"""About what tokenizers of large models part a page into: words or parts of long ones, a mark or a blank in front,
digits by threes, marks by twos and threes. Of the pages of `first_words` the numbers are within 5 % of o200k_base's."""


@dataclass
class Talk:
    """What a model has been asked and has said. said: the text for a chat. rate: tokens a second, 0 for all at once.

    began: when the first token of each answer left, in seconds since 1970.
    """

    said: Callable[[Chat], str]
    rate: float = 0.0
    chats: list[Chat] = field(default_factory=list)
    began: list[float] = field(default_factory=list)


class Answer(BaseHTTPRequestHandler):
    """One completion, as server-sent events."""

    talk: Talk

    def do_POST(self) -> None:
        chat: Chat = json.loads(self.rfile.read(int(self.headers["content-length"])))["messages"]
        self.talk.chats.append(chat)
        tokens = TOKEN.findall(self.talk.said(chat))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        with contextlib.suppress(OSError):  # who asked may have gone
            self._stream(tokens)

    def _stream(self, tokens: list[str]) -> None:
        began = time.time()
        self.talk.began.append(began)
        for number, token in enumerate(tokens):
            if self.talk.rate:
                time.sleep(max(0.0, began + number / self.talk.rate - time.time()))
            self._event({"delta": {"content": token}, "finish_reason": None})
        self._event({"delta": {}, "finish_reason": "stop"})
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, choice: dict[str, object]) -> None:
        self.wfile.write(f"data: {json.dumps({'choices': [{'index': 0, **choice}]})}\n\n".encode())
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def chatting(talk: Talk) -> Iterator[str]:
    """A server on the loopback; its address, up to and with /v1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answering", (Answer,), {"talk": talk}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
