"""Evaluation: what it asks, how it judges, and that the corpus's own pages pass every check."""

import random
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from backend.pages.documents import ServedDocument, live_frame
from backend.prompts.brief import Brief
from training.corpus import FAMILIES
from training.corpus.design import Checks, Example
from training.evaluation import browse
from training.evaluation.checks.markup import check_markup, parse, sentences
from training.evaluation.evaluate import cases
from training.evaluation.judge import FEATURES, judge
from training.texts.source import Entry, Source, split_of
from training.texts.wordnet import Noun

PAGE = (
    "<!doctype html><html lang=en><head><meta charset=utf-8><title>Lava</title></head><body><h1>Lava</h1>"
    "<p>Lava is <b>molten</b> rock. It flows.</p><a href=/wiki>Magma</a>{}</body></html>"
)
EXAMPLE = Example(
    "article",
    Brief("web", "lava", title="Lava", facts="Lava is molten rock. It flows. It cools."),
    PAGE.format(""),
    Checks("Lava", ("Magma",)),
)


@pytest.fixture(scope="module")
def source() -> Source:
    names = [f"Salt & Lake {n}" for n in range(200)]
    entries = [Entry(name, "A lake", "Places", (f"{name} is near a <sea>.", "It is deep.")) for name in names]
    return Source(entries, [Noun(f"pot{'abcdefghij'[n % 10]}{n}", "a vessel", n % 2 == 0) for n in range(400)])


def framed(page: str) -> ServedDocument:
    """A page as the live frame serves it."""
    return live_frame(page, [])


def test_cases_are_held_out_the_same_for_a_seed_and_even_over_families(source: Source) -> None:
    drawn = cases(source, 60)
    assert drawn == cases(source, 60)
    assert drawn != cases(source, 60, seed=1)
    counts = {name: sum(one.family == name for one in drawn) for name in FAMILIES}
    assert min(counts.values()) >= 60 // len(FAMILIES)
    assert max(counts.values()) - min(counts.values()) <= 1
    articles = [one for one in drawn if one.family == "article"]
    assert all(split_of(one.brief.title) == "held" for one in articles)


def test_parse_errors_are_told_with_their_place() -> None:
    assert parse("<!doctype html><title>x</title><p>a<b>c</i></b>").errors == (
        "1:43 Unexpected end tag (i). Ignored.",
    )  # fmt: skip
    assert parse(EXAMPLE.page).errors == ()


def test_sentences_are_cut_behind_full_stops() -> None:
    assert sentences("Lava is hot. Is it? It is!") == ["Lava is hot.", "Is it?", "It is!"]
    assert sentences("") == []


def test_markup_that_is_right() -> None:
    assert check_markup(EXAMPLE.page, EXAMPLE) == {"html": "", "title": "", "facts": ""}
    assert check_markup(EXAMPLE.page, replace(EXAMPLE, brief=replace(EXAMPLE.brief, facts=""))) == {
        "html": "",
        "title": "",
    }


@pytest.mark.parametrize(
    ("right", "wrong", "check", "why"),
    [
        ("<title>Lava", "<title>Lawa", "title", "expected <title> 'Lava', got ['Lawa']"),
        ("<h1>Lava", "<h1>Magma", "title", "expected <h1> 'Lava', got ['Magma']"),
        ("molten", "moulten", "facts", "expected in the text: 'Lava is molten rock.'"),
        ("</h1>", "</h2>", "html", "End tag (h2) seen too early"),
    ],
)
def test_markup_that_is_wrong(right: str, wrong: str, check: str, why: str) -> None:
    outcome = check_markup(EXAMPLE.page.replace(right, wrong), EXAMPLE)
    assert why in outcome[check]


def test_an_edit_keeps_what_it_was_not_asked_to_change() -> None:
    """Of the ten words that the page before and the wanted page share, one may be lost and two may not."""
    before = "<!doctype html><title>x</title><h1>Lava</h1><p>one two three four five six seven eight old"
    wanted = replace(EXAMPLE, page=before.replace("old", "new"), brief=replace(EXAMPLE.brief, facts=""))
    after = wanted.page.replace("one ", "")
    assert check_markup(after, wanted, before)["kept"] == ""
    lost = check_markup(after.replace("two ", ""), wanted, before)["kept"]
    assert lost == "expected the words of the page before, lost one two"
    assert "kept" not in check_markup(before, wanted)


def test_an_edit_does_what_was_asked() -> None:
    before = "<!doctype html><title>x</title><h1>Lava</h1><p>kept</p><p>old</p>"
    wanted = replace(EXAMPLE, page=before.replace("old", "new"), before=before, brief=replace(EXAMPLE.brief, facts=""))
    asked = {
        wanted.page: "",
        before: "expected a change, got the page as it was",
        wanted.page.replace("new", "knew"): "expected the new text 'new'",
        wanted.page + "<p>old": "expected the text 'old' to be gone",
    }
    assert {page: check_markup(page, wanted, before)["asked"] for page in asked} == asked
    assert "asked" not in check_markup(before, wanted)
    light = replace(wanted, page=before)  # what was asked for is already so
    assert check_markup(before, light, before)["asked"] == ""


def test_a_script_is_no_text() -> None:
    page = EXAMPLE.page.replace("It flows.", "<script>'It flows.'</script>")
    assert check_markup(page, EXAMPLE)["facts"] == "expected in the text: 'It flows.'"


