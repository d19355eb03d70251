"""The queue of what one connection has yet to send. The module does no I/O.

Frames are not queued: only the newest draft waits, and becomes a message when there is room for one. A large draft
becomes a message once it is rendered, even if the page has gone on by then. Otherwise a page that is faster than its
drafts would never be seen. Of positions in the queue only the newest is sent. Everything else keeps its order and is
never dropped.
"""

from asyncio import Future, shield
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from backend.protocol.messages import Delta, Keyframe, PageQueued, ServerMessage, Token
from backend.text.diff import change

if TYPE_CHECKING:
    from engine.core.results import Frame

WINDOW = 8
Late = Callable[[], "Future[None] | None"]


@dataclass
class Live:
    """A page being made, as of its last frame.

    `html`, `settled` and `canvas` may lag behind until `now` is called. While a large draft is `drawing`, they still
    lag behind, and no further step may be taken.

    Attributes:
        page: The id of the page.
        block: The index of the current canvas within the page; -1 before the first.
        step: The denoising step within the canvas.
        steps: The maximum number of steps of the canvas.
        html: The HTML of the draft.
        settled: The number of settled positions of the canvas.
        entropy: The mean over the canvas, in nats.
        canvas: The current block: position -> (text, state).
        reading: 0 while the canvas is denoised, then the number of the reading, from 1.
        ready: When the engine had the frame, by time.perf_counter; 0.0 if nobody measures.
        drawing: The future of a large draft that is being rendered outside the event loop.
    """

    page: str
    block: int = -1
    step: int = 0
    steps: int = 0
    html: str = ""
    settled: int = 0
    entropy: float = 0.0
    canvas: dict[int, tuple[str, int]] = field(default_factory=dict)
    reading: int = 0
    ready: float = 0.0
    drawing: "Future[None] | None" = field(default=None, init=False, repr=False, compare=False)
    _late: "Late | None" = field(default=None, init=False, repr=False, compare=False)

    def step_to(self, at: "Frame | Keyframe | Delta", late: "Late | None" = None) -> None:
        """Advance to another step.

        Args:
            at: The frame of the step.
            late: Called for the draft of the step once it is needed. It calls `fill`, or returns a future that does.
        """
        if at.block != self.block:
            self.canvas = {}
        self.block, self.step, self.steps, self.reading = at.block, at.step, at.steps, at.reading
        self.entropy = round(at.entropy, 4)
        self._late = late

    def fill(self, html: str, settled: int, tokens: Iterable[Token]) -> None:
        """Set the draft of the last step.

        Args:
            html: The HTML of the draft.
            settled: The number of settled positions.
            tokens: The tokens of this block that changed since the draft before.
        """
        self.html, self.settled = html, settled
        self.canvas |= {position: (text, state) for position, text, state in tokens}

    def now(self) -> "Live":
        """Bring the draft up to date, unless something is `drawing`, and return self."""
        if self._late:
            late, self._late = self._late, None
            self.drawing = late()
        if self.drawing and self.drawing.done():
            drawn, self.drawing = self.drawing, None
            drawn.result()
        return self

    async def still(self) -> None:
        """Wait until nothing is `drawing`."""
        while self.drawing and not self.drawing.done():
            await shield(self.drawing)

    async def drawn(self) -> "Live":
        """Return self with the draft of the current step, after waiting for it."""
        self.now()
        await self.still()
        return self

    def tokens(self, known: dict[int, tuple[str, int]]) -> tuple[Token, ...]:
        """Return the positions that differ from what is known of this block."""
        return tuple([(at, *self.canvas[at]) for at in sorted(self._unlike(known))])

    def _unlike(self, known: dict[int, tuple[str, int]]) -> list[int]:
        """Return the positions whose token differs from the known one.

        The known tokens were copied from here, so most are the very same objects, and comparing identities first is
        fast.
        """
        return [at for at, token in self.canvas.items() if (old := known.get(at)) is not token and old != token]


