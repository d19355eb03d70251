"""Pages come back with the kit inside, and go on without it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit import bundle, strip
from backend.kit.bundle import dressed
from backend.kit.strip import undressed
from backend.markup.scanner import scan
from backend.pages.preamble import alone

OVER = '<!doctype html><html lang=en class="paper mint"><title>a</title><h1>a</h1><p class=card>b</p></html>'
PIECES = [
    "<!doctype html>", " ", "<html class=paper>", "<html>", "<style>p{}</style>", "<style", "</style>",
    "<p class=card>", "<script>'<style data-kit>'</script>", "<!--", "-->", "<", "data-kit", "<body class=app>", "é",
]  # fmt: skip
LAYER = "@keyframes a{to{opacity:1}}@layer kit{:where(html[class]){p{content:'}'}.card{color:red}}}"


@given(st.lists(st.sampled_from(PIECES)))
def test_a_page_is_what_it_was_before_it_was_dressed(pieces: list[str]) -> None:
    page = "".join(pieces)
    assert undressed(dressed(page)) == page
    assert dressed(undressed(dressed(page))) == dressed(page) == dressed(dressed(page))


def test_what_people_have_written_into_it_stays() -> None:
    written = dressed(OVER).replace("<p class=card>b", "<p class=card>my own words <b>here</b>")
    assert undressed(written) == OVER.replace("<p class=card>b", "<p class=card>my own words <b>here</b>")
    assert dressed(undressed(written)) == written


@pytest.mark.parametrize("tag", ["data-kit=v1", "data-kit='v0'", 'DATA-KIT="v12" ', "media=all data-kit=v3"])
def test_a_kit_of_any_version_is_taken_out_wherever_it_stands(tag: str) -> None:
    style = f"<style {tag}>{LAYER}</style>"
    for page in (f"{style}{OVER}", f"{OVER}{style}", OVER.replace("<h1>", f"{style}<h1>"), f"{style}{OVER}{style}"):
        assert undressed(page) == OVER
        assert dressed(page) == dressed(OVER)


def test_other_styles_stay_as_they_are() -> None:
    for style in (
        "<style>p{}</style>",
        "<style data-kit>p{}</style>",
        "<style data-kit=mine>p{}</style>",
        "<p data-kit=v1>",
    ):
        assert undressed(f"{OVER}{style}") == f"{OVER}{style}"


def test_rules_that_people_wrote_behind_the_kit_in_its_element_stay_as_a_style_of_their_own() -> None:
    page = f"<style data-kit=v1>{LAYER}\nh1 {{ color: teal }}</style>{OVER}"
    assert undressed(page) == f"<style>\nh1 {{ color: teal }}</style>{OVER}"
    assert undressed(f"<style data-kit=v1>h1{{}}</style>{OVER}") == f"<style>h1{{}}</style>{OVER}"
    assert undressed(undressed(page)) == undressed(page)


def test_a_kit_that_is_cut_off_goes_too() -> None:
    for end in ("", LAYER[:40], LAYER):
        assert undressed(f"<p>a<style data-kit=v1>{end}") == "<p>a"


def test_every_part_of_the_kit_is_taken_out_again() -> None:
    everything = OVER.replace(
        "<p ", f"<p title='picture {' '.join(bundle.pictures())} {' '.join(p.name for p in bundle.sheets())}' "
    )
    assert len(dressed(everything)) > len(bundle.whole()) // 2
    assert undressed(dressed(everything)) == everything
    assert undressed(f"<style data-kit=v1>{bundle.whole()}</style>{OVER}") == OVER


def test_a_page_is_read_once_and_a_word_of_someone_elses_takes_no_doctype(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(strip, "scan", lambda page: read.append(page) or scan(page))
    file = alone(OVER.removeprefix("<!doctype html>"))
    read.clear()
    assert undressed(file) == OVER.removeprefix("<!doctype html>")
    assert read == [file]
    theirs = OVER.replace("<title>", "<meta data-no-doctype><meta data-kit=v1 charset=utf-8><title>")
    assert undressed(theirs) == theirs.replace("<meta data-kit=v1 charset=utf-8>", "")
