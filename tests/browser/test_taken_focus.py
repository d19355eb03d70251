"""What a page gets by taking the focus, or by talking, when it chooses: neither the keyboard nor the shell."""

import pytest
from playwright.sync_api import Frame, Locator, expect

from backend.pages.documents import live_frame
from tests.browser.conftest import POINTED_AT, Visit

pytestmark = pytest.mark.browser

PROMPT = "What should the page be?"
TAKING = """<!doctype html><title>Take</title><h1>Take</h1><input id=i><a id=a href=/wiki>Forged</a><script>
window.keys = '';
addEventListener('keydown', event => { keys += event.key });
window.take = () => { window.focus(); i.focus() };
</script>"""
LAPSED = 5500
"""ms after which no gesture counts any more, neither one that a test made by evaluating something in the page."""
FIELDS = """() => {
  document.body.style.overflow = 'auto';
  const add = (tag, name) => Object.assign(document.body.appendChild(document.createElement(tag)), { ariaLabel: name });
  add('input', 'User'); add('input', 'Password');
}"""
REALM = """location.href = 'javascript:"<title>Other</title>"'"""
HEAVY = """<!doctype html><title>Heavy</title><h1>Heavy</h1><script>
let port;
const post = MessagePort.prototype.postMessage;
MessagePort.prototype.postMessage = function (...more) { port = this; post.apply(this, more) };
localStorage.setItem('a', '1');
const heavy = Array.from({ length: 4e5 }, (_, n) => ({ n }));
window.flood = () => { for (let n = 0; n < 25; n++) post.call(port, { verb: 'leave', heavy }) };
window.ready = () => port !== undefined;
</script>"""
COUNTED = """() => {
  const { get } = Object.getOwnPropertyDescriptor(MessageEvent.prototype, 'data');
  window.read = 0;
  Object.defineProperty(MessageEvent.prototype, 'data', { get() {
    const data = get.call(this);
    if (data?.heavy) window.read++;
    if (data?.verb === 'leave' && !data.heavy) window.last = true;
    return data;
  } });
}"""


LATE = """() => {
  const { get } = Object.getOwnPropertyDescriptor(UserActivation.prototype, 'isActive');
  let since = Infinity;
  Object.defineProperty(UserActivation.prototype, 'isActive', { get() {
    since = get.call(this) ? Math.min(since, performance.now()) : Infinity;
    return performance.now() - since > 300;
  } });
}"""
"""A guard to which the browser tells of gestures late."""


def opened(visit: Visit, title: str, page: str) -> Frame:
    visit.service.engine.write = lambda prompt: page
    visit.ask("something")
    return visit.ready(title)


def unasked(visit: Visit, live: Frame, script: str) -> None:
    """Have a page do something by itself: what a test evaluates otherwise counts as a gesture in the page."""
    session = visit.page.context.new_cdp_session(live)
    session.send("Runtime.evaluate", {"expression": script, "userGesture": False})


def field(visit: Visit, name: str) -> Locator:
    return visit.page.get_by_role("textbox", name=name, exact=True)


def test_a_tab_to_another_field_lets_no_page_in(visit: Visit) -> None:
    """As from a name to a password: Tab has led there, and nowhere else."""
    live = opened(visit, "Take", TAKING)
    visit.page.evaluate(FIELDS)
    field(visit, "User").click()
    visit.page.keyboard.press("Tab")
    expect(field(visit, "Password")).to_be_focused()
    unasked(visit, live, "take()")
    visit.page.wait_for_timeout(700)
    visit.page.keyboard.type("secret")
    expect(field(visit, "Password")).to_have_value("secret")
    assert live.evaluate("keys") == ""


def test_a_tab_that_leads_nowhere_lets_no_page_in(visit: Visit) -> None:
    live = opened(visit, "Take", TAKING)
    visit.page.evaluate(FIELDS)
    field(visit, "User").evaluate("field => field.addEventListener('keydown', event => event.preventDefault())")
    field(visit, "User").click()
    visit.page.keyboard.press("Tab")
    unasked(visit, live, "take()")
    visit.page.wait_for_timeout(700)
    expect(field(visit, "User")).to_be_focused()


def test_a_key_that_a_page_catches_leaves_it_no_focus(visit: Visit) -> None:
    """A key that is pressed in a page comes after the focus, and leads nowhere, once the guard has been asked."""
    live = opened(visit, "Take", TAKING)
    field(visit, PROMPT).click()
    visit.page.wait_for_timeout(LAPSED)
    unasked(visit, live, "take()")
    visit.page.wait_for_timeout(50)
    visit.page.keyboard.press("x")
    visit.page.wait_for_timeout(1000)
    expect(field(visit, PROMPT)).to_be_focused()


