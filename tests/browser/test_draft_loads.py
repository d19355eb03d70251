"""Drafts where no policy holds them: served whole, and written into a document. Nothing is asked for, nothing runs."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from backend.markup.draft_html import Exposer
from tests.browser.draft_probes import PROBES, RUNNING, probe

pytestmark = pytest.mark.browser

LOAD = """async pages => {
  const loaded = frame => new Promise(done => frame.onload = done);
  const show = async (html, index) => {
    const [served, written] = [document.createElement("iframe"), document.createElement("iframe")];
    const ran = () => { self.runs.push(index) };
    document.body.append(written);
    written.contentWindow.ran = ran;
    written.contentDocument.documentElement.innerHTML = html;
    served.src = `/draft/${index}`;
    const waiting = loaded(served);
    document.body.append(served);
    await Promise.race([waiting, new Promise(done => setTimeout(done, 1000))]);
    return [served, written];
  };
  const frames = [];
  for (let at = 0; at < pages.length; at += 40) {
    const some = pages.slice(at, at + 40).map((html, index) => show(html, at + index));
    frames.push(...(await Promise.all(some)).flat());
  }
  await new Promise(done => setTimeout(done, 300));
  for (const { contentDocument } of frames) contentDocument?.querySelectorAll("#c").forEach(link => {
    link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  });
  await new Promise(done => setTimeout(done, 300));
  frames.forEach(frame => frame.remove());
}"""


@dataclass
class Listener:
    """A site that serves pages, and what else it was asked for."""

    address: str = ""
    pages: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def serve(self, path: str) -> str:
        if path == "/":
            return "<!doctype html><script>self.runs=[]</script><body>"
        if path.startswith("/draft/") and path[7:].isdigit():
            return (
                f"<!doctype html><script>self.ran=()=>parent.runs.push({path[7:]})</script>{self.pages[int(path[7:])]}"
            )
        self.asked.append(path)
        return ""


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    here = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = here.serve(self.path).encode()
            self.send_response(200 if body else 404)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    here.address = f"http://127.0.0.1:{server.server_address[1]}/"
    yield here
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(chromium: Browser, listener: Listener) -> Iterator[Page]:
    page = chromium.new_page()
    yield page
    page.close()


def draft(html: str) -> str:
    """The draft of a page that has settled."""
    page = html.encode("utf-8", "surrogatepass")
    return Exposer().html(page, b"\1" * len(page))


def loads(page: Page, listener: Listener, pages: list[str]) -> list[str]:
    """What pages ask for, and what runs."""
    listener.pages, listener.asked = pages, []
    page.goto(listener.address)
    page.evaluate(LOAD, pages)
    asked = {path.strip("/") for path in listener.asked if path.startswith("/leak")}
    return sorted(asked) + [f"ran {number}" for number in sorted(set(page.evaluate("runs")))]


def probes(listener: Listener) -> list[str]:
    return [probe(number, f"{listener.address}leak{number}") for number in range(len(PROBES))]


def test_no_draft_loads_anything(page: Page, listener: Listener) -> None:
    assert loads(page, listener, [draft(html) for html in probes(listener)]) == []


def test_nothing_in_a_draft_runs(page: Page, listener: Listener) -> None:
    assert loads(page, listener, [draft(html) for html in RUNNING]) == []


def test_the_probes_are_ways_to_load_and_to_run(page: Page, listener: Listener) -> None:
    """Else nothing would be proved."""
    assert len({path for path in loads(page, listener, probes(listener)) if path.startswith("leak")}) > 100
    assert len(loads(page, listener, list(RUNNING))) > 15


BITS = (
    "url(", "URL(", "u\\72l(", "\\75rl(", "src(", "image-set(", "cross-fade(", "{u}", "'{u}'", '"{u}"', ")", "(", "'",
    '"', "\\", "\n", "/*", "*/", ";", "}", "{", "a:", "background:", "content:", "--x:", "var(--x)", "#", "@import ",
    "@media all{", ".t{", "div{", "[", "]", "<style>", "</style>", "<svg>", "</svg>", "<p class=t>", "<div style='",
    "' >", '<img src="', '">', "<image href=", " fill=", "&quot;", "&#117;rl(", "&amp;", "<!--", "-->", "<textarea>",
    "</textarea>", "<title>", "</title>", "<set attributeName=href to=", "\0", "é", " ", "data:image/gif,", "1", ",",
    "<select>", "<math>", "<table>", "<template shadowrootmode=open>", "</template>", "<script>", "</script>",
)  # fmt: skip
COMPOSED = st.lists(st.sampled_from(BITS), min_size=3, max_size=30).map("".join)
STYLES = COMPOSED.map(lambda css: f"<p class=t>a<style>{css}}}}}</style>") | COMPOSED.map(
    lambda css: f'<p class=t style="{css.replace(chr(34), "&quot;")}">a'
)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(COMPOSED | STYLES, min_size=60, max_size=60))
def test_whatever_a_page_is_composed_of_its_draft_loads_nothing(
    page: Page, listener: Listener, pages: list[str]
) -> None:
    drafts = [draft(html.replace("{u}", f"{listener.address}leak{n}")) for n, html in enumerate(pages)]
    assert loads(page, listener, drafts) == []
