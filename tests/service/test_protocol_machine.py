"""Any order of messages, good and bad, over connections that come and go: what must hold holds after each of them."""

import asyncio
import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from starlette.applications import Starlette

from backend.app import create_app
from backend.auth.rate_limit import TokenBucket
from backend.protocol.codec import CODECS, MESSAGE_BYTES
from backend.protocol.messages import PageStart, PageStopped, Welcome
from backend.sessions.session import Session
from backend.storage.records import PageRecord, SessionRecord, pack, unpack
from tests.support.clients import FINAL, message_of
from tests.support.fakes import FakeEngine, MemoryStore, settings_in
from tests.support.repository import ROOT

CODEC = CODECS["silverprint.v1.json"]
PROTOCOL = ROOT / "docs" / "protocol.md"
CODES = set(re.findall(r"^\| `([a-z_]+)` \|", PROTOCOL.read_text("utf-8").split("## Errors")[1], re.MULTILINE))
TURNS = 40

LONG, HUGE, DEEP = "(long)", "(huge)", "(deep)"
words = st.sampled_from(["tides", "moon", "Lava", "", " ", "a b", LONG, "\ud800", "../..", "/wiki/lava", "é🌋"])
targets = st.fixed_dictionaries(
    {"tag": st.sampled_from(["a", "form", "button", ""]), "text": words},
    optional={
        "href": st.sampled_from(["/wiki", "/wiki/moon", "#x", "javascript:1", ""]),
        "form": st.dictionaries(st.sampled_from(["q", "name", ""]), words, max_size=3),
    },
)
junk: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


class CheckedStore(MemoryStore):
    """A store that keeps what it is given only if it comes back the same."""

    async def save(
        self, session: SessionRecord, pages: tuple[PageRecord, ...] = (), gone: tuple[str, ...] = ()
    ) -> None:
        assert unpack(SessionRecord, pack(session)) == session
        assert all(unpack(PageRecord, pack(page)) == page for page in pages)
        await super().save(session, pages, gone)


class Socket:
    """One connection, as the application sees it."""

    def __init__(self, app: Starlette, origin: str) -> None:
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.received: list[str] = []
        self.closed: int | None = None
        self.inbox.put_nowait({"type": "websocket.connect"})
        host = origin.removeprefix("http://").encode()
        scope = {
            "type": "websocket", "path": "/ws", "raw_path": b"/ws", "query_string": b"", "root_path": "",
            "scheme": "ws", "headers": [(b"origin", origin.encode()), (b"host", host)], "client": ("127.0.0.1", 1),
            "subprotocols": [CODEC.subprotocol], "asgi": {"version": "3.0"}, "extensions": {},
        }  # fmt: skip
        self.task = asyncio.get_running_loop().create_task(app(scope, self.inbox.get, self._send))

    async def _send(self, message: Any) -> None:
        if message["type"] == "websocket.send":
            self.received.append(message["text"])
        elif message["type"] == "websocket.close":
            self.closed = message["code"]

    def put(self, text: str) -> None:
        self.inbox.put_nowait({"type": "websocket.receive", "text": text})

    async def leave(self) -> None:
        self.inbox.put_nowait({"type": "websocket.disconnect", "code": 1006})
        await self.task


