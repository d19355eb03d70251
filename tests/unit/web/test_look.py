"""The host's look in JavaScript: frames check as the service does, and whatever a host gives, text is readable."""

import json
import random
import subprocess
from pathlib import Path
from typing import Any

from backend.kit.host_look import COLOURS, FONTS, LENGTHS, rules
from tests.unit.backend.kit.test_host_look import HOSTILE, LOOK, NAMES

Rgb = list[int]
TEXTS = {
    "ink": ("ground", "paper", "sunken", "tint"),
    "quiet": ("ground", "paper", "sunken", "tint"),
    "link": ("ground", "paper", "sunken", "tint"),
    "on-fill": ("fill",),
    "on-bad": ("bad",),
    "good": ("ground", "paper", "sunken"),
    "warn": ("ground", "paper", "sunken"),
    "bad": ("ground", "paper", "sunken"),
}


def said(looks: list[Any], hosts: list[dict[str, Rgb | None]]) -> dict[str, list[Any]]:
    command = ["node", Path(__file__).with_name("look.mjs")]
    asked = json.dumps({"looks": looks, "hosts": hosts})
    found: dict[str, list[Any]] = json.loads(
        subprocess.run(command, input=asked, check=True, capture_output=True, text=True).stdout
    )
    return found


def fitting(name: str, rng: random.Random) -> str:
    """A value of the kind that a name has, perhaps beyond its bounds."""
    if name in ("text", "display"):
        return ", ".join(rng.sample(sorted(FONTS), rng.randint(1, 3)))
    if name in LENGTHS:
        return f"{rng.uniform(0, 1.2 * LENGTHS[name][2]):.2f}{LENGTHS[name][0]}"
    return rng.choice(("dark", "light")) if name == "scheme" else f"#{rng.randrange(1 << 24):06x}"


def some_look(rng: random.Random) -> dict[str, Any]:
    """Values that are right, nearly right, or hostile, under names that are known or not."""
    look: dict[str, Any] = {}
    for name in (rng.choice((*NAMES, "toString", "__proto__", "x")) for _ in range(rng.randint(0, 9))):
        right = fitting(name, rng)
        cut = right[: rng.randrange(len(right) + 1)] + rng.choice((";", "}", " ", "\n", "\u0660", ""))
        look[name] = rng.choice(
            (right, right, cut, fitting(rng.choice(NAMES), rng), rng.choice(HOSTILE[:-2]), None, 7, [])
        )
    return look


def test_frames_and_the_service_let_the_same_pass() -> None:
    rng = random.Random(7)
    looks = [LOOK, {}, *(dict.fromkeys(NAMES, value) for value in HOSTILE), *(some_look(rng) for _ in range(4_000))]
    expected = [rules(look) for look in looks]
    assert said([*looks, None, 3, "x", []], [])["rules"] == [*expected, "", "", "", ""]
    assert sum(map(bool, expected)) > 2_000


def contrast(one: str, other: str) -> float:
    dark, light = sorted(luminance(colour) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def some_host(rng: random.Random) -> dict[str, Rgb | None]:
    """Any colours; grounds are often near grey or near each other, where black and white are both hard to read."""
    names = ("accent", "ground", "paper", "ink")
    host: dict[str, Rgb | None] = {name: [rng.randrange(256) for _ in range(3)] for name in names if rng.random() < 0.7}
    if rng.random() < 0.5:
        host["ground"] = [min(255, max(0, 118 + rng.randrange(-20, 21))) for _ in range(3)]
    return host


def test_whatever_a_host_gives_text_is_readable() -> None:
    rng = random.Random(11)
    hosts = [host for host in (some_host(rng) for _ in range(1_000)) if set(host) - {"accent"}]
    for host, colours in zip(hosts, said([], hosts)["colours"], strict=True):
        for text, backs in TEXTS.items():
            for back in backs:
                if text in colours and back in colours:
                    assert contrast(colours[text], colours[back]) >= 4.5, (host, text, back, colours)
        assert set(colours) - {"scheme"} <= set(COLOURS)
        assert colours["scheme"] in ("light", "dark")


def test_what_is_readable_stays_as_the_host_gave_it() -> None:
    violet, night, panel, words = [143, 114, 255], [16, 13, 24], [26, 22, 38], [236, 232, 247]
    host: dict[str, Rgb | None] = {"accent": violet, "ground": night, "paper": panel, "ink": words}
    (colours, none, accent), white = said([], [host, {}, {"accent": violet}])["colours"], "#ffffff"
    given = {"accent": "#8f72ff", "fill": "#8f72ff", "ground": "#100d18", "paper": "#1a1626", "ink": "#ece8f7"}
    assert colours | given == colours
    assert colours["scheme"] == "dark"
    assert none == {}
    assert accent == {"accent": "#8f72ff", "fill": "#8f72ff", "on-fill": "#000000"}
    assert contrast(white, "#8f72ff") < 4.5
