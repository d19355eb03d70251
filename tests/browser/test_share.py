"""Pages begun before they are asked for, and pages shown to others."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser
PREFETCH = True
ASK = "an encyclopedia article about volcanoes"


def asked(visit: Visit, words: str) -> int:
    """How many prompts with these words the engine was given, once there is one."""

    def found() -> int:
        return sum(words in prompt for prompt in visit.service.engine.prompts)

    visit.until(found)
    return found()


def test_a_link_under_the_pointer_is_begun_before_the_click(visit: Visit) -> None:
    visit.service.engine.prompts.clear()
    visit.ask(ASK)
    live = visit.ready("Volcano")
    assert asked(visit, "open: /wiki Lava") == 1
    visit.page.wait_for_timeout(800)  # the shell asks for no more than one in 700 ms
    live.get_by_role("link", name="Magma").hover()
    assert asked(visit, "open: /wiki Magma") == 1
    live.get_by_role("link", name="Magma").click()
    visit.ready("Magma")
    assert asked(visit, "open: /wiki Magma") == 1


def test_the_first_link_of_a_page_that_rests_is_begun(visit: Visit) -> None:
    visit.service.engine.prompts.clear()
    visit.ask(ASK)
    visit.ready("Volcano")
    assert asked(visit, "open: /wiki Lava") == 1
    assert visit.page.get_by_role("textbox", name="Address").input_value() == "/an_encyclopedia_article_about_volcanoes"
    expect(visit.page.get_by_role("button", name="Stop")).to_have_count(0)


def test_a_shared_link_shows_a_copy_to_others(visit: Visit, chromium: Browser) -> None:
    visit.ask(ASK)
    content = visit.ready("Volcano").content()
    link = visit.share()
    context = chromium.new_context()
    other = Visit(context.new_page(), visit.service)
    other.page.goto(link)
    assert other.ready("Volcano").content() == content
    assert urlsplit(other.page.url).path == "/"
    other.frame("iframe:not(.waiting)").get_by_role("link", name="Lava").click()
    other.ready("Lava")
    context.close()
    assert visit.frame("iframe:not(.waiting)").content() == content


def test_a_page_made_of_what_was_filled_in_is_not_shared(visit: Visit) -> None:
    visit.ask(ASK)
    live = visit.ready("Volcano")
    live.get_by_role("textbox", name="Search").fill("my own name")
    live.get_by_role("button", name="Go").click()
    visit.ready("My Own Name")
    visit.choose("Copy link")
    expect(visit.page.locator(".notice")).to_contain_text("so it is not shared")


def test_a_link_to_no_page_is_told(visit: Visit) -> None:
    visit.page.goto(f"{visit.service.address}p/nothing")
    expect(visit.page.locator(".notice")).to_contain_text("Expected a page that was shared, got none", ignore_case=True)
    expect(visit.page.locator(".start")).to_be_visible()
