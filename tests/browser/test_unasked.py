"""What a page causes by itself, however often, takes nothing from its visitor, and its newest value is kept."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

GRAB = """let port;const P=MessagePort.prototype.postMessage;
MessagePort.prototype.postMessage=function(m){port=this;return P.apply(this,arguments)};
localStorage.setItem('a','1');"""
FLOOD = """let k=0;window.go=true;
setInterval(()=>{if(port&&go)for(let j=0;j<3;j++){k++;
P.call(port,{verb:'store',data:{a:String(k)}});
P.call(port,{verb:'hint',target:{tag:'a',text:'n'+k,href:'/wiki'}})}},50);"""
SWELL = """let k=0;setInterval(()=>{if(port){k++;
P.call(port,{verb:'store',data:Object.fromEntries([...Array(64).keys()].map(n=>['n'+n,'x'.repeat(16384)]))})}},50);"""
PUSH = """let k=0;document.querySelector('button').onclick=()=>{const form={};
for(let n=0;n<32;n++)form['f'+n]='\\u0000\\u4e00'.repeat(2000);
if(window.big)return P.call(port,{verb:'act',target:{tag:'form',text:'x',href:'/shop',form}});
for(let j=0;j<25;j++)P.call(port,{verb:'act',target:{tag:'a',text:'Number '+j,href:'/wiki'}})};"""
SCORE = """window.first=localStorage.getItem('score');let k=0;
const t=first?0:setInterval(()=>{localStorage.score=++k;if(k>=60)clearInterval(t)},50);"""
SENT = """() => {
  self.sent = [];
  self.stored = "";
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    const text = typeof data === "string" ? data : new TextDecoder().decode(data);
    for (const type of ["store", "prefetch", "act"]) if (text.slice(0, 24).includes(type)) sent.push(type);
    if (sent.at(-1) === "store") stored = text;
    send.call(this, data);
  };
}"""


def page_with(title: str, script: str) -> str:
    return (
        f"<!doctype html><title>{title}</title><h1>{title}</h1><button type=button>Go</button><script>{script}</script>"
    )


def opened(visit: Visit, title: str, script: str) -> None:
    """The page, with another one behind it."""
    visit.ask("an encyclopedia article about volcanoes")
    visit.ready("Volcano")
    visit.page.evaluate(SENT)
    visit.service.engine.write = lambda prompt: page_with(title, script)
    visit.ask(f"something that is a {title}")


def test_a_flood_leaves_the_visitor_all_actions(visit: Visit) -> None:
    opened(visit, "flood", GRAB + FLOOD)
    live = visit.ready("flood")
    live.wait_for_function("() => k > 200")
    for way, title in [("Back", "Volcano"), ("Forward", "flood")] * 3:
        visit.page.get_by_role("button", name=way).click()
        expect(visit.page.get_by_role("status")).to_have_text(f"Page ready: {title}")
    expect(visit.page.locator(".notice")).to_be_hidden()


def test_too_much_ends_no_connection(visit: Visit) -> None:
    sockets: list[object] = []
    visit.page.on("websocket", lambda socket: sockets.append(socket))
    opened(visit, "swell", GRAB + SWELL)
    visit.ready("swell").wait_for_function("() => k > 60")
    visit.page.get_by_role("button", name="Back").click()
    visit.ready("Volcano")
    assert sockets == []
    assert visit.page.evaluate("sent.filter(type => type === 'store').length") <= 1
    expect(visit.page.locator(".notice")).to_be_hidden()


def test_one_gesture_leads_on_once(visit: Visit) -> None:
    opened(visit, "push", GRAB + PUSH)
    live = visit.ready("push")
    visit.page.evaluate("() => { const at = performance.now(); performance.now = () => at }")
    live.get_by_role("button", name="Go").click()
    expect(visit.page.get_by_label("Address")).to_have_value("/wiki/number_0")
    assert visit.page.evaluate("sent.filter(type => type === 'act')") == ["act"]


def test_an_action_that_is_too_long_is_refused_by_the_shell(visit: Visit) -> None:
    sockets: list[object] = []
    visit.page.on("websocket", lambda socket: sockets.append(socket))
    opened(visit, "push", GRAB + PUSH)
    live = visit.ready("push")
    live.evaluate("() => { window.big = true }")
    live.get_by_role("button", name="Go").click()
    expect(visit.page.locator(".notice")).to_contain_text("xpected at most 65,536 bytes, got ")
    visit.page.get_by_role("button", name="Back").click()
    visit.ready("Volcano")
    assert sockets == []


def test_a_busy_page_keeps_its_newest_value(visit: Visit) -> None:
    opened(visit, "score", SCORE)
    visit.ready("score")
    visit.page.wait_for_function("() => stored.includes('60')")
    visit.page.get_by_role("button", name="Back").click()
    visit.ready("Volcano")
    visit.page.get_by_role("button", name="Forward").click()
    assert visit.ready("score").evaluate("first") == "60"


def test_the_newest_of_each_page_is_passed_on_at_last(visit: Visit) -> None:
    sent = visit.page.evaluate("""async () => {
      const { Unasked } = await import("/static/pages/rate-limit.js");
      const sent = [];
      const unasked = new Unasked((page, { n }) => sent.push(`${page}${n}`));
      const until = async count => { while (sent.length < count) await new Promise(done => setTimeout(done, 20)) };
      unasked.keep("a", { n: "0" });
      await until(1);
      for (let n = 1; n < 50; n++) for (const page of "ab") unasked.keep(page, { n: String(n) });
      const seldom = sent.length;
      await until(3);
      for (let n = 50; n < 90; n++) unasked.keep("a", { n: String(n) });
      unasked.keep("a", { n: "x".repeat(16384) });
      dispatchEvent(new Event("pagehide"));
      return [seldom, ...sent];
    }""")
    assert sent == [1, "a0", "a49", "b49", "a89"]


def test_what_is_kept_without_a_connection_is_the_newest_of_each_page(visit: Visit) -> None:
    said = visit.page.evaluate("""async () => {
      const { Connection } = await import("/static/wire/connection.js");
      const said = [];
      let socket;
      self.WebSocket = class extends EventTarget {
        static OPEN = 1;
        readyState = 1;
        protocol = "silverprint.v1.json";
        constructor() { super(); socket = this; }
        send(data) { said.push(JSON.parse(data)); }
      };
      const connection = new Connection("ws://x", "test", null);
      await connection.open();
      connection.act({ type: "go", delta: -1 });
      for (const [page, n] of ["a1", "b1", "a2"]) connection.act({ type: "store", page, data: { n } });
      connection.act({ type: "prefetch", page: "a", target: { tag: "a", text: "" } });
      const welcome = { type: "welcome", seq: 1, session: "s", limits: { message_bytes: 100 } };
      socket.onmessage({ data: JSON.stringify(welcome) });
      connection.act({ type: "store", page: "a", data: { n: "x".repeat(100) } });
      return said.map(({ type, page = "", data }) => type + page + (data?.n ?? ""));
    }""")
    assert said == ["storea2", "storeb1", "go"]