@pytest.mark.browser
@pytest.mark.parametrize("family", FAMILIES)
def test_the_corpus_own_pages_pass_every_check(source: Source, chromium: Browser, family: str) -> None:
    example = FAMILIES[family].sample(random.Random(f"gold {family}"), source, "held")
    judgement = judge(chromium, framed, example, example.page)
    assert judgement.ok, (judgement.outcome, example.brief)
    assert {"html", "title", "console", *example.checks.features} <= set(judgement.outcome)
    assert judgement.picture.startswith(b"\x89PNG")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("broken", "check", "why"),
    [
        ("<a href=/wiki>Magma</a>", "links", "Locator.click: Timeout"),
        ("<button>Magma</button>", "links", "Timeout"),
        ("<script>null.x</script>", "console", "Cannot read properties of null"),
        ("<script>console.error('so sorry')</script>", "console", "so sorry"),
        ("<img src=https://example.org/x.png>", "console", "violates the following Content Security Policy"),
        ("<input>", "axe", "label: <input"),
        ("<p style=color:#ccc;background:#fff>pale", "contrast", "color-contrast: <p style="),
        ("<script>while(1);</script>", "console", "the page did not open: Page.goto: Timeout"),
    ],
)
def test_a_page_that_does_not_work(
    chromium: Browser, broken: str, check: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "Timeout" in why:
        monkeypatch.setattr(browse, "TIMEOUT_MS", 1500)  # what is broken is waited for in vain
    page = PAGE.format(broken)
    if check == "links":
        cover = "<div style='position:fixed;inset:0'></div>"
        page = PAGE.replace("<a href=/wiki>Magma</a>{}", broken + (cover if "<a" in broken else ""))
    judgement = judge(chromium, framed, EXAMPLE, page)
    assert not judgement.ok
    assert why in judgement.outcome[check]


BREAKS: dict[str, tuple[str, str, str]] = {
    "todo": ("todo", "list.append(li)", ""),
    "sorting": ("todo", ".sort((a,b)=>a.textContent.localeCompare(b.textContent))", ""),
    "filter": ("todo", "list.dataset.show=b.value", ""),
    "counter": ("todo", "li:not(.done)", "li"),
    "clear done": ("todo", "li.remove()", "li"),
    "dark mode": ("todo", '.toggle("alt")', '.toggle("b")'),
    "counting": ("counter", "start=+out.value", "start=0.5"),
    "timer": ("timer", "step(-1)", "step(1)"),
    "vote": ("thread", "textContent++", "title"),
    "reply": ("thread", "one('.send').onclick", "one('.send').x"),
    "cart": ("shop", "textContent++", "title"),
    "quantity": ("item", "Math.max(1,", "Math.max(0,"),
    "search": ("article", "aria-label=Search", "id=q"),
    "drag": ("desktop", "e.movementX", "0"),
    "calculator": ("desktop-calculator", "a-b", "b-a"),
    "music": ("desktop-music", 'beat?"Pause":"Play"', '"Play"'),
    "mail": ("desktop-mail", "<details>", "<details open>"),
    "clock": ("desktop-clock", "setInterval(turn,1000)", ""),
    "dark switch": ("desktop-settings", "value=alt", "value=b"),
    "writing": ("desktop-notes", "<textarea", "<textarea readonly"),
    "terminal": ("desktop-terminal", "list.cloneNode(true)", "list"),
    "calendar": ("desktop-calendar", "(day.getDay()+6)%7", "day.getDay()"),
    "photos": ("desktop-photos", "position:absolute", "position:static"),
    "processes": ("desktop-processes", "load(b)-load(a)", "load(a)-load(b)"),
    "paint": ("desktop-paint", "pen.clearRect", "pen.rect"),
    "contacts": ("desktop-contacts", 'q(".card h2").textContent=one', 'q(".card h2").title=one'),
    "lock screen": ("login", "input type=password", "input"),
    "notifications": ("notifications", "c.remove()", "c.hidden"),
}
"""How each feature is broken: the family that has it, and what to replace in its page."""


@pytest.mark.browser
@pytest.mark.parametrize("feature", BREAKS)
def test_a_feature_that_is_broken_is_found_out(
    source: Source, chromium: Browser, feature: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browse, "TIMEOUT_MS", 1500)  # what is broken is waited for in vain
    family, right, wrong = BREAKS[feature]
    example = drawn(source, family, feature)
    assert right in example.page
    asked = replace(example, checks=replace(example.checks, links=(), features=(feature,)))
    judgement = judge(chromium, framed, asked, example.page.replace(right, wrong))
    assert judgement.outcome[feature] != ""


@pytest.mark.browser
def test_a_check_that_trips_over_a_page_is_a_reason_and_no_crash(source: Source, chromium: Browser) -> None:
    example = drawn(source, "todo", "sorting")
    asked = replace(example, checks=replace(example.checks, links=(), features=("sorting",)))
    judgement = judge(chromium, framed, asked, example.page.replace("list.append(li)", ""))
    assert judgement.outcome["sorting"].startswith("the page is not what the check can read: ValueError")


def drawn(source: Source, family: str, feature: str) -> Example:
    """The first example of a family that has a feature."""
    draws = (FAMILIES[family].sample(random.Random(seed), source, "train") for seed in range(500))
    return next(one for one in draws if feature == "todo" or feature in one.checks.features)


def test_every_feature_of_the_corpus_has_a_check(source: Source) -> None:
    seen = {
        feature
        for family in FAMILIES.values()
        for seed in range(60)
        for feature in family.sample(random.Random(seed), source, "train").checks.features
    }
    assert seen <= set(FEATURES)
    assert set(FEATURES) - seen <= {"todo", "dark", "light"}


def test_a_machine_without_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(browse.NoBrowserError, match="expected chromium on PATH, found none"):
        browse.chromium()
