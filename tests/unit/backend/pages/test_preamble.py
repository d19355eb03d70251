"""Pages whose model left out what every page begins with."""

import pytest

from backend.kit.strip import undressed
from backend.pages.preamble import CHARSET, STANDARD, TYPED, VIEWPORT, alone, standard

HEAD = STANDARD + TYPED + CHARSET + VIEWPORT


@pytest.mark.parametrize(
    ("page", "doctype", "rest"),
    [
        ("<p>a", "<!doctype html>", "<p>a"),
        ("<!DOCTYPE html>\n<p>a", "<!DOCTYPE html>", "\n<p>a"),
        ("<html lang=en class=paper><p>a", "<!doctype html>", "<html lang=en class=paper><p>a"),
        ("<!-- by hand -->\n<!doctype html><p>a", "<!-- by hand -->\n<!doctype html>", "<p>a"),
        ("<!doctype html", "<!doctype html>", "<!doctype html"),
    ],
)
def test_every_page_is_rendered_as_the_standard_says(page: str, doctype: str, rest: str) -> None:
    assert standard(page) == (doctype, rest)


@pytest.mark.parametrize(
    ("page", "file"),
    [
        ("<title>é</title><p>a", f"{HEAD}<title>é</title><p>a"),
        ("<!doctype html><meta charset=utf-8><p>a", f"{STANDARD}{VIEWPORT}<meta charset=utf-8><p>a"),
        (
            "<meta NAME=Viewport content='width=9'><p>a",
            f"{STANDARD}{TYPED}{CHARSET}<meta NAME=Viewport content='width=9'><p>a",
        ),
        ("<!-- a --><!doctype html><p>a", f"<!-- a -->{STANDARD}{CHARSET}{VIEWPORT}<p>a"),
        (f"{HEAD}<body><p>a", f"{HEAD}<body><p>a"),
        ("<body><meta charset=utf-8>", f"{HEAD}<body><meta charset=utf-8>"),
    ],
)
def test_a_file_says_how_it_is_to_be_read(page: str, file: str) -> None:
    assert alone(page) == file
    assert alone(file) == file
    assert undressed(file) == undressed(page)


def test_the_kit_stands_behind_what_a_browser_must_read_first() -> None:
    page = '<html lang=en class="paper mint"><title>a</title><h1>a</h1>'
    file = alone(page)
    assert file.startswith(f"{HEAD}<style data-kit=")
    assert file.endswith(f"</style>{page}")
