"""A page whose maker died: the service tells its start a second time on the same connection, and it develops anew."""

import re
from typing import Any

import msgpack
import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.conftest import Visit
from tests.browser.scripted import STEPS

pytestmark = pytest.mark.browser
ASK = "an encyclopedia article about volcanoes"


class Between:
    """Between shell and service: notes what comes, and may keep drafts back and say things of its own."""

    def __init__(self, visit: Visit) -> None:
        self.messages: list[dict[str, Any]] = []
        self.silent = False
        visit.page.route_web_socket(re.compile("/ws$"), self._meet)

    def last(self, kind: str) -> dict[str, Any]:
        return next(message for message in reversed(self.messages) if message["type"] == kind)

    def say(self, **message: Any) -> None:
        self._shell.send(msgpack.packb(message))

    def _meet(self, shell: WebSocketRoute) -> None:
        self._shell = shell
        shell.connect_to_server().on_message(self._pass)

    def _pass(self, data: str | bytes) -> None:
        assert isinstance(data, bytes)
        self.messages.append(msgpack.unpackb(data))
        if not (self.silent and self.messages[-1]["type"] in ("keyframe", "frame")):
            self._shell.send(data)


def test_a_page_that_begins_anew_shows_nothing_of_its_first_development(visit: Visit) -> None:
    between = Between(visit)
    visit.open()
    visit.service.engine.until = 2
    visit.ask(ASK)
    visit.hold(2 * STEPS - 1)
    expect(visit.draft().locator("h1")).to_have_text("Volcano")
    between.silent = True
    between.say(**between.last("page.start"))
    place = {"page": between.last("page.start")["page"], "seq": between.messages[-1]["seq"], "block": 0, "reading": 0}
    progress = {"step": 1, "steps": STEPS, "settled": 1, "entropy": 1.5}
    tokens = [[0, "<p>", 1], [1, "again", 0]]
    between.say(type="keyframe", **place, **progress, html="<p>again</p>", tokens=tokens)
    expect(visit.page.locator(".strip .facts")).to_contain_text(f"canvas 1step 1/{STEPS}")
    expect(visit.draft().locator("body")).to_have_text("again")
    visit.page.get_by_role("button", name="Canvas", exact=True).click()
    expect(visit.page.locator(".canvases .cell:visible")).to_have_count(2)
    visit.service.engine.until = float("inf")
    expect(visit.page.get_by_role("status")).to_have_text("Page ready: Volcano")
    visit.page.get_by_role("button", name="Replay", exact=True).click()
    expect(visit.page.get_by_role("slider", name="Moment")).to_have_attribute("max", "0")
    visit.page.get_by_role("button", name="Page", exact=True).click()
    live = visit.ready("Volcano")
    between.silent = False
    live.get_by_role("link", name="Lava").click()
    visit.ready("Lava")
