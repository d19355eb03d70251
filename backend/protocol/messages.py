"""Every message of the wire protocol as a dataclass; docs/protocol.md gives the meaning of each field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal, TypeAlias

from backend.errors import ProtocolError
from backend.prompts.brief import ANY, World, WorldOrAny
from backend.shape import Span

PROMPT_CHARS = 4_000
STORED_CHARS = 16_384
MAX_SEQ = 2**53 - 1

Seq = Annotated[int, Span(0, MAX_SEQ)]
PageId = Annotated[str, Span(1, 64)]
Token: TypeAlias = tuple[int, str, int]


@dataclass(frozen=True)
class Hello:
    """The first message of a client, which starts or resumes a session."""

    type: ClassVar[str] = "hello"
    session: Annotated[str, Span(1, 64)] | None = field(default=None, repr=False)
    last_seq: Seq | None = None
    token: Annotated[str, Span(1, 256)] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Navigate:
    """A request to open an address."""

    type: ClassVar[str] = "navigate"
    url: Annotated[str, Span(1, 2_000, "bad_address", "bad_address", blank=False)]
    fresh: bool = False


@dataclass(frozen=True)
class Target:
    """The element that was clicked, submitted or selected. It is as untrusted as the page it stands on.

    Attributes:
        tag: The name of the element.
        text: Its text.
        href: Its address.
        name: Its name.
        value: Its value.
        form: The names and values of a form's fields.
        nth: The index of the element among the page's elements of its kind, from 0 in document order. The shell sends
            it for a selected element.
    """

    tag: Annotated[str, Span(1, 32)]
    text: Annotated[str, Span(0, 1_000)]
    href: Annotated[str, Span(0, 2_000)] | None = None
    name: Annotated[str, Span(0, 200)] | None = None
    value: Annotated[str, Span(0, 1_000)] | None = None
    form: Annotated[dict[Annotated[str, Span(1, 200)], Annotated[str, Span(0, 4_000)]], Span(0, 32)] | None = None
    nth: Annotated[int, Span(0, 100_000)] | None = None


@dataclass(frozen=True)
class Act:
    """A click or a submit on a page."""

    type: ClassVar[str] = "act"
    page: PageId
    target: Target


@dataclass(frozen=True)
class Prefetch:
    """What the visitor is likely to do next on a page."""

    type: ClassVar[str] = "prefetch"
    page: PageId
    target: Target


@dataclass(frozen=True)
class Keep:
    """What a page wants kept for when it is opened again.

    The data replace everything that was kept before.
    """

    type: ClassVar[str] = "store"
    page: PageId
    data: Annotated[
        dict[Annotated[str, Span(0, 200)], Annotated[str, Span(0, STORED_CHARS)]],
        Span(0, 64, "store_full", "store_full"),
    ]


@dataclass(frozen=True)
class Open:
    """A request to take over a page of any session: a copy becomes the next page of this one."""

    type: ClassVar[str] = "open"
    page: PageId


@dataclass(frozen=True)
class Prompt:
    """A request for what to make, or with `edit` for what to change.

    Attributes:
        text: The words of the visitor.
        world: The world of what is made.
        edit: Whether the prompt changes the current page.
        target: The element of the page that the change is about.

    Raises:
        ProtocolError: There is a target without edit.
    """

    type: ClassVar[str] = "prompt"
    text: Annotated[str, Span(1, PROMPT_CHARS, "empty_prompt", "prompt_too_long", blank=False)]
    world: WorldOrAny = ANY
    edit: bool = False
    target: Target | None = None

    def __post_init__(self) -> None:
        if self.target and not self.edit:
            raise ProtocolError("bad_message", "expected target only together with edit, got it without")


@dataclass(frozen=True)
class Style:
    """Words of the kit that choose the look of pages made from now on, if their models write over the kit."""

    type: ClassVar[str] = "style"
    words: Annotated[str, Span(0, 200)]


@dataclass(frozen=True)
class Go:
    """A step of `delta` pages through the history."""

    type: ClassVar[str] = "go"
    delta: Annotated[int, Span(-100, 100)]


@dataclass(frozen=True)
class Cancel:
    """A request to stop the page that is being made."""

    type: ClassVar[str] = "cancel"


@dataclass(frozen=True)
class Ack:
    """An acknowledgement of all messages up to `seq`."""

    type: ClassVar[str] = "ack"
    seq: Seq


@dataclass(frozen=True)
class Limits:
    """What a client may ask, as sent in `welcome`.

    Sizes are in bytes, characters, tokens and entries; times are in seconds.

    Attributes:
        message_bytes: The maximum size of a message.
        prompt_chars: The maximum length of a prompt.
        page_tokens: The maximum number of tokens of a page.
        page_seconds: The maximum time that a page may take.
        grace_seconds: How long a page without a connection may run.
        history: The maximum number of entries of a history.
        burst: How many actions a client may send at once.
        per_second: How many actions a client may send in a second.
        page_bytes: The maximum size of a page.
        queue: The number of pages that may wait in the queue.
        queue_seconds: How long a page may wait in the queue.
        pages_per_minute: The limit of the client's token, if it has one.
    """

    message_bytes: int
    prompt_chars: int
    page_tokens: int
    page_seconds: float
    grace_seconds: float
    history: int
    burst: int
    per_second: float
    page_bytes: int
    queue: int
    queue_seconds: float
    pages_per_minute: int | None = None


@dataclass(frozen=True)
class HistoryItem:
    """An entry of the history.

    Attributes:
        page: The id of the page.
        url: Its address.
        title: Its title.
        world: Its world; "any" for a page that has not shown it yet.
        state: Whether it is running, committed or stopped.
        base: The page that this one is an edit of, or "".
    """

    page: str
    url: str
    title: str
    world: WorldOrAny
    state: Literal["running", "committed", "stopped"]
    base: str = ""


@dataclass(frozen=True)
class Stats:
    """How a page was made; times are in seconds.

    Attributes:
        tokens: The number of tokens.
        canvases: The number of canvases.
        steps: The denoising steps of each canvas.
        tokens_per_second: The number of tokens divided by the whole time.
        first_frame: The time to the first frame.
        seconds: The whole time.
        corrections: How often a settled token changed later.
        finish: "eos", or "length" at the token limit.
        readings: How often each canvas was read.
    """

    tokens: int
    canvases: int
    steps: tuple[int, ...]
    tokens_per_second: float
    first_frame: float
    seconds: float
    corrections: int
    finish: str
    readings: tuple[int, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of page that the model knows.

    Attributes:
        name: The name of the kind.
        ask: A request for such a page, in its world.
        world: The world of its pages.
    """

    name: str
    ask: str
    world: World


