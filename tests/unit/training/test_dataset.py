"""Examples to token ids, the cache, and the batches drawn from a corpus."""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

import training.dataset as dataset
from backend.prompts.anchors import unanchored
from backend.prompts.brief import Brief
from training.corpus.design import Checks, Example
from training.dataset import CANVAS, CANVAS_COST, Batches, Corpus, build, encode, fingerprint, pack, texts
from training.texts.source import Entry, Source
from training.texts.split import Split
from training.texts.wordnet import Noun
from training.tokenizers.tokenizer import PAD, save, train


def note(rng: random.Random, source: Source, split: Split) -> Example:
    """A short page about a noun."""
    noun = source.noun(rng, split)
    return Example("note", Brief("web", ask=f"about {noun}", title=noun), f"<h1>{noun}</h1>", Checks(noun))


def tale(rng: random.Random, source: Source, split: Split) -> Example:
    """A page of 1 to 900 paragraphs, so that some are too long."""
    noun = source.noun(rng, split)
    page = "<p>a</p>" * rng.choice((1, 100, 200, 900))
    return Example("tale", Brief("web", ask=f"tale of {noun}"), page, Checks(noun))


def draw(rng: random.Random, source: Source, split: Split) -> Example:
    return rng.choice((note, tale))(rng, source, split)


@pytest.fixture(scope="module")
def source() -> Source:
    entries = [Entry(f"Lake {n}", "A lake", "Geography", ("It is.",)) for n in range(99)]
    return Source(entries, [Noun(f"pot{n}", "a pot", True) for n in range(200)])


@pytest.fixture(scope="module")
def tokenizer(source: Source) -> Tokenizer:
    rng = random.Random(0)
    examples = [draw(rng, source, "train") for _ in range(60)]
    return train([texts(example) for example in examples], vocabulary=365)


@pytest.fixture(scope="module")
def corpus(source: Source, tokenizer: Tokenizer) -> Corpus:
    return encode(draw, source, tokenizer, count=300, seed=1, split="train", workers=2)


def lengthy(lengths: Sequence[tuple[int, int]]) -> Corpus:
    """A corpus whose example i has prompt and page of the given lengths, all of token 10 + i."""
    examples = [("x", [10 + i] * prompt, [10 + i] * page, [20] * (i % 2)) for i, (prompt, page) in enumerate(lengths)]
    return pack(examples, len(examples))


def test_examples_are_those_drawn_in_order_without_the_long(
    corpus: Corpus, source: Source, tokenizer: Tokenizer
) -> None:
    drawn = [draw(random.Random(f"1 train {n}"), source, "train") for n in range(300)]
    kept = [e for e in drawn if len(tokenizer.encode(texts(e)[1]).ids) < 3 * CANVAS]
    assert 0 < len(kept) < 300
    assert corpus.dropped == pytest.approx(1 - len(kept) / 300)
    assert corpus.families.tolist() == [e.family for e in kept]
    for n in (0, 7, len(kept) - 1):
        asked = tokenizer.decode(corpus.prompt(n), skip_special_tokens=False)
        prompt, page = texts(kept[n])
        assert asked == f"<bos>{prompt}<turn>"
        assert tokenizer.decode(corpus.page(n)) == page
        assert unanchored(page) == kept[n].page


def test_texts_of_varying_length_stand_in_fields(corpus: Corpus, tokenizer: Tokenizer) -> None:
    """The end of the heading stands where it stands in every note, and fillers show nothing."""
    notes = [corpus.page(n).tolist() for n in range(len(corpus)) if corpus.families[n] == "note"]
    end = tokenizer.token_to_id("</h1>")
    assert len({page.index(end) for page in notes}) == 1
    assert len({len([token for token in page if token != tokenizer.token_to_id(PAD)]) for page in notes}) > 1


def test_workers_do_not_change_the_corpus(corpus: Corpus, source: Source, tokenizer: Tokenizer) -> None:
    again = encode(draw, source, tokenizer, count=300, seed=1, split="train", workers=1)
    assert np.array_equal(corpus.tokens, again.tokens)
    assert np.array_equal(corpus.bounds, again.bounds)


def test_report_has_a_row_for_each_family() -> None:
    lines = lengthy([(5, 20), (7, 40)]).report().splitlines()
    assert lines[1].split() == ["x", "2", "6.0", "7", "30.0", "40"]
    assert lines[2] == "dropped as too long: 0.00%"


