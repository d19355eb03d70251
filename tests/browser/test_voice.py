"""Speaking instead of typing: a fake microphone fed from a file, real recognition, and what can go wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, WebSocketRoute, expect

from benchmarks.speech.synthesis import silence, spoken, write_wav
from tests.browser.conftest import Visit
from training.evaluation.browse import browser

pytestmark = pytest.mark.browser
SAID = "make me a to do app with sorting and dark mode"
ASK_FIELD = "What should the page be?"
PATIENT = """() => {
  const [set, clear] = [setTimeout, clearTimeout];
  window.sending = 0;
  window.setTimeout = (act, ms, ...more) => (ms === 1200 ? (window.sending = set(act, 60_000)) : set(act, ms, ...more));
  window.clearTimeout = timer => {
    if (timer === sending) window.sending = 0;
    clear(timer);
  };
}"""
"""What was said waits a minute for a correction instead of a second; `sending`: the timer that sends it, 0 for none."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that the fake microphone plays once, from its beginning, whenever it is opened."""
    return tmp_path_factory.mktemp("sound") / "microphone.wav"


@pytest.fixture(scope="module")
def chromium(sound: Path) -> Iterator[Browser]:
    with browser(
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={sound}%noloop",
    ) as running:  # fmt: skip
        yield running


def say(sound: Path, words: str) -> None:
    write_wav(sound, silence(0.5), spoken(words), silence(1.5))


def field(visit: Visit) -> Locator:
    return visit.page.get_by_role("textbox", name=ASK_FIELD)


def speak(visit: Visit) -> None:
    """By keyboard: how long a pointer is down is up to the machine, and long means that it is held."""
    visit.page.get_by_role("button", name="Speak").press("Enter")


def heard(visit: Visit) -> tuple[str, bool]:
    """The words that stand in the field for a second once an utterance is over, and whether they are for a change."""
    script = """() => {
      const shell = document.querySelector("silverprint-shell").shadowRoot;
      const text = shell.querySelector(".ask.sending textarea");
      return text && [text.value, shell.querySelector("[name=edit]").checked];
    }"""
    words, edit = visit.page.wait_for_function(script, timeout=60_000).json_value()
    return words, edit


def hearing(visit: Visit) -> None:
    """Wait until speech is heard. Looks at every frame, as a word may take no more than a second."""
    script = """() => {
      const shell = document.querySelector("silverprint-shell").shadowRoot;
      return shell.querySelector("textarea").placeholder === "Hearing you…";
    }"""
    visit.page.wait_for_function(script)


def test_a_spoken_app_and_a_spoken_change(visit: Visit, sound: Path) -> None:
    say(sound, SAID)
    visit.page.get_by_role("radio", name="App").check()
    speak(visit)
    expect(visit.page.get_by_role("button", name="Stop listening")).to_have_attribute("aria-pressed", "true")
    said, _ = heard(visit)
    assert said.endswith("to-do app with sorting and dark mode.")
    expect(visit.page.get_by_role("button", name="Speak")).to_have_attribute("aria-pressed", "false")
    live = visit.ready("Groceries")
    assert f"ask: {said.rstrip('.')}" in visit.service.engine.prompts[-1]

    say(sound, "make it dark")
    speak(visit)
    assert heard(visit) == ("Make it dark.", True)
    expect(field(visit)).to_have_value("")
    visit.ready("Groceries", live)
    assert "edit: Make it dark" in visit.service.engine.prompts[-1]


def test_the_microphone_is_open_only_while_it_shows(visit: Visit, sound: Path) -> None:
    visit.page.evaluate("""() => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async wanted => window.stream = await open(wanted);
    }""")
    say(sound, " and ".join([SAID] * 3))
    speak(visit)
    hearing(visit)
    assert visit.page.evaluate("stream.getTracks().map(track => track.readyState)") == ["live"]
    visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_role("button", name="Speak")).to_have_attribute("aria-pressed", "false")
    assert visit.page.evaluate("stream.getTracks().map(track => track.readyState)") == ["ended"]
    visit.page.wait_for_timeout(300)
    expect(field(visit)).to_have_value("")


