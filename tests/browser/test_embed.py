"""The shell in pages of another origin: the examples as they stand, the element's interface, and who is turned away."""

import json
import subprocess
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser.conftest import Service, Visit
from tests.browser.pages import write
from tests.browser.scripted import STEPS

pytestmark = pytest.mark.browser
ASKING = """
  const show = said => document.querySelector('output').textContent = said;
  const note = () => silverprint.call('note', 'milk').then(show, error => show(error.message));
  document.querySelector('button').onclick = note;
"""
WEB = Path(__file__).resolve().parents[2] / "web"
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def origins(site: ThreadingHTTPServer) -> tuple[str, ...]:
    """The service lets the other site in."""
    return (f"http://127.0.0.1:{site.server_port}",)


@pytest.fixture
def foreign(chromium: Browser, service: Service, site: ThreadingHTTPServer, origins: tuple[str, ...]) -> Iterator[Page]:
    """A tab at the other site, whose files name this service's address."""
    for example in EXAMPLES.glob("*.html"):
        text = example.read_text().replace("http://127.0.0.1:8017/", service.address)
        (site.folder / example.name).write_text(text)  # type: ignore[attr-defined]
    service.engine.until, service.engine.write = float("inf"), write
    context = chromium.new_context(base_url=origins[0], viewport={"width": 1100, "height": 760})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert [text for text in complaints if "favicon" not in text] == []


def asking(title: str, script: str) -> str:
    """A page with a button that asks for a function of the host and shows what came of it."""
    body = f"<h1>{title}</h1><button type=button>Note</button><output></output>"
    return f"<title>{title}</title>{body}<script>{script}</script>"


def live(page: Page) -> FrameLocator:
    expect(page.locator(".stage iframe[src*='/frame/live/']:not(.waiting)")).to_have_count(1)
    return page.frame_locator(".stage iframe[src*='/frame/live/']:not(.waiting)").frame_locator("iframe")


def test_the_plain_example(foreign: Page) -> None:
    foreign.goto("/plain.html")
    expect(foreign.get_by_role("radio", name="Web")).to_have_count(0)
    foreign.get_by_role("button", name="A to-do app", exact=True).click()
    expect(foreign.get_by_role("log")).to_have_text("commit Groceries")
    expect(live(foreign).locator("h1")).to_have_text("Groceries")
    assert foreign.title() == "A page with a shell in it"
    assert foreign.locator("silverprint-shell").evaluate("shell => shell.page.title") == "Groceries"
    toolbar = foreign.locator(".toolbar")
    assert toolbar.evaluate("bar => getComputedStyle(bar).backgroundColor") == "rgb(236, 253, 245)"
    foreign.get_by_role("button", name="Make it dark").click()
    expect(foreign.get_by_role("button", name="Undo change")).to_be_visible()
    foreign.reload()
    expect(live(foreign).locator("h1")).to_have_text("Groceries")


def test_the_studio_example(foreign: Page, service: Service) -> None:
    body = "<header><a class=brand href=/home>Sessions</a></header><main><h1>This week</h1><button>Add</button></main>"
    service.engine.write = lambda prompt: (
        f'<html lang=en class="cards mint"><title>This week</title><body class=app>{body}'
    )
    foreign.goto("/studio.html")
    foreign.get_by_role("button", name="This week").click()
    page = live(foreign).locator("html")
    expect(page).to_have_css("background-color", "rgb(16, 13, 24)")
    expect(live(foreign).get_by_role("button", name="Add")).to_have_css("background-color", "rgb(143, 114, 255)")
    expect(page).to_have_css("font-size", "15px")
    foreign.get_by_role("button", name="Dark").click()
    expect(page).to_have_css("background-color", "rgb(246, 244, 251)")
    expect(page).to_have_css("color", "rgb(33, 26, 51)")
    expect(foreign.locator("silverprint-shell")).to_have_css("color-scheme", "light")
    room, composer = foreign.locator(".room").bounding_box(), foreign.locator(".composer").bounding_box()
    assert room
    assert composer
    assert room["height"] > 500, "the page has all the room, though toolbar and strip are left out"
    assert composer["y"] >= room["y"] + room["height"]


def test_a_page_asks_for_a_function_of_its_host(foreign: Page, service: Service) -> None:
    service.engine.write = lambda prompt: asking("Ask", ASKING)
    foreign.goto("/plain.html")
    foreign.get_by_role("button", name="A to-do app", exact=True).click()
    live(foreign).get_by_role("button", name="Note").click()
    expect(foreign.locator(".notice")).to_contain_text("This page asks to write into the line below.")
    foreign.get_by_role("button", name="Dismiss").click()
    expect(live(foreign).locator("output")).to_have_text("the visitor did not allow it")
    with foreign.expect_event("framedetached"):
        foreign.get_by_role("button", name="Reload").click()
    live(foreign).get_by_role("button", name="Note").click()
    foreign.get_by_role("button", name="Allow").click()
    expect(foreign.get_by_role("log")).to_have_text("noted: milk")
    expect(live(foreign).locator("output")).to_have_text("noted: milk")
    service.engine.write = lambda prompt: asking("Again", ASKING.replace("note", "steal"))
    foreign.locator("silverprint-shell").evaluate("shell => shell.prompt('another')")
    expect(live(foreign).locator("h1")).to_have_text("Again")
    live(foreign).get_by_role("button", name="Note").click()
    expect(live(foreign).locator("output")).to_have_text("expected one of note, got steal")