class Wire(RuleBasedStateMachine):
    """One visitor of one service, who says anything."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = TemporaryDirectory()
        self.store, self.engine = CheckedStore(), FakeEngine()
        self.settings = settings_in(Path(self.folder.name))
        self.socket: Socket | None = None
        self.key, self.seq, self.running = "", -1, ""
        self.pages: list[str] = ["nothing"]
        self.said: list[str] = ['{"type":"hello"}']

    @initialize()
    def open(self) -> None:
        self.app = create_app(self.settings, self.engine, self.store)  # type: ignore[arg-type]
        self.life = self.app.router.lifespan_context(self.app)
        self.loop.run_until_complete(self.life.__aenter__())

    def do(self, turns: int = TURNS) -> None:
        """Let the service do what it can."""

        async def turn() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turn())
        self.take()

    def take(self) -> None:
        """Look at what has come."""
        assert self.socket
        received = [message_of(json.loads(text)) for text in self.socket.received]
        for _, message in received:
            if isinstance(message, Welcome) and message.session != self.key:
                self.key, self.seq = message.session, 0
        for seq, message in received:
            assert seq > self.seq or seq == 0
            self.seq = max(seq, self.seq)
            self.see(message)
        self.socket.received.clear()

    def see(self, message: Any) -> None:
        if message.type == "error":
            assert message.code in CODES - {"internal", "foreign_origin"}, message
        elif message.type == "welcome":
            assert -1 <= message.index < max(1, len(message.history))
            assert (message.index == -1) == (not message.history)
        elif isinstance(message, PageStart):
            assert self.running in ("", message.page), "two pages run at once"
            self.running = message.page
            self.pages.append(message.page)
        elif isinstance(message, FINAL):
            if isinstance(message, PageStopped) or self.running == message.page:
                self.running = "" if self.running == message.page else self.running
            assert -1 < message.index < message.length
            self.pages.append(message.page)
        elif message.type in ("keyframe", "frame"):
            assert message.page
            assert self.running in ("", message.page)

    def say(self, data: Any) -> None:
        text = (data if isinstance(data, str) else json.dumps(data)).replace(LONG, "x" * 5_000)
        assert self.socket
        self.said.append(text)
        self.socket.put(text)
        self.do()

    @property
    def session(self) -> Session | None:
        sessions: dict[str, Session] = self.app.state.connections.registry._sessions
        return sessions.get(self.key)

    @property
    def connected(self) -> bool:
        return self.socket is not None and self.socket.closed is None and not self.socket.task.done()

    @precondition(lambda self: not self.connected)
    @rule(back=st.booleans(), seen=st.sampled_from([0, -1, -5, 10**6, None]), first=st.just(None) | junk)
    def connect(self, back: bool, seen: int | None, first: Any) -> None:
        async def made() -> Socket:
            return Socket(self.app, self.settings.shell_origin)

        self.socket, self.running = self.loop.run_until_complete(made()), ""
        self.do()
        if first is not None:
            self.say(first)
            assert self.socket.closed in (4400, 4401)
            return
        hello: dict[str, Any] = {"type": "hello"}
        if back and self.key:
            hello |= {"session": self.key} | ({} if seen is None else {"last_seq": max(0, self.seq + seen)})
        self.say(hello)
        for session in self.app.state.connections.registry._sessions.values():
            session.bucket = TokenBucket(10**9, 10**9)

    @precondition(lambda self: self.connected)
    @rule()
    def disconnect(self) -> None:
        assert self.socket
        self.loop.run_until_complete(self.socket.leave())
        self.take()

    @precondition(lambda self: self.connected)
    @rule(text=words, world=st.sampled_from([None, "any", "web", "os", "app", "x"]), edit=st.booleans(), data=st.data())
    def prompt(self, text: str, world: str | None, edit: bool, data: st.DataObject) -> None:
        message: dict[str, Any] = {"type": "prompt", "text": text, "edit": edit}
        if world:
            message["world"] = world
        if edit and data.draw(st.booleans()):
            message["target"] = data.draw(targets)
        self.say(message)

    @precondition(lambda self: self.connected)
    @rule(kind=st.sampled_from(["act", "prefetch"]), element=targets, data=st.data())
    def act(self, kind: str, element: dict[str, Any], data: st.DataObject) -> None:
        self.say({"type": kind, "page": data.draw(st.sampled_from(self.pages)), "target": element})

    @precondition(lambda self: self.connected)
    @rule(url=words, fresh=st.booleans())
    def navigate(self, url: str, fresh: bool) -> None:
        self.say({"type": "navigate", "url": url, "fresh": fresh})

    @precondition(lambda self: self.connected)
    @rule(delta=st.integers(-3, 3) | st.integers())
    def go(self, delta: int) -> None:
        self.say({"type": "go", "delta": delta})

    @precondition(lambda self: self.connected)
    @rule(data=st.data(), kept=st.dictionaries(st.text(max_size=3), words, max_size=3))
    def keep(self, data: st.DataObject, kept: dict[str, str]) -> None:
        self.say({"type": "store", "page": data.draw(st.sampled_from(self.pages)), "data": kept})

    @precondition(lambda self: self.connected)
    @rule(data=st.data())
    def adopt(self, data: st.DataObject) -> None:
        self.say({"type": "open", "page": data.draw(st.sampled_from(self.pages))})

    @precondition(lambda self: self.connected)
    @rule(what=st.sampled_from([{"type": "cancel"}, {"type": "hello"}, {"type": "ack", "seq": 3}, {"type": "what"}]))
    def plain(self, what: dict[str, Any]) -> None:
        self.say(what)

    @precondition(lambda self: self.connected)
    @rule(what=junk | st.sampled_from(["{", "[", "NaN", HUGE, DEEP]))
    def nonsense(self, what: Any) -> None:
        self.say({HUGE: "x" * (MESSAGE_BYTES + 1), DEEP: "[" * 500}.get(what, what) if isinstance(what, str) else what)

    @precondition(lambda self: self.connected)
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """Something that was said before."""
        self.say(data.draw(st.sampled_from(self.said)))

    @rule()
    def hold(self) -> None:
        self.engine.gate.clear()

    @precondition(lambda self: self.socket is not None)
    @rule(turns=st.sampled_from([5, 50, 500]))
    def develop(self, turns: int) -> None:
        self.engine.gate.set()
        self.do(turns)

    @rule(down=st.booleans())
    def store_fails(self, down: bool) -> None:
        self.store.down = down

    @rule(fails=st.booleans())
    def model_fails(self, fails: bool) -> None:
        self.engine.fail = fails

    @precondition(lambda self: self.socket is not None)
    @rule()
    def restart(self) -> None:
        """The service ends in order and begins again."""
        if self.connected:
            self.disconnect()
        self.store.down = False
        self.loop.run_until_complete(self.life.__aexit__(None, None, None))
        self.open()

    @invariant()
    def one_page_runs(self) -> None:
        if not hasattr(self, "app") or self.session is None:
            return
        archive, job = self.session.archive, self.session.job
        running = {page for page, item in archive.items.items() if item.state == "running"}
        assert running <= {job.record.id if job else archive.history.current}
        entries, index = archive.history.entries, archive.history.index
        assert (index == -1) if not entries else (0 <= index < len(entries))
        assert set(entries) <= archive.items.keys()
        assert set(archive.latest.values()) <= archive.items.keys()
        assert archive._sizes.keys() == archive.items.keys()

    @invariant()
    def what_is_settled_is_stored(self) -> None:
        if hasattr(self, "app") and self.session and self.session.archive.settled and not self.store.down:
            archive = self.session.archive
            if record := self.store.sessions.get(self.key):
                assert record.pages == archive.items
                assert (list(record.history), record.index) == (archive.history.entries, archive.history.index)
                assert record.seq >= self.seq

    def teardown(self) -> None:
        self.store.down = False
        if hasattr(self, "app"):
            if self.connected:
                self.disconnect()
            self.loop.run_until_complete(self.life.__aexit__(None, None, None))
        self.loop.run_until_complete(asyncio.sleep(0))
        assert len(asyncio.all_tasks(self.loop)) == 0
        self.loop.close()
        self.folder.cleanup()


TestWire = Wire.TestCase
TestWire.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
