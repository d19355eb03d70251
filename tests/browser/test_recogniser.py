"""Speech recognised by the browser itself, on its machine: a stand-in for the Web Speech API, driven step by step."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser
RECOGNISER = """
  window.told = [];
  window.SpeechRecognition = class {
    static async available(options) { told.push(["available", options]); return "available"; }
    constructor() { window.ear = this; }
    start() { told.push(["start", { ...this }]); }
    stop() { told.push(["stop"]); }
    abort() { told.push(["abort"]); }
  };
  navigator.mediaDevices.getUserMedia = async () => {
    told.push(["microphone"]);
    throw new DOMException("", "NotFoundError");
  };
"""
HEAR = "words => ear.onresult({ results: words.map(transcript => [{ transcript }]) })"
PICKED = """async ([answer, address]) => {
  const { Voice } = await import("/static/voice/voice.js");
  const voice = new Voice();
  const refuse = () => { throw new Error("no") };
  SpeechRecognition.available = answer === null ? undefined : async () => answer || refuse();
  await voice.offer(address);
  const told = [];
  voice.addEventListener("fail", event => told.push(event.detail));
  if (!voice.element.hidden) voice.press();
  await new Promise(done => setTimeout(done, 50));
  const started = window.told.some(([what]) => what === "start");
  voice.abort();
  return [voice.element.hidden, started, told];
}"""


@pytest.fixture
def hearing(visit: Visit) -> Visit:
    """The shell in a browser that recognises speech on the machine."""
    visit.page.add_init_script(RECOGNISER)
    visit.page.reload()
    expect(visit.page.locator(".strip .edge")).to_have_text("model")
    return visit


def field(visit: Visit) -> Locator:
    return visit.page.get_by_role("textbox", name="What should the page be?")


def speak(visit: Visit) -> None:
    """By keyboard: how long a pointer is down is up to the machine, and long means that it is held."""
    visit.page.get_by_role("button", name="Speak").press("Enter")
    expect(field(visit)).to_have_attribute("placeholder", "Listening…")


def told(visit: Visit) -> list[list[Any]]:
    found: list[list[Any]] = visit.page.evaluate("told")
    return found


def test_words_show_while_they_are_spoken_and_no_sound_is_sent(hearing: Visit) -> None:
    reached: list[str] = []
    hearing.page.on("websocket", lambda socket: reached.append(socket.url))
    hearing.page.on("request", lambda request: reached.append(request.url) if request.method != "GET" else None)
    asked = len(hearing.service.engine.prompts)
    hearing.page.get_by_role("radio", name="App").check()
    speak(hearing)
    asked_for = {"langs": ["en-US"], "processLocally": True}
    assert [said[1] for said in told(hearing) if said[0] == "available"][-1] == asked_for
    options = next(said[1] for said in told(hearing) if said[0] == "start")
    assert {name: options[name] for name in ("lang", "processLocally", "interimResults", "continuous")} == {
        "lang": "en-US", "processLocally": True, "interimResults": True, "continuous": False,
    }  # fmt: skip
    hearing.page.evaluate("ear.onspeechstart()")
    expect(field(hearing)).to_have_attribute("placeholder", "Hearing you…")
    hearing.page.evaluate(HEAR, ["a to-do"])
    expect(field(hearing)).to_have_value("a to-do")
    hearing.page.evaluate(HEAR, ["a to-do app", "with sorting"])
    expect(field(hearing)).to_have_value("a to-do app with sorting")
    expect(field(hearing)).not_to_be_editable()
    hearing.page.wait_for_timeout(1500)
    assert len(hearing.service.engine.prompts) == asked
    assert reached == []
    hearing.page.evaluate("ear.onspeechend(), ear.onend()")
    expect(hearing.page.get_by_role("button", name="Speak")).to_have_attribute("aria-pressed", "false")
    hearing.ready("Groceries")
    assert "ask: a to-do app with sorting" in hearing.service.engine.prompts[-1]
    assert reached == []
    assert ["microphone"] not in told(hearing)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("not-allowed", "The microphone is not allowed here. Allow it beside the browser's address, or type instead."),
        ("audio-capture", "No microphone was found. Connect one, or type instead."),
        ("no-speech", "Nothing was heard. Speak again, or type instead."),
        ("network", "The browser cannot hear without a network just now. Type instead."),
        ("bad-grammar", "Speech cannot be used: bad-grammar."),
    ],
)
def test_what_can_go_wrong_is_told(hearing: Visit, error: str, said: str) -> None:
    asked = len(hearing.service.engine.prompts)
    speak(hearing)
    hearing.page.evaluate("error => { ear.onerror({ error }); ear.onend(); }", error)
    expect(hearing.page.locator(".notice")).to_contain_text(said)
    expect(hearing.page.get_by_role("status")).to_have_text(said)
    expect(hearing.page.get_by_role("button", name="Speak")).to_have_attribute("aria-pressed", "false")
    expect(field(hearing)).to_be_editable()
    assert ["microphone"] not in told(hearing)
    speak(hearing)
    assert len(hearing.service.engine.prompts) == asked


def test_words_heard_before_an_error_are_left_to_the_visitor(hearing: Visit) -> None:
    asked = len(hearing.service.engine.prompts)
    speak(hearing)
    hearing.page.evaluate(HEAR, ["a kanban"])
    hearing.page.evaluate("ear.onerror({ error: 'network' }), ear.onend()")
    hearing.page.wait_for_timeout(1500)
    expect(field(hearing)).to_have_value("a kanban")
    assert len(hearing.service.engine.prompts) == asked


def test_a_pointer_begins_with_a_press_and_ends_by_letting_go(hearing: Visit) -> None:
    button = hearing.page.locator(".voice")
    expect(button).to_be_visible()
    button.evaluate("""button => {
      for (const type of ["pointerdown", "pointerup"]) button.dispatchEvent(new PointerEvent(type));
    }""")
    expect(field(hearing)).to_have_attribute("placeholder", "Listening…")
    button.click()
    expect(field(hearing)).to_have_attribute("placeholder", "Writing down what you said…")
    hearing.page.keyboard.press("Escape")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.hover()
    hearing.page.mouse.down()
    expect(field(hearing)).to_have_attribute("placeholder", "Listening…")
    hearing.page.wait_for_timeout(500)
    hearing.page.mouse.up()
    expect(field(hearing)).to_have_attribute("placeholder", "Writing down what you said…")


def test_stopping_and_forgetting(hearing: Visit) -> None:
    asked = len(hearing.service.engine.prompts)
    speak(hearing)
    hearing.page.get_by_role("button", name="Stop listening").click()
    expect(field(hearing)).to_have_attribute("placeholder", "Writing down what you said…")
    assert told(hearing)[-1] == ["stop"]
    hearing.page.keyboard.press("Escape")
    assert told(hearing)[-1] == ["abort"]
    hearing.page.evaluate(HEAR, ["a kanban board"])
    hearing.page.evaluate("ear.onerror({ error: 'aborted' }), ear.onend()")
    hearing.page.wait_for_timeout(1500)
    expect(field(hearing)).to_have_value("")
    expect(hearing.page.locator(".notice")).to_be_hidden()
    assert len(hearing.service.engine.prompts) == asked


@pytest.mark.parametrize("answer", ["downloadable", "downloading", "unavailable", "", None])
def test_only_a_browser_that_hears_on_the_machine_is_asked(hearing: Visit, answer: str | None) -> None:
    service = hearing.page.evaluate(PICKED, [answer, "ws://127.0.0.1:9/voice"])
    assert service == [False, False, ["No microphone was found. Connect one, or type instead."]]
    assert hearing.page.evaluate(PICKED, [answer, ""]) == [True, False, []]


def test_it_is_preferred_and_needs_neither_the_service_nor_consent(hearing: Visit) -> None:
    for address in ("ws://127.0.0.1:9/voice", "wss://far.test/voice", ""):
        assert hearing.page.evaluate(PICKED, ["available", address]) == [False, True, []]
        assert hearing.page.evaluate("told.splice(0).some(([what]) => what === 'microphone')") is False
