"""Kinds of pages as data: every file can be read, drawn, asked for and changed, and what is wrong is said loudly."""

import random
import re
from collections import Counter
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from backend.banks.bank import BankError, Subject, banks, read_bank
from backend.banks.lookup import told
from backend.prompts.render import line
from training.evaluation.checks.markup import parse
from training.kinds.changes import change
from training.kinds.clicks import clicks
from training.kinds.drawn import draw
from training.kinds.examples import Pair, clicked, draw_pair, example
from training.kinds.gate import cases, markup
from training.kinds.kind import KindError, kinds, read_kind
from training.kinds.languages import table, translated
from training.kinds.opening import opened
from training.kinds.page import marked_page, page_of, title_of
from training.kinds.plain import plain
from training.kinds.prompt import prompt
from training.kinds.templates import slug
from training.padding_fields import spans, unmarked
from training.texts.source import Source

PAGE = """title = "Coin"
asks = ["coin flip"]
page = '<main><h1>{{ title }}</h1></main>'
"""


@pytest.fixture(scope="module")
def source() -> Source:
    return Source.load()


def written(tmp_path: Path, text: str, world: str = "app", name: str = "coin") -> Path:
    folder = tmp_path / world
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", sorted(kinds()))
def test_the_pages_of_a_kind_parse_and_its_words_can_be_drawn(name: str, source: Source) -> None:
    kind = kinds()[name]
    for case in cases(kind, source):
        assert list(markup(case.drawn, page_of(case.drawn))) == [], case.name
    rng = random.Random(name)
    for _ in range(30):
        pair = example(kind, rng, source, "train")
        for words in (pair.ask, pair.edit):
            assert not set("{}~") & set(words), words
        assert pair.edit == "" or pair.page != pair.before


def test_no_two_kinds_are_asked_for_in_the_same_words() -> None:
    asked = Counter(ask.lower() for kind in kinds().values() for ask in {*kind.asks, *kind.wishes} if "{" not in ask)
    assert [ask for ask, times in asked.items() if times > 1] == []


def test_the_same_request_gets_the_same_page(source: Source) -> None:
    for seed in range(20):
        one, same = (draw_pair(random.Random(seed), source, "train") for _ in range(2))
        assert (one.page, one.ask, prompt(one)) == (same.page, same.ask, prompt(same))


def test_a_request_names_what_the_page_has_that_the_kind_does_not_have_by_itself(source: Source) -> None:
    kind = kinds()["todo"]
    for seed in range(60):
        pair = example(kind, random.Random(seed), source, "train")
        if pair.edit:
            continue
        said = pair.ask.lower()
        for item in pair.drawn.slots.get("items", ()):
            assert all(word.lower() in said for word in item.split() if not word.isdigit()), (item, said)
        if pair.drawn.title:
            assert pair.drawn.title.lower() in said


def test_a_change_keeps_what_was_not_asked_for(source: Source) -> None:
    """Whatever the change, the texts of items that it does not name are on the page afterwards."""
    rng = random.Random(5)
    for _ in range(100):
        drawn = draw(kinds()["todo"], rng, source, "train")
        changed = change(drawn, rng, source, "train")
        kept = [item for item in drawn.slot("items") if item.lower() not in changed.words.lower()]
        page = page_of(changed.after)
        assert all(item.replace("&", "&amp;") in page for item in kept), changed.words


def test_a_change_is_told_with_the_page_that_it_is_made_to(source: Source) -> None:
    rng = random.Random(1)
    pair = next(pair for pair in iter(lambda: example(kinds()["todo"], rng, source, "train"), None) if pair.edit)
    assert prompt(pair).startswith("change\nedit: ")
    assert prompt(pair).endswith(f"page: {pair.before}")
    whole = Pair(pair.kind, "a list", "", "cards mint", pair.page, "", pair.drawn)
    assert prompt(whole) == "any\nask: a list\nstyle: cards mint"
    assert prompt(replace(whole, world="app")).startswith("app\n")