def test_the_react_example(foreign: Page, service: Service, site: ThreadingHTTPServer) -> None:
    build(EXAMPLES / "react", site.folder / "react", service.address)  # type: ignore[attr-defined]
    service.engine.write = lambda prompt: asking("Ask", ASKING.replace("note", "basket"))
    foreign.goto("/react/index.html")
    expect(foreign.locator(".strip .edge")).to_have_text("model")
    foreign.get_by_role("button", name="Ask", exact=True).click()
    expect(foreign.locator("header output")).to_have_text("Ask")
    live(foreign).get_by_role("button", name="Note").click()
    expect(foreign.locator(".notice")).to_contain_text("This page asks to put something into your basket.")
    foreign.get_by_role("button", name="Allow").click()
    expect(foreign.get_by_role("listitem")).to_have_text(["milk"])


def build(source: Path, into: Path, address: str) -> None:
    """Bundle an example as its readers would, against the package in web/ and this service."""
    into.mkdir(exist_ok=True)
    main = (source / "main.jsx").read_text().replace("http://127.0.0.1:8017/", address)
    (into / "main.jsx").write_text(main)
    (into / "index.html").write_text((source / "index.html").read_text())
    modules = WEB / "node_modules"
    command = [
        str(modules / ".bin" / "esbuild"),
        "main.jsx",
        "--bundle",
        "--format=esm",
        "--outfile=main.js",
        "--jsx=automatic",
    ]
    package = f"--alias:silverprint-shell/react={WEB / 'package' / 'react.js'}"
    subprocess.run([*command, package, "--log-level=error"], cwd=into, check=True, env={"NODE_PATH": str(modules)})


def test_events_and_what_they_can_prevent(foreign: Page, service: Service) -> None:
    foreign.goto("/plain.html")
    service.engine.until = 2
    foreign.locator("silverprint-shell").evaluate("""shell => {
      window.seen = [];
      for (const type of ["start", "frame", "commit", "action", "error"])
        document.addEventListener(`silverprint-${type}`, event => {
          seen.push(type);
          if (event.detail.text?.includes("secret")) event.preventDefault();
        });
      shell.prompt("something secret");
      shell.prompt("a to-do app");
    }""")
    for step in (2, 4, 6, 8, 10):
        service.engine.until = step
        expect(foreign.locator(".strip .facts")).to_contain_text(f"canvas 1step {step}/{STEPS}")
    service.engine.until = float("inf")
    expect(live(foreign).locator("h1")).to_have_text("Groceries")
    foreign.locator("silverprint-shell").evaluate("shell => shell.navigate('/')")
    foreign.wait_for_function("() => window.seen.includes('error')")
    seen = foreign.evaluate("window.seen")
    assert seen[:3] == ["action", "action", "start"]
    assert seen.count("start") == 1
    assert seen.count("frame") > 4
    assert foreign.locator("silverprint-shell").evaluate("shell => shell.busy") is False


def test_the_oembed_example(visit: Visit, foreign: Page) -> None:
    visit.ask("an encyclopedia article about volcanoes")
    visit.ready("Volcano")
    link = visit.share()
    foreign.goto(f"/oembed.html?page={link}")
    expect(foreign.get_by_role("heading", name="Volcano")).to_be_visible()
    inside = foreign.frame_locator("iframe[title=Volcano]")
    expect(inside.frame_locator(".stage iframe:not(.waiting)").frame_locator("iframe").locator("h1")).to_have_text(
        "Volcano"
    )
    expect(inside.locator(".toolbar")).to_be_hidden()
    foreign.goto(link)
    discovery = foreign.locator("link[type='application/json+oembed']")
    found = foreign.request.get(discovery.get_attribute("href") or "").json()
    assert (found["type"], found["version"], found["width"]) == ("rich", "1.0", 800)


def test_a_site_that_is_not_allowed_is_told(chromium: Browser, service: Service, site: ThreadingHTTPServer) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"http://localhost:{site.server_port}/plain.html")
    expect(page.locator(".notice")).to_contain_text("The connection is lost")
    context.close()


def test_two_shells_made_by_a_script_have_sessions_of_their_own(foreign: Page) -> None:
    foreign.goto("/plain.html")
    foreign.evaluate("""async () => {
      await customElements.whenDefined("silverprint-shell");
      const shells = ["left", "right"].map(id => Object.assign(document.createElement("silverprint-shell"), { id }));
      document.body.append(...shells);
    }""")
    expect(foreign.locator(".strip .edge")).to_have_text(["model"] * 3)
    made = foreign.evaluate("Object.keys(sessionStorage).sort()")
    assert made == ["silverprint.session", "silverprint.session:left", "silverprint.session:right"], json.dumps(made)
