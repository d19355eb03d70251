"""What pages that mean harm get: neither the keyboard, nor a way out, nor the visitor's clicks and history."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from backend.pages.documents import FRAME, live_frame
from tests.browser.conftest import Service, Visit
from tests.browser.listening import Ears, listening
from tests.browser.pages import write
from training.evaluation.browse import chromium as where

pytestmark = pytest.mark.browser

PROMPT = "What should the page be?"
GRABBING = """<!doctype html><title>Grab</title><h1>Grab</h1><input id=i style="opacity:0"><script>
window.keys = '';
addEventListener('keydown', event => { keys += event.key });
setTimeout(() => setInterval(() => { window.focus(); i.focus() }, 100), 500);
</script>"""
CLICKING = """<!doctype html><title>Forge</title><h1>Forge</h1><input id=i><a id=a href=/wiki>Forged</a><script>
setTimeout(() => setInterval(() => { window.focus(); i.focus(); a.click() }, 100), 500);
</script>"""
TRAPPING = """<!doctype html><title>Trap</title><h1>Trap</h1><script>
for (let n = 0; n < 80; n++) history.pushState(n, '', '#' + n);
addEventListener('popstate', () => { for (let n = 0; n < 3; n++) history.pushState(0, '', '#x' + n) });
setTimeout(() => { location.hash = 'late'; setTimeout(() => { location.hash = 'later' }, 50) }, 300);
addEventListener('load', () => setTimeout(() => { window.done = true }, 1000));
</script>"""
ROUTED = """<!doctype html><title>Routed</title><h1>Routed</h1><p id=p></p><script>
const seen = [];
const show = () => { seen.push(location.hash + ':' + JSON.stringify(history.state)) };
addEventListener('popstate', show);
</script>"""
LEAVING = """<!doctype html><title>Leave</title><h1>Leave</h1><script>
const there = 'http://secret.nav.test:%d/?s';
setTimeout(() => { %s }, 400);
</script>"""
ROUTE = (
    "<!doctype html><title>Go</title><h1>Go</h1><button type=button onclick=\"location.href='/shop/lamps'\">On</button>"
)

FOLDER = Path(__file__).parent
WAYS = (FOLDER / "realms.js").read_text("utf-8")
REALMS = "<!doctype html><title>Realms</title><h1>Realms</h1><script>" + WAYS.replace("</", "<\\/") + "</script>"

CALLING = """async () => {
  const servers = [{ urls: 'stun:127.0.0.1:%d' }, { urls: 'turn:127.0.0.1:%d', username: 'secret', credential: 'x' }];
  const peer = new RTCPeerConnection({ iceServers: servers });
  peer.createDataChannel('x');
  await peer.setLocalDescription(await peer.createOffer());
  await new Promise(done => setTimeout(done, 1000));
}"""


@pytest.fixture(name="ears")
def loopback_ears() -> Iterator[Ears]:
    with listening() as ears:
        yield ears


def box(visit: Visit) -> Any:
    return visit.page.get_by_role("textbox", name=PROMPT)


def test_a_page_does_not_get_what_is_typed_into_the_shell(visit: Visit) -> None:
    visit.service.engine.write = lambda prompt: GRABBING
    visit.ask("something that grabs")
    expect(visit.page.get_by_role("status")).to_have_text("Page ready: Grab")
    words = "my secret is long enough to be typed for a while"
    box(visit).click()
    box(visit).fill("")
    box(visit).press_sequentially(words, delay=40, timeout=60_000)
    said = box(visit).input_value()
    expect(visit.page.locator(".notice")).to_contain_text("kept taking the keyboard")
    assert said == words or len(said) >= len(words) - 3, said
    expect(visit.page.locator(".stage iframe")).to_have_count(1)
    visit.page.keyboard.type("!")
    assert box(visit).input_value().endswith("!")


def test_a_visitor_who_goes_into_a_page_stays_there(visit: Visit) -> None:
    page = "<!doctype html><title>Field</title><h1>Field</h1><input aria-label=Name>"
    visit.service.engine.write = lambda prompt: page
    visit.ask("a field")
    live = visit.ready("Field")
    field = live.get_by_role("textbox", name="Name")
    field.click()
    visit.page.keyboard.type("by pointer", delay=20)
    expect(field).to_have_value("by pointer")
    box(visit).click()
    visit.page.keyboard.type("x")
    while not field.evaluate("field => document.hasFocus() && document.activeElement === field"):
        visit.page.keyboard.press("Shift+Tab")
    visit.page.keyboard.type("by key")
    expect(field).to_have_value("by key")


def test_a_page_that_focuses_its_field_once_stays_on_view(visit: Visit) -> None:
    page = "<!doctype html><title>Eager</title><h1>Eager</h1><input id=i><script>i.focus()</script>"
    visit.service.engine.write = lambda prompt: page
    visit.ask("an eager page")
    live = visit.ready("Eager")
    visit.page.wait_for_timeout(500)
    expect(box(visit)).to_be_focused()
    assert not live.is_detached()


def test_a_page_cannot_click_its_own_links(visit: Visit) -> None:
    visit.service.engine.write = lambda prompt: CLICKING
    asked = len(visit.service.engine.prompts)
    visit.ask("something that forges")
    expect(visit.page.get_by_role("status")).to_have_text("Page ready: Forge")
    visit.page.mouse.move(640, 300)
    visit.page.mouse.move(600, 320)
    visit.page.wait_for_timeout(1500)
    assert len(visit.service.engine.prompts) == asked + 1


def test_a_click_in_a_page_counts_while_the_shell_was_used_just_before(visit: Visit) -> None:
    visit.ask("an encyclopedia article about volcanoes")
    live = visit.ready("Volcano")
    box(visit).press_sequentially("abc")
    live.get_by_role("link", name="Lava").click()
    visit.ready("Lava")


def test_a_page_leaves_the_browsers_history_alone(visit: Visit) -> None:
    visit.service.engine.write = lambda prompt: TRAPPING
    before = visit.page.evaluate("history.length")
    session = visit.page.context.new_cdp_session(visit.page)
    index = session.send("Page.getNavigationHistory")["currentIndex"]
    visit.ask("a trap")
    live = visit.ready("Trap")
    visit.until(lambda: live.evaluate("window.done === true"))
    assert visit.page.evaluate("history.length") <= before + 2
    visit.until(lambda: session.send("Page.getNavigationHistory")["currentIndex"] == index)


def test_a_page_has_a_history_of_its_own(visit: Visit) -> None:
    visit.service.engine.write = lambda prompt: ROUTED
    visit.ask("a routed page")
    live = visit.ready("Routed")
    live.evaluate(
        "history.replaceState('a', '', '#a'); history.pushState('b', '', '#b'); history.pushState('c', '', '#c')"
    )
    assert live.evaluate("[history.length, history.state, location.hash]") == [3, "c", "#c"]
    live.evaluate("history.back()")
    visit.until(lambda: live.evaluate("seen.length") == 1)
    live.evaluate("history.go(-1)")
    visit.until(lambda: live.evaluate("seen.length") == 2)
    live.evaluate("history.forward()")
    visit.until(lambda: live.evaluate("seen.length") == 3)
    live.evaluate("history.go(-7); history.forward(); history.forward()")
    visit.until(lambda: live.evaluate("seen.length") == 4)
    assert live.evaluate("seen") == ['#b:"b"', '#a:"a"', '#b:"b"', '#c:"c"']
    assert visit.page.url == visit.service.address


def test_no_page_makes_a_frame_that_runs_script(visit: Visit) -> None:
    visit.service.engine.write = lambda prompt: REALMS
    visit.ask("realms")
    live = visit.ready("Realms")
    assert live.evaluate("tried") == {"messages": [], "tried": 31}
    visit.forgiven = True


def test_a_page_reaches_nothing_and_nobody(chromium: Browser, service: Service, ears: Ears) -> None:
    """What a way came to is told only where it came to something: each of these has nothing to take."""
    script = (FOLDER / "ways_out.js").read_text("utf-8").replace("TCP", str(ears.tcp)).replace("UDP", str(ears.udp))
    page = "<!doctype html><title>Out</title><h1>Out</h1><script>" + script.replace("</", "<\\/") + "</script>"
    service.engine.until, service.engine.write = float("inf"), lambda prompt: page
    with resolving(chromium) as launched:
        visit = Visit(launched.new_context().new_page(), service)
        visit.open()
        visit.ask("ways out")
        expect(visit.page.get_by_role("status")).to_have_text("Page ready: Out")
        frame = visit.frame("iframe[title='Out']")
        assert frame.evaluate("tried") == {"came": {}, "ways": 83}
        assert visit.page.url == service.address
        assert len(launched.contexts[0].pages) == 1
        expect(visit.page.get_by_role("textbox", name=PROMPT)).to_be_visible()
    assert ears.heard == []


@pytest.mark.parametrize(
    "way",
    [
        "open(there)",
        "HTMLElement.prototype.click.call(Object.assign(put('a'), {href: there, target: '_blank', ping: there}))",
        "HTMLElement.prototype.click.call(Object.assign(put('a'), {href: there, target: '_top'}))",
        "HTMLElement.prototype.click.call(Object.assign(put('a'), {href: there, download: 'x.exe'}))",
        "HTMLFormElement.prototype.submit.call(Object.assign(put('form'), {action: there, method: 'post'}))",
        "HTMLFormElement.prototype.submit.call(Object.assign(put('form'), {action: there, target: '_top'}))",
        "HTMLFormElement.prototype.submit.call(Object.assign(put('form'), {action: there, target: '_blank'}))",
        "top.location = there",
        "parent.location = there",
    ],
)
def test_no_link_form_or_window_leads_out(chromium: Browser, service: Service, ears: Ears, way: str) -> None:
    script = f"const put = tag => document.body.appendChild(document.createElement(tag)); {way}"
    service.engine.until, service.engine.write = float("inf"), lambda prompt: LEAVING % (ears.tcp, script)
    with resolving(chromium) as launched:
        visit = Visit(launched.new_context().new_page(), service)
        visit.open()
        visit.ask("something that leaves")
        expect(visit.page.get_by_role("status")).to_have_text(re.compile("Page ready: Leave|tried to leave for "))
        visit.page.wait_for_timeout(1000)
        assert visit.page.url == service.address
        assert len(launched.contexts[0].pages) == 1
    assert ears.heard == []


@contextlib.contextmanager
def resolving(chromium: Browser) -> Iterator[Browser]:
    """A browser in which every name is this machine's."""
    launched = chromium.browser_type.launch(
        executable_path=where(), args=["--no-sandbox", "--host-resolver-rules=MAP * 127.0.0.1"]
    )
    with contextlib.closing(launched):
        yield launched