def test_what_a_page_says_of_a_known_subject_stands_in_its_prompt_word_for_word(source: Source) -> None:
    """So a model copies it; of a subject in no bank nothing is told, and the page makes do with its name."""
    kind, rng = kinds()["landing"], random.Random(2)
    for _ in range(40):
        pair = example(kind, rng, source, "train")
        if pair.edit or pair.open or pair.drawn.lang != "en":
            continue
        if not pair.drawn.subject.known:
            assert pair.facts == ""
            continue
        fields = pair.drawn.subject.fields["en"]
        assert f"\nclaim: {line(fields['claim'])}\n" in f"{prompt(pair)}\n"
        assert line(fields["services"][0][0]) in prompt(pair)
        assert prompt(pair).index("\nstyle: ") < prompt(pair).index("\nnoun: ")


def test_all_that_is_known_is_told_in_one_order_with_nothing_that_opens_a_slot() -> None:
    subject = Subject(("inn",), {"en": {"claim": "Beds;\nask: x", "faq": [["Why?", "So; so."], ["When?", "Now."]]}})
    assert told(subject) == "\nclaim: Beds, ask: x\nnoun: inn\nfaq: Why? | So, so.; When? | Now."
    assert told(subject, "en", {"noun"}) == "\nnoun: inn"


def test_a_page_that_is_opened_shows_the_site_that_its_prompt_tells_of(source: Source) -> None:
    rng = random.Random(3)
    kind = kinds()["pricing"]
    found = [
        clicked(opened(draw(kind, rng, source, "train"), rng, source, "train"), "paper mint", rng) for _ in range(20)
    ]
    for pair in found:
        assert pair.site is not None
        header = pair.page.partition("<header>")[2].partition("</header>")[0]
        assert f"open: {line(pair.open)}" in prompt(pair)
        assert f"\nsite: {line(pair.site.name)}\nnav: " in prompt(pair)
        shown = [unescape(text) for text in re.findall(r">([^<]+)</a>", header)]
        assert shown == [pair.site.name, *(link.text for link in pair.site.links)]
        assert pair.page.count("<header><a class=brand") == 1


def test_a_program_is_opened_on_a_screen_and_a_strange_link_leads_to_an_article_about_its_words(source: Source) -> None:
    rng = random.Random(4)
    program = clicked(opened(draw(kinds()["calc"], rng, source, "train"), rng, source, "train"), "glass sky", rng)
    assert prompt(program).startswith("os\nopen: ")
    assert "\nscreen: " in prompt(program)
    articles = [opened(draw(kinds()["article"], rng, source, "train"), rng, source, "train") for _ in range(20)]
    strange = [one for one in articles if not one.drawn.subject.known]
    assert strange
    assert all(one.words.lower() in unmarked(one.page).lower().replace("&amp;", "&") for one in strange)


def test_what_differs_in_length_is_marked_and_a_page_is_what_is_left_without_the_marks(source: Source) -> None:
    pair = next(pair for pair in iter(lambda: draw_pair(random.Random(7), source, "train"), None))
    assert pair.marked != pair.page
    assert pair.page == page_of(pair.drawn)
    drawn = replace(draw(kinds()["todo"], random.Random(1), source, "train"), title="Seven & seas")
    page = marked_page(drawn)
    found = [unmarked(page)[begin:end] for begin, end in spans(page)]
    assert found.count("Seven &amp; seas") == 2, "as title and as heading"
    assert "Add" not in found, "a word of the page's own is as long as it is"


def test_an_address_is_short_as_the_words_of_its_link_say_the_rest() -> None:
    assert slug("Our menu") == "our_menu"
    assert slug("The woman who copied Magna Carta") == "read"


def test_a_subject_of_which_nothing_is_known_is_spoken_of_in_plain_words() -> None:
    page = parse("".join(text for _, text in plain("llama grooming").fields["en"]["sections"]))
    assert "llama grooming" in " ".join(page.texts("body")).lower()
    assert plain("llama grooming").fields["en"]["name"] == "Llama Grooming"


def test_interface_words_are_translated() -> None:
    assert translated("Add", "de") == "Hinzufügen"
    assert translated("Add", "en") == "Add"
    with pytest.raises(KeyError, match="Nowhere"):
        translated("Nowhere", "fr")
    assert all(set(others) == {"de", "fr", "es"} for others in table().values())


