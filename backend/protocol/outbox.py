"""What one connection has yet to send. No I/O.

Frames are not queued: the newest draft waits, and becomes a message when there is room for one; a large one once it is
drawn, even if the page has gone on by then, or a page that is faster than its drafts would never be seen. Of places in
line only the newest is sent. Everything else keeps its order and is never dropped.
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
    """A page being made, as of its last frame. entropy: nats, mean over the canvas. canvas: position -> (text, state)
    of the current block. ready: when the engine had the frame, by time.perf_counter; 0.0 if nobody measures.

    html, settled and canvas may lag behind until `now` is asked for. drawing: a large draft is being made beside the
    loop; until that is done it lags behind still, and no further step may be taken.
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
        """There was another step. late: what is to be called for its draft once somebody wants to see it; it fills, or
        gives a future that fills."""
        if at.block != self.block:
            self.canvas = {}
        self.block, self.step, self.steps, self.reading = at.block, at.step, at.steps, at.reading
        self.entropy = round(at.entropy, 4)
        self._late = late

    def fill(self, html: str, settled: int, tokens: Iterable[Token]) -> None:
        """The draft of the last step. tokens: those that changed since the draft before, of this block."""
        self.html, self.settled = html, settled
        self.canvas |= {position: (text, state) for position, text, state in tokens}

    def now(self) -> "Live":
        """Itself, up to date unless something is `drawing`."""
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
        """Itself, with the draft of the step that it stands at now."""
        self.now()
        await self.still()
        return self

    def tokens(self, known: dict[int, tuple[str, int]]) -> tuple[Token, ...]:
        """The positions that differ from what is known of this block."""
        return tuple([(at, *self.canvas[at]) for at in sorted(self._unlike(known))])

    def _unlike(self, known: dict[int, tuple[str, int]]) -> list[int]:
        """What is known was copied from here, so that most tokens are the very same objects."""
        return [at for at, token in self.canvas.items() if (old := known.get(at)) is not token and old != token]


class Outbox:
    """put messages and drafts in, pop messages out; numbered() and acknowledged() keep the client's window.

    on_change: called when there may be something to pop. on_drop: called for a draft that nobody will see. closing: the
    code to close with once the queue is empty. ready: when the engine had the frame that was popped last; None if that
    says nothing of the service, because the frame waited for the client or is sent once more.
    """

    def __init__(
        self, on_change: Callable[[], None] = lambda: None, on_drop: Callable[[], None] = lambda: None
    ) -> None:
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
        """How many messages wait, a draft left out."""
        return len(self._queue)

    def put(self, message: ServerMessage) -> None:
        """Queue a message. It makes any draft that waits stale: a page starts or ends only after its last frame."""
        if message.type != "error":
            self._drop()
        if message.type == "page.start":
            self._sent = Live("")  # also of a page that begins anew, of which a client keeps nothing
        if isinstance(message, PageQueued) and self._queue and isinstance(self._queue[-1], PageQueued):
            self._queue.pop()
        self._queue.append(message)
        self._on_change()

    def draft(self, live: Live) -> None:
        """There is a newer draft; it is read when its turn comes."""
        self._drop()
        self._draft = live
        self._on_change()

    def close(self, code: int) -> None:
        """Send what is queued, then close."""
        self._drop()
        self.closing = code
        self._on_change()

    def pop(self) -> ServerMessage | None:
        """The next message to send now, if any. A draft that is still drawn is none yet; on_change tells when it is."""
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
        """The draft that waits as a message."""
        self._draft = None
        self.ready = None if self._held or not live.ready else live.ready
        self._held, live.ready = False, 0.0
        return self._frame(live)

    def _drawn(self, drawing: "Future[None]") -> None:
        """A draft is drawn; it is taken before the page can take its next step. What failed is raised to who pops."""
        live = self._draft
        if live and live.drawing is drawing and not drawing.exception():
            self._queue.append(self._popped(live.now()))
        self._on_change()

    def _drop(self) -> None:
        """Nobody will see the draft that waits, if any."""
        if self._draft is not None:
            self._draft = None
            self._held = False
            self._on_drop()

    def numbered(self, seq: int) -> None:
        """A message was sent with this number."""
        if self._windowed:
            self._waiting.append(seq)

    def acknowledged(self, seq: int) -> None:
        """The client has handled everything up to seq."""
        self._windowed = True
        while self._waiting and self._waiting[0] <= seq:
            self._waiting.popleft()
        self._on_change()

    def _frame(self, live: Live) -> Keyframe | Delta:
        """The draft as a change to what was sent last; whole at the start of a block and of a connection."""
        sent = self._sent
        canvas, fresh = dict(live.canvas), (sent.page, sent.block) != (live.page, live.block)
        self._sent = replace(live, canvas=canvas)
        place, progress = (live.page, live.block, live.step, live.steps), (live.settled, live.entropy)
        if fresh:
            return Keyframe(*place, live.html, *progress, live.tokens({}), live.reading)
        edit, tokens = change(sent.html, live.html), live.tokens(sent.canvas)
        return Delta(*place, edit.at, edit.cut, edit.text, *progress, tokens, live.reading)
