"""Page families of world web: valid pages that hold what their briefs say, made of few recurring pieces."""

import random
import re
from html.parser import HTMLParser

import html5lib
import pytest

from backend.composer.subject import subject as subject_of
from training.corpus import (
    WEB,
    draw,
    web_answers,
    web_blog,
    web_cart,
    web_docs,
    web_facts,
    web_forum,
    web_gallery,
    web_landing,
    web_news,
    web_recipe,
    web_shop,
    web_timeline,
    web_weather,
    web_wiki,
)
from training.corpus.asks import article, ask, lowered, plural, spoken
from training.corpus.design import PALETTES, Example
from training.corpus.web_style import WEB_DESIGNS
from training.corpus.web_subject import PART, Look, Subject, sentences
from training.evaluation.checks.markup import parse, visible
from training.texts.almanac import Record
from training.texts.source import Entry, Source
from training.texts.wordnet import Noun

SEEDS = range(40)
FEATURES = {
    "article": ("search",), "topics": ("search",), "thread": ("vote", "reply"), "forum": ("vote", "search"),
    "shop": ("cart",), "item": ("cart", "quantity"), "landing": ("newsletter",), "docs": ("expand all",),
    "facts": ("filter rows",), "weather": ("units",), "timeline": ("reverse",), "gallery": ("enlarge",),
    "cart": ("total",),
    "news": ("headlines", "search"), "story": ("text size", "toggle"),
    "blog": ("reply", "search"), "profile": ("toggle",), "recipe": ("quantity", "ingredients", "search"),
    "qa": ("vote", "accept", "search"), "results": ("results", "search"),
}  # fmt: skip
PARTS = {
    "search": ("<form action=/", "<input name=q aria-label="),
    "vote": ("<button class=up type=button ", "b.disabled=true"),
    "reply": ("<textarea ", "<button class=send type=button>", "<section class=posts>"),
    "cart": ("<output class=cart>0</output>", "<button class=add type=button>"),
    "quantity": (
        "<button class=less type=button ",
        "<button class=more type=button ",
        "<output class=count>1</output>",
    ),
    "newsletter": ("<input class=mail ", "<button class=join type=button>", "<output class=thanks>"),
    "expand all": ("<details open>", "<details>", "<button class=all type=button>"),
    "filter rows": ("<input class=find ", "<th scope=row>", '<path d="M26 120v'),
    "units": ("<b class=t>", "value=C aria-pressed=true>", "value=F aria-pressed=false>"),
    "reverse": ("<ol class=line>", "<button class=turn type=button>"),
    "enlarge": ("<button class=shot type=button aria-label=Enlarge aria-expanded=false>", "<svg "),
    "total": ("<output class=total>", "<button class=more type=button ", "<button class=pay type=button>"),
    "headlines": ("<button class=brief type=button ", "<section class=grid>"),
    "text size": ("<button class=larger type=button ", "<button class=smaller type=button ", "<div class=story>"),
    "toggle": ("<button class=toggle type=button aria-pressed=false>", "</button><output>"),
    "ingredients": ("<ul class=needs>", "<input type=checkbox>", "<span class=amount>"),
    "accept": (
        "<button class=accept type=button aria-pressed=true>",
        "<button class=accept type=button aria-pressed=false>",
    ),
    "results": ("<section class=hits>", "<output class=found>"),
}
FREE = {"title", "h1", "p", "a", "b", "small"}
VOID = {"meta", "input"}
KINDS = {
    "/wiki", "/thread", "/forum", "/shop", "/item", "/topics", "/news", "/story", "/blog", "/user", "/recipe", "/ask",
    "/search", "/start", "/docs", "/facts", "/weather", "/timeline", "/gallery", "/cart",
}  # fmt: skip
MODULES = (
    web_answers, web_blog, web_cart, web_docs, web_facts, web_forum, web_gallery, web_landing, web_news, web_recipe,
    web_shop, web_timeline, web_weather, web_wiki,
)  # fmt: skip
PHRASES = {
    f"{module.__name__} {name}": phrases
    for module in MODULES
    for name, phrases in vars(module).items()
    if name.endswith("ASKS")
}


@pytest.fixture(scope="module")
def source() -> Source:
    entries = [
        Entry(f"Salt & Lake {n}", "A lake", "Places", (f"Salt & Lake {n} is <near> a sea; warm.", f"It has {n} isles."))
        for n in range(200)
    ]
    nouns = [Noun(f"pot{'abcdefghij'[n % 10]}{n}", "a vessel", n % 2 == 0) for n in range(400)]
    return Source(entries, nouns, {kind: records(kind, parts) for kind, parts in ALMANAC.items()})