def test_all_banks_can_be_read() -> None:
    assert {"topic", "trade"} <= set(banks())
    assert all(subjects for subjects in banks().values())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = ", "Invalid value"),
        ("title = 'Coin'", "asks: expected a list of texts"),
        ("asks = ['x']\npage = 'x'", "title: expected a text"),
        (PAGE + "colour = 'red'", "expected only"),
        (PAGE + "check = 'jump high'", "expected one of"),
        (PAGE + "check = 'fill #a'", "expected a selector and a value"),
        (PAGE.replace("{{ title }}", "{{ titel }}"), "got titel"),
        (PAGE.replace("{{ title }}", "{% if %}"), "line 1 of the template"),
        (PAGE.replace("coin flip", "flip {sides}"), "got sides"),
        (PAGE.replace("coin flip", "flip for a {subject}"), "expected a bank"),
        (PAGE + "[slots.sides]\nsay = ['x']", "slot sides: expected a default"),
        (PAGE + "[slots.sides]\ndefault = 'x'", "slot sides: expected values"),
        (PAGE + "[slots.sides]\ndefault = 2\ntype = 'many'", "expected type"),
        (PAGE + "[features.sound]\n", "words: expected a list"),
        (PAGE + "[features.title]\nwords = ['x']", "names of their own"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(KindError, match=f"^app/coin.toml: .*{said}"):
        read_kind(written(tmp_path, text))


def test_a_file_stands_in_the_folder_of_its_world(tmp_path: Path) -> None:
    with pytest.raises(KindError, match="expected a folder named"):
        read_kind(written(tmp_path, PAGE, world="toys"))
    with pytest.raises(KindError, match="expected a name of small letters"):
        read_kind(written(tmp_path, PAGE, name="Coin-1"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[topic]]\nx = 1", r"expected \[\[subject\]\]"),
        ("[[subject]]\nname = 'x'", "nouns: expected a list"),
        ("[[subject]]\nnouns = ['x']\nhat = 'y'", "expected fields among"),
        ("[[subject]]\nnouns = ['x']\nname = ' y'", "without blanks"),
        ("[[subject]]\nnouns = ['x']\nname = '" + "y" * 41 + "'", "at most 40"),
        ("[[subject]]\nnouns = ['x']\nfaq = [['a', 'b']]", "4 rows"),
        ("[[subject]]\nnouns = ['x']\nreasons = [['a'], ['b'], ['c']]", "rows of 2"),
        ("[[subject]]\nnouns = ['x']\nscene = 'nosuch'", "a picture of the kit"),
    ],
)
def test_what_is_wrong_with_a_bank_is_said(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "trade.toml"
    path.write_text(text)
    with pytest.raises(BankError, match=said):
        read_bank(path)


def test_clicks_are_read() -> None:
    assert [str(step) for step in clicks("press Add\n\n# a note\nmoves\nfill #a \"two words\"")] == [
        "press Add", "moves", 'fill #a "two words"',
    ]  # fmt: skip
    for wrong in ("press", "moves now", "count li"):
        with pytest.raises(ValueError, match="expected"):
            clicks(wrong)


def test_titles_are_the_visitors_or_the_kinds_own(source: Source) -> None:
    drawn = draw(kinds()["tip"], random.Random(0), source, "train")
    assert title_of(drawn) == (drawn.title or "Tip calculator")


def test_prompts_name_kinds_as_the_service_would_and_now_and_then_not_quite(source: Source) -> None:
    """Most hints begin with the kind that is meant; a model that trusted them blindly would be wrong at times."""
    asked = [draw_pair(random.Random(f"hint {i}"), source, "train") for i in range(150)]
    told = [pair for pair in asked if not pair.edit]
    first = sum(pair.near[:1] == (pair.kind.name,) for pair in told)
    assert 0.55 < first / len(told) < 0.95
    assert any(not pair.near for pair in told)
    assert any(pair.near and pair.kind.name not in pair.near for pair in told)
    assert all(len(pair.near) <= 3 and not pair.near for pair in asked if pair.edit)
    named = next(pair for pair in told if pair.near)
    assert f"\nnear: {'; '.join(named.near)}\n" in prompt(named)
