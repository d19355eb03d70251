"""The pages that MCP clients have made at this moment, for the views that show them develop."""

import asyncio
import contextlib
from dataclasses import dataclass, field

POLL_SECONDS = 10.0


@dataclass(frozen=True)
class Asked:
    """All that a page under way is asked for with: `who` asks for it, `of` the world or the page that it begins from,
    and the words; of a link also where it leads, and of a form what was filled in."""

    who: tuple[str, ...]
    of: str
    text: str
    href: str | None = None
    form: tuple[tuple[str, str], ...] | None = None


@dataclass
class DevelopingPages:
    """Pages being made, by what was asked for, so that a view that knows only that can look at them. Nobody finds a
    page of another client, and none that was asked for otherwise.

    drafts: each with its number, which rises with every one.
    """

    drafts: dict[Asked, tuple[int, str]] = field(default_factory=dict)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def show(self, asked: Asked, html: str) -> None:
        async with self.news:
            self.drafts[asked] = (self.drafts.get(asked, (0, ""))[0] + 1, html)
            self.news.notify_all()

    async def forget(self, asked: Asked) -> None:
        async with self.news:
            self.drafts.pop(asked, None)
            self.news.notify_all()

    async def after(self, asked: Asked, seen: int) -> tuple[int, str] | None:
        """The draft of what was asked for as soon as it is newer than the one seen, or in ten seconds; None when
        none is made."""
        async with self.news:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self.news.wait_for(lambda: self.drafts.get(asked, (seen + 1, ""))[0] > seen)
            return self.drafts.get(asked)


def fields(form: dict[str, str] | None) -> tuple[tuple[str, str], ...] | None:
    """What was filled in, so that it can be compared."""
    return tuple(form.items()) if form else None
