"""The pages that MCP clients are having made, for the views that show them develop."""

import asyncio
import contextlib
from dataclasses import dataclass, field

POLL_SECONDS = 10.0


@dataclass(frozen=True)
class Asked:
    """Everything that identifies a page being made.

    Attributes:
        who: The client that asks for it.
        of: The world, or the page that it begins from.
        text: The words that ask for it.
        href: Of a link, where it leads.
        form: Of a form, what was filled in.
    """

    who: tuple[str, ...]
    of: str
    text: str
    href: str | None = None
    form: tuple[tuple[str, str], ...] | None = None


@dataclass
class DevelopingPages:
    """The drafts of pages being made, by what was asked for, so that a view that knows only that can read them.

    No client finds a page of another client, or one that was asked for in another way.

    Attributes:
        drafts: Each page's newest draft and the draft's number, which rises with every draft.
        news: Notified when a draft is new or gone.
    """

    drafts: dict[Asked, tuple[int, str]] = field(default_factory=dict)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def show(self, asked: Asked, html: str) -> None:
        """Keep a newer draft."""
        async with self.news:
            self.drafts[asked] = (self.drafts.get(asked, (0, ""))[0] + 1, html)
            self.news.notify_all()

    async def forget(self, asked: Asked) -> None:
        """Drop the draft of a page that is not being made any more."""
        async with self.news:
            self.drafts.pop(asked, None)
            self.news.notify_all()

    async def after(self, asked: Asked, seen: int) -> tuple[int, str] | None:
        """Wait up to ten seconds for a draft that is newer than the one seen.

        Returns:
            The newest draft and its number, or None if no such page is being made.
        """
        async with self.news:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self.news.wait_for(lambda: self.drafts.get(asked, (seen + 1, ""))[0] > seen)
            return self.drafts.get(asked)


def fields(form: dict[str, str] | None) -> tuple[tuple[str, str], ...] | None:
    """Return what was filled in as a tuple that can be compared and hashed."""
    return tuple(form.items()) if form else None
