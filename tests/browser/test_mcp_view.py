"""The MCP Apps view in Chromium, inside the reference host's bridge and the policy that hosts set."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from backend.api.mcp.view import view
from backend.kit.bundle import dressed

ROOT = Path(__file__).resolve().parent.parent.parent
ESBUILD, CLIENTS = ROOT / "web" / "node_modules" / ".bin" / "esbuild", ROOT / "tests" / "protocol_clients"
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'none'; frame-src 'none'; object-src 'none'; base-uri 'self'"
)
PAGE = (
    "<!doctype html><title>Tides</title><h1>Tides</h1><p>of the sea</p><a href=/wiki>Moon</a>"
    "<form action=/search><input name=q><input name=word type=password><button>Go</button></form>"
    "<script>document.querySelector('p').textContent = 'of the script'</script>"
)
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("host") / "host.js"
    subprocess.run([ESBUILD, CLIENTS / "host.mjs", "--bundle", "--format=iife", f"--outfile={out}"], check=True)
    return out.read_text("utf-8")


@pytest.fixture
def host(chromium: Browser, bundle: str) -> Iterator[Page]:
    """A host with the view in it, initialized."""
    page = chromium.new_page()
    page.add_script_tag(content=bundle)
    guarded = view().replace("<head>", f'<head><meta http-equiv="content-security-policy" content="{POLICY}">')
    page.evaluate("html => host.begin(html)", guarded)
    page.wait_for_function("host.ready")
    yield page
    page.close()


def result(page: str, html: str, title: str) -> dict[str, Any]:
    told = {"page": page, "title": title, "link": f"http://shell/p/{page}"}
    return {"content": [], "structuredContent": told, "_meta": {"silverprint/html": html}}


def shown(host: Page) -> FrameLocator:
    return host.frame_locator("iframe").frame_locator("iframe")


def test_the_view_takes_the_hosts_theme_and_tells_its_size(host: Page) -> None:
    body = host.frame_locator("iframe").locator("body")
    expect(body).to_have_css("background-color", "rgb(1, 2, 3)")
    expect(host.frame_locator("iframe").locator("html")).to_have_css("color-scheme", "dark")
    host.wait_for_function("host.sizes.at(-1)?.height > 30")
    changed = {"theme": "light", "styles": {"variables": {"--color-background-primary": "rgb(9, 9, 9)"}}}
    host.evaluate("context => host.bridge.sendHostContextChange(context)", changed)
    expect(body).to_have_css("background-color", "rgb(9, 9, 9)")


def test_a_page_develops_and_is_shown_with_its_scripts_in_the_end(host: Page) -> None:
    host.evaluate("host.bridge.sendToolInput({ arguments: { prompt: 'tides', world: 'app' } })")
    for words in ("of th", "of the"):
        host.evaluate("html => host.drafts.push(html)", f"<h1>Tides</h1><p>{words}</p><script>fail</script>")
        expect(shown(host).locator("p")).to_have_text(words)
    call = host.evaluate("host.calls[0]")
    assert call["name"] == "watch_page"
    assert call["arguments"] == {"of": "app", "text": "tides", "seen": 0}
    host.evaluate("result => host.bridge.sendToolResult(result)", result("one", PAGE, "Tides"))
    expect(shown(host).locator("p")).to_have_text("of the script")
    expect(host.frame_locator("iframe").get_by_role("status")).to_have_text("Tides")
    host.frame_locator("iframe").get_by_role("button", name="Open in the browser").click()
    host.wait_for_function("host.links.length > 0")
    assert host.evaluate("host.links") == ["http://shell/p/one"]


def test_a_link_and_a_form_lead_on_through_the_host(host: Page) -> None:
    moon = PAGE.replace("of the script", "of the moon")
    host.evaluate("result => { host.results.follow_link = result }", result("two", moon, "Moon"))
    host.evaluate("result => host.bridge.sendToolResult(result)", result("one", PAGE, "Tides"))
    shown(host).get_by_role("link", name="Moon").click()
    expect(host.frame_locator("iframe").get_by_role("status")).to_have_text("Moon")
    followed = "host.calls.filter(call => call.name === 'follow_link').map(call => call.arguments)"
    assert host.evaluate(followed) == [{"page": "one", "text": "Moon", "href": "/wiki"}]
    expect(shown(host).locator("p")).to_have_text("of the moon")
    shown(host).locator("[name=q]").fill("rocks")
    shown(host).locator("[name=word]").fill("secret")
    shown(host).get_by_role("button", name="Go").click()
    host.wait_for_function(f"{followed}.length > 1")
    asked = {"page": "two", "text": "Go", "href": "/search", "form": {"q": "rocks"}}
    assert host.evaluate(followed)[1] == asked
    watched = "host.calls.filter(call => call.name === 'watch_page').map(call => call.arguments)"
    of = {"of": "two", "text": "Go", "href": "/search", "form": {"q": "rocks"}, "seen": 0}
    assert of in host.evaluate(watched)
    assert {"of": "one", "text": "Moon", "href": "/wiki", "seen": 0} in host.evaluate(watched)


def test_a_form_leads_on_whatever_its_fields_are_called(host: Page) -> None:
    names = ("elements", "getAttribute", "closest", "length", "submit", "textContent")
    fields = "".join(f"<input name={name} value=v>" for name in names) + "<input name=item type=password value=secret>"
    page = f"<form action=/search>{fields}<button>Go</button></form>"
    host.evaluate("result => host.bridge.sendToolResult(result)", result("one", page, "Tides"))
    box = shown(host).locator("button").bounding_box()  # to click through the form's names is more than Playwright can
    assert box
    host.mouse.click(box["x"] + 5, box["y"] + 5)
    host.wait_for_function("host.calls.some(call => call.name === 'follow_link')")
    asked = host.evaluate("host.calls.find(call => call.name === 'follow_link').arguments")
    assert asked == {"page": "one", "text": "Go", "href": "/search", "form": dict.fromkeys(names, "v")}


def test_a_page_leads_nowhere_by_itself(host: Page) -> None:
    forged = "<script>parent.postMessage({ silverprint: 'follow', text: 'x', href: '/x' }, '*')</script>"
    clicks = "<a href=/wiki>Moon</a><script>document.querySelector('a').click()</script><p>done</p>"
    host.evaluate("result => host.bridge.sendToolResult(result)", result("one", forged + clicks, "Tides"))
    expect(shown(host).locator("p")).to_have_text("done")
    host.wait_for_timeout(200)
    assert host.evaluate("host.calls") == []


def test_a_page_over_the_kit_looks_in_the_view_as_it_does_alone(host: Page, chromium: Browser) -> None:
    """The view, and whatever policy its host has, loads nothing: the kit comes inside."""
    main = "<main><h1>Kiln</h1><article class=card>Cup</article></main>"
    html = dressed(f"<!doctype html><html class='magazine grape light'><title>Kiln</title>{main}</html>")
    look = """() => [...document.querySelectorAll('h1, .card')].map(e => {
      const { fontFamily, fontWeight, color, backgroundColor, borderTopColor, borderTopWidth } = getComputedStyle(e);
      return [fontFamily, fontWeight, color, backgroundColor, borderTopColor, borderTopWidth].join();
    })"""
    alone: Any = chromium.new_page(color_scheme="light")
    alone.set_content(html)
    host.emulate_media(color_scheme="light")
    host.evaluate(
        "html => host.bridge.sendToolInput({ arguments: { prompt: 'cups' } }) && host.drafts.push(html)", html
    )
    expect(shown(host).locator(".card")).to_have_text("Cup")
    host.evaluate("result => host.bridge.sendToolResult(result)", result("one", html, "Kiln"))
    expect(host.frame_locator("iframe").get_by_role("status")).to_have_text("Kiln")
    looks = shown(host).locator("html").evaluate(look)
    assert looks == alone.evaluate(look)
    assert len(looks) == 2


def test_errors_are_told_and_the_end_is_answered(host: Page) -> None:
    wrong = {"content": [{"type": "text", "text": "the service makes 64 pages already"}], "isError": True}
    host.evaluate("result => host.bridge.sendToolResult(result)", wrong)
    expect(host.frame_locator("iframe").get_by_role("status")).to_have_text("the service makes 64 pages already")
    host.evaluate("host.bridge.sendToolCancelled({ reason: 'enough' })")
    expect(host.frame_locator("iframe").get_by_role("status")).to_have_text("Cancelled.")
    assert host.evaluate("host.bridge.teardownResource({})") == {}


def test_a_page_in_the_view_makes_no_frame_that_runs_script(host: Page) -> None:
    ways = (Path(__file__).parent / "realms.js").read_text("utf-8").replace("</", "<\\/")
    html = f"<!doctype html><title>Realms</title><h1>Realms</h1><script>{ways}</script>"
    host.evaluate("result => host.bridge.sendToolResult(result)", result("p1", html, "Realms"))
    assert shown(host).locator("h1").evaluate("() => tried") == {"messages": [], "tried": 31}


def test_a_page_in_the_view_gives_the_focus_back_and_ends_when_it_takes_it_again_and_again(host: Page) -> None:
    html = """<!doctype html><title>Grab</title><h1>Grab</h1><input id=i><script>
        document.querySelector('h1').textContent = 'Grabbing';
        setInterval(() => { window.focus(); i.focus() }, 60);
    </script>"""
    host.evaluate("document.body.append(document.createElement('textarea'))")
    host.locator("textarea").focus()
    host.evaluate("result => host.bridge.sendToolResult(result)", result("p1", html, "Grab"))
    host.wait_for_timeout(2000)  # what a test looks up in the view counts as a gesture there, so it looks later
    host.locator("textarea").click()
    host.keyboard.type("typed here")
    expect(host.locator("textarea")).to_have_value("typed here")
    expect(host.frame_locator("iframe").locator("iframe")).to_have_attribute("sandbox", "")
    expect(shown(host).locator("h1")).to_have_text("Grab")
