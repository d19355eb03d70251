"""Forms and pictures named after whatever scripts ask of forms and of the document: drafts show, and forms are sent."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from backend.pages.documents import PAGE_SCRIPTS, WEB, draft_frame, live_frame

pytestmark = pytest.mark.browser

SITE = "http://frame.test/"
NAMES = """() => {
  const names = new Set();
  const types = [HTMLFormElement, HTMLInputElement, HTMLImageElement, HTMLDocument, Window, Text, DocumentFragment];
  for (const type of types)
    for (let object = type.prototype; object; object = Object.getPrototypeOf(object))
      for (const name of Object.getOwnPropertyNames(object)) names.add(name);
  for (const name of Object.getOwnPropertyNames(self)) if (/^[a-z]/.test(name)) names.add(name);
  return [...names];
}"""
SHAPES = (
    "<form id=f action=/go><p>one</p><input name={n} value=v><button>Go</button></form>",
    "<form><fieldset name={n}><p>one</p></fieldset><input id={n}><select name={n}><option>a</option></select></form>",
    "<img name={n} alt=a><p>one</p><form name={n}><p>two</p></form>",
    "<form id={n} name={n}><img id={n} name={n}><button name={n} id={n}>a</button><output name={n}></form><p>one",
    "<form id=f><p>one</p></form><input form=f name={n} type=radio checked><textarea form=f id={n}>t</textarea>",
)
DRAW = """([names, shapes]) => {
  const get = (type, name, object) => Reflect.get(type.prototype, name, object);
  const body = () => get(Document, "body", document);
  const find = (root, selector) => get(Element, "querySelectorAll", root).call(root, selector);
  const plainly = root => {
    const copy = root.cloneNode(true);
    for (const element of find(copy, "[id*='/']")) Element.prototype.removeAttribute.call(element, "id");
    return copy.innerHTML;
  };
  const replaced = Element.prototype.replaceChildren;
  let fell = 0;
  Element.prototype.replaceChildren = function (...nodes) { fell += 1; return replaced.apply(this, nodes) };
  const wrong = [];
  for (const name of names) for (const shape of shapes) for (const words of ["one", "other"]) {
    const html = shape.replace("one", words).replaceAll("{n}", name);
    const want = get(Document, "body", new DOMParser().parseFromString(html, "text/html")).innerHTML;
    try {
      const before = find(body(), "p")[0];
      const said = silverprintVerbs.draft({ html, page: "p" });
      if (said.verb !== "shown" || said.blank || plainly(body()) !== want) wrong.push([name, shape, plainly(body())]);
      if (words === "other" && find(body(), "p")[0] !== before) wrong.push([name, shape, "was not morphed"]);
    } catch (error) { wrong.push([name, shape, String(error)]) }
  }
  try { silverprintVerbs.reset() } catch (error) { wrong.push(["reset", String(error)]) }
  return [wrong, fell];
}"""
SEND = """async ([names, shapes]) => {
  const channel = new MessageChannel(), heard = [], wrong = [], errors = [];
  channel.port1.onmessage = ({ data }) => heard.push(data);
  const click = target =>
    EventTarget.prototype.dispatchEvent.call(target, new MouseEvent("click", { bubbles: true, cancelable: true }));
  const next = async () => {
    for (let waited = 0; !heard.length && waited < 2000; waited++) await new Promise(done => setTimeout(done, 1));
    return heard.shift() ?? {};
  };
  dispatchEvent(new MessageEvent("message", { data: { silverprint: "port" }, source: parent, ports: [channel.port2] }));
  const find = Document.prototype.querySelector.bind(document);
  const body = Reflect.get(Document.prototype, "body", document);
  addEventListener("error", event => errors.push(event.message));
  for (const name of names) for (const shape of shapes) {
    body.innerHTML = shape.replaceAll("{n}", name);
    const form = find("form"), button = find("button");
    errors.length = heard.length = 0;
    click(form), click(find("p"));
    const field = find("input");
    if (field) field.dispatchEvent(new Event("input", { bubbles: true }));
    const html = `${body.innerHTML}<p>more`, said = { x: 0, y: 0, focus: 0, edited: [], html };
    for (const verb of ["collect", "restore", "compare"]) channel.port1.postMessage({ verb, ...said });
    for (const on of [true, false]) channel.port1.postMessage({ verb: "select", on });
    for (const verb of ["view", "restored", "selecting"]) {
      const reply = await next();
      if (reply.verb !== verb) wrong.push([name, shape, reply]);
    }
    if (button && Element.prototype.getAttribute.call(form, "action")) {
      click(button);
      const { verb, target } = await next();
      const sent = JSON.stringify([verb, target?.tag, target?.href, Object.entries(target?.form ?? {})]);
      if (sent !== JSON.stringify(["act", "form", "/go", [[name, "v"]]])) wrong.push([name, shape, sent]);
    }
    if (errors.length) wrong.push([name, shape, ...errors]);
  }
  return wrong;
}"""


@pytest.fixture(scope="module")
def names(chromium: Browser) -> list[str]:
    """Every name that forms, the document and its window have of themselves, and every one that our scripts read."""
    page = chromium.new_page()
    found = set(page.evaluate(NAMES))
    page.close()
    folder = WEB / "static"
    scripts = [folder / "frame" / name for name in (*PAGE_SCRIPTS, "draft.js")]
    for script in (*scripts, folder / "vendor" / "idiomorph" / "idiomorph.js"):
        found |= set(re.findall(r"[.{,]\s*([a-zA-Z_]\w*)", script.read_text("utf-8")))
    assert len(found) > 800
    return sorted(name for name in found if re.fullmatch(r"\w+", name))


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    page.route(f"{SITE}**", serve)
    yield page
    page.close()


def batched(names: list[str], size: int) -> Iterator[list[str]]:
    """Few at a time, so that the browser comes to draw in between."""
    return (names[at : at + size] for at in range(0, len(names), size))


def serve(route: Route) -> None:
    path = route.request.url.removeprefix(SITE)
    if path.startswith("static/"):
        route.fulfill(path=WEB / path)
    else:
        body = draft_frame(["x"]).body if path == "draft" else live_frame("<!doctype html><body>", []).body
        route.fulfill(body=body, content_type="text/html; charset=utf-8")


def test_a_draft_shows_whatever_its_fields_and_pictures_are_called(page: Page, names: list[str]) -> None:
    page.goto(f"{SITE}draft")
    for some in batched(names, 50):
        wrong, replaced = page.evaluate(DRAW, [some, SHAPES])
        assert wrong == []
        assert replaced == 1, "only the reset may replace what is there"


def test_a_form_is_sent_whatever_its_fields_are_called(page: Page, names: list[str]) -> None:
    page.goto(f"{SITE}live")
    for some in batched(names, 50):
        assert page.evaluate(SEND, [some, SHAPES]) == []


SELECT = """() => {
  const channel = new MessageChannel();
  self.heard = [];
  channel.port1.onmessage = ({ data }) => heard.push(data);
  dispatchEvent(new MessageEvent("message", { data: { silverprint: "port" }, source: parent, ports: [channel.port2] }));
  channel.port1.postMessage({ verb: "select", on: true });
}"""


def test_forms_can_be_selected_whatever_their_fields_are_called(page: Page) -> None:
    script = (WEB / "static" / "frame" / "select.js").read_text("utf-8")
    read = sorted(set(re.findall(r"\.([a-z]\w*)", script)))
    forms = "".join(f"<form><input name={name} id={name} aria-label=of-{name}></form>" for name in read)
    page.goto(f"{SITE}live")
    page.evaluate("html => document.body.innerHTML = html", forms)
    page.evaluate(SELECT)
    page.wait_for_function("heard.length > 0")
    for _ in range(2 * len(read)):
        page.keyboard.press("Tab")
    page.wait_for_function("count => heard.length > count", arg=2 * len(read))
    said = [(one["target"]["tag"], one["target"]["text"]) for one in page.evaluate("heard.slice(1)")]
    assert said == [pair for name in read for pair in (("form", ""), ("input", f"of-{name}"))]
