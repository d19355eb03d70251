"""What is kept of sessions and pages, and what a store must do. Records are msgpack and are checked when read."""

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
    """A page: what it is made from, and what became of it.

    Attributes:
        id: The page's unguessable id.
        url: The page's address.
        world: The page's world, or "any". If the brief is of any world, it stays "any" until the markup tells the
            world.
        brief: What the page is made from, together with the seed.
        prompt: What the model is asked, as people can read it.
        seed: The seed of the random draws.
        created: When the record was made, in seconds since the epoch.
        base: The id of the page that this one edits, or "".
        state: Whether the page is running, committed or stopped.
        title: The page's title.
        html: The markup as it is served; of a stopped page, what was committed.
        reason: Why a stopped page was stopped.
        tokens: The token ids that html was made of, to start edits from.
        stats: Figures of the generation, once the page is committed.
        tries: How often the service began to make the page.
        private: Whether the page is made from what a visitor filled in and must not be shared.
        key: The key that opens a private page and the page's data.
        data: What the page keeps for itself, given only to those who have its key.
        kit: The version of the kit that the page was made with (backend/kit/bundle.py). Records without it are of the
            first.
        before: Of an edit, the fingerprint of the page that it edits, to tell whether anything changed.
        unchanged: Whether an edit left the page as it was.
        doubt: Present if the model was not sure of the page.
        part: Start and end of the element in the base's html that alone may change, or nothing.
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
        """The page as an entry of the history that clients see."""
        return HistoryItem(self.id, self.url, self.title, self.world, self.state, self.base)


@dataclass(frozen=True)
class SessionRecord:
    """A session: its pages, its history, and the latest page of each address.

    Attributes:
        id: The session's secret id.
        created: When the session was opened, in seconds since the epoch.
        seq: No message of the session was ever sent with a higher number.
        made: How many pages were ever begun.
        pages: The pages by id.
        history: The page ids of the history.
        index: The position in the history; -1 if it is empty.
        latest: The id of the latest page of each address.
        sizes: The sizes of the pages in bytes.
        opener: The seal of the token that opened the session, the only token that is let into it; None for none.
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
    """Where records are kept. Every method raises StoreError when the store does not answer."""

    async def load_session(self, session: str) -> SessionRecord | None:
        """Return a session, which is kept for another period from now on, or None if it is unknown or expired."""

    async def save(
        self, session: SessionRecord, pages: tuple[PageRecord, ...] = (), gone: tuple[str, ...] = ()
    ) -> None:
        """Write a session with some of its pages and drop the pages `gone`: all of it or nothing.

        A session without any page is kept for a short time only.
        """

    async def load_page(self, session: str, page: str) -> PageRecord | None:
        """Return a page of a session, or None if it is unknown."""

    async def find_page(self, page: str) -> PageRecord | None:
        """Return a page by its unguessable id alone, whichever session it belongs to, or None if it is unknown."""

    async def lend(self, name: str, value: bytes, seconds: int) -> None:
        """Keep a value for a number of seconds, or until it is taken."""

    async def take(self, name: str) -> bytes | None:
        """Return a lent value, which only one of all who ask for it gets, or None."""

    async def ping(self) -> None:
        """Check that the store answers."""

    async def close(self) -> None:
        """Disconnect from the store."""


def weight(page: PageRecord) -> int:
    """Return about how many bytes a page takes.

    That is its markup, prompt and data in UTF-8, and three bytes a token.
    """
    texts = (page.html, page.prompt, *page.data, *page.data.values())
    return sum(len(text.encode(errors="surrogatepass")) for text in texts) + 3 * len(page.tokens)


def pack(record: SessionRecord | PageRecord) -> bytes:
    """Encode a record as msgpack.

    Raises:
        StoreError: The record takes more than 4 MiB.
    """
    data = bytes(msgpack.packb(plain(record)))
    if len(data) > RECORD_BYTES:
        raise StoreError(f"expected a record of at most {RECORD_BYTES:,} bytes, got {len(data):,}")
    return data


def unpack(kind: type[R], data: bytes | None) -> R | None:
    """Decode a record, or return None for None.

    Raises:
        StoreError: The bytes are no such record.
    """
    if data is None:
        return None
    if len(data) > RECORD_BYTES:
        raise StoreError(f"expected a record of at most {RECORD_BYTES:,} bytes, got {len(data):,}")
    try:
        return build(kind, msgpack.unpackb(data, strict_map_key=True), "record")
    except (ValueError, msgpack.UnpackException, ProtocolError) as error:
        raise StoreError(f"expected a {kind.__name__}, got: {error}") from error
