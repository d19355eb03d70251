"""Committed pages that try to confuse the parser: what is taken out is out for a real browser, too."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from backend.markup.sanitize import sanitise
from tests.support.confusing_pages import CONFUSIONS
from tests.unit.backend.markup.test_sanitize import PAGES

pytestmark = pytest.mark.browser

LEFT = """pages => pages.flatMap((page, index) => {
  const named = "iframe, object, embed, applet, frame, frameset, base, link, meta[http-equiv], [srcdoc]";
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-same-origin";
  document.body.append(frame);
  frame.contentDocument.write(page);
  frame.contentDocument.close();
  const inert = root => [...root.querySelectorAll("template")].map(each => each.content).filter(Boolean);
  const within = root => [...root.querySelectorAll(named), ...inert(root).flatMap(each => within(each))];
  const left = [new DOMParser().parseFromString(page, "text/html"), frame.contentDocument].flatMap(within);
  frame.remove();
  const counts = each => each.hasAttribute("srcdoc") || each.namespaceURI.endsWith("xhtml");
  return left.filter(counts).map(each => [index, each.outerHTML]);
})"""


def left(chromium: Browser, pages: list[str]) -> list[list[object]]:
    """Elements that no page of ours may have, by the page's number. Parsed without scripts, in two ways."""
    page = chromium.new_page()
    page.set_content("<!doctype html><body>")
    found: list[list[object]] = page.evaluate(LEFT, pages)
    page.close()
    return found


def test_no_confusion_of_the_parser_brings_back_what_is_taken_out(chromium: Browser) -> None:
    assert len(CONFUSIONS) > 300
    found = left(chromium, [sanitise(page) for page in CONFUSIONS])
    assert [(CONFUSIONS[int(str(number))], what) for number, what in found] == []
    assert len({str(number) for number, _ in left(chromium, list(CONFUSIONS))}) > 150, "else nothing would be proved"


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large])
@given(st.lists(PAGES, min_size=20, max_size=40))
def test_whatever_a_page_is_composed_of_it_is_out(chromium: Browser, pages: list[str]) -> None:
    assert left(chromium, [sanitise(page) for page in pages]) == []
