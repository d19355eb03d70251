"""Pages of one site, and screens of one desktop, look alike with a model behind somebody else's API."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Frame

from backend.models.openai_client import OpenAIClient
from benchmarks.browser import obedient_model
from benchmarks.browser.chat import Talk, chatting
from tests.browser.conftest import Service, Visit, serving, visiting

pytestmark = pytest.mark.browser
LOOK = """() => [
  'html', 'body > header, .menubar', 'h1', '.card, .window:not(.behind)', 'button, .btn', '.dock', 'nav a', 'p'
].map(part => {
  const found = document.querySelector(part);
  if (!found) return `${part}: none`;
  const { fontFamily, color, backgroundColor, borderRadius, boxShadow, fontSize } = getComputedStyle(found);
  return [part, fontFamily, color, backgroundColor, borderRadius, boxShadow, fontSize].join(' | ');
})"""
HEADER = "() => document.querySelector('body > header, .menubar').getBoundingClientRect().toJSON()"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose model is elsewhere: a server that knows of a page what its prompt says, and nothing else."""
    talk = Talk(obedient_model.page)
    with chatting(talk) as url:
        model = OpenAIClient(url, "model")
        folder = tmp_path_factory.mktemp("service")
        with serving(model, folder, engine=url, engine_model="model", prefetch=False) as address:
            yield Service(address, talk)


@pytest.fixture
def visit(chromium: Browser, service: Service) -> Iterator[Visit]:
    with visiting(chromium, service) as visit:
        yield visit


def change(visit: Visit, words: str) -> None:
    """Have the page on view changed."""
    visit.page.get_by_role("checkbox", name="Change this page").check()
    visit.page.get_by_role("textbox", name="What should the page be?").fill(words)
    visit.page.keyboard.press("Enter")


def words(page: Frame) -> set[str]:
    return set(page.locator("html").get_attribute("class").split())  # type: ignore[union-attr]


def test_pages_of_a_site_look_alike(visit: Visit) -> None:
    """The first page is asked for in a look that nobody drew, the second is reached by a link, the third by a form."""
    visit.ask("rocks in a retro look")
    first = visit.ready("Rocks in a retro look")
    look, header = first.evaluate(LOOK), first.evaluate(HEADER)
    assert "retro" in words(first)
    first.get_by_role("link", name="Granite").click()
    second = visit.ready("Granite")
    assert (second.evaluate(LOOK), second.evaluate(HEADER)) == (look, header)
    visit.enter(second.get_by_role("textbox", name="Search"), "lava")
    visit.page.keyboard.press("Enter")
    third = visit.ready("Lava")
    assert (third.evaluate(LOOK), third.evaluate(HEADER)) == (look, header)


def test_a_look_that_a_visitor_asks_for_stays(visit: Visit, chromium: Browser, service: Service) -> None:
    """On the next pages, and for those whom a page is shared with."""
    visit.ask("rocks")
    first = visit.ready("Rocks")
    light = first.evaluate(LOOK)
    change(visit, "make it dark, with round buttons")
    changed = visit.ready("Rocks", first)
    assert {"dark", "round"} <= words(changed)
    look = changed.evaluate(LOOK)
    assert look != light
    changed.get_by_role("link", name="Basalt").click()
    assert visit.ready("Basalt").evaluate(LOOK) == look
    link = visit.share()
    with visiting(chromium, service) as other:
        other.page.goto(link)
        other.ready("Basalt").get_by_role("link", name="Granite").click()
        assert other.ready("Granite").evaluate(LOOK) == look


def test_screens_of_a_desktop_look_alike(visit: Visit) -> None:
    visit.ask("my desktop in serif, at night", "Desktop")
    files = visit.ready("Files")
    look = files.evaluate(LOOK)
    assert {"serif", "dark"} <= words(files)
    files.locator(".icons").get_by_role("button", name="Notes").click()
    notes = visit.ready("Notes")
    assert notes.evaluate(LOOK) == look
    assert notes.locator(".window.behind").get_by_role("heading", name="Files").count() == 1
    notes.locator(".dock").get_by_role("button", name="Mail").click()
    assert visit.ready("Mail").evaluate(LOOK) == look