def test_what_a_page_says_at_length_is_not_unpacked_again_and_again(visit: Visit) -> None:
    """The shell does nothing else while it reads."""
    live = opened(visit, "Heavy", HEAVY)
    visit.until(lambda: live.evaluate("ready()"))
    visit.page.evaluate(COUNTED)
    live.evaluate("flood()")
    visit.page.wait_for_timeout(4000)
    assert visit.page.evaluate("read") in (1, 2)


def test_what_a_page_sends_to_the_shells_window_is_not_unpacked_at_all(visit: Visit) -> None:
    live = opened(visit, "Heavy", HEAVY)
    visit.page.evaluate(COUNTED)
    visit.page.evaluate("addEventListener('message', ({ source }) => { if (source !== window) window.came = true })")
    live.evaluate("top.postMessage({ heavy }, '*')")
    visit.until(lambda: visit.page.evaluate("window.came"))
    assert visit.page.evaluate("read") == 0


def test_no_address_of_script_makes_a_realm(visit: Visit) -> None:
    """Chromium follows none in an opaque frame; so this stands in a tab of its own, with the frame's policies."""
    page = f"<!doctype html><title>Own</title><script>{REALM.replace('</', '<' + chr(92) + '/')}</script>"
    served = live_frame(page, [])
    tab = visit.page.context.new_page()
    tab.route("**/*", lambda route: route.fulfill(body=served.body, content_type="text/html", headers=served.headers))
    tab.goto("http://localhost:9/")
    tab.wait_for_timeout(500)
    assert tab.title() == "Own"
    assert tab.evaluate("typeof RTCPeerConnection") == "undefined"


def test_a_link_within_a_page_is_followed_as_links_are(visit: Visit) -> None:
    page = (
        "<!doctype html><title>Routes</title><style>#b{color:red}#b:target{color:rgb(0,0,255)}</style><h1>Routes</h1>"
        "<a href='#/about'>About</a><a href='#b'>Further</a><p style='height:3000px'></p><p id=b>Here</p><script>"
        "window.seen = []; addEventListener('hashchange', () => seen.push(location.hash))</script>"
    )
    live = opened(visit, "Routes", page)
    session = visit.page.context.new_cdp_session(visit.page)
    before = session.send("Page.getNavigationHistory")
    live.get_by_role("link", name="About").click()
    visit.until(lambda: live.evaluate("seen.join()") == "#/about")
    live.get_by_role("link", name="Further").click()
    visit.until(lambda: live.evaluate("seen.join()") == "#/about,#b")
    expect(live.locator("#b")).to_have_css("color", "rgb(0, 0, 255)")
    visit.page.wait_for_timeout(600)
    assert live.evaluate("scrollY") > 1000
    after = session.send("Page.getNavigationHistory")
    assert (after["currentIndex"], len(after["entries"])) == (before["currentIndex"], len(before["entries"]))
    live.evaluate("history.back()")
    visit.until(lambda: live.evaluate("location.hash") == "#/about")


def test_a_form_closes_its_dialog(visit: Visit) -> None:
    page = (
        "<!doctype html><title>Ask</title><h1>Ask</h1><button type=button onclick='d.showModal()'>Open</button>"
        "<dialog id=d><form method=dialog><button>Close</button></form></dialog>"
    )
    live = opened(visit, "Ask", page)
    live.get_by_role("button", name="Open").click()
    live.get_by_role("button", name="Close").click()
    expect(live.locator("dialog")).to_be_hidden()


def test_a_click_counts_also_where_it_becomes_known_late(visit: Visit) -> None:
    """As on a machine that is busy: the pointer came into the page after the last key in the shell."""
    live = opened(visit, "Take", TAKING)
    live.parent_frame.evaluate(LATE)
    visit.page.wait_for_timeout(LAPSED)
    visit.page.get_by_role("textbox", name=PROMPT).focus()
    visit.page.locator(".stage iframe[title='Take']").evaluate(POINTED_AT)
    live.locator("input").click()
    visit.page.wait_for_timeout(1000)
    visit.page.keyboard.type("Ada")
    expect(live.locator("input")).to_have_value("Ada")


def test_a_click_counts_soon_after_one_before(visit: Visit) -> None:
    """Into the page, into the shell, and back: what a guard knows of the first click hides the second."""
    live = opened(visit, "Take", TAKING)
    live.evaluate("0")
    visit.page.get_by_role("textbox", name=PROMPT).click()
    visit.enter(live.locator("input"), "Ada")
    expect(live.locator("input")).to_have_value("Ada")
