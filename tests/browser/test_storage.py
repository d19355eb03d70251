"""localStorage of generated pages: kept by the session, handed back with the page, never with a shared copy."""

import pytest
from playwright.sync_api import Browser, Frame, expect

from tests.browser.conftest import Visit
from training.corpus.app_todo import todo_page

pytestmark = pytest.mark.browser
ASK = "a to-do app that remembers"


def write(prompt: str) -> str:
    page = todo_page("rose", "soft", "Groceries", ("rye bread", "coffee"), ("saved",))
    return page.replace("Groceries</h1>", "Groceries, sorted</h1>") if "\nedit: " in prompt else page


def items(live: Frame) -> list[str]:
    return live.locator("li span").all_text_contents()


def add(visit: Visit, live: Frame, item: str) -> None:
    with visit.page.expect_event("console", lambda said: said.text == "kept"):
        visit.page.evaluate("""() => {
          const send = WebSocket.prototype.send;
          WebSocket.prototype.send = function (data) {
            send.call(this, data);
            if (!new TextDecoder().decode(data).includes("store")) return;
            WebSocket.prototype.send = send;
            console.log("kept");
          };
        }""")
        live.get_by_role("textbox", name="New item").fill(item)
        live.get_by_role("button", name="Add").click()


def test_a_list_survives_reload_edit_and_history(visit: Visit) -> None:
    visit.service.engine.write = write
    visit.ask(ASK, "App")
    add(visit, visit.ready("Groceries"), "apples")
    visit.page.reload()
    assert items(visit.ready("Groceries")) == ["rye bread", "coffee", "apples"]
    visit.page.get_by_role("checkbox", name="Change this page").check()
    visit.page.get_by_role("textbox", name="What should the page be?").fill("call it sorted")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("button", name="Undo change")).to_be_visible()
    live = visit.ready("Groceries")
    expect(live.locator("h1")).to_have_text("Groceries, sorted")
    assert items(live) == ["rye bread", "coffee", "apples"]


def test_others_get_the_page_as_it_was_written(visit: Visit, chromium: Browser) -> None:
    visit.service.engine.write = write
    visit.ask(ASK, "App")
    add(visit, visit.ready("Groceries"), "a present for Ada")
    link = visit.share()
    context = chromium.new_context()
    other = Visit(context.new_page(), visit.service)
    other.page.goto(link)
    assert items(other.ready("Groceries")) == ["rye bread", "coffee"]
    context.close()


def test_the_calls_behave_as_in_other_documents(visit: Visit) -> None:
    visit.service.engine.write = write
    visit.ask(ASK, "App")
    live = visit.ready("Groceries")
    assert live.evaluate("""() => {
      localStorage.clear();
      localStorage.setItem("a", 1);
      localStorage.b = "two";
      const seen = [localStorage.length, localStorage.getItem("a"), localStorage.b];
      seen.push(localStorage.getItem("c"), localStorage.c);
      delete localStorage.a;
      seen.push(Object.keys(localStorage).join(), localStorage.key(0), "b" in localStorage, "a" in localStorage);
      sessionStorage.x = "y";
      try { localStorage.big = "x".repeat(20000) } catch (error) { seen.push(error.name) }
      return [...seen, localStorage.big ?? "none", sessionStorage.length];
    }""") == [2, "1", "two", None, None, "b", "b", True, False, "QuotaExceededError", "none", 1]
