"""The gallery shows all that the kit has, and what it shows is sound."""

import re
from collections import Counter
from pathlib import Path

import html5lib
import pytest

from backend.kit import bundle, examples
from backend.kit.examples import Example, classes_in, components, read
from backend.pages import kit_gallery
from backend.prompts.render import environment
from tests.support.repository import ROOT

CLASS = re.compile(r"\.([a-z][a-z0-9-]*)")
EXAMPLES = {f"{one.id} {example.name}": example for one in components() for example in one.examples}

PROSE = {"nav", "show"}
"""An element and a word that happen to be names of Bootstrap's, too."""

CHARTS = {"bar"}
"""What a chart may be that no rule asks for, since a script draws it."""


def classes_of_the_kit() -> set[str]:
    """Every class that a rule of the kit is for."""
    rules = re.sub(r'url\("[^"]*"\)', "", bundle.whole())
    return set(CLASS.findall(rules))


def switched() -> set[str]:
    """What the switches of the gallery put on <html>."""
    adjustments = {word for _, words in kit_gallery.ADJUSTMENTS for word in words}
    return {*bundle.designs(), *bundle.palettes(), "light", "dark", *adjustments}


def shown() -> set[str]:
    """Every class that an example has."""
    return {word for example in EXAMPLES.values() for word in classes_in(example.markup)}


def bare() -> str:
    """The gallery without its examples."""
    return re.sub(r"(?s)<pre>.*?</pre>|<template data.*?</template>", "", kit_gallery.gallery())


def told() -> set[str]:
    """The classes that people and models are told of."""
    rows = re.findall(r"(?m)^\|.*", (ROOT / "docs" / "kit.md").read_text("utf-8"))
    documented = re.findall(r"`([^`]+)`", " ".join(rows))
    prompted = environment().get_template("kit.txt.j2").render()
    return {
        word for text in (*documented, prompted) for word in bundle.WORD.findall(text)
    } & classes_of_the_kit() - PROSE


def test_all_that_is_told_of_has_an_example_or_a_switch() -> None:
    assert len(told()) > 100
    assert sorted(told() - shown() - switched() - set(bundle.pictures()) - set(kit_gallery.icons())) == []


def test_examples_have_classes_of_the_kit_alone() -> None:
    known = classes_of_the_kit() | switched() | set(bundle.pictures()) | set(kit_gallery.icons()) | CHARTS
    assert sorted(shown() - known) == []


def test_every_palette_and_adjustment_of_the_kit_has_a_switch() -> None:
    assert len(bundle.palettes()) == len(set(bundle.palettes())) > 15
    adjusted = next(sheet.rules for sheet in bundle.sheets() if sheet.name == "adjust")
    assert {word for _, words in kit_gallery.ADJUSTMENTS for word in words} <= set(CLASS.findall(adjusted))
    for word in switched():
        assert re.search(rf'value="{word}"', kit_gallery.gallery()), word


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_parses_without_an_error(name: str) -> None:
    example = EXAMPLES[name]
    body = example.markup if example.body is not None else f"<body>{example.content}</body>"
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(f"<!doctype html><html lang=en><head><title>a</title></head>{body}</html>")
    assert parser.errors == []


def test_the_page_parses_without_an_error_and_names_nothing_twice() -> None:
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(kit_gallery.gallery())
    assert parser.errors == []
    markup = "".join(example.markup for example in EXAMPLES.values())
    ids = Counter(re.findall(r'\bid="?([\w-]+)', f"{markup}{bare()}"))
    assert len(ids) > 70
    assert [one for one, times in ids.items() if times > 1] == []


def test_the_page_works_alone() -> None:
    """It names nothing that is elsewhere, and its policy would let nothing come."""
    assert re.findall(r"\b(?:src|href)=\"(?!#|data:)[^\"]*", bare()) == []
    assert re.findall(r"https?:(?!//www\.w3\.org/2000/svg)", kit_gallery.gallery()) == []
    assert kit_gallery.policy()["script-src"].startswith("'sha256-")
    assert len(kit_gallery.gallery().encode()) < 600_000
    assert len(kit_gallery.squeezed()) < 160_000


def test_all_scenes_are_there_by_name() -> None:
    for name in bundle.pictures():
        assert f'data-name="{name}"' in kit_gallery.gallery()


def test_whoever_adds_icons_to_the_kit_adds_them_to_the_gallery(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "icons", lambda: {"trash-2": "a", "delete": "a", "star": "b"}, raising=False)
    *_, icons = kit_gallery.choosers()
    assert icons.title == "Icons"
    assert icons.examples[0].markup.count("<button") == 2
    found = 'data-name="trash-2 delete" data-copy=\'<i class="icon trash-2"></i>\'>'
    assert found in icons.examples[0].markup


def test_a_file_more_is_a_component_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "FOLDER", tmp_path)
    (tmp_path / "sundial.html").write_text(
        "<!-- group: Apps\ntitle: Sundial\nabout: Tells the `hour`. -->\n"
        "<!-- example: At noon; height 200 -->\n<p class=badge>12</p>\n"
        "<!-- example: A page; vary palette -->\n<body class=app><main><p>12</main></body>\n"
    )
    [sundial] = examples.components.__wrapped__()
    assert (sundial.id, sundial.group, sundial.title, sundial.words) == (
        "sundial",
        "Apps",
        "Sundial",
        "sundial app badge",
    )
    noon, page = sundial.examples
    assert (noon.name, noon.height, noon.body) == ("At noon", 200, None)
    assert noon.content == "<main><p class=badge>12</p></main>"
    assert noon.coloured == "<b>&lt;p class=<mark>badge</mark>&gt;</b>12<b>&lt;/p&gt;</b>"
    assert (page.vary, page.body, page.content) == ("palette", "app", "<main><p>12</main>")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<p>a", "expected group, title and about, then examples, in a.html"),
        ("<!-- group: A\ntitle: B\nabout: C -->", "expected group, title and about, then examples, in a.html"),
        ("<!-- group: A\ntitle: B\nabout: C --><!-- example: D -->", "expected markup in the example 'D', got nothing"),
        (
            "<!-- group: A\ntitle: B\nabout: C --><!-- example: D; vary moon --><p>a",
            "expected an example to vary design, palette, adjustment, got 'moon' in 'D'",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(text)
    with pytest.raises(ValueError, match=re.escape(said)):
        read(tmp_path / "a.html")


def test_markup_is_shown_and_not_run() -> None:
    assert "<script" not in Example("a", "<script>b()</script><p title='<i>'>c").coloured