def test_corpus_is_built_once_and_then_read(
    source: Source, tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: Counter[str] = Counter()

    def load(cache: Path) -> Source:
        loads["source"] += 1
        return source

    monkeypatch.setattr(dataset, "draw", draw)
    monkeypatch.setattr(Source, "load", load)
    save(tokenizer, tmp_path / "tok")
    first, again = (build(tmp_path / "tok", 40, seed=3, cache=tmp_path / "cache") for _ in range(2))
    assert loads["source"] == 1
    assert np.array_equal(first.tokens, again.tokens)
    assert first.dropped == again.dropped
    assert first.families.tolist() == again.families.tolist()


def test_fingerprint_tells_requests_and_tokenizers_apart(tokenizer: Tokenizer, tmp_path: Path) -> None:
    save(tokenizer, tmp_path / "a")
    save(tokenizer, tmp_path / "b")
    with (tmp_path / "b" / "tokenizer.json").open("a") as file:
        file.write(" ")
    prints = {fingerprint(tmp_path / "a", 9, 0, "train"), fingerprint(tmp_path / "a", 9, 0, "held")}
    prints |= {fingerprint(tmp_path / "b", 9, 0, "train"), fingerprint(tmp_path / "a", 9, 1, "train")}
    assert len(prints) == 4
    assert fingerprint(tmp_path / "a", 9, 0, "train") in prints


SMALL = 64 * CANVAS_COST
"""Cost of the shortest canvas."""


def test_batches_hold_prompt_page_one_eos_and_padding(tokenizer: Tokenizer) -> None:
    batches = Batches(lengthy([(4, 6)]), tokenizer, seed=0, budget=3 * (16 + SMALL), lengths=(16,))
    batch = next(batch for batch in batches if batch.canvas.shape[1] < CANVAS)
    assert batch.ids.tolist() == [[10] * 10 + [1] + [0] * 5] * 3
    assert (batch.prompt_len.tolist(), batch.page_len.tolist(), batch.canvas_start.tolist()) == (
        [4] * 3,
        [6] * 3,
        [4] * 3,
    )
    assert batch.canvas.tolist() == [[10] * 6 + [1] * 58] * 3


@pytest.mark.parametrize(("page", "canvases"), [(255, 1), (256, 2), (511, 2), (512, 3)])
def test_canvases_are_drawn_evenly_over_the_page_and_its_eos(tokenizer: Tokenizer, page: int, canvases: int) -> None:
    batches = Batches(lengthy([(5, page)]), tokenizer, seed=0, budget=2000, lengths=(768,))
    seen = set()
    for batch in islice(batches, 60):
        room = batch.canvas.shape[1]
        for start, canvas in zip(batch.canvas_start.tolist(), batch.canvas.tolist(), strict=True):
            shown = min(CANVAS, page - (start - 5))
            assert canvas == [10] * shown + [1] * (room - shown)
            assert shown < room or room == CANVAS
            seen.add((start - 5) // CANVAS)
    assert seen == set(range(canvases))


def test_each_example_goes_to_the_smallest_length_once_a_pass(tokenizer: Tokenizer) -> None:
    corpus = lengthy([(4, 3)] * 4 + [(4, 4)] * 2 + [(4, 12)] * 2 + [(4, 13)])
    batches = Batches(corpus, tokenizer, seed=0, budget=1, lengths=(16, 8))
    drawn = Counter((batch.ids.shape, int(batch.page_len[0])) for batch in islice(batches, 8))
    assert batches.left_out == 1
    assert drawn == {((1, 8), 3): 4, ((1, 16), 4): 2, ((1, 16), 12): 2}


def test_a_canvas_has_room_for_the_page_before_an_edit(tokenizer: Tokenizer) -> None:
    edited = pack([("todo", [10] * 4, [11] * 60, [12] * 120)], 1)
    sizes = {batch.canvas.shape[1] for batch in islice(Batches(edited, tokenizer, seed=0, budget=1), 40)}
    assert sizes == {128, CANVAS}


def test_examples_a_batch_follow_from_the_budget(tokenizer: Tokenizer) -> None:
    batches = Batches(lengthy([(4, 100)] * 9), tokenizer, seed=0, budget=3000)
    sizes = {batch.canvas.shape for batch in islice(batches, 60)}
    assert sizes == {(3000 // (128 + 3 * 128), 128), (3000 // (128 + 3 * CANVAS), CANVAS)}


def test_a_full_batch_has_no_eos(tokenizer: Tokenizer) -> None:
    batch = next(iter(Batches(lengthy([(4, 12)]), tokenizer, seed=0, budget=16, lengths=(16,))))
    assert batch.ids.tolist() == [[10] * 16]


def test_same_seed_gives_the_same_batches_without_end(corpus: Corpus, tokenizer: Tokenizer) -> None:
    def some(seed: int) -> list[list[list[int]]]:
        return [batch.canvas.tolist() for batch in islice(Batches(corpus, tokenizer, seed, budget=1024), 300)]

    assert some(1) == some(1) != some(2)


def test_wrong_sizes_are_refused(tokenizer: Tokenizer) -> None:
    with pytest.raises(ValueError, match="expected a budget of 1 token or more, got 0"):
        Batches(lengthy([(4, 4)]), tokenizer, seed=0, budget=0)
    with pytest.raises(ValueError, match="expected examples of 8 tokens or fewer, got 10"):
        Batches(lengthy([(5, 5)]), tokenizer, seed=0, budget=8, lengths=(8,))
