"""Texts for the page families: cleaning, sentences, splits, drawing."""

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from backend.prompts.fact_text import clean_line, clean_sentences, fold, is_western, split_sentences
from training.texts.almanac import Record
from training.texts.source import Entry, Source, as_entry, split_of
from training.texts.split import Split
from training.texts.wordnet import Noun, clean_gloss, read_nouns

SPLITS: tuple[Split, Split] = ("train", "held")


def small_source(records: Mapping[str, list[Record]] | None = None) -> Source:
    entries = [
        Entry(f"Lake {n}", "A lake", "Geography", (f"Lake {n} is near Lake {n + 1}.", "It is deep."))
        for n in range(200)
    ]
    nouns = [Noun(f"pot{'abcdefghij'[n % 10]}{n}", "a vessel", n % 2 == 0) for n in range(400)]
    return Source(entries, nouns, records)


@pytest.fixture(scope="module")
def source() -> Source:
    return small_source()


def test_fold_spells_in_plain_western_characters() -> None:
    assert fold("“Dvořák’s” – 5\u00a0km; Đà Nẵng…") == '"Dvorák\'s" - 5 km, Dà Nang...'
    assert is_western(fold("Café"))
    assert not is_western("Καφές")
    assert not is_western("a\tb")
    assert clean_line("Polish–Soviet  War") == "Polish-Soviet War"


def test_sentences_end_at_full_stops_but_not_at_abbreviations() -> None:
    text = (
        'Mt. Fuji is high. J. R. Smith saw St. Ives in the U.S. Navy (c. 1900). "It rained." Then 3.5 km on foot! Why?'
    )
    assert split_sentences(text) == [
        "Mt. Fuji is high.", "J. R. Smith saw St. Ives in the U.S. Navy (c. 1900).", '"It rained."',
        "Then 3.5 km on foot!", "Why?",
    ]  # fmt: skip


def test_pronunciations_and_broken_sentences_are_dropped() -> None:
    raw = (
        "Athens (Greek: Αθήνα) is a city (founded 1400 BC).\nA field  of degree . Its () river , the Ilisos , is dry. "
        "The sum is ∑."
    )
    assert clean_sentences(raw) == ("Athens is a city (founded 1400 BC).", "Its river, the Ilisos, is dry.")


def test_lead_holds_whole_sentences_up_to_the_limit() -> None:
    entry = Entry("Tea", "Drink", "Food", ("Tea is a drink.", "It is hot.", "Many people drink it every day."))
    assert entry.lead() == "Tea is a drink. It is hot. Many people drink it every day."
    assert entry.lead(30) == "Tea is a drink. It is hot."
    assert entry.lead(12) == "Tea is a."


@pytest.mark.parametrize("title", ["x" * 41, "Πλάτων", "'Pataphysics"])
def test_entries_with_odd_titles_are_left_out(title: str) -> None:
    record = {"title": title, "description": "", "topic": "Arts", "extract": "It is art."}
    assert as_entry(record) is None
    assert as_entry(record | {"title": "Art"}) == Entry("Art", "Arts", "Arts", ("It is art.",))


def test_split_is_a_function_of_spelling_and_holds_one_in_twenty() -> None:
    assert split_of("Lake 3") == split_of(" lake 3 ")
    held = sum(split_of(f"title {n}") == "held" for n in range(20_000))
    assert 900 < held < 1100


@pytest.mark.parametrize("split", SPLITS)
def test_everything_drawn_belongs_to_its_split(source: Source, split: Split) -> None:
    rng = random.Random(1)
    for _ in range(50):
        entry = source.entry(rng, split)
        drawn = [entry.title, source.noun(rng, split), source.gloss(rng, split)[0]]
        drawn += [source.label(rng, split), source.task(rng, split), *source.related(rng, entry, 4)]
        assert {split_of(text) for text in drawn} == {split}


def test_same_seed_draws_the_same(source: Source) -> None:
    def all_kinds(rng: random.Random) -> list[object]:
        entry = source.entry(rng, "train")
        return [
            entry, source.related(rng, entry, 3), source.noun(rng, "train"), source.gloss(rng, "train"),
            source.person(rng), source.name(rng), source.label(rng, "held"), source.task(rng, "held"),
            source.figure(rng), source.price(rng),
        ]  # fmt: skip

    assert all_kinds(random.Random(7)) == all_kinds(random.Random(7)) != all_kinds(random.Random(8))


def test_related_titles_begin_with_those_the_text_names() -> None:
    texts = {"Tea": "Tea is a drink made with Hot water.", "Hot water": "It is hot.", "Tea ceremony": "It is slow."}
    others = [Entry(f"Plain {n}", "d", "Food", ("It is.",)) for n in range(99)]
    entries = [Entry(title, "d", "Food", (text,)) for title, text in texts.items()] + others
    assert {split_of(title) for title in texts} == {"train"}
    source = Source(entries, [Noun(f"noun{n}", "g", True) for n in range(200)])
    found = {source.related(random.Random(seed), entries[0], 2) for seed in range(20)}
    assert ("Hot water", "Tea ceremony") in found
    assert all("Tea" not in titles and len(titles) == 2 for titles in found)


def test_a_split_without_entries_is_refused() -> None:
    with pytest.raises(ValueError, match="expected entries in both splits, got train"):
        Source([Entry("Tea", "d", "Food", ("It is.",))], [])


def test_glosses_are_one_clause() -> None:
    assert clean_gloss('(botany) a plant (or herb) with leaves; "a nice plant"  \n') == "a plant with leaves"


def test_nouns_are_read_from_wordnet_lines(tmp_path: Path) -> None:
    (tmp_path / "cntlist.rev").write_text("teapot%1:06:00:: 1 3\ngo%2:38:00:: 1 9\n")
    (tmp_path / "data.noun").write_text(
        "  1 licence\n"
        "04398044 06 n 02 teapot 0 tea_pot 0 001 @ 1 n 0000 | pot for brewing tea; usually has a spout  \n"
        "00000001 06 n 01 Paris 0 000 | a city in the middle of France  \n"
        "00000002 18 n 01 plumber 0 000 | a person who fits pipes  \n"
    )
    assert read_nouns(tmp_path) == [
        Noun("teapot", "pot for brewing tea", True),
        Noun("tea pot", "pot for brewing tea", False),
    ]


def test_absent_wordnet_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="got nothing; install it: apt-get install wordnet-base"):
        read_nouns(tmp_path)


def test_records_are_drawn_from_their_split_with_their_kin() -> None:
    days = [Record(f"{month} {day}", month, ("1900: It is.",)) for month in ("May", "June") for day in range(1, 31)]
    plain = small_source()
    source = small_source({"day": days})
    for seed in range(40):
        rng = random.Random(seed)
        record = source.record(rng, "train", "day")
        assert record is not None
        kin = source.kin(rng, "train", "day", record, 4)
        assert len(kin) == 4
        assert record.title not in kin
        assert {split_of(title) for title in (record.title, *kin)} == {"train"}
        assert all(title.startswith(record.kin) for title in kin)
    assert plain.record(random.Random(0), "train", "day") is None
