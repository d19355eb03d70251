"""Consent is given by a visitor who saw what for: no click or key that was meant for a page counts as it."""

import pytest
from playwright.sync_api import Frame, Locator, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

REGISTER = """() => {
  self.bought = [];
  const shell = document.querySelector("silverprint-shell");
  const buy = what => (bought.push(what), `bought ${what}`);
  self.offer = options => shell.register("buy", buy, { about: "buy something", ...options });
  offer({});
  const now = performance.now.bind(performance);
  self.held = null;
  performance.now = () => held ?? now();
}"""
JACK = """<!doctype html><title>jack</title>
<style>html,body{height:100%;margin:0}#b{position:fixed;right:0;bottom:0;width:260px;height:60px}</style>
<h1>Click the target twice, fast!</h1><button type=button id=b>DOUBLE-CLICK ME</button><input aria-label=typed>
<script>window.got=[];window.args=['10000 EUR'];
const ask=()=>silverprint.call('buy',...args).then(v=>got.push('RAN '+v),e=>got.push('ERR '+e.message));
document.getElementById('b').addEventListener('pointerdown',ask);
document.querySelector('input').addEventListener('keydown',e=>e.key==='x'&&ask());</script>"""
DENIED = "ERR the visitor did not allow it"


class Jacked:
    """A visit to a page that asks to buy at the press of a button."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.page = visit, visit.page
        visit.service.engine.write = lambda prompt: JACK
        visit.page.evaluate(REGISTER)
        visit.ask("something to buy")
        self.live = visit.ready("jack")
        self.notice = self.page.locator(".notice")

    @property
    def allow(self) -> Locator:
        return self.notice.get_by_role("button", name="Allow")

    @property
    def bought(self) -> list[str]:
        found: list[str] = self.page.evaluate("bought")
        return found

    def ask(self, *args: object) -> None:
        """The visitor presses the page's button, and the page asks with these arguments."""
        if args:
            self.live.evaluate("given => { args = given }", list(args))
        self.live.get_by_role("button", name="DOUBLE-CLICK ME").click()

    def hold(self) -> None:
        """No time passes in the shell from now on."""
        self.page.evaluate("() => { held = performance.now() }")

    def release(self) -> None:
        self.page.evaluate("() => { held = null }")

    def stab(self) -> None:
        """Click where the offer is, whatever state it is in."""
        box = self.allow.bounding_box()
        assert box
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def said(self, *expected: str) -> None:
        """Wait until the page's calls came to this."""
        self.live.wait_for_function("count => got.length >= count", arg=len(expected))
        assert self.live.evaluate("got") == list(expected)


@pytest.fixture
def jacked(visit: Visit) -> Jacked:
    return Jacked(visit)


def test_the_second_click_of_a_double_click_allows_nothing(jacked: Jacked) -> None:
    jacked.hold()
    jacked.ask()
    expect(jacked.allow).to_be_visible()
    expect(jacked.allow).to_have_attribute("aria-disabled", "true")
    jacked.stab()
    assert jacked.bought == []
    expect(jacked.notice).to_be_visible()
    jacked.release()
    jacked.allow.click()  # waits until it is ready
    jacked.said("RAN bought 10000 EUR")
    assert jacked.bought == ["10000 EUR"]
    expect(jacked.notice).to_be_hidden()


def test_who_goes_on_clicking_allows_nothing(jacked: Jacked) -> None:
    jacked.ask()
    expect(jacked.allow).to_be_visible()
    jacked.hold()
    jacked.stab()
    jacked.page.evaluate("() => { held += 900 }")
    jacked.stab()
    jacked.page.evaluate("() => { held += 900 }")
    jacked.stab()
    assert jacked.bought == []


