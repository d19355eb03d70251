"""Page families of worlds app and os: valid, made of few pieces, copied from their briefs, and at work in Chromium."""

import random
import re
from collections import Counter
from dataclasses import replace

import html5lib
import pytest
from playwright.sync_api import Browser

from backend.pages.documents import ServedDocument, live_frame
from backend.prompts.render import terse
from backend.prompts.screens import KNOWN, LEAVING, mentioned
from backend.prompts.screens import SCREENS as KNOWN_SCREENS
from training.corpus.app_lists import HELD_SUBSETS
from training.corpus.app_made import Made, request
from training.corpus.app_quiz import QUIZZES
from training.corpus.app_todo import FEATURES, TITLE
from training.corpus.app_words import WORDS
from training.corpus.apps import APPS, KIT
from training.corpus.design import Example, Split
from training.corpus.os import BARE, SCREENS, family_of
from training.corpus.os_icons import DOCK, LAUNCHED
from training.corpus.os_windows import PEOPLE
from training.corpus.page import page, text
from training.evaluation.judge import judge
from training.texts.source import Entry, Source
from training.texts.wordnet import Noun
from training.tokenizers.pieces import cut

FAMILIES = {**APPS, **SCREENS}
SEEDS = range(150)
OWN_WINDOWS = ("calendar", "photos", "terminal", "calculator", "clock", "contacts", "paint", "processes")
WANTED = {
    "todo": {*FEATURES, "dark", "light"},
    "counter": {"counting", "dark mode"},
    "timer": {"timer"},
    **{
        app.name: {app.name, *(f"{app.name}: {f.name}" for f in app.features), "dark mode"}
        for app in (*KIT, QUIZZES[0])
    },
    "desktop": {"drag", "writing"},
    "desktop-files": {"drag"},
    "desktop-notes": {"drag", "writing"},
    "desktop-mail": {"drag", "mail"},
    "desktop-music": {"drag", "music"},
    "desktop-settings": {"drag", "dark switch"},
    "desktop-applications": {"drag"},
    **{f"desktop-{name}": {name, "drag"} for name in OWN_WINDOWS},
    "login": {"lock screen"},
    "notifications": {"notifications"},
}


@pytest.fixture(scope="module")
def source() -> Source:
    entries = [Entry(f"Salt & Lake {n}", "A lake", "Places", (f"Lake {n} is <near> a sea.",)) for n in range(200)]
    return Source(entries, [Noun(f"pot{'abcdefghij'[n % 10]}{n}", "a vessel", n % 2 == 0) for n in range(400)])


@pytest.fixture(scope="module")
def examples(source: Source) -> dict[str, list[Example]]:
    return {name: [f.sample(random.Random(seed), source, "train") for seed in SEEDS] for name, f in FAMILIES.items()}


def test_a_page_is_head_style_title_body_and_script() -> None:
    whole = page(["a{}", "b{}"], "Salt & <Pepper>", "<h1>x</h1>", "go()\n")
    assert whole.startswith("<!doctype html><html lang=en><head><meta charset=utf-8>")
    assert whole.endswith(
        "<style>a{}b{}</style><title>Salt &amp; &lt;Pepper&gt;</title></head>"
        "<body><h1>x</h1><script>go()\n</script></body></html>"
    )
    assert "<script>" not in page([], "", "")


@pytest.mark.parametrize("family", FAMILIES)
def test_pages_are_valid_with_one_heading_equal_to_the_title(examples: dict[str, list[Example]], family: str) -> None:
    for example in examples[family]:
        tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(example.page)
        assert [h.text for h in tree.iter("h1")] == [example.checks.title] == [t.text for t in tree.iter("title")]
        if example.brief.title:
            assert example.checks.title == example.brief.title


@pytest.mark.parametrize("family", FAMILIES)
def test_pages_load_nothing_and_keep_nothing_unasked(examples: dict[str, list[Example]], family: str) -> None:
    for example in examples[family]:
        assert ("localStorage" in example.page) == ("saved" in example.checks.features)
        assert not re.search(r"alert\(|prompt\(|confirm\(|@import|(src|href)=\"?http", example.page)


def test_free_text_comes_from_the_brief_or_recurs(examples: dict[str, list[Example]]) -> None:
    pages = [example for several in examples.values() for example in several]
    free = [{words for words, structure in cut(e.page) if not structure} for e in pages]
    in_pages = Counter(words for each in free for words in each)
    for example, each in zip(pages, free, strict=True):
        prompt = terse(example.brief)
        copied = {words for words in each if words in prompt or words.removesuffix(":00") in prompt}
        assert {words for words in each - copied if in_pages[words] < 3 and words not in PEOPLE} == set(), prompt


def test_few_pieces_of_structure(examples: dict[str, list[Example]]) -> None:
    pieces = {piece for several in examples.values() for e in several for piece, structure in cut(e.page) if structure}
    assert 150 < len(pieces) < 850


@pytest.mark.parametrize("family", FAMILIES)
def test_pages_are_short(examples: dict[str, list[Example]], family: str) -> None:
    lengths = [len(cut(example.page)) for example in examples[family]]
    assert 40 < min(lengths) <= max(lengths) < 230


def test_named_items_are_the_list_as_the_request_spells_them(examples: dict[str, list[Example]]) -> None:
    """Or as the page before an edit has it."""
    named = 0
    for example in examples["todo"]:
        words = text(f"{example.brief.ask} {example.brief.edit}")
        items = [item for item in listed(example.page) if item not in listed(example.before)]
        named += bool(items) and all(item in words for item in items)
        assert all(item in words for item in items) or not (example.before or any(item in words for item in items))
    assert named > 30


