"""A server of OpenAI's chat completions whose text comes from a function, at a fixed number of tokens a second."""

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
"""Splits a page about as the tokenizers of large models do.

A token is a word or a part of a long one, with a mark or a blank in front; or up to three digits; or up to three marks.
For the pages of `first_words`, the counts are within 5 % of o200k_base's.
"""


@dataclass
class Talk:
    """What a model was asked, and what it answered.

    Attributes:
        said: Returns the text for a chat.
        rate: Tokens a second; 0 sends all at once.
        chats: All chats so far.
        began: When the first token of each answer was sent, in seconds since 1970.
    """

    said: Callable[[Chat], str]
    rate: float = 0.0
    chats: list[Chat] = field(default_factory=list)
    began: list[float] = field(default_factory=list)


class Answer(BaseHTTPRequestHandler):
    """Answers one completion as server-sent events."""

    talk: Talk

    def do_POST(self) -> None:
        """Record the chat and stream its answer."""
        chat: Chat = json.loads(self.rfile.read(int(self.headers["content-length"])))["messages"]
        self.talk.chats.append(chat)
        tokens = TOKEN.findall(self.talk.said(chat))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        with contextlib.suppress(OSError):  # the client may have disconnected
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
        """Write nothing."""
        pass


@contextlib.contextmanager
def chatting(talk: Talk) -> Iterator[str]:
    """Run a server on the loopback interface; yields its address, which ends with /v1."""
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
