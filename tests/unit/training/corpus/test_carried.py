"""What pages leave for the next, in the corpus: briefs give it, pages honour it, and the service reads it from them."""

import random
from dataclasses import replace
from pathlib import Path

import html5lib
import pytest

from backend.composer.compose import Composer
from backend.composer.continuity import site_of, windows_of
from backend.models.model_card import read_card
from backend.prompts.anchors import ANCHOR, MOST, NAV, unanchored
from backend.prompts.brief import Brief, NavLink, Site, Window
from backend.prompts.render import terse
from backend.prompts.screens import BEHIND, BEHIND_CHARS, CLOSE, KNOWN, SCREENS, UNLOCK
from tests.unit.training.corpus.test_web import source as source  # a fixture
from training.anchors import anchor_page
from training.corpus import FAMILIES, WEB, os, sample
from training.corpus.design import Checks, Example
from training.corpus.os_open import among
from training.corpus.web_site import BRANDS, NAV_ROW, of_site
from training.dataset import texts
from training.evaluation.checks.markup import check_markup
from training.manifest import write_manifest
from training.texts.source import Source

SEEDS = range(40)
Drawn = dict[str, list[Example]]


@pytest.fixture(scope="module")
def drawn(source: Source) -> Drawn:
    families = {name: family for name, family in FAMILIES.items() if name in {**WEB, **os.SCREENS}}
    return {name: [sample(f, random.Random(n), source, "train") for n in SEEDS] for name, f in families.items()}


@pytest.fixture(scope="module")
def bare(source: Source, drawn: Drawn) -> Drawn:
    return {
        name: [sample(FAMILIES[name], random.Random(n), source, "train", carries=False) for n in SEEDS]
        for name in drawn
    }


def every(drawn: Drawn) -> list[Example]:
    return [example for some in drawn.values() for example in some]


@pytest.mark.parametrize("family", WEB)
def test_the_service_reads_the_site_that_a_page_was_given(drawn: Drawn, family: str) -> None:
    given = [example for example in drawn[family] if example.brief.site]
    assert len(given) > 4
    for example in given:
        assert site_of(example.page) == example.brief.site
        assert example.before == "" or site_of(example.before) == example.brief.site


@pytest.mark.parametrize("family", WEB)
def test_a_page_that_was_given_none_has_a_name_and_no_navigation(drawn: Drawn, family: str) -> None:
    named = {site_of(example.page) for example in drawn[family] if not example.brief.site}
    assert len(named) == 1
    (site,) = named
    assert site is not None
    assert site.name in BRANDS
    assert site.links == ()


def test_every_familys_name_for_its_site_is_used_for_others(drawn: Drawn) -> None:
    named = {site.name for name in WEB for e in drawn[name] if not e.brief.site and (site := site_of(e.page))}
    assert named == set(BRANDS)


@pytest.mark.parametrize("family", os.SCREENS)
def test_the_service_reads_the_windows_that_a_screen_was_given(drawn: Drawn, family: str) -> None:
    given = [example for example in drawn[family] if example.brief.windows]
    assert given or family in ("login", "notifications")
    for example in given:
        found = windows_of(example.page)
        front = () if example.brief.open == CLOSE else found[:1]
        assert [window.title for window in front] == [example.checks.title] * len(front)
        assert found[len(front) :] == example.brief.windows


def test_most_that_is_opened_and_nothing_that_is_asked_for_is_given_anything(drawn: Drawn) -> None:
    pages = [example for some in drawn.values() for example in some]
    assert not [example for example in pages if example.brief.ask and (example.brief.site or example.brief.windows)]
    clicked = [example.brief for example in pages if example.brief.world == "web" and example.brief.open]
    assert 0.65 < sum(brief.site is not None for brief in clicked) / len(clicked) < 0.85
    onto = [e.brief for e in pages if (e.brief.open and "class=ghost" in e.page) or e.brief.windows]
    assert 0.6 < sum(bool(brief.windows) for brief in onto) / len(onto) < 0.95
    assert not [brief for brief in onto if brief.windows and brief.open in (UNLOCK, *SCREENS)]


def test_what_is_given_fits_what_pages_show(drawn: Drawn) -> None:
    briefs = [example.brief for some in drawn.values() for example in some]
    sites = [brief.site for brief in briefs if brief.site]
    assert {len(site.links) for site in sites} == set(range(MOST[NAV] + 1))
    assert all(site.name and all(link.text and link.kind for link in site.links) for site in sites)
    assert len({site.name for site in sites}) > len(sites) / 4
    windows = [brief.windows for brief in briefs if brief.windows]
    assert {len(some) for some in windows} == {1, BEHIND}
    assert max(len(window.text) for some in windows for window in some) <= BEHIND_CHARS
    assert any(window.title not in KNOWN for some in windows for window in some)
    assert any(not window.text for some in windows for window in some)


def test_all_else_is_as_it_would_be_without(drawn: Drawn, bare: Drawn) -> None:
    for one, other in zip(every(drawn), every(bare), strict=True):
        assert replace(one.brief, site=None, windows=()) == other.brief
        assert one.checks.features == other.checks.features
        if not (one.brief.site or one.brief.windows):
            assert one == other