@pytest.mark.parametrize("held", [False, True], ids=["without the header", "with it"])
def test_webrtc_stays_where_it_is_by_the_frames_headers_alone(chromium: Browser, ears: Ears, held: bool) -> None:
    """Where the browser knows `connection-allowlist`, nothing leaves even if a page got hold of WebRTC."""
    tab = chromium.new_context().new_page()
    headers = FRAME if held else {}
    tab.route("**/*", lambda route: route.fulfill(body="<title>rtc</title>", content_type="text/html", headers=headers))
    tab.goto("http://localhost:9/")
    tab.evaluate(CALLING % (ears.udp, ears.udp))
    assert bool(ears.heard) is not held


@pytest.mark.parametrize(
    "way",
    [
        "location = there",
        "location.replace(there)",
        "document.head.append(Object.assign(document.createElement('meta'), "
        "{httpEquiv: 'refresh', content: '0;url=' + there}))",
    ],
)
def test_a_page_that_tries_to_leave_is_stopped_and_told_of(
    chromium: Browser, service: Service, ears: Ears, way: str
) -> None:
    """Not even the name of the site is looked up, where the browser knows `connection-allowlist`."""
    service.engine.until, service.engine.write = float("inf"), lambda prompt: LEAVING % (ears.tcp, way)
    with resolving(chromium) as launched:
        visit = Visit(launched.new_context().new_page(), service)
        visit.open()
        visit.ask("something that leaves")
        expect(visit.page.locator(".notice")).to_contain_text(
            f"tried to leave for secret.nav.test:{ears.tcp} and was stopped"
        )
        visit.page.wait_for_timeout(1000)
        assert visit.page.url == service.address
    assert ears.heard == []