def listed(page: str) -> list[str]:
    return re.findall("<span>([^<]*)</span>", page)


def test_an_edit_puts_an_item_on_the_list_takes_one_off_or_changes_one(examples: dict[str, list[Example]]) -> None:
    changes = set()
    for example in examples["todo"]:
        old, new = set(listed(example.before)), set(listed(example.page))
        if example.before and old != new:
            changes.add((len(new - old), len(old - new)))
            said = text(example.brief.edit).lower()
            assert all(item.lower() in said for item in old ^ new)
    assert changes == {(1, 0), (0, 1), (1, 1)}


def kind(instruction: str) -> str:
    said = instruction.lower()
    return "name" if "chores" in said else "colour" if "dark" in said else "feature"


def test_a_request_may_have_been_followed_by_an_edit_before() -> None:
    """What the earlier edit gave is then no part of the request."""
    words = {"sorting": WORDS["sorting"]}
    made = Made("Chores", (), frozenset(words), "dark")
    asked = [request(random.Random(n), "list", made, words, False, edited=True) for n in range(300)]
    edited = [ask.split(". ") for ask in asked if ". " in ask]
    assert 40 < len(edited) < 140
    for first, said in edited:
        (called, dark), (named, darker) = (
            [word in part.lower() for word in ("chores", "dark")] for part in (first, said)
        )
        assert (called, dark, named, darker) in {(0, 1, 1, 0), (1, 0, 0, 1), (1, 1, 0, 0)}
    assert {"name", "colour", "feature"} == {kind(said) for _, said in edited}
    plain = [request(random.Random(n), "list", made, words, False, edited=False) for n in range(300)]
    assert not any(". Call" in ask or ". Add" in ask for ask in plain)


def test_a_feature_not_asked_for_is_not_on_the_page(examples: dict[str, list[Example]]) -> None:
    classes = ("sort", "dark", "filter", "left", "clear", "due", "", "undo", "")
    marks = {feature: f"class={name} " for feature, name in zip(FEATURES, classes, strict=True)}
    marks |= {"dragging": "draggable=", "saved": "localStorage"}
    for example in examples["todo"]:
        assert {f for f, mark in marks.items() if mark in example.page} == set(example.checks.features) & set(FEATURES)


def test_held_feature_subsets_are_a_tenth_and_never_trained(source: Source, examples: dict[str, list[Example]]) -> None:
    assert len(HELD_SUBSETS) == 25
    assert frozenset({"sorting", "dark mode"}) not in HELD_SUBSETS
    assert not {frozenset(e.checks.features) - {"dark", "light"} for e in examples["todo"]} & HELD_SUBSETS
    held = (FAMILIES["todo"].sample(random.Random(seed), source, "held") for seed in range(400))
    assert {frozenset(e.checks.features) - {"dark", "light"} for e in held} == HELD_SUBSETS


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("split", ["train", "held"])
def test_the_same_seed_draws_the_same_example(source: Source, family: str, split: Split) -> None:
    sample = FAMILIES[family].sample
    assert sample(random.Random(7), source, split) == sample(random.Random(7), source, split)


def test_requests_vary(examples: dict[str, list[Example]]) -> None:
    for family in APPS:
        assert len({e.brief.ask for e in examples[family]}) > 0.8 * len(SEEDS)
    briefs = [e.brief for e in examples["todo"]]
    assert any(b.edit for b in briefs)
    assert {e.checks.title == TITLE for e in examples["todo"]} == {True, False}


@pytest.mark.parametrize("family", SCREENS)
def test_what_is_opened_on_a_screen_decides_the_next(examples: dict[str, list[Example]], family: str) -> None:
    for example in examples[family]:
        brief, checks = example.brief, example.checks
        if brief.open in LEAVING:
            assert (checks.title, "class=win>" in example.page) == ("Desktop", False)
        elif brief.open:
            assert checks.title == brief.open
            behind = f"<h2><button>{text(brief.screen)}</button></h2>"
            has_behind = brief.screen not in (*BARE, brief.open) and brief.open not in KNOWN_SCREENS
            assert (behind in example.page) == has_behind


def test_the_service_knows_what_requests_for_screens_name(examples: dict[str, list[Example]]) -> None:
    for name in KNOWN:
        for example in examples[family_of(name).name]:
            brief = example.brief
            assert not brief.ask or mentioned(brief.ask) == name == example.checks.title, brief.ask
    assert {mentioned(example.brief.ask) for example in examples["desktop"]} == {""}
    assert {example.checks.title for name in KNOWN for example in examples[family_of(name).name]} == set(KNOWN)


def test_every_application_is_in_the_dock_or_in_the_folder_of_applications() -> None:
    assert {*DOCK, *LAUNCHED} == set(KNOWN)
    assert len(DOCK) == 9


def framed(html: str) -> ServedDocument:
    """A page as the live frame serves it."""
    return live_frame(html, [])


@pytest.mark.browser
@pytest.mark.parametrize("family", FAMILIES)
def test_every_feature_works_in_chromium(examples: dict[str, list[Example]], chromium: Browser, family: str) -> None:
    missing = set(WANTED[family])
    links: tuple[str, ...] | None = None
    while missing:
        example = max(examples[family], key=lambda e: len(missing & set(e.checks.features)))
        missing_here = tuple(f for f in example.checks.features if f in missing)
        assert missing_here, missing
        links = example.checks.links if links is None else ()
        asked = replace(example, checks=replace(example.checks, links=links, features=missing_here))
        judged = judge(chromium, framed, asked, example.page)
        assert judged.ok, (judged.outcome, example.brief)
        missing -= set(missing_here)