def test_pages_stay_valid_and_pass_the_checks_of_markup(drawn: Drawn) -> None:
    for example in every(drawn):
        if example.brief.site or example.brief.windows:
            html5lib.HTMLParser(strict=True).parse(example.page)
            outcome = check_markup(example.page, example, example.before)
            assert not any(outcome.values()), outcome
            assert ("site" in outcome, "windows" in outcome) == (bool(example.brief.site), bool(example.brief.windows))


SITE = Site("Ash", (NavLink("wiki", "Rocks"),))
BEHIND_MAIL = '<section class="win back"><h2>{}</h2></section><h1>Mail</h1>'


@pytest.mark.parametrize(
    ("brief", "page", "why"),
    [
        (
            Brief("web", open="/wiki Mail", site=SITE),
            "<header><b>Atlas</b></header>",
            "expected the site 'Ash', got 'Atlas'",
        ),
        (Brief("web", open="/wiki Mail", site=SITE), "<h1>Ash</h1>", "expected the site 'Ash', got ''"),
        (
            Brief("web", open="/wiki Mail", site=SITE),
            "<header><b>Ash</b><nav class=site><a href=/shop>Rocks</a></nav></header>",
            "expected the navigation [('/wiki', 'Rocks')], got [('/shop', 'Rocks')]",
        ),
        (Brief("web", open="/wiki Mail", site=SITE), of_site("<header><b>Atlas</b></header>", SITE), ""),
        (Brief("os", open="Mail", windows=(Window("Notes", ""),)), BEHIND_MAIL.format("Notes"), ""),
        (
            Brief("os", open="Mail", windows=(Window("Notes", ""),)),
            BEHIND_MAIL.format("Note"),
            "expected a window 'Notes' behind, got ['Note']",
        ),
    ],
)
def test_a_page_without_what_was_given_does_not_pass(brief: Brief, page: str, why: str) -> None:
    outcome = check_markup(page, Example("x", brief, page, Checks("Mail")))
    assert outcome["site" if brief.site else "windows"] == why


def test_a_checkpoint_trained_here_says_that_it_carries(tmp_path: Path) -> None:
    write_manifest(tmp_path)
    assert Composer(read_card(tmp_path)).carries


def test_each_part_that_is_given_is_found_by_its_number(drawn: Drawn) -> None:
    for example in every(drawn):
        prompt, page = texts(example)
        assert unanchored(page) == example.page
        numbers = [number for number in ANCHOR.findall(prompt) if number[4] in "SVW"]
        assert all(page.count(number) == 1 for number in numbers)
        for number in numbers:
            rest = prompt.partition(number)[2].partition("<!--")[0].partition("\n")[0].partition("; ")[0]
            assert f"{number}{rest}" in page


def test_a_page_of_another_site_has_its_name_and_navigation() -> None:
    site = Site("Ash & Co", (NavLink("wiki", "Rocks"), NavLink("shop", "Hammers")))
    page = "<style>a{}</style><header><b>Atlas</b><form></form></header><h1>Lava</h1><header><b>Atlas</b></header>"
    nav = "<nav class=site aria-label=Site><a href=/wiki>Rocks</a><a href=/shop>Hammers</a></nav>"
    assert of_site(page, site) == (
        f"<style>a{{}}{NAV_ROW}</style><header><b>Ash &amp; Co</b>{nav}<form></form></header><h1>Lava</h1>"
        "<header><b>Atlas</b></header>"
    )
    assert of_site(page, Site("Ash")) == page.replace("Atlas", "Ash", 1)


def test_windows_take_the_place_of_those_behind_the_front(source: Source) -> None:
    step = os.Step("Mail", "Mail", open="Mail", left="Notes", behind="Notes")
    example = os.made("mail", Brief("os", open="Mail", screen="Notes", style="flat sky"), step, "flat", "sky")
    page = among(example.page, (Window("Notes", "Buy film"), Window("Lists", "")))
    assert page.index("Lists</button>") < page.index("Notes</button>") < page.index("<h1>Mail")
    assert page.count("<p>Buy film</p>") == page.count("<p class=ghost>") == 1
    assert windows_of(page)[1:] == (Window("Notes", "Buy film"), Window("Lists", ""))


@pytest.mark.parametrize(
    ("page", "anchored"),
    [
        (
            "<header><b>Ash</b><nav><a>Rocks</a></nav><b>Ash</b></header><a>Rocks</a>",
            "<header><b><!--S1-->Ash</b><nav><a><!--V1-->Rocks</a></nav><b>Ash</b></header><a><!--L1-->Rocks</a>",
        ),
        ("<header><i>Ash</i></header><a>Rocks</a>", "<header><i>Ash</i></header><a><!--L1-->Rocks</a>"),
    ],
)
def test_a_site_is_anchored_in_the_header_alone(page: str, anchored: str) -> None:
    brief = Brief("web", open="/wiki Lava", site=Site("Ash", (NavLink("wiki", "Rocks"),)), links=("Rocks",))
    assert anchor_page(page, brief) == anchored


def test_a_page_without_the_windows_given_has_no_anchors_for_them() -> None:
    brief = Brief("os", open="Mail", windows=(Window("Notes", "Buy film"), Window("Files", "")))
    assert anchor_page("<h1>Mail</h1>", brief) == "<h1>Mail</h1>"
    assert terse(brief) == "os\nopen: Mail\nwindow: Notes; Buy film\nwindow: Files"