@pytest.mark.parametrize(
    "move",
    [
        "document.querySelector('silverprint-shell').style.height = '70vh'",
        "Object.defineProperty(self, 'screenX', { value: 77 })",
        "Object.defineProperty(self, 'innerHeight', { value: 77 })",
    ],
)
def test_what_has_moved_waits_again(jacked: Jacked, move: str) -> None:
    jacked.ask()
    expect(jacked.allow).to_have_attribute("aria-disabled", "false")
    jacked.hold()
    jacked.page.evaluate(move)
    jacked.stab()
    assert jacked.bought == []
    jacked.release()
    jacked.allow.click()
    jacked.said("RAN bought 10000 EUR")


def test_a_press_that_began_before_allows_nothing(jacked: Jacked) -> None:
    jacked.ask()
    expect(jacked.allow).to_have_attribute("aria-disabled", "false")
    jacked.allow.hover()
    jacked.page.mouse.down()
    jacked.page.evaluate("Object.defineProperty(self, 'screenX', { value: 77 })")
    expect(jacked.allow).to_have_attribute("aria-disabled", "true")
    expect(jacked.allow).to_have_attribute("aria-disabled", "false")
    jacked.page.mouse.up()
    expect(jacked.allow).to_have_attribute("aria-disabled", "true")
    assert jacked.bought == []


def test_a_click_of_a_script_allows_nothing(jacked: Jacked) -> None:
    jacked.ask()
    expect(jacked.allow).to_have_attribute("aria-disabled", "false")
    jacked.allow.evaluate("button => button.click()")
    assert jacked.bought == []
    expect(jacked.notice).to_be_visible()


def test_keys_that_were_meant_for_the_page_allow_nothing(jacked: Jacked) -> None:
    jacked.live.get_by_role("textbox").press("x")
    expect(jacked.allow).to_be_visible()
    expect(jacked.live.get_by_role("textbox")).to_be_focused()
    assert jacked.page.evaluate("document.activeElement.shadowRoot.activeElement.localName") == "iframe"
    expect(jacked.allow).to_have_attribute("aria-disabled", "false")
    jacked.hold()
    jacked.page.keyboard.press("Tab")
    expect(jacked.notice.locator("pre")).to_be_focused()
    jacked.page.keyboard.press("Tab")
    expect(jacked.allow).to_be_focused()
    jacked.page.keyboard.press("Enter")
    jacked.page.keyboard.press(" ")
    assert jacked.bought == []
    jacked.release()
    jacked.page.keyboard.down("Enter")
    expect(jacked.allow).to_have_attribute("aria-disabled", "false")
    jacked.page.keyboard.down("Enter")  # held: it repeats
    assert jacked.bought == []
    jacked.page.keyboard.up("Enter")
    expect(jacked.allow).to_have_attribute("aria-disabled", "false")
    jacked.page.keyboard.press("Enter")
    jacked.said("RAN bought 10000 EUR")


def test_dismiss_waits_as_well(jacked: Jacked) -> None:
    jacked.hold()
    jacked.ask()
    dismiss = jacked.notice.get_by_role("button", name="Dismiss")
    expect(dismiss).to_have_attribute("aria-disabled", "true")
    dismiss.click(force=True)
    expect(jacked.notice).to_be_visible()


def test_other_offers_wait_as_well(visit: Visit) -> None:
    state = visit.page.evaluate("""async () => {
      const { Notice } = await import("/static/shell/notice.js");
      const notice = new Notice();
      const taken = [];
      document.body.append(notice.element);
      notice.addEventListener("take", ({ detail }) => taken.push(detail));
      const offer = notice.element.querySelector(".offer");
      const until = async state => { while (offer.ariaDisabled !== state) await new Promise(requestAnimationFrame) };
      const seen = [];
      for (const [about, words, subject] of [["voice", "a"], ["voice", "b"], ["line", "1", "line"]]) {
        notice.say(words, about, "Take", subject && { subject });
        seen.push(offer.ariaDisabled);
        await until("false");
      }
      notice.say("2", "line", "Take", { subject: "line" });
      seen.push(offer.ariaDisabled);
      return seen;
    }""")
    assert state == ["true", "true", "true", "false"]