def test_what_was_heard_can_be_corrected_before_it_is_sent(visit: Visit, sound: Path) -> None:
    asked = len(visit.service.engine.prompts)
    visit.page.evaluate(PATIENT)
    say(sound, SAID)
    visit.page.get_by_role("radio", name="App").check()
    speak(visit)
    heard(visit)
    assert visit.page.evaluate("sending") > 0
    field(visit).press("End")
    field(visit).press_sequentially(" And undo.")
    assert visit.page.evaluate("sending") == 0
    assert len(visit.service.engine.prompts) == asked
    field(visit).press("Enter")
    visit.ready("Groceries")
    assert "dark mode. And undo" in visit.service.engine.prompts[-1]


def test_holding_a_key_while_speaking(visit: Visit, sound: Path) -> None:
    write_wav(sound, silence(0.4), spoken("a kanban board"), silence(30))
    visit.page.keyboard.down("Alt")
    visit.page.keyboard.down("v")
    hearing(visit)
    visit.page.wait_for_timeout(900)
    visit.page.keyboard.up("v")
    visit.page.keyboard.up("Alt")
    assert heard(visit)[0] == "A kanban board."


def test_silence_is_told(visit: Visit, sound: Path) -> None:
    write_wav(sound, silence(3))
    speak(visit)
    expect(field(visit)).to_have_attribute("placeholder", "Listening…")
    visit.page.wait_for_timeout(400)
    visit.page.get_by_role("button", name="Stop listening").click()
    expect(visit.page.locator(".notice")).to_contain_text("Nothing was heard.")
    expect(visit.page.get_by_role("status")).to_contain_text("Nothing was heard.")


def test_sound_outlives_a_lost_connection(visit: Visit, sound: Path) -> None:
    lost: list[int] = []

    def meddle(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if len(lost) < 2 and len(seen) > 20:
                lost.append(len(seen))
                socket.close()
                server.close()
            else:
                seen.append(message)
                server.send(message)

        seen: list[str | bytes] = []
        socket.on_message(pass_on)

    visit.page.route_web_socket("**/voice", meddle)
    say(sound, SAID)
    speak(visit)
    assert heard(visit)[0].endswith("to-do app with sorting and dark mode.")
    assert len(lost) == 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("NotAllowedError", "The microphone is not allowed here."),
        ("NotFoundError", "No microphone was found."),
        ("NotReadableError", "Another program holds the microphone."),
        ("OddError", "The microphone cannot be used: so it is"),
    ],
)
def test_a_microphone_that_cannot_be_had(visit: Visit, name: str, said: str) -> None:
    visit.page.evaluate(
        "name => navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('so it is', name); }", name
    )
    visit.page.get_by_role("button", name="Speak").click()
    expect(visit.page.locator(".notice")).to_contain_text(said)
    expect(visit.page.get_by_role("button", name="Speak")).to_have_attribute("aria-pressed", "false")


def test_sound_leaves_the_machine_only_with_consent(visit: Visit) -> None:
    asked = visit.page.evaluate("""async () => {
      const { Voice } = await import("/static/voice/voice.js");
      const heard = [];
      const voice = new Voice();
      await voice.offer("wss://far.test/voice");
      const hear = type => voice.addEventListener(type, event => heard.push([type, event.detail]));
      const once = type => new Promise(done => voice.addEventListener(type, done, { once: true }));
      ["consent", "state", "fail"].forEach(hear);
      navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "NotFoundError"); };
      const asked = once("consent");
      voice.press();
      await asked;
      await new Promise(done => setTimeout(done, 50));
      const before = [...heard];
      const failed = once("fail");
      voice.consent();
      await failed;
      localStorage.clear();
      return [before, heard.slice(before.length).map(([type]) => type)];
    }""")
    assert asked == [[["consent", "far.test"]], ["state", "state", "fail"]]


@pytest.mark.parametrize(
    ("words", "anew"),
    [
        ("Make me a to-do app with sorting.", True),
        ("um, please build a timer", True),
        ("I want a kanban board", True),
        ("a stopwatch with laps", True),
        ("Open the music player", True),
        ("Make it dark.", False),
        ("add sorting", False),
        ("Rename it to Chores", False),
        ("Please make the buttons bigger", False),
        ("Make a button that sorts", True),
        ("Now make the list blue", False),
        ("I want it to be dark", False),
    ],
)
def test_who_asks_for_another_page(visit: Visit, words: str, anew: bool) -> None:
    script = "async words => (await import('/static/shell/composer.js')).asksAnew(words)"
    assert visit.page.evaluate(script, words) is anew