class Outbox:
    """Queues messages and drafts for one connection.

    Call `put` and `draft` to add, and `pop` to take. `numbered` and `acknowledged` keep the client's window.

    Attributes:
        closing: The code to close the connection with once the queue is empty.
        ready: When the engine had the frame that was popped last. None if the frame waited for the client or is sent
            again, since its time then says nothing of the service.
    """

    def __init__(
        self, on_change: Callable[[], None] = lambda: None, on_drop: Callable[[], None] = lambda: None
    ) -> None:
        """Create an empty queue.

        Args:
            on_change: Called when there may be something to pop.
            on_drop: Called for a draft that nobody will see.
        """
        self.closing: int | None = None
        self.ready: float | None = None
        self._on_change, self._on_drop = on_change, on_drop
        self._held = False
        self._queue: deque[ServerMessage] = deque()
        self._draft: Live | None = None
        self._sent = Live("")
        self._waiting: deque[int] = deque()
        self._windowed = False

    @property
    def waiting(self) -> int:
        """The number of messages that wait, without a draft."""
        return len(self._queue)

    def put(self, message: ServerMessage) -> None:
        """Queue a message.

        The message makes any waiting draft stale: a page starts or ends only after its last frame.
        """
        if message.type != "error":
            self._drop()
        if message.type == "page.start":
            self._sent = Live("")  # also for a page that starts again, since the client keeps nothing of it
        if isinstance(message, PageQueued) and self._queue and isinstance(self._queue[-1], PageQueued):
            self._queue.pop()
        self._queue.append(message)
        self._on_change()

    def draft(self, live: Live) -> None:
        """Set the newest draft, which is read when its turn comes."""
        self._drop()
        self._draft = live
        self._on_change()

    def close(self, code: int) -> None:
        """Close the connection with this code once the queued messages are sent."""
        self._drop()
        self.closing = code
        self._on_change()

    def pop(self) -> ServerMessage | None:
        """Return the next message to send now, if any.

        A draft that is still being rendered does not count; `on_change` is called when it is ready.
        """
        if self._queue:
            return self._queue.popleft()
        if self._draft is None:
            return None
        if self._windowed and len(self._waiting) >= WINDOW:
            self._held = True
            return None
        if drawing := self._draft.now().drawing:
            drawing.add_done_callback(self._drawn)
            return None
        return self._popped(self._draft)

    def _popped(self, live: Live) -> Keyframe | Delta:
        """Return the waiting draft as a message."""
        self._draft = None
        self.ready = None if self._held or not live.ready else live.ready
        self._held, live.ready = False, 0.0
        return self._frame(live)

    def _drawn(self, drawing: "Future[None]") -> None:
        """Queue a draft that has been rendered, before the page can take its next step.

        An error of the rendering is raised to the caller of `pop`.
        """
        live = self._draft
        if live and live.drawing is drawing and not drawing.exception():
            self._queue.append(self._popped(live.now()))
        self._on_change()

    def _drop(self) -> None:
        """Drop the waiting draft, if any."""
        if self._draft is not None:
            self._draft = None
            self._held = False
            self._on_drop()

    def numbered(self, seq: int) -> None:
        """Record that a message was sent with this number."""
        if self._windowed:
            self._waiting.append(seq)

    def acknowledged(self, seq: int) -> None:
        """Record that the client has handled everything up to `seq`."""
        self._windowed = True
        while self._waiting and self._waiting[0] <= seq:
            self._waiting.popleft()
        self._on_change()

    def _frame(self, live: Live) -> Keyframe | Delta:
        """Return the draft as a change to what was sent last.

        The draft is sent whole at the start of a block and of a connection.
        """
        sent = self._sent
        canvas, fresh = dict(live.canvas), (sent.page, sent.block) != (live.page, live.block)
        self._sent = replace(live, canvas=canvas)
        place, progress = (live.page, live.block, live.step, live.steps), (live.settled, live.entropy)
        if fresh:
            return Keyframe(*place, live.html, *progress, live.tokens({}), live.reading)
        edit, tokens = change(sent.html, live.html), live.tokens(sent.canvas)
        return Delta(*place, edit.at, edit.cut, edit.text, *progress, tokens, live.reading)