def test_what_a_function_is_given_is_shown_as_it_is(jacked: Jacked) -> None:
    jacked.ask("ten\u202e\u200b\u00a0", {"\u05d0": 10, "long": "y" * 900})
    given = jacked.notice.locator("pre")
    expect(given).to_contain_text(r"ten\u{202e}\u{200b}\u{a0}")
    assert given.locator("bdi").count() > 3
    assert "y" * 500 not in given.inner_text()
    jacked.notice.get_by_role("button", name="Show all").click()
    expect(given).to_contain_text("y" * 900)
    expect(jacked.notice.get_by_role("button", name="Show all")).to_have_count(0)
    expect(jacked.notice).to_contain_text("This page asks to buy something.")
    expect(jacked.notice.locator(".asker")).to_contain_text("jack")
    expect(jacked.notice.locator(".asker")).to_contain_text(jacked.page.get_by_label("Address").input_value())


@pytest.mark.parametrize(
    ("args", "said"),
    [("{}", "expected a list of arguments"), ("[" * 4000 + "]" * 4000, "nested at most 20 deep"), ("x", "JSON")],
)
def test_what_cannot_be_shown_is_not_asked(jacked: Jacked, args: str, said: str) -> None:
    answer = jacked.page.evaluate(
        """async args => {
          const { Host } = await import("/static/pages/host-functions.js");
          const host = new Host();
          host.addEventListener("ask", () => host.allow());
          host.register("buy", () => 1);
          return host.call({ page: "p", id: 1, name: "buy", args, gesture: async () => true });
        }""",
        args,
    )
    assert said in answer["error"]


def test_each_call_is_asked_for(jacked: Jacked) -> None:
    for price in ("1 EUR", "10000 EUR"):
        jacked.ask(price)
        expect(jacked.notice.locator("pre")).to_contain_text(price)
        jacked.allow.click()
        expect(jacked.notice).to_be_hidden()
    jacked.said("RAN bought 1 EUR", "RAN bought 10000 EUR")


def test_a_host_may_have_a_page_remembered(jacked: Jacked) -> None:
    jacked.page.evaluate("() => { offer({ remember: true }) }")
    jacked.ask("1 EUR")
    jacked.allow.click()
    jacked.said("RAN bought 1 EUR")
    jacked.live.evaluate("silverprint.call('buy', '2 EUR').then(v => got.push(v))")
    jacked.said("RAN bought 1 EUR", "bought 2 EUR")


def test_a_refusal_holds_until_the_visitor_opens_the_page_anew(jacked: Jacked) -> None:
    jacked.ask()
    jacked.notice.get_by_role("button", name="Dismiss").click()
    jacked.ask()
    jacked.said(DENIED, DENIED)
    expect(jacked.notice).to_be_hidden()
    jacked.page.get_by_role("button", name="Reload").click()
    jacked.live = reloaded(jacked)
    jacked.ask()
    jacked.allow.click()
    jacked.said("RAN bought 10000 EUR")


def reloaded(jacked: Jacked) -> Frame:
    """The frame of the page that was loaded anew."""
    jacked.visit.until(lambda: jacked.live.is_detached())
    return jacked.visit.ready("jack")


def test_without_a_gesture_a_page_cannot_ask(jacked: Jacked) -> None:
    """What a test evaluates in a page counts as a gesture there for five seconds, which the page waits for."""
    jacked.live.evaluate("() => { setTimeout(ask, 5500) }")
    jacked.visit.page.get_by_role("textbox", name="What should the page be?").click()
    jacked.page.wait_for_timeout(6500)
    jacked.said("ERR expected a gesture of the visitor in the page on view, got none")
    expect(jacked.notice).to_be_hidden()


def test_a_page_that_is_not_on_view_cannot_ask(jacked: Jacked) -> None:
    jacked.ask()
    expect(jacked.allow).to_be_visible()
    jacked.page.get_by_role("button", name="start screen").click()
    jacked.said(DENIED)
    expect(jacked.notice).to_be_hidden()
    jacked.live.evaluate("() => { ask() }")
    jacked.said(DENIED, "ERR expected a gesture of the visitor in the page on view, got none")
    expect(jacked.notice).to_be_hidden()
