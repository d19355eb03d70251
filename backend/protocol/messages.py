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
    type: ClassVar[str] = "hello"
    session: Annotated[str, Span(1, 64)] | None = field(default=None, repr=False)
    last_seq: Seq | None = None
    token: Annotated[str, Span(1, 256)] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Navigate:
    type: ClassVar[str] = "navigate"
    url: Annotated[str, Span(1, 2_000, "bad_address", "bad_address", blank=False)]
    fresh: bool = False


@dataclass(frozen=True)
class Target:
    """What was clicked, submitted or selected: an element, as untrusted as the page it stands on.

    nth: which it is of the page's elements of its kind, from 0 in document order, as the shell says of a selected one.
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
    """What a page wants kept for when it is opened again: all of it, in place of what was kept before."""

    type: ClassVar[str] = "store"
    page: PageId
    data: Annotated[
        dict[Annotated[str, Span(0, 200)], Annotated[str, Span(0, STORED_CHARS)]],
        Span(0, 64, "store_full", "store_full"),
    ]


@dataclass(frozen=True)
class Open:
    """Take a page of any session over into this one."""

    type: ClassVar[str] = "open"
    page: PageId


@dataclass(frozen=True)
class Prompt:
    """What to make, or with edit what to change. world: of what is made. target: the element of the page that the
    change is about.

    Raises ProtocolError for a target without edit.
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
    """Words of the kit that pages made from now on are to look by, where their models write over it."""

    type: ClassVar[str] = "style"
    words: Annotated[str, Span(0, 200)]


@dataclass(frozen=True)
class Go:
    type: ClassVar[str] = "go"
    delta: Annotated[int, Span(-100, 100)]


@dataclass(frozen=True)
class Cancel:
    type: ClassVar[str] = "cancel"


@dataclass(frozen=True)
class Ack:
    type: ClassVar[str] = "ack"
    seq: Seq


@dataclass(frozen=True)
class Limits:
    """What a client may ask, told in `welcome`: sizes in bytes, characters, tokens and entries; times in seconds.

    queue: pages that may wait in line. pages_per_minute: of the client's token, if that has such a limit.
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
    """base: the page that this one is an edit of, or "". world: "any" of a page that has not shown it yet."""

    page: str
    url: str
    title: str
    world: WorldOrAny
    state: Literal["running", "committed", "stopped"]
    base: str = ""


@dataclass(frozen=True)
class Stats:
    """How a page was made; times in seconds. finish: "eos", or "length" at the token limit."""

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
    """A kind of page that the model knows. ask: a request for one, in its world."""

    name: str
    ask: str
    world: World


@dataclass(frozen=True)
class Doubt:
    """Of a page that is far from all that the model knows. score: how far, up to 1. kinds: the nearest to it."""

    score: float
    kinds: tuple[Kind, ...]


@dataclass(frozen=True)
class Welcome:
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
    """position: in line, from 1; 0 when its turn has come."""

    type: ClassVar[str] = "page.queued"
    page: str
    position: int


@dataclass(frozen=True)
class Keyframe:
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
    """Message `frame`: replace `cut` UTF-16 code units of the draft at offset `at` by `text`."""

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
    """unchanged: an edit that came to the page as it was. doubt: None of a page that the model was sure enough of."""

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
    type: ClassVar[str] = "error"
    code: str
    message: str
    page: str | None = None


Unasked: TypeAlias = Keep | Prefetch
"""What pages cause by themselves, as often as they like: it uses none of what the visitor may send."""
Action: TypeAlias = Navigate | Act | Keep | Prefetch | Open | Prompt | Style | Go | Cancel
ClientMessage: TypeAlias = Hello | Ack | Action
ServerMessage: TypeAlias = Welcome | PageStart | PageQueued | Keyframe | Delta | PageCommit | PageStopped | Error
CLIENT: Mapping[str, type[ClientMessage]] = {
    m.type: m for m in (Hello, Navigate, Act, Keep, Prefetch, Open, Prompt, Style, Go, Cancel, Ack)
}
SERVER: Mapping[str, type[ServerMessage]] = {
    m.type: m for m in (Welcome, PageStart, PageQueued, Keyframe, Delta, PageCommit, PageStopped, Error)
}