def test_a_script_that_goes_on_within_its_site_leads_on_as_a_link_does(visit: Visit) -> None:
    visit.service.engine.write = lambda prompt: ROUTE
    visit.ask("a page that goes on")
    live = visit.ready("Go")
    visit.service.engine.write = write
    live.get_by_role("button", name="On").click()
    expect(visit.page.get_by_role("textbox", name="Address")).to_have_value("/shop/lamps")
    visit.forgiven = True


def test_a_frames_address_in_a_tab_of_its_own_runs_nothing(visit: Visit, chromium: Browser) -> None:
    page = "<!doctype html><title>Bank</title><h1>Bank</h1><script>document.title = 'ran'</script>"
    visit.service.engine.write = lambda prompt: page
    visit.ask("a bank")
    live = visit.ready("Bank")
    assert live.title() == "ran"
    tab = chromium.new_context().new_page()
    answer = tab.goto(live.url)
    assert answer
    assert answer.status == 403
    expect(tab.locator("body")).to_contain_text("expected an iframe, got Sec-Fetch-Dest: document")
    body = live_frame(page, ["http://127.0.0.1:9"]).body
    tab.route("**/*", lambda route: route.fulfill(body=body, content_type="text/html"))
    tab.goto("http://127.0.0.1:9/", wait_until="commit")
    tab.wait_for_timeout(500)
    assert tab.title() == ""
