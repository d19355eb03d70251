"""What of a host's look reaches a page: values of a few narrow kinds, and never anything else."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.host_look import ADDRESS_CHARS, COLOURS, FONTS, LENGTHS, from_address, rules
from backend.pages.documents import live_frame
from backend.protocol.messages import Prompt
from tests.service.test_app import FRAMES, SHELL, Web, browse

OVER = '<!doctype html><html lang=en class="cards mint"><title>a</title><h1>a</h1></html>'
PLAIN = "<!doctype html><html lang=en><title>a</title><style>h1{color:red}</style><h1>a</h1></html>"
LOOK = {"accent": "#8f72ff", "scheme": "dark", "round": "8px", "gap": "0.85rem", "text": '"Avenir Next", sans-serif'}
HOSTILE = (
    "red", "red;}body{display:none", "#fff", "#FFFFFF", "#ffffff;", "#ffffff\n", "#ffffff}", "#ffffff/**/", "/*", "*/",
    "url(//evil)", "\\75rl(//evil)", "image-set('//evil' 1x)", "@import '//evil'", "expression(1)", "var(--x)",
    "env(x)", "attr(x)", "calc(1px)", "8px;", "8px\n", "8\uff10px", "33px", "-1px", "1e1px", "8 px", "8PX", "0.851rem",
    "9rem", "Evil", '"Evil", serif', '"Avenir Next"; }', "serif, ", ", serif", "serif,serif", "dark;", "dark ",
    "</style>", "<script>", "\0", "#fffff\0", "x" * 1_000_000, "",
)  # fmt: skip
NAMES = (*COLOURS, *LENGTHS, "text", "display", "scheme")
DECLARATION = (
    rf"--(?:{'|'.join(COLOURS)}):#[0-9a-f]{{6}}|color-scheme:(?:light|dark)|--shade:220 (?:20% 15|40% 3)%"
    rf"|--(?:round|size):[0-9.]+px|--gap:[0-9.]+rem|--(?:text|sans|display):(?:{'|'.join(map(re.escape, FONTS))}|, )+"
)
BLOCK = rf":where\(html\[class\]\)\{{(?:(?:{DECLARATION});)*\}}"
WASH = r"(?::where\(html\.glass\)\{background-image:[^{};<]*\})?"
WHOLE = re.compile(rf"@layer kit,host;@layer host\{{{BLOCK}(?:@media screen\{{{BLOCK}{WASH}\}})?\}}")


def address(look: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(look).encode()).decode().rstrip("=")


def test_a_look_is_spelled_as_custom_properties_in_a_layer_of_its_own() -> None:
    assert rules(LOOK) == (
        '@layer kit,host;@layer host{:where(html[class]){--round:8px;--gap:0.85rem;--text:"Avenir Next", sans-serif;'
        '--sans:"Avenir Next", sans-serif;}'
        "@media screen{:where(html[class]){--accent:#8f72ff;color-scheme:dark;--shade:220 40% 3%;}}}"
    )
    assert rules({}) == ""


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: ascii(value[:24]))
def test_hostile_values_do_nothing(value: str) -> None:
    assert rules(dict.fromkeys(NAMES, value)) == ""
    assert rules(LOOK | dict.fromkeys(set(NAMES) - set(LOOK), value)) == rules(LOOK)


@pytest.mark.parametrize("value", [None, 1, True, [], ["#ffffff"], {"#ffffff": "#ffffff"}, 1.5])
def test_what_is_no_text_is_no_value(value: object) -> None:
    assert rules(dict.fromkeys(NAMES, value)) == ""


def test_hostile_names_do_nothing() -> None:
    assert rules(dict.fromkeys(HOSTILE, "#ffffff") | {"--accent": "#ffffff", "__proto__": "#ffffff"}) == ""


SPELLED = st.one_of(
    st.sampled_from(HOSTILE[:-2]),
    st.from_regex(r"\A#[0-9a-f]{6}\Z"),
    st.from_regex(r"\A[0-9]{1,3}(\.[0-9]{1,3})?(px|rem)\Z"),
    st.lists(st.sampled_from(sorted(FONTS)), max_size=3).map(", ".join),
    st.text(max_size=12),
    st.sampled_from(("light", "dark")),
)


@given(
    st.dictionaries(
        st.one_of(st.sampled_from(NAMES), st.text(max_size=6)), st.one_of(SPELLED, st.integers(), st.none())
    )
)
def test_whatever_is_given_only_values_of_their_kind_come_out(look: dict[str, Any]) -> None:
    said = rules(look)
    assert said == "" or WHOLE.fullmatch(said)
    assert from_address(address(look)) in ("", said)


@pytest.mark.parametrize(
    "text",
    ["", "%", "e30=", "!!!!", "e30", address([1]), address("x"), address(LOOK)[:-1] + "*", "A" * 5, "W1tb" * 900],
)
def test_an_address_that_says_no_look_says_none(text: str) -> None:
    assert from_address(text) == ""


def test_a_look_stands_in_an_address_up_to_a_length() -> None:
    assert from_address(address(LOOK)) == rules(LOOK)
    assert from_address(address(LOOK | {"x": "x" * ADDRESS_CHARS})) == ""


def test_a_page_over_the_kit_is_served_in_the_look_and_no_other() -> None:
    shells = ("http://127.0.0.1:8017",)
    dressed = live_frame(OVER, shells, look=rules(LOOK)).body
    assert dressed.index("@layer kit{") < dressed.index("--accent:#8f72ff") < dressed.index('class="cards mint"')
    assert live_frame(PLAIN, shells, look=rules(LOOK)) == live_frame(PLAIN, shells)
    assert "silverprintLook = Object.freeze" in dressed
    assert "silverprintLook = Object.freeze" not in live_frame(PLAIN, shells).body


def test_frames_and_files_take_the_look_from_their_address(tmp_path: Path) -> None:
    async def scene(web: Web) -> None:
        web.engine.page = lambda prompt: OVER
        page = await (await web.visitor()).page(Prompt("tides"))
        for url, then in ((f"{FRAMES}/frame/live/{page.page}", ""), (f"{SHELL}/p/{page.page}.html", "<html lang=en")):
            at = f"{url}?key={page.key}&look="
            host, bad = (await web.get(at + address(LOOK))).text, (await web.get(f"{at}x;}}")).text
            assert f"<style data-look>{rules(LOOK)}</style>{then}" in host
            assert "<style data-look>" not in bad

    browse(tmp_path, scene)