@dataclass(frozen=True)
class Doubt:
    """Tells that a page is far from all that the model knows.

    Attributes:
        score: How far, up to 1.
        kinds: The kinds of page nearest to it.
    """

    score: float
    kinds: tuple[Kind, ...]


@dataclass(frozen=True)
class Welcome:
    """The answer to `hello`: the session, the service's limits and the history."""

    type: ClassVar[str] = "welcome"
    session: str
    resumed: bool
    model: str
    frames: str
    voice: bool
    limits: Limits
    history: tuple[HistoryItem, ...]
    index: int


@dataclass(frozen=True)
class PageStart:
    """A page begins."""

    type: ClassVar[str] = "page.start"
    page: str
    url: str
    world: WorldOrAny
    prompt: str
    base: str
    undo: bool
    redo: bool
    index: int
    length: int


@dataclass(frozen=True)
class PageQueued:
    """A page waits in the queue.

    Attributes:
        page: The id of the page.
        position: Its place in the queue, from 1; 0 when its turn has come.
    """

    type: ClassVar[str] = "page.queued"
    page: str
    position: int


@dataclass(frozen=True)
class Keyframe:
    """A whole draft, at the start of a block and of a connection."""

    type: ClassVar[str] = "keyframe"
    page: str
    block: int
    step: int
    steps: int
    html: str
    settled: int
    entropy: float
    tokens: tuple[Token, ...]
    reading: int = 0


@dataclass(frozen=True)
class Delta:
    """The message `frame`, which changes the last draft.

    Attributes:
        at: The offset of the change in the draft, in UTF-16 code units.
        cut: How many UTF-16 code units to replace there.
        text: The text to put in their place.
    """

    type: ClassVar[str] = "frame"
    page: str
    block: int
    step: int
    steps: int
    at: int
    cut: int
    text: str
    settled: int
    entropy: float
    tokens: tuple[Token, ...]
    reading: int = 0


@dataclass(frozen=True)
class PageCommit:
    """A page is finished.

    Attributes:
        unchanged: Whether the page is an edit that left the page before as it was.
        doubt: None for a page that the model was sure enough of.
    """

    type: ClassVar[str] = "page.commit"
    page: str
    url: str
    world: WorldOrAny
    title: str
    html: str
    key: str
    stats: Stats
    private: bool
    base: str
    undo: bool
    redo: bool
    index: int
    length: int
    unchanged: bool = False
    doubt: Doubt | None = None


@dataclass(frozen=True)
class PageStopped:
    """A page ended before it was finished."""

    type: ClassVar[str] = "page.stopped"
    page: str
    url: str
    world: WorldOrAny
    title: str
    html: str
    key: str
    reason: str
    base: str
    undo: bool
    redo: bool
    index: int
    length: int


@dataclass(frozen=True)
class Error:
    """An error, and the page that it concerns, if any."""

    type: ClassVar[str] = "error"
    code: str
    message: str
    page: str | None = None


Unasked: TypeAlias = Keep | Prefetch
"""Messages that pages cause by themselves, as often as they like.

They use none of the visitor's rate limit.
"""
Action: TypeAlias = Navigate | Act | Keep | Prefetch | Open | Prompt | Style | Go | Cancel
ClientMessage: TypeAlias = Hello | Ack | Action
ServerMessage: TypeAlias = Welcome | PageStart | PageQueued | Keyframe | Delta | PageCommit | PageStopped | Error
CLIENT: Mapping[str, type[ClientMessage]] = {
    m.type: m for m in (Hello, Navigate, Act, Keep, Prefetch, Open, Prompt, Style, Go, Cancel, Ack)
}
SERVER: Mapping[str, type[ServerMessage]] = {
    m.type: m for m in (Welcome, PageStart, PageQueued, Keyframe, Delta, PageCommit, PageStopped, Error)
}
