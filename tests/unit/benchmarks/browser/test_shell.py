"""What is made of measurements in a browser, and of pictures: figures, windows of shifts, an animation."""

import io

import pytest
from PIL import Image

from benchmarks.browser.animation import LAST_MS, SIZE, animated
from benchmarks.browser.pictures import faithful
from benchmarks.browser.shell import Showing, as_table, figures, largest_window


def showing(layout_shift: float, *morphs: float) -> Showing:
    alone = tuple(ms / 2 for ms in morphs)
    return Showing("a page", layout_shift, layout_shift, morphs, alone, 12, 11, 11, 11, 0.2, 1.5)


def png(colour: str) -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (1280, 800), colour).save(into, "PNG")
    return into.getvalue()


@pytest.mark.parametrize(
    ("shifts", "largest"),
    [
        ([], 0),
        ([(0, 0.1), (900, 0.2)], 0.3),
        ([(0, 0.1), (1000, 0.2)], 0.2),
        ([(900 * index, 0.1) for index in range(8)], 0.6),
        ([(0, 0.4), (2000, 0.1), (2100, 0.1)], 0.4),
    ],
)
def test_layout_shift_is_that_of_the_largest_session_window(shifts: list[tuple[float, float]], largest: float) -> None:
    assert largest_window(shifts) == pytest.approx(largest)


def test_figures_take_the_largest_shift_and_all_morphs() -> None:
    found = figures([showing(0.02, 1, 1, 1), showing(0.2, 1, 1, 21)])
    assert (found["pages"], found["layout_shift"], found["layout_shift_median"]) == (2, 0.2, 0.11)
    assert (found["morph_p50_ms"], found["morph_p95_ms"], found["alone_p95_ms"]) == (1, 16, 8)
    assert (found["made"], found["sent"], found["shown"], found["acknowledged"]) == (12, 11, 11, 11)


def test_the_table_says_which_targets_are_met() -> None:
    whole = figures([showing(0.02, 1, 30)])
    found = {"model": "m", "hardware": {"cpu": "c"}, "versions": {"chromium": "1"}, "pages": {"a page": whole}}
    targets = {"targets": {"layout_shift": 0.1, "morph_p95_ms": 8.0}}
    said = as_table({**found, **targets, "whole": whole, "met": {"layout_shift": True, "morph_p95_ms": False}})
    assert "layout shift: 0.02 for at most 0.1, met" in said
    assert "morph p95 ms: 28.55 for at most 8.0, missed" in said


def test_an_animation_lasts_as_long_as_what_it_shows() -> None:
    film = Image.open(io.BytesIO(animated([(5.0, png("red")), (5.3, png("blue"))], 100_000)))
    assert (film.n_frames, film.size) == (2, SIZE)  # type: ignore[attr-defined]
    lasting = []
    for index in range(2):
        film.seek(index)
        film.load()
        lasting.append(film.info["duration"])
    assert lasting == [300, LAST_MS]
    with pytest.raises(ValueError, match="expected an animation of 10 bytes at most, got"):
        animated([(0.0, png("red")), (1.0, png("blue"))], 10)


def test_sentences_are_faithful_that_say_what_was_given_and_no_more() -> None:
    prompt = "facts: Hot lava escapes from a chamber of magma."
    assert faithful("Hot lava escapes from a chamber.", prompt) == 1
    assert faithful("Hot lava escapes lava escapes", prompt) == 0.5
    assert faithful("", prompt) == 1
