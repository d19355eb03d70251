"""Palettes: each pair of colours that carries text is readable, and a palette is one style rule."""

import re

import pytest

from training.corpus.design import DARK, PALETTES, Palette

LEAST = 4.5  # WCAG 2.2 AA for text


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("name", PALETTES)
def test_text_is_readable(name: str) -> None:
    palette = PALETTES[name]
    surfaces = {"bg": palette.bg, "card": palette.card}
    pairs = {
        f"{ink} on {surface}": contrast(getattr(palette, ink), colour)
        for ink in ("fg", "muted", "accent")
        for surface, colour in surfaces.items()
    }
    pairs["on on accent"] = contrast(palette.on, palette.accent)
    assert {pair: round(ratio, 2) for pair, ratio in pairs.items() if ratio < LEAST} == {}


@pytest.mark.parametrize("name", PALETTES)
def test_a_palette_is_one_rule(name: str) -> None:
    assert re.fullmatch(r":root\{[^{}]*\}", PALETTES[name].rule())


def test_palettes_differ_and_dark_ones_say_so() -> None:
    assert len({palette.rule() for palette in PALETTES.values()}) == len(PALETTES)
    assert all(("color-scheme:dark" in palette.rule()) == (name in DARK) for name, palette in PALETTES.items())
    assert all((luminance(palette.bg) < luminance(palette.fg)) == (name in DARK) for name, palette in PALETTES.items())


def test_a_palette_is_light_unless_it_says_otherwise() -> None:
    assert Palette("#ffffff", "#000000", "#333333", "#ffffff", "#000000", "#ffffff").scheme == "light"