ALMANAC = {
    "country": ("Capital: Port & Ano.", "Area: 12,300 sq km.", "Highest point: Mount Ano 3,001 m.", "Farming: rye."),
    "recipe": ("500 g rye flour.", "2 spoons of salt & honey.", "Mix everything well.", "Bake until it is brown."),
    "day": ("843: Three brothers sign it.", "1969: Two people walk on the Moon.", "1989: A plan of a web is written."),
}


def records(kind: str, parts: tuple[str, ...]) -> list[Record]:
    return [Record(f"The {kind} {'abcdefghij'[n % 10] * 3}{n}", "kin", parts) for n in range(200)]


@pytest.fixture(scope="module")
def examples(source: Source) -> dict[str, list[Example]]:
    return {name: [f.sample(random.Random(seed), source, "train") for seed in SEEDS] for name, f in WEB.items()}


class Texts(HTMLParser):
    """Collects the texts of a page by the tag they stand in, and the links as (kind, text)."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.href = ""
        self.texts: dict[str, list[str]] = {}
        self.links: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.href = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.open[-1], []).append(data)
        if self.open[-1] == "a":
            self.links.append((self.href, data))


@pytest.mark.parametrize("family", WEB)
def test_pages_are_valid_html(examples: dict[str, list[Example]], family: str) -> None:
    for example in examples[family]:
        html5lib.HTMLParser(strict=True).parse(example.page)


@pytest.mark.parametrize("family", WEB)
def test_pages_show_title_and_links(examples: dict[str, list[Example]], family: str) -> None:
    for example in examples[family]:
        found = Texts(example.page)
        assert found.texts["title"] == found.texts["h1"] == [example.checks.title] == [example.brief.title]
        assert set(example.brief.links) <= set(example.checks.links) or not example.brief.links
        assert set(example.checks.links) <= {text for _, text in found.links}
        assert {href for href, _ in found.links} <= KINDS


@pytest.mark.parametrize("family", WEB)
def test_facts_are_used_word_for_word(examples: dict[str, list[Example]], family: str) -> None:
    told = [example for example in examples[family] if example.brief.facts]
    assert told
    for example in told:
        facts, texts = example.brief.facts, Texts(example.page).texts
        if facts.startswith(tuple(parts[0] for parts in ALMANAC.values())):
            shown = "".join("".join(visible(parse(example.page).root)).split())
            assert all("".join(part.split(": ")[-1].removesuffix(".").split()) in shown for part in PART.split(facts))
        else:
            assert sentences(facts)[0] in " ".join("".join(texts["p"]).split())


@pytest.mark.parametrize("family", WEB)
def test_free_text_comes_from_the_brief_or_closed_sets(examples: dict[str, list[Example]], family: str) -> None:
    strange: set[str] = set()
    for example in examples[family]:
        brief = example.brief
        for tag, texts in Texts(example.page).texts.items():
            if tag in FREE:
                strange |= {
                    without(text, (brief.title, *told(brief.facts), *brief.links, *brief.names)) for text in texts
                }
    assert len(strange) < 45, strange


def told(facts: str) -> tuple[str, ...]:
    """What a page may say of its facts: sentences, and parts with their labels and amounts apart."""
    parts = [part.removesuffix(".") for part in PART.split(facts)]
    apart = [side for part in parts for side in (*part.split(": ", 1), *part.split(" ", 1))]
    return (*sentences(facts), *PART.split(facts), *parts, *apart)


def without(text: str, known: tuple[str, ...]) -> str:
    for part in sorted(known, key=len, reverse=True):
        text = text.replace(part, "") if part else text
    return text.strip()


@pytest.mark.parametrize("family", WEB)
def test_features_have_their_elements(examples: dict[str, list[Example]], family: str) -> None:
    for example in examples[family]:
        assert example.checks.features == FEATURES[family]
        assert all(part in example.page for feature in example.checks.features for part in PARTS[feature])


def test_few_pieces_of_structure(examples: dict[str, list[Example]]) -> None:
    cut = re.compile(r"<[^>]+>|[^<>{}\n]+\{[^}]*\}|(?<=>|\n)[^<>\n]+=>.*\n")
    pieces = {piece for some in examples.values() for example in some for piece in cut.findall(example.page)}
    titles = {piece for piece in pieces if "\n" in piece}
    assert len(titles) <= 40
    assert 100 < len(pieces) <= 480


@pytest.mark.parametrize("title", ["Crater Lake", "Teapot", "Ada Lovelace", "Musket Ball"])
@pytest.mark.parametrize("name", PHRASES)
def test_the_service_finds_the_subject_in_every_phrase(name: str, title: str) -> None:
    known = {title.lower(), plural(lowered(title)).lower()}
    asked = {ask(random.Random(seed), (phrase,), title) for phrase in PHRASES[name] for seed in range(20)}
    assert {request: subject_of(request) for request in asked if subject_of(request).lower() not in known} == {}


@pytest.mark.parametrize("name", PHRASES)
def test_a_family_is_asked_for_in_many_ways(name: str) -> None:
    assert len(set(PHRASES[name])) >= (6 if name.endswith("LONG_ASKS") else 12)


def test_every_kind_of_page_is_linked_to_and_opened(examples: dict[str, list[Example]]) -> None:
    pages = [example.page for some in examples.values() for example in some]
    linked = {kind for page in pages for kind in re.findall(r"(?:href|action)=(/\w+)", page)}
    opened = {e.brief.open.split()[0] for some in examples.values() for e in some if e.brief.open.startswith("/")}
    assert linked == opened == KINDS


def test_briefs_vary(examples: dict[str, list[Example]]) -> None:
    briefs = [example.brief for some in examples.values() for example in some]
    assert {brief.style for brief in briefs} == {f"{d} {p}" for d in WEB_DESIGNS for p in PALETTES}
    assert 0.35 < sum(bool(brief.open) for brief in briefs) / len(briefs) < 0.65
    assert all(len(set(brief.names)) == 3 for brief in briefs)
    assert any(not brief.facts and not brief.links for brief in briefs)
    assert any(brief.facts and brief.links for brief in briefs)


def test_the_same_seed_draws_the_same_example(source: Source) -> None:
    assert draw(random.Random(5), source, "held") == draw(random.Random(5), source, "held")


def test_sentences_end_at_words_not_at_initials() -> None:
    assert sentences("Lava is hot. St. Helens is U.S. Land. It rose.") == [
        "Lava is hot.",
        "St. Helens is U.S. Land.",
        "It rose.",
    ]
    lava = Subject("Lava", "Lava is hot. It flows. It cools.")
    assert (lava.first(), lava.rest()) == ("Lava is hot.", "It flows. It cools.")
    assert (Subject("Lava").first(), Subject("Lava").rest()) == ("", "")


@pytest.mark.parametrize("count", [5, 6, 7, 9, 11])
def test_small_choices_follow_from_palette_and_position(count: int) -> None:
    options = [str(n) for n in range(count)]
    picked = [Look("plain", "mint").pick(options, at) for at in range(count)]
    assert set(picked) == set(options)
    assert picked == [Look("cards", "mint").pick(options, at) for at in range(count)]
    assert Look("plain", "mint").pick(options, 0) != Look("plain", "sky").pick(options, 0)


def test_forms_of_a_subject() -> None:
    assert [plural(n) for n in ("fern", "berry", "toy", "box", "volcano", "physics", "lava 2")] == [
        "ferns", "berries", "toys", "boxes", "volcanoes", "physics", "lava 2",
    ]  # fmt: skip
    assert lowered("Crater Lake in NATO and McDonald") == "crater lake in NATO and McDonald"
    assert (article("apple"), article("pear")) == ("an apple", "a pear")


def test_asks_are_phrases_typed_or_spoken() -> None:
    asked = {ask(random.Random(seed), ("an article about {many}",), "Crater Lake") for seed in range(60)}
    assert "an article about crater lakes" in asked
    assert "An article about crater lakes" in asked
    assert all("crater lakes" in text for text in asked)
    assert len(asked) > 8
    said = {spoken(random.Random(seed), 'What is "Lava (rock)"?') for seed in range(60)}
    assert all("what is lava rock" in text for text in said)


def test_the_weather_is_of_places_as_a_rule(source: Source) -> None:
    kinds = {source.entry(random.Random(seed), "train", "Places").topic for seed in range(9)}
    assert kinds == {"Places"}
    assert source.entry(random.Random(1), "train", "Nowhere") == source.entry(random.Random(1), "train")
