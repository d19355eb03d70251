"""What is kept of sessions and pages, and what a store must do. Records travel as msgpack, checked on return."""

from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

import msgpack

from backend.errors import ProtocolError, StoreError
from backend.prompts.brief import Brief, WorldOrAny
from backend.protocol.codec import plain
from backend.protocol.messages import Doubt, HistoryItem, Stats
from backend.shape import build

RECORD_BYTES = 4_194_304
State = Literal["running", "committed", "stopped"]
R = TypeVar("R")


@dataclass(frozen=True)
class PageRecord:
    """A page: what it is made from (brief, seed), and what became of it.

    world: "any" until its markup tells, if its brief is of any world. before: of an edit, what tells whether the page
    is as the one it edits was. unchanged: that it is. doubt: of a page that its model was not sure of.

    html: as served; of a stopped page what was committed. tokens: the ids html was made of, to start edits from.
    base: the page this one edits. private: made from what a visitor filled in, and not to be shared. tries: how often
    the service began to make it. created: seconds since the epoch. data: what the page keeps for itself, given only
    to those who have its key. kit: the version of the kit that it was made with (backend/kit/bundle.py); records that
    say nothing of it are of the first. part: start and end of the element of the base's html that alone may change, or
    nothing.
    """

    id: str
    url: str
    world: WorldOrAny
    brief: Brief
    prompt: str
    seed: int
    created: float
    base: str = ""
    state: State = "running"
    title: str = ""
    html: str = ""
    reason: str = ""
    tokens: tuple[int, ...] = ()
    stats: Stats | None = None
    tries: int = 1
    private: bool = False
    key: str = ""
    data: dict[str, str] = field(default_factory=dict)
    kit: str = "v1"
    before: str = ""
    unchanged: bool = False
    doubt: Doubt | None = None
    part: tuple[int, ...] = ()

    @property
    def item(self) -> HistoryItem:
        return HistoryItem(self.id, self.url, self.title, self.world, self.state, self.base)


@dataclass(frozen=True)
class SessionRecord:
    """A session: pages by id, the history as page ids with a position (-1: empty), and the latest page of each address.

    seq: no message of the session was ever sent with a higher number. made: how many pages were ever begun. sizes: of
    the pages in bytes. opener: seal of the token that opened the session, the only one that is let into it; None for
    none.
    """

    id: str
    created: float
    seq: int = 0
    made: int = 0
    pages: dict[str, HistoryItem] = field(default_factory=dict)
    history: tuple[str, ...] = ()
    index: int = -1
    latest: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    opener: str | None = None


class Store(Protocol):
    """Where records live. Every method raises StoreError when the store does not answer."""

    async def load_session(self, session: str) -> SessionRecord | None:
        """A session, kept for another while from now on; None if unknown or expired."""

    async def save(
        self, session: SessionRecord, pages: tuple[PageRecord, ...] = (), gone: tuple[str, ...] = ()
    ) -> None:
        """Write a session with some of its pages and drop the pages `gone`, all or nothing. One without any page is
        kept for a short time."""

    async def load_page(self, session: str, page: str) -> PageRecord | None: ...

    async def find_page(self, page: str) -> PageRecord | None:
        """A page by its unguessable id alone, whichever session it belongs to."""

    async def lend(self, name: str, value: bytes, seconds: int) -> None:
        """Keep a value for so long, or until it is taken."""

    async def take(self, name: str) -> bytes | None:
        """A lent value, which only one of all who ask for it gets."""

    async def ping(self) -> None: ...

    async def close(self) -> None: ...


def weight(page: PageRecord) -> int:
    """About how many bytes a page takes: its markup, prompt and data in UTF-8, and three bytes a token."""
    texts = (page.html, page.prompt, *page.data, *page.data.values())
    return sum(len(text.encode(errors="surrogatepass")) for text in texts) + 3 * len(page.tokens)


def pack(record: SessionRecord | PageRecord) -> bytes:
    """Raises StoreError for a record beyond 4 MiB."""
    data = bytes(msgpack.packb(plain(record)))
    if len(data) > RECORD_BYTES:
        raise StoreError(f"expected a record of at most {RECORD_BYTES:,} bytes, got {len(data):,}")
    return data


def unpack(kind: type[R], data: bytes | None) -> R | None:
    """The record, or None for none. Raises StoreError for bytes that are no such record."""
    if data is None:
        return None
    if len(data) > RECORD_BYTES:
        raise StoreError(f"expected a record of at most {RECORD_BYTES:,} bytes, got {len(data):,}")
    try:
        return build(kind, msgpack.unpackb(data, strict_map_key=True), "record")
    except (ValueError, msgpack.UnpackException, ProtocolError) as error:
        raise StoreError(f"expected a {kind.__name__}, got: {error}") from error
