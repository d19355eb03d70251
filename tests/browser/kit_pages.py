"""Pages over the kit as the live frame serves them, each in a tab of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from backend.pages.documents import live_frame

SITE = "http://page.test/"


@contextmanager
def opened(chromium: Browser, page: str, **context: Any) -> Iterator[Page]:
    """The page, loaded. Fails at the end if anything complained on the console."""
    served = live_frame(page, ())
    tab = chromium.new_context(**context).new_page()
    complaints: list[str] = []
    tab.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    headers = served.headers | {"content-type": "text/html; charset=utf-8"}
    tab.route(f"{SITE}**", lambda route: route.fulfill(body=served.body, headers=headers))
    tab.goto(SITE)
    yield tab
    tab.context.close()
    assert complaints == []


def over(body: str, script: str = "", look: str = "cards mint") -> str:
    """A page over the kit."""
    said = f"<script>{script}</script>" if script else ""
    head = "<meta charset=utf-8><meta name=viewport content='width=device-width'><title>Kit</title>"
    start = f'<!doctype html><html lang=en class="{look}"><head>{head}</head>'
    return f"{start}<body><main><h1>Kit</h1>{body}</main>{said}</body></html>"
