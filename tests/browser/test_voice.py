"""Speaking instead of typing: a fake microphone fed from a file, real recognition, and what can go wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, WebSocketRoute, expect

from benchmarks.speech import silence, spoken, write_wav
from tests.browser.conftest import Visit
from training.browse import browser

pytestmark = pytest.mark.browser
SAID = "make me a to do app with sorting and dark mode"
ASK_FIELD = "What should the page be?"


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


def heard(visit: Visit) -> str:
    """The words that stand in the field for a second once an utterance is over."""
    script = """() => {
      const text = document.querySelector("silverprint-shell").shadowRoot.querySelector(".ask.sending textarea");
      return text && text.value;
    }"""
    found: str = visit.page.wait_for_function(script, timeout=60_000).json_value()
    return found


def test_a_spoken_app_and_a_spoken_change(visit: Visit, sound: Path) -> None:
    say(sound, SAID)
    visit.page.get_by_role("radio", name="App").check()
    visit.page.get_by_role("button", name="Speak").click()
    expect(visit.page.get_by_role("button", name="Stop listening")).to_have_attribute("aria-pressed", "true")
    expect(field(visit)).to_have_attribute("placeholder", "Listening…")
    said = heard(visit)
    assert said.endswith("to-do app with sorting and dark mode.")
    expect(visit.page.get_by_role("button", name="Speak")).to_have_attribute("aria-pressed", "false")
    visit.ready("Groceries")
    assert f"ask: {said.rstrip('.')}" in visit.service.engine.prompts[-1]

    say(sound, "make it dark")
    visit.page.get_by_role("button", name="Speak").click()
    assert heard(visit) == "Make it dark."
    expect(visit.page.get_by_role("checkbox", name="Change this page")).to_be_checked()
    expect(field(visit)).to_have_value("")
    visit.ready("Groceries")
    assert "edit: Make it dark" in visit.service.engine.prompts[-1]


def test_the_microphone_is_open_only_while_it_shows(visit: Visit, sound: Path) -> None:
    visit.page.evaluate("""() => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async wanted => window.stream = await open(wanted);
    }""")
    say(sound, SAID)
    visit.page.get_by_role("button", name="Speak").click()
    expect(field(visit)).to_have_attribute("placeholder", "Hearing you…")
    assert visit.page.evaluate("stream.getTracks().map(track => track.readyState)") == ["live"]
    visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_role("button", name="Speak")).to_have_attribute("aria-pressed", "false")
    assert visit.page.evaluate("stream.getTracks().map(track => track.readyState)") == ["ended"]
    visit.page.wait_for_timeout(300)
    expect(field(visit)).to_have_value("")


def test_what_was_heard_can_be_corrected_before_it_is_sent(visit: Visit, sound: Path) -> None:
    asked = len(visit.service.engine.prompts)
    say(sound, SAID)
    visit.page.get_by_role("radio", name="App").check()
    visit.page.get_by_role("button", name="Speak").click()
    heard(visit)
    field(visit).press("End")
    field(visit).press_sequentially(" And undo.")
    visit.page.wait_for_timeout(1600)
    assert len(visit.service.engine.prompts) == asked
    field(visit).press("Enter")
    visit.ready("Groceries")
    assert "dark mode. And undo" in visit.service.engine.prompts[-1]


def test_holding_a_key_while_speaking(visit: Visit, sound: Path) -> None:
    write_wav(sound, silence(0.4), spoken("a kanban board"), silence(30))
    visit.page.keyboard.down("Alt")
    visit.page.keyboard.down("v")
    expect(field(visit)).to_have_attribute("placeholder", "Hearing you…")
    visit.page.wait_for_timeout(900)
    visit.page.keyboard.up("v")
    visit.page.keyboard.up("Alt")
    assert heard(visit) == "A kanban board."


def test_silence_is_told(visit: Visit, sound: Path) -> None:
    write_wav(sound, silence(3))
    visit.page.get_by_role("button", name="Speak").click()
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
    visit.page.get_by_role("button", name="Speak").click()
    assert heard(visit).endswith("to-do app with sorting and dark mode.")
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
      ["consent", "state", "fail"].forEach(hear);
      navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "NotFoundError"); };
      voice.press();
      await new Promise(done => setTimeout(done, 50));
      const before = [...heard];
      voice.consent();
      await new Promise(done => setTimeout(done, 50));
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
    script = "async words => (await import('/static/composer.js')).asksAnew(words)"
    assert visit.page.evaluate(script, words) is anew
